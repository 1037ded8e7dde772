// Writes an accepted submission: all rows of it in one statement, what it changes of others in one more.
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import type { InPhrases } from '../../metadata/fragment.js'
import type { Code, DocumentEntry, RegistryObjectValue, SubmissionSet } from '../../metadata/model.js'
import type { Session } from '../../store/postgres/session.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import { comparable } from '../comparable.js'
import { canonicalPatientId } from '../patient-id.js'
import { type Commit, objectsOf } from '../store/commit.js'
import { kindNumbers, statusBits, typeBits } from '../tables/columns.js'
import { firstKeyOf, lastKeyOf, patientOf } from '../tables/keys.js'
import { instant, sizeOf, statusOf } from '../tables/values.js'
import { changesOf, writeChanges } from './changes.js'
import { codeKey } from './dialect.js'
import type { Gathered } from './facts.js'
import { inPhrases } from './fragments.js'
import { addPatient, patientRows } from './patients.js'
import { ends } from './places.js'
import type { Routed } from './registered.js'

/**
 * Within the transaction in which `gathered` was judged. `answer` is kept with it, for whoever sends the same again.
 * @throws Error for a patient nobody knows: the rules have let through what they must not.
 */
export async function writeSubmission(
  session: Session,
  commit: Commit,
  answer: RegistryResponse,
  gathered: Gathered,
  hides: AffinityDomain['hides'],
): Promise<void> {
  for (const id of commit.newPatients) await addPatient(session, id)
  const [submissionSet] = commit.submission.submissionSets
  const patientId = canonicalPatientId(submissionSet?.patientId ?? '') ?? ''
  const patient = gathered.patients.get(patientId) ?? (await patientRows(session, [patientId])).get(patientId)
  if (patient === undefined || patient.survivor !== patient.patient) {
    throw new Error('a submission for a patient who is not known was to be committed')
  }
  const added = commit.effects.associations
  const objects = [...objectsOf(commit.submission), ...added.map(({ association }) => association)]
  const fragments = [...commit.fragments, ...added.map(({ fragment }) => fragment)]
  const first = firstKeyOf(patient.patient) + patient.objects
  if (first + objects.length > lastKeyOf(patient.patient)) {
    throw new Error(`patient ${patient.patient} has no room for more objects`)
  }
  const routes = new Map<string, Routed>(gathered.keys)
  objects.forEach((object, index) => {
    routes.set(object.entryUUID, { object: first + index, kind: kindNumbers[object.kind] })
  })
  const rows = rowsOf(objects, fragments, { commit, answer, hides, routes, patient: patient.patient, first })
  const last = patient.objects + objects.length
  await Promise.all([
    session.query(insertion, rows.bytes, ...tables.map(table => JSON.stringify(rows[table])), last, patient.patient),
    writeChanges(session, changesOf(commit, routes)),
  ])
}

interface About {
  commit: Commit
  answer: RegistryResponse
  hides: AffinityDomain['hides']
  routes: ReadonlyMap<string, Routed>
  patient: number
  first: number
}

type Row = Record<string, unknown>

/** Columns with their types; rows travel as JSON by these names. */
const object = 'patient bigint, object bigint, entry_uuid text, status smallint'
const versioned = 'unique_id text, lid text, version bigint, latest smallint'
const columns = {
  document_entries: `${object}, ${versioned}, type smallint, class_code uuid, type_code uuid, practice_setting_code uuid,
    healthcare_facility_type_code uuid, format_code uuid, creation_time text, service_start_time text, service_stop_time text,
    document_availability text, hash text, size text, event_code_list uuid[], confidentiality_code uuid[],
    author_persons text[], reference_ids text[], hidden smallint`,
  submission_sets: `${object}, unique_id text, source_id text, submission_time text, content_type_code uuid,
    author_persons text[], partner text, digest text, message_id text, committed_ms bigint, answer text`,
  folders: `${object}, ${versioned}, last_update_time text, code_list uuid[]`,
  associations: `${object}, type text, source bigint, source_kind smallint, target bigint, target_kind smallint`,
  entry_uuids: 'entry_uuid text, object bigint, kind smallint',
  unique_ids: 'unique_id text, object bigint, kind smallint',
  logical_ids: 'lid text, version bigint, object bigint, kind smallint',
  foreign_ends: 'patient bigint, object bigint, which smallint, association bigint',
} as const
type Table = keyof typeof columns
const tables = Object.keys(columns) as Table[]
const tablesWithFragments: readonly Table[] = ['document_entries', 'submission_sets', 'folders', 'associations']

