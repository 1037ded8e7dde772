// The objects themselves, with what queries select them by.
import type { Crossing, Preparing, Travelling, TravellingRow } from '../../store/crossing/crossing.js'
import { several, single } from '../../store/crossing/crossing.js'
import { ends } from '../postgres/places.js'
import { codeAttributes, kindNumbers } from '../tables/columns.js'
import { patientOf } from '../tables/keys.js'
import { codeAt, codesAt, codesInto, digestOf, digestsOf } from './codes.js'
import { fragmentInto, fragmentTravelling, uniqueIdOf } from './fragments.js'

const object: Crossing['columns'] = {
  ...{ patient: 'number', object: 'number', entry_uuid: 'text', status: 'number' },
  ...{ head: 'text', body: 'text' },
}
const versioned: Crossing['columns'] = { unique_id: 'text', lid: 'text', version: 'number', latest: 'number' }
const withFragment = 'LEFT JOIN fragments f ON f.object = e.object'
const textsAt = (table: string, column: string) =>
  `(SELECT json_group_array(t.${column}) FROM ${table} t WHERE t.object = e.object)`

type Read = Record<string, Travelling>

function objectTravelling(row: Read): TravellingRow {
  return { ...row, ...fragmentTravelling(row), patient: patientOf(row.object as number) }
}

function namedTravelling(row: Read): TravellingRow {
  const travelling = objectTravelling(row)
  return { ...travelling, unique_id: uniqueIdOf(travelling as { head: string; body: string }) }
}

const textsOf = (json: Travelling | undefined): string[] => JSON.parse(String(json))

