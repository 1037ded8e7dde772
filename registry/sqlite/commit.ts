// Writes an accepted submission into the tables; runs inside store.write only.
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import type { InPhrases } from '../../metadata/fragment.js'
import type {
  Association,
  AvailabilityStatus,
  Code,
  DocumentEntry,
  Folder,
  RegistryObjectValue,
  SubmissionSet,
} from '../../metadata/model.js'
import type { Store } from '../../store/store.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import { comparable } from '../comparable.js'
import { type Commit, objectsOf } from '../store/commit.js'
import { codeAttributes, kindNumbers, statusBits, typeBits } from '../tables/columns.js'
import { inPhrases } from '../tables/fragment-row.js'
import { firstKeyOf, lastKeyOf } from '../tables/keys.js'
import { instant, sizeOf, statusOf } from '../tables/values.js'
import type { Codes } from './codes.js'
import type { Patients } from './patients.js'

export function commitIn(
  store: Store,
  codes: Codes,
  patients: Patients,
  hides: AffinityDomain['hides'],
): (commit: Commit, answer: RegistryResponse) => void {
  const highestKey = store.prepare('SELECT max(object) AS highest FROM fragments WHERE object BETWEEN ? AND ?')
  const routeOf = store.prepare('SELECT object, kind FROM entry_uuids WHERE entry_uuid = ?')
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
  const insertSubmission = store.prepare('INSERT INTO registered_submissions VALUES (?, ?, ?, ?, ?, ?)')
  const setStatus = new Map(
    (['document_entries', 'folders', 'associations'] as const).map(table => [
      kindNumbers[kindsOfTables[table]],
      store.prepare(`UPDATE ${table} SET status = ? WHERE object = ?`),
    ]),
  )
  const supersede = new Map(
    (['document_entries', 'folders'] as const).map(table => [
      kindNumbers[kindsOfTables[table]],
      store.prepare(`UPDATE ${table} SET latest = 0 WHERE object = ?`),
    ]),
  )
  const touchFolder = store.prepare('UPDATE folders SET last_update_time = ? WHERE object = ?')

  return (commit, answer) => {
    for (const id of commit.newPatients) patients.add(id)
    const [submissionSet] = commit.submission.submissionSets
    const added = commit.effects.associations
    const objects = [...objectsOf(commit.submission), ...added.map(({ association }) => association)]
    const fragments = [...commit.fragments, ...added.map(({ fragment }) => fragment)]
    const keys = giveKeys(submissionSet?.patientId ?? '', objects)
    objects.forEach((object, index) => {
      insert(object, fragments[index] as InPhrases, keys, commit.now)
    })
    for (const [id, status] of commit.effects.statuses) changeStatus(id, status)
    for (const id of commit.effects.superseded) endAsLatest(id)
    for (const id of commit.effects.touchedFolders) touchFolder.run(commit.now, keyAt(id, keys))
    const { partner, digest, messageID, committedMs } = commit.record
    insertSubmission.run(
      keyAt(submissionSet?.entryUUID ?? '', keys),
      partner,
      digest,
      messageID ?? null,
      committedMs,
      JSON.stringify(answer),
    )
  }

  /** All objects of a submission belong to one patient; their keys follow upon those the patient has. */
  function giveKeys(patientId: string, objects: readonly RegistryObjectValue[]): Map<string, number> {
    const known = patients.find(patientId)
    if (known === undefined) throw new Error('a submission for a patient who is not known was to be committed')
    const range = [firstKeyOf(known.patient), lastKeyOf(known.patient)] as const
    const { highest } = highestKey.get<{ highest: number | null }>(...range) ?? { highest: null }
    const next = highest === null ? range[0] : highest + 1
    if (next + objects.length > range[1]) throw new Error(`patient ${known.patient} has no room for more objects`)
    return new Map(objects.map((object, index) => [object.entryUUID, next + index]))
  }

  function insert(
    object: RegistryObjectValue,
    fragment: InPhrases,
    keys: ReadonlyMap<string, number>,
    now: string,
  ): void {
    const key = keyAt(object.entryUUID, keys)
    insertFragment.run(key, inPhrases, fragment.inPhrases)
    insertEntryUUID.run(object.entryUUID, key, kindNumbers[object.kind])
    if (object.kind !== 'Association') {
      insertUniqueId.run(comparable(object.uniqueId ?? ''), key, kindNumbers[object.kind])
    }
    if (object.kind === 'DocumentEntry') addDocumentEntry(key, object)
    else if (object.kind === 'SubmissionSet') addSubmissionSet(key, object)
    else if (object.kind === 'Folder') addFolder(key, object, now)
    else addAssociation(key, object, keys)
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

  function addAssociation(key: number, association: Association, keys: ReadonlyMap<string, number>): void {
    insertAssociation.run(
      key,
      association.entryUUID,
      statusBits[statusOf(association)],
      association.associationType,
      keyAt(association.sourceObject, keys),
      keyAt(association.targetObject, keys),
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

  function keyAt(entryUUID: string, keys: ReadonlyMap<string, number>): number {
    return keys.get(entryUUID) ?? routeTo(entryUUID).object
  }

  function changeStatus(entryUUID: string, status: AvailabilityStatus): void {
    const { object, kind } = routeTo(entryUUID)
    const update = setStatus.get(kind)
    if (update === undefined) throw new Error(`the status of ${entryUUID} was to be changed, which never changes`)
    update.run(statusBits[status], object)
  }

  function endAsLatest(entryUUID: string): void {
    const { object, kind } = routeTo(entryUUID)
    const update = supersede.get(kind)
    if (update === undefined) throw new Error(`${entryUUID} was to be superseded, which has no versions`)
    update.run(object)
  }

  function routeTo(entryUUID: string): { object: number; kind: number } {
    const route = routeOf.get<{ object: number; kind: number }>(entryUUID)
    if (route === undefined) throw new Error(`an accepted submission refers to ${entryUUID}, which is not there`)
    return route
  }
}

/** A SubmissionSet is Approved for good. [ITI TF-3:4.2.3.3.1] */
const kindsOfTables = { document_entries: 'DocumentEntry', folders: 'Folder', associations: 'Association' } as const
