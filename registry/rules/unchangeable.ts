// Which attributes a new version must have from the one before, a row each. ITI TF-2 §3.57.4.1.3.3.1.3, §3.92.4.1.3.
import { uniqueIdIn } from '../../metadata/fragment.js'
import type { DocumentEntry, ErrorCode, Folder } from '../../metadata/model.js'
import { documentAvailabilities } from '../../metadata/uuids.js'
import { quoted } from '../../metadata/words.js'
import { comparable } from '../comparable.js'
import { keptObjects } from '../kept-objects.js'
import { operationsOf } from '../operations.js'
import type { LatestVersion } from '../store/facts.js'
import type { Breach, Rule } from './rule.js'

export interface Unchangeable {
  attribute: string
  /** All that are told when it was changed. */
  codes: readonly ErrorCode[]
  /** As it is compared; absent as nothing. */
  compared(object: DocumentEntry | Folder): string
  /** The same of what is registered where that shows without reading its XML, which takes long where there are many. */
  shown?(latest: LatestVersion): string | undefined
}

const uniqueId = (object: DocumentEntry | Folder) => comparable(object.uniqueId ?? '')
const ofEntry = (value: (entry: DocumentEntry) => string | undefined) => (object: DocumentEntry | Folder) =>
  object.kind === 'DocumentEntry' ? comparable(value(object) ?? '') : ''
const objectType = ofEntry(entry => entry.objectType)
const shownUniqueId = ({ fragment }: LatestVersion) => {
  const shown = uniqueIdIn(fragment)
  return shown === undefined ? undefined : comparable(shown)
}
const shownObjectType = ({ object }: LatestVersion) => object.document?.objectType ?? ''

/** [ITI TF-2:3.57.4.1.3.3.1.3] */
export const unchangeableByUpdate: readonly Unchangeable[] = [
  { attribute: 'uniqueId', codes: ['XDSMetadataUpdateError'], compared: uniqueId, shown: shownUniqueId },
  { attribute: 'objectType', codes: ['XDSMetadataUpdateError'], compared: objectType, shown: shownObjectType },
]

/** [ITI TF-2:3.92.4.1.3] */
export const unchangeableByRestrictedUpdate: readonly Unchangeable[] = [
  { attribute: 'uniqueId', codes: ['XDSMetadataIdentifierError'], compared: uniqueId },
  { attribute: 'objectType', codes: ['UnmodifiableMetadataError', 'XDSObjectTypeError'], compared: objectType },
  ...[
    { attribute: 'sourcePatientId', compared: ofEntry(entry => entry.sourcePatientId) },
    { attribute: 'repositoryUniqueId', compared: ofEntry(entry => entry.repositoryUniqueId) },
    {
      attribute: 'documentAvailability',
      // What does not say is there. [ITI TF-3: XDS Metadata Update]
      compared: ofEntry(entry => entry.documentAvailability ?? documentAvailabilities.Online),
    },
  ].map(row => ({ ...row, codes: ['UnmodifiableMetadataError'] as const })),
]

/** Breached by each attribute of a new version that says something else than the one before. A new version of nothing is another rule's business. */
export function unchangeable(clause: string, rows: readonly Unchangeable[]): Rule {
  return {
    clause,
    breaches: (submitted, facts) =>
      operationsOf(submitted, facts).newVersions.flatMap(({ object, latest }): Breach[] => {
        if (latest === undefined) return []
        const checked = rows.filter(
          ({ attribute, compared, shown }) =>
            submitted.sound(object, attribute) && shown?.(latest) !== compared(object),
        )
        const former = checked.length === 0 ? undefined : formerOf(latest)
        if (former === undefined) return []
        return checked
          .filter(({ compared }) => compared(object) !== compared(former))
          .flatMap(({ attribute, codes, compared }) =>
            codes.map(code => ({
              code,
              object,
              attribute,
              expected: `as it was in version ${latest.object.version?.number}, ${quoted(compared(former))}`,
              found: quoted(compared(object)),
            })),
          )
      }),
  }
}

/** Rules of the framework and of the domain look at the same. */
const formers = new WeakMap<LatestVersion, DocumentEntry | Folder>()

function formerOf(latest: LatestVersion): DocumentEntry | Folder | undefined {
  const known = formers.get(latest)
  if (known !== undefined) return known
  const { documentEntries, folders } = keptObjects([latest.fragment])
  const former = documentEntries[0] ?? folders[0]
  if (former !== undefined) formers.set(latest, former)
  return former
}
