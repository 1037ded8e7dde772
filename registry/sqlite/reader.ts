// The looks that stored queries take at the registry, each one prepared statement.
import type { Fragment } from '../../metadata/fragment.js'
import type { Clock } from '../../ports/clock.js'
import type { SqlValue, Store } from '../../store/store.js'
import { comparable } from '../comparable.js'
import { canonicalPatientId } from '../patient-id.js'
import {
  type Among,
  type End,
  type Found,
  fragmentsAtOnce,
  type ReadOptions,
  type RegistryReader,
  TooManyResults,
} from '../store/reader.js'
import type { ObjectKind } from '../store/registered-object.js'
import { kindNumbers } from '../tables/columns.js'
import { type Condition, conditionsOf, type Dialect } from '../tables/conditions.js'
import { type FoundRow, found, foundIn, once } from '../tables/found.js'
import { type FragmentRow, fragmentIn } from '../tables/fragment-row.js'
import { objectsPerPatient, patientOf } from '../tables/keys.js'
import type { Codes } from './codes.js'
import { sqliteDialect } from './dialect.js'
import type { Patients } from './patients.js'
import { conditionsWithTexts } from './texts.js'

type Row = FoundRow & Partial<FragmentRow>

export interface Reading {
  store: Store
  codes: Codes
  patients: Patients
  clock: Pick<Clock, 'endOfTurn' | 'monotonicMs'>
}

/** For one query. A look that finds more than `options.limit` throws TooManyResults. */
export function readerOf({ store, codes, patients, clock }: Reading, options: ReadOptions): RegistryReader {
  const dialect = sqliteDialect(codes)

  function rowsOf(kind: ObjectKind, from: Condition, where: Condition[], fragments: boolean, atMost: number): Row[] {
    const { columns } = foundIn[kind]
    const filter = where.map(condition => `AND ${condition.sql}`).join(' ')
    const sql = `SELECT e.object, e.entry_uuid, e.status${columns}${fragments ? ', f.head, f.body' : ''}
      FROM ${from.sql} ${fragments ? 'CROSS JOIN fragments f ON f.object = e.object' : ''} WHERE true ${filter} LIMIT ?`
    return store.prepare(sql).all<Row>(...from.values, ...where.flatMap(condition => condition.values), atMost)
  }

  function look(kind: ObjectKind, from: Condition, where: Condition[], limit = options.limit): Found[] {
    const atOnce = options.fragments ? Math.min(limit, fragmentsAtOnce) : 0
    let rows = atOnce > 0 ? rowsOf(kind, from, where, true, atOnce + 1) : []
    if (atOnce === 0 || rows.length > atOnce) rows = rowsOf(kind, from, where, false, limit + 1)
    if (rows.length > limit) throw new TooManyResults(`more than ${limit} objects`)
    // In the order of submission; SQLite would sort the fragments along.
    const objects = rows.sort((a, b) => a.object - b.object).map(row => found(kind, row, fragmentOf(row)))
    if (options.fragments && kind !== 'Association') nameSurvivors(objects)
    return objects
  }

  async function lookWithTexts(
    kind: 'DocumentEntry' | 'SubmissionSet',
    among: Among,
    make: (speaking: Dialect) => Condition[],
  ): Promise<Found[]> {
    const from = fromAmong(kind, among)
    const made = conditionsWithTexts(make, from, { dialect, store, clock })
    return look(kind, from, made instanceof Promise ? await made : made)
  }

  /** What was registered under an id that a merge has ended is shown under the one that stands for it. [ITI TF-2:3.18.4.1.2.3.9] */
  function nameSurvivors(objects: Found[]): void {
    const merged = new Map<number, string | undefined>()
    for (const object of objects) {
      const patient = patientOf(object.key)
      if (!merged.has(patient)) merged.set(patient, patients.mergedIdOf(patient))
      const survivor = merged.get(patient)
      if (survivor !== undefined) object.patientId = survivor
    }
  }

  function associationsAt(
    column: AssociationColumn,
    keys: readonly number[],
    where: Condition[],
    limit: number | undefined,
  ): Found[] {
    const sql = `json_each(?) given CROSS JOIN associations e ON e.${column} = given.value`
    return look('Association', { sql, values: [distinct(keys)] }, where, limit)
  }

  return {
    documentEntries: (among, where) =>
      lookWithTexts('DocumentEntry', among, speaking => conditionsOf.DocumentEntry(where, speaking)),
    submissionSets: (among, where) =>
      lookWithTexts('SubmissionSet', among, speaking => conditionsOf.SubmissionSet(where, speaking)),
    folders: async (among, where) => look('Folder', fromAmong('Folder', among), conditionsOf.Folder(where, dialect)),
    async associations(end, keys, where, only) {
      const limit = only === 'on the way' ? options.limitOnTheWay : undefined
      const conditions = conditionsOf.Association(where, dialect)
      const looks = columnsOf[end].map(at => associationsAt(at, keys, conditions, limit))
      return looks.length === 1 ? (looks[0] ?? []) : once(looks.flat())
    },
    async rangeAfter(kind, key, atMost) {
      const { name } = foundIn[kind]
      const sql = `SELECT min(object) AS first, max(object) AS last
        FROM (SELECT object FROM ${name} WHERE object > ? ORDER BY object LIMIT ?)`
      const range = store.prepare(sql).get<{ first: number | null; last: number | null }>(key, atMost)
      return range?.first == null || range.last == null ? undefined : { first: range.first, last: range.last }
    },
    keysOf: async entryUUIDs =>
      store
        .prepare('SELECT u.object FROM json_each(?) given CROSS JOIN entry_uuids u ON u.entry_uuid = given.value')
        .all<{ object: number }>(distinct(entryUUIDs))
        .map(row => row.object),
    patientIdsOf: async keys => [
      ...new Set([...new Set(keys.map(patientOf))].map(number => patients.survivingIdOf(number))),
    ],
    knowsPatient: async patientId => patients.find(patientId) !== undefined,
  }
}

