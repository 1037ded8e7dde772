// The rows of an object: its fragment, the names it is found by, the columns that queries select by.
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import type { InPhrases } from '../../metadata/fragment.js'
import type {
  Association,
  Code,
  DocumentEntry,
  Folder,
  RegistryObjectValue,
  SubmissionSet,
} from '../../metadata/model.js'
import type { Store } from '../../store/store.js'
import { comparable } from '../comparable.js'
import { codeAttributes, kindNumbers, statusBits, typeBits } from '../tables/columns.js'
import { inPhrases } from '../tables/fragment-row.js'
import { instant, sizeOf, statusOf } from '../tables/values.js'
import type { Codes } from './codes.js'

/** The key of an object of this submission, or of one that is registered. */
export type KeyOf = (entryUUID: string) => number

type AddObject = (object: RegistryObjectValue, fragment: InPhrases, keyOf: KeyOf, now: string) => void

/** `now` is what a Folder has for lastUpdateTime, as DTM. */
export function objectRowsIn(store: Store, codes: Codes, hides: AffinityDomain['hides']): AddObject {
  const insertFragment = store.prepare('INSERT INTO fragments VALUES (?, ?, ?)')
  const insertEntryUUID = store.prepare('INSERT INTO entry_uuids VALUES (?, ?, ?)')
  const insertUniqueId = store.prepare('INSERT INTO unique_ids VALUES (?, ?, ?)')
  const insertDocumentEntry = store.prepare(
    `INSERT INTO document_entries (object, entry_uuid, lid, version, latest, status, type, class_code, type_code,
       practice_setting_code, healthcare_facility_type_code, format_code, creation_time, service_start_time,
       service_stop_time, document_availability, hash, size)
     VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const insertSubmissionSet = store.prepare('INSERT INTO submission_sets VALUES (?, ?, ?, ?, ?, ?)')
  const insertFolder = store.prepare('INSERT INTO folders VALUES (?, ?, ?, ?, 1, ?, ?)')
  const insertAssociation = store.prepare('INSERT INTO associations VALUES (?, ?, ?, ?, ?, ?)')
  const insertCode = store.prepare('INSERT INTO object_codes VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const insertAuthorPerson = store.prepare('INSERT INTO author_persons VALUES (?, ?) ON CONFLICT DO NOTHING')
  const insertReferenceId = store.prepare('INSERT INTO reference_ids VALUES (?, ?) ON CONFLICT DO NOTHING')
  const insertHidden = store.prepare('INSERT INTO hidden_entries VALUES (?)')

  return (object, fragment, keyOf, now) => {
    const key = keyOf(object.entryUUID)
    const kind = kindNumbers[object.kind]
    insertFragment.run(key, inPhrases, fragment.inPhrases)
    insertEntryUUID.run(object.entryUUID, key, kind)
    if (object.kind !== 'Association') insertUniqueId.run(comparable(object.uniqueId ?? ''), key, kind)
    if (object.kind === 'DocumentEntry') addDocumentEntry(key, object)
    else if (object.kind === 'SubmissionSet') addSubmissionSet(key, object)
    else if (object.kind === 'Folder') addFolder(key, object, now)
    else addAssociation(key, object, keyOf)
  }

  function addDocumentEntry(key: number, entry: DocumentEntry): void {
    insertDocumentEntry.run(
      key,
      entry.entryUUID,
      entry.logicalID ?? entry.entryUUID,
      entry.version ?? 1,
      statusBits[statusOf(entry)],
      typeBits[entry.objectType ?? 'stable'],
      codeKey(entry.classCode),
      codeKey(entry.typeCode),
      codeKey(entry.practiceSettingCode),
      codeKey(entry.healthcareFacilityTypeCode),
      codeKey(entry.formatCode),
      instant(entry.creationTime),
      instant(entry.serviceStartTime),
      instant(entry.serviceStopTime),
      entry.documentAvailability ?? null,
      entry.hash?.toLowerCase() ?? null,
      sizeOf(entry.size),
    )
    addCodes(key, 'eventCodeList', entry.eventCodeList)
    addCodes(key, 'confidentialityCode', entry.confidentialityCode)
    addAuthorPersons(key, entry)
    if (hides?.(entry) === true) insertHidden.run(key)
    for (const id of entry.referenceIdList) insertReferenceId.run(key, comparable(id))
  }

  function addSubmissionSet(key: number, set: SubmissionSet): void {
    insertSubmissionSet.run(
      key,
      set.entryUUID,
      statusBits[statusOf(set)],
      set.sourceId === undefined ? null : comparable(set.sourceId),
      instant(set.submissionTime),
      codeKey(set.contentTypeCode),
    )
    addAuthorPersons(key, set)
  }

  function addFolder(key: number, folder: Folder, now: string): void {
    insertFolder.run(
      key,
      folder.entryUUID,
      folder.logicalID ?? folder.entryUUID,
      folder.version ?? 1,
      statusBits[statusOf(folder)],
      now,
    )
    addCodes(key, 'codeList', folder.codeList)
  }

  function addAssociation(key: number, association: Association, keyOf: KeyOf): void {
    insertAssociation.run(
      key,
      association.entryUUID,
      statusBits[statusOf(association)],
      association.associationType,
      keyOf(association.sourceObject),
      keyOf(association.targetObject),
    )
  }

  function addCodes(key: number, attribute: keyof typeof codeAttributes, values: readonly Code[]): void {
    for (const code of values) insertCode.run(key, codeAttributes[attribute], codes.keyFor(code))
  }

  function addAuthorPersons(key: number, { author }: DocumentEntry | SubmissionSet): void {
    for (const { authorPerson } of author) {
      if (authorPerson !== undefined) insertAuthorPerson.run(key, comparable(authorPerson))
    }
  }

  function codeKey(code: Code | undefined): number | null {
    return code === undefined ? null : codes.keyFor(code)
  }
}
