// The Associations that the registry itself adds for new versions. ITI TF-2 §3.57.4.1.3.3.1.5, §3.57.4.1.3.3.3.5.
import type { Association, Submission } from '../metadata/model.js'
import { hasMember } from './effects.js'
import { keptObjects } from './kept-objects.js'
import type { NewVersion } from './operations.js'
import type { Registering, Registrar } from './registrable.js'
import { idOf, takenOver } from './taken-over.js'

/** Memberships of Folders with the HasMember by which the SubmissionSet holds them, relationships alone. */
export function repeatedAssociations(
  newVersions: readonly NewVersion[],
  kept: Submission,
  { finalId }: Registrar,
  { newUuid }: Registering,
): { associations: Association[]; touchedFolders: string[] } {
  const repeated = takenOver(newVersions)
  const former = keptObjects(repeated.map(({ link }) => link.fragment)).associations
  const [submissionSet] = kept.submissionSets
  const associations = repeated.flatMap(({ source, target }, index): Association[] => {
    const association: Association = {
      ...(former[index] as Association),
      entryUUID: newUuid(),
      sourceObject: finalId(idOf(source)),
      targetObject: finalId(idOf(target)),
      availabilityStatus: 'Approved',
    }
    const { associationDocumentation } = association
    if (associationDocumentation !== undefined) {
      association.associationDocumentation = { ...associationDocumentation, id: undefined }
    }
    if (association.associationType !== 'HasMember') return [association]
    const home = submissionSet?.homeCommunityId
    return [association, hasMember(submissionSet?.entryUUID ?? '', association.entryUUID, { newUuid, home })]
  })
  const touchedFolders = repeated.flatMap(({ link, source }) =>
    link.associationType === 'HasMember' && 'registered' in source ? [source.registered.entryUUID] : [],
  )
  return { associations, touchedFolders }
}