/** All rows as JSON, a table each; all fragments as one value, of which the rows say their parts. */
const insertion = `WITH written AS (SELECT ?::bytea AS bytes), ${tables
  .map((table, index) => {
    const names = columns[table].split(',').map(column => column.trim().split(' ')[0])
    const hasFragment = tablesWithFragments.includes(table)
    const target = [...names, ...(hasFragment ? ['head', 'body'] : [])].join(', ')
    const source = [
      ...names.map(name => `r.${name}`),
      ...(hasFragment
        ? [`'${inPhrases}'`, `convert_from(substring(written.bytes FROM r.body_at + 1 FOR r.body_size), 'UTF8')`]
        : []),
    ].join(', ')
    const types = columns[table] + (hasFragment ? ', body_at integer, body_size integer' : '')
    return `i${index} AS (INSERT INTO ${table} (${target})
      SELECT ${source} FROM json_to_recordset(?::json) AS r(${types})${hasFragment ? ', written' : ''})`
  })
  .join(', ')}
  UPDATE patients SET objects = ? WHERE patient = ?`

function rowsOf(
  objects: readonly RegistryObjectValue[],
  fragments: readonly InPhrases[],
  about: About,
): Record<Table, Row[]> & { bytes: Buffer } {
  const rows = Object.fromEntries(tables.map(table => [table, [] as Row[]])) as Record<Table, Row[]>
  let at = 0
  objects.forEach((value, index) => {
    const fragment = fragments[index] as InPhrases
    const key = about.first + index
    const kind = kindNumbers[value.kind]
    const row: Row = {
      patient: about.patient,
      object: key,
      entry_uuid: value.entryUUID,
      status: statusBits[statusOf(value)],
      body_at: at,
      body_size: fragment.inPhrases.length,
    }
    at += fragment.inPhrases.length
    rows.entry_uuids.push({ entry_uuid: value.entryUUID, object: key, kind })
    if (value.kind === 'Association') {
      const [source, target] = [routeIn(about, value.sourceObject), routeIn(about, value.targetObject)]
      Object.assign(row, {
        type: value.associationType,
        source: source.object,
        source_kind: source.kind,
        target: target.object,
        target_kind: target.kind,
      })
      rows.associations.push(row)
      for (const [end, which] of [
        [source.object, ends.source],
        [target.object, ends.target],
      ] as const) {
        const patient = patientOf(end)
        if (patient !== about.patient) rows.foreign_ends.push({ patient, object: end, which, association: key })
      }
      return
    }
    row.unique_id = comparable(value.uniqueId ?? '')
    rows.unique_ids.push({ unique_id: row.unique_id, object: key, kind })
    if (value.kind === 'SubmissionSet') {
      rows.submission_sets.push(Object.assign(row, submissionSetColumns(value, about)))
      return
    }
    const lid = value.logicalID ?? value.entryUUID
    if (lid !== value.entryUUID) rows.logical_ids.push({ lid, version: value.version ?? 1, object: key, kind })
    Object.assign(row, { lid, version: value.version ?? 1, latest: 1 })
    if (value.kind === 'DocumentEntry') {
      rows.document_entries.push(Object.assign(row, documentEntryColumns(value, about.hides)))
    } else {
      rows.folders.push(
        Object.assign(row, { last_update_time: about.commit.now, code_list: value.codeList.map(codeKey) }),
      )
    }
  })
  return { ...rows, bytes: Buffer.concat(fragments.map(fragment => fragment.inPhrases)) }
}

function documentEntryColumns(entry: DocumentEntry, hides: AffinityDomain['hides']): Row {
  return {
    type: typeBits[entry.objectType ?? 'stable'],
    class_code: key(entry.classCode),
    type_code: key(entry.typeCode),
    practice_setting_code: key(entry.practiceSettingCode),
    healthcare_facility_type_code: key(entry.healthcareFacilityTypeCode),
    format_code: key(entry.formatCode),
    creation_time: instant(entry.creationTime),
    service_start_time: instant(entry.serviceStartTime),
    service_stop_time: instant(entry.serviceStopTime),
    document_availability: entry.documentAvailability ?? null,
    hash: entry.hash?.toLowerCase() ?? null,
    size: sizeOf(entry.size),
    event_code_list: entry.eventCodeList.map(codeKey),
    confidentiality_code: entry.confidentialityCode.map(codeKey),
    author_persons: authorPersonsOf(entry),
    reference_ids: entry.referenceIdList.map(comparable),
    hidden: hides?.(entry) === true ? 1 : 0,
  }
}

function submissionSetColumns(set: SubmissionSet, { commit: { record }, answer }: About): Row {
  return {
    source_id: set.sourceId === undefined ? null : comparable(set.sourceId),
    submission_time: instant(set.submissionTime),
    content_type_code: key(set.contentTypeCode),
    author_persons: authorPersonsOf(set),
    partner: record.partner,
    digest: record.digest,
    message_id: record.messageID ?? null,
    committed_ms: record.committedMs,
    answer: JSON.stringify(answer),
  }
}

function authorPersonsOf({ author }: DocumentEntry | SubmissionSet): string[] {
  return author.flatMap(({ authorPerson }) => (authorPerson === undefined ? [] : [comparable(authorPerson)]))
}

function key(code: Code | undefined): string | null {
  return code === undefined ? null : codeKey(code)
}

function routeIn({ routes }: About, entryUUID: string): Routed {
  const route = routes.get(entryUUID)
  if (route === undefined) throw new Error(`an accepted submission refers to ${entryUUID}, which is not there`)
  return route
}