/** In the order of its own columns; values of other names are not in it. */
function inserting(database: Preparing, table: string, names: readonly string[]) {
  const insert = database.prepare(
    `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
  )
  return (row: TravellingRow, more: Read = {}) => void insert.run(...names.map(name => single(more[name] ?? row[name])))
}

function fragmentsInto(database: Preparing): (row: TravellingRow) => void {
  const insert = database.prepare('INSERT INTO fragments (object, head, body) VALUES (?, ?, ?)')
  return row => void insert.run(single(row.object), ...fragmentInto(row))
}

/** Values of an array, each in a row of its own. */
function listInto(
  database: Preparing,
  table: string,
  column: string,
): (row: TravellingRow, list: Travelling | undefined) => void {
  const insert = database.prepare(`INSERT INTO ${table} (object, ${column}) VALUES (?, ?) ON CONFLICT DO NOTHING`)
  return (row, list) => {
    for (const value of several(list)) insert.run(single(row.object), value)
  }
}

function codeListsInto(database: Preparing, numberOf: ReturnType<typeof codesInto>) {
  const insert = database.prepare(
    'INSERT INTO object_codes (object, attribute, code) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  return (row: TravellingRow, attribute: keyof typeof codeAttributes, list: Travelling | undefined) => {
    for (const digest of several(list)) insert.run(single(row.object), codeAttributes[attribute], numberOf(digest, row))
  }
}

const codeColumns: readonly string[] = [
  ...['class_code', 'type_code', 'practice_setting_code', 'healthcare_facility_type_code', 'format_code'],
]
const entryColumns = [
  ...['object', 'entry_uuid', 'lid', 'version', 'latest', 'status', 'type', ...codeColumns, 'creation_time'],
  ...['service_start_time', 'service_stop_time', 'document_availability', 'hash', 'size'],
]

const documentEntries: Crossing = {
  table: 'document_entries',
  columns: {
    ...{ ...object, ...versioned, type: 'number' },
    ...Object.fromEntries(codeColumns.map(name => [name, 'uuid' as const])),
    ...{ creation_time: 'text', service_start_time: 'text', service_stop_time: 'text' },
    ...{ document_availability: 'text', hash: 'text', size: 'text' },
    ...{ event_code_list: 'uuids', confidentiality_code: 'uuids', author_persons: 'texts', reference_ids: 'texts' },
    hidden: 'number',
  },
  order: 'patient, object',
  embedded: {
    tables: {
      document_entries: entryColumns,
      fragments: ['object', 'head', 'body'],
      codes: ['code_key', 'code', 'scheme'],
      object_codes: ['object', 'attribute', 'code'],
      author_persons: ['object', 'person'],
      reference_ids: ['object', 'reference_id'],
      hidden_entries: ['object'],
    },
    sources: [
      {
        select: [
          ...entryColumns.filter(name => !codeColumns.includes(name)).map(name => `e.${name}`),
          ...codeColumns.map(name => `${codeAt(`e.${name}`)} AS ${name}`),
          `${codesAt('e.object', codeAttributes.eventCodeList)} AS event_code_list`,
          `${codesAt('e.object', codeAttributes.confidentialityCode)} AS confidentiality_code`,
          `${textsAt('author_persons', 'person')} AS author_persons`,
          `${textsAt('reference_ids', 'reference_id')} AS reference_ids`,
          '(SELECT count(*) FROM hidden_entries h WHERE h.object = e.object) AS hidden',
          'f.head, f.body',
        ].join(', '),
        from: `document_entries e ${withFragment}`,
        key: ['e.object'],
      },
    ],
    reader: () => row => ({
      ...namedTravelling(row),
      ...Object.fromEntries(codeColumns.map(name => [name, digestOf(row[name])])),
      event_code_list: digestsOf(row.event_code_list),
      confidentiality_code: digestsOf(row.confidentiality_code),
      author_persons: textsOf(row.author_persons),
      reference_ids: textsOf(row.reference_ids),
    }),
    writer(database) {
      const numberOf = codesInto(database)
      const insert = inserting(database, 'document_entries', entryColumns)
      const fragment = fragmentsInto(database)
      const codeList = codeListsInto(database, numberOf)
      const authorPersons = listInto(database, 'author_persons', 'person')
      const referenceIds = listInto(database, 'reference_ids', 'reference_id')
      const hide = database.prepare('INSERT INTO hidden_entries (object) VALUES (?)')
      return row => {
        const numbers = codeColumns.flatMap(name => {
          const digest = row[name]
          return typeof digest === 'string' ? [[name, numberOf(digest, row)] as const] : []
        })
        insert(row, Object.fromEntries(numbers))
        fragment(row)
        codeList(row, 'eventCodeList', row.event_code_list)
        codeList(row, 'confidentialityCode', row.confidentiality_code)
        authorPersons(row, row.author_persons)
        referenceIds(row, row.reference_ids)
        if (row.hidden === 1) hide.run(single(row.object))
      }
    },
  },
}

const setColumns = ['object', 'entry_uuid', 'status', 'source_id', 'submission_time', 'content_type_code']
const submissionColumns = ['object', 'partner', 'digest', 'message_id', 'committed_ms', 'answer']

const submissionSets: Crossing = {
  table: 'submission_sets',
  columns: {
    ...{ ...object, unique_id: 'text', source_id: 'text', submission_time: 'text', content_type_code: 'uuid' },
    ...{ author_persons: 'texts', partner: 'text', digest: 'text', message_id: 'text' },
    ...{ committed_ms: 'number', answer: 'text' },
  },
  order: 'patient, object',
  embedded: {
    tables: { submission_sets: setColumns, registered_submissions: submissionColumns },
    sources: [
      {
        select: `e.object, e.entry_uuid, e.status, e.source_id, e.submission_time, ${codeAt('e.content_type_code')} AS content_type_code,
          ${textsAt('author_persons', 'person')} AS author_persons, r.partner, r.digest, r.message_id, r.committed_ms, r.answer, f.head, f.body`,
        from: `submission_sets e ${withFragment} LEFT JOIN registered_submissions r ON r.object = e.object`,
        key: ['e.object'],
      },
    ],
    reader: () => row => ({
      ...namedTravelling(row),
      content_type_code: digestOf(row.content_type_code),
      author_persons: textsOf(row.author_persons),
    }),
    writer(database) {
      const numberOf = codesInto(database)
      const insert = inserting(database, 'submission_sets', setColumns)
      const fragment = fragmentsInto(database)
      const authorPersons = listInto(database, 'author_persons', 'person')
      const submission = inserting(database, 'registered_submissions', submissionColumns)
      return row => {
        const { content_type_code: digest } = row
        insert(row, typeof digest === 'string' ? { content_type_code: numberOf(digest, row) } : {})
        fragment(row)
        authorPersons(row, row.author_persons)
        submission(row)
      }
    },
  },
}

const folderColumns = ['object', 'entry_uuid', 'lid', 'version', 'latest', 'status', 'last_update_time']

const folders: Crossing = {
  table: 'folders',
  columns: { ...object, ...versioned, last_update_time: 'text', code_list: 'uuids' },
  order: 'patient, object',
  embedded: {
    tables: { folders: folderColumns },
    sources: [
      {
        select: `${folderColumns.map(name => `e.${name}`).join(', ')}, ${codesAt('e.object', codeAttributes.codeList)} AS code_list, f.head, f.body`,
        from: `folders e ${withFragment}`,
        key: ['e.object'],
      },
    ],
    reader: () => row => ({ ...namedTravelling(row), code_list: digestsOf(row.code_list) }),
    writer(database) {
      const insert = inserting(database, 'folders', folderColumns)
      const fragment = fragmentsInto(database)
      const codeList = codeListsInto(database, codesInto(database))
      return row => {
        insert(row)
        fragment(row)
        codeList(row, 'codeList', row.code_list)
      }
    },
  },
}

/** No table says it of a key. */
const kindAt = (key: string) => `CASE
  WHEN EXISTS (SELECT 1 FROM document_entries x WHERE x.object = ${key}) THEN ${kindNumbers.DocumentEntry}
  WHEN EXISTS (SELECT 1 FROM submission_sets x WHERE x.object = ${key}) THEN ${kindNumbers.SubmissionSet}
  WHEN EXISTS (SELECT 1 FROM folders x WHERE x.object = ${key}) THEN ${kindNumbers.Folder}
  WHEN EXISTS (SELECT 1 FROM associations x WHERE x.object = ${key}) THEN ${kindNumbers.Association} END`

const associationColumns = ['object', 'entry_uuid', 'status', 'type', 'source', 'target']

const associations: Crossing = {
  table: 'associations',
  columns: {
    ...{ ...object, type: 'text', source: 'number', source_kind: 'number', target: 'number', target_kind: 'number' },
  },
  order: 'patient, object',
  embedded: {
    tables: { associations: associationColumns },
    sources: [
      {
        select: `${associationColumns.map(name => `e.${name}`).join(', ')}, ${kindAt('e.source')} AS source_kind,
          ${kindAt('e.target')} AS target_kind, f.head, f.body`,
        from: `associations e ${withFragment}`,
        key: ['e.object'],
      },
    ],
    reader: () => objectTravelling,
    writer(database) {
      const insert = inserting(database, 'associations', associationColumns)
      const fragment = fragmentsInto(database)
      return row => {
        insert(row)
        fragment(row)
      }
    },
  },
}

/** Where the end of an Association lies with another patient. */
const foreignEnds: Crossing = {
  table: 'foreign_ends',
  columns: { patient: 'number', object: 'number', which: 'number', association: 'number' },
  order: 'patient, object, which, association',
  embedded: {
    tables: {},
    sources: (['source', 'target'] as const).map(end => ({
      select: `e.${end} >> 24 AS patient, e.${end} AS object, ${ends[end]} AS which, e.object AS association`,
      from: 'associations e',
      where: `e.${end} >> 24 <> e.object >> 24`,
      key: ['e.object'],
    })),
  },
}

export const objectCrossings: readonly Crossing[] = [
  documentEntries,
  submissionSets,
  folders,
  associations,
  foreignEnds,
]
