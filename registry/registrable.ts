// A submission as it will be kept: every id final, every attribute as the registry sets it. ITI TF-2 §3.42.4.1.3.
import { isSymbolic } from '../metadata/entry-uuid.js'
import type { Association, RegistryObjectValue, Submission } from '../metadata/model.js'

export interface Registering {
  newUuid(): string
  homeCommunityId: string | undefined
}

/**
 * Symbolic ids become UUIDs, the same symbol the same UUID everywhere; given UUIDs stay. Objects are Approved, of
 * version 1, their lid is their id. [ITI TF-2:3.42.4.1.3.7, 3.42.4.1.3.3.5]
 */
export function registrable(submission: Submission, { newUuid, homeCommunityId }: Registering): Submission {
  const finalIds = new Map<string, string>()
  const finalId = (id: string): string => {
    if (!isSymbolic(id)) return id
    const known = finalIds.get(id)
    if (known !== undefined) return known
    const made = newUuid()
    finalIds.set(id, made)
    return made
  }
  // An Association without an id is nobody's end, so that its new one need not be found again.
  const own = (object: RegistryObjectValue) => (object.entryUUID === '' ? newUuid() : finalId(object.entryUUID))

  // A registry that was not told its community keeps what it is told. [ITI TF-2:3.42.4.1.3]
  const home = (object: RegistryObjectValue) => ({ homeCommunityId: homeCommunityId ?? object.homeCommunityId })

  function kept<Value extends Exclude<RegistryObjectValue, Association>>(object: Value): Value {
    const entryUUID = own(object)
    return { ...object, ...home(object), entryUUID, logicalID: entryUUID, version: 1, availabilityStatus: 'Approved' }
  }

  return {
    submissionSets: submission.submissionSets.map(kept),
    documentEntries: submission.documentEntries.map(kept),
    folders: submission.folders.map(kept),
    associations: submission.associations.map(association => ({
      ...association,
      ...home(association),
      entryUUID: own(association),
      sourceObject: finalId(association.sourceObject),
      targetObject: finalId(association.targetObject),
      availabilityStatus: 'Approved',
    })),
    findings: [],
  }
}