/** By key; what was removed meanwhile is absent. */
export function fragmentsIn(store: Store): (keys: readonly number[]) => ReadonlyMap<number, Fragment> {
  const select = store.prepare(
    'SELECT f.object, f.head, f.body FROM json_each(?) given CROSS JOIN fragments f ON f.object = given.value',
  )
  return keys =>
    new Map(select.all<FragmentRow & { object: number }>(distinct(keys)).map(row => [row.object, fragmentIn(row)]))
}

type AssociationColumn = 'source' | 'target' | 'object'

const columnsOf: Readonly<Record<End, readonly AssociationColumn[]>> = {
  source: ['source'],
  target: ['target'],
  either: ['source', 'target'],
  itself: ['object'],
}

/** The tables to look in, the patient or the given ids first: CROSS JOIN keeps SQLite to this order. */
function fromAmong(kind: 'DocumentEntry' | 'SubmissionSet' | 'Folder', among: Among): Condition {
  const { name } = foundIn[kind]
  if ('range' in among) {
    const { first, last } = among.range
    return {
      sql: `(SELECT ? AS first, ? AS last) CROSS JOIN ${name} e ON e.object BETWEEN first AND last`,
      values: [first, last],
    }
  }
  if ('patientIds' in among) {
    return {
      sql: `json_each(?) given CROSS JOIN patients asked ON asked.id = given.value AND asked.survivor = asked.patient
        CROSS JOIN patients own ON own.survivor = asked.patient
        CROSS JOIN ${name} e ON e.object BETWEEN own.patient * ${objectsPerPatient}
        AND own.patient * ${objectsPerPatient} + ${objectsPerPatient - 1}`,
      values: [distinct(among.patientIds.map(id => canonicalPatientId(id) ?? ''))],
    }
  }
  if ('patientId' in among) {
    return {
      sql: `patients asked CROSS JOIN patients own ON own.survivor = asked.patient
        AND asked.id = ? AND asked.survivor = asked.patient
        CROSS JOIN ${name} e ON e.object BETWEEN own.patient * ${objectsPerPatient}
        AND own.patient * ${objectsPerPatient} + ${objectsPerPatient - 1}`,
      values: [canonicalPatientId(among.patientId) ?? ''],
    }
  }
  const given = 'json_each(?) given CROSS JOIN'
  if ('entryUUIDs' in among) {
    return {
      sql: `${given} entry_uuids u ON u.entry_uuid = given.value CROSS JOIN ${name} e ON e.object = u.object`,
      values: [distinct(among.entryUUIDs)],
    }
  }
  if ('uniqueIds' in among) {
    return {
      sql: `${given} unique_ids u ON u.unique_id = given.value AND u.kind = ${kindNumbers[kind]}
        CROSS JOIN ${name} e ON e.object = u.object`,
      values: [distinct(among.uniqueIds.map(comparable))],
    }
  }
  if ('logicalIDs' in among) {
    return { sql: `${given} ${name} e ON e.lid = given.value`, values: [distinct(among.logicalIDs)] }
  }
  return { sql: `${given} ${name} e ON e.object = given.value`, values: [distinct(among.keys)] }
}

function distinct(values: readonly (string | number)[]): SqlValue {
  return JSON.stringify([...new Set(values)])
}

function fragmentOf({ head, body }: Row) {
  return head === undefined || body === undefined ? undefined : fragmentIn({ head, body })
}
