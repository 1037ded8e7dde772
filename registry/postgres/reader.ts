// The looks that stored queries take at the registry, each one prepared statement, in one snapshot.
import type { Fragment } from '../../metadata/fragment.js'
import type { Session } from '../../store/postgres/session.js'
import type { SqlValue } from '../../store/store.js'
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
import { type Condition, conditionsOf } from '../tables/conditions.js'
import { type FoundRow, found, foundIn, once } from '../tables/found.js'
import { patientOf } from '../tables/keys.js'
import { postgresDialect } from './dialect.js'
import { type FragmentRow, fragmentIn } from './fragments.js'
import { canonicalIds, patientRows, type Surviving, survivingIds } from './patients.js'
import { at, ends, sqlPatientOf, touching } from './places.js'

type Row = FoundRow & Partial<FragmentRow>

interface Place {
  from: string
  values: (SqlValue | readonly (number | string)[])[]
  where?: string
}

/** For one query: what it has learnt of merges and ids it believes until it is thrown away. A look that finds more than `options.limit` throws TooManyResults. */
export function readerOver(session: Session, options: ReadOptions): RegistryReader {
  /** All looks are at one snapshot: what was learnt once holds for the rest. */
  const survivors = new Map<number, Surviving>()
  const numbersOf = new Map<string, readonly number[]>()

  function rowsOf(
    kind: ObjectKind,
    place: Place,
    where: Condition[],
    fragments: boolean,
    atMost: number,
  ): Promise<Row[]> {
    const { columns } = foundIn[kind]
    const conditions = [...(place.where === undefined ? [] : [place.where]), ...where.map(({ sql }) => sql)]
    const sql = `SELECT e.object, e.entry_uuid, e.status${columns}${fragments ? ', e.head, e.body' : ''} FROM ${place.from}
      WHERE ${conditions.length === 0 ? 'true' : conditions.join(' AND ')} LIMIT ?`
    return session.query<Row>(sql, ...place.values, ...where.flatMap(condition => condition.values), atMost)
  }

  async function look(
    kind: ObjectKind,
    place: Place | undefined,
    where: Condition[],
    limit = options.limit,
  ): Promise<Found[]> {
    if (place === undefined) return []
    const atOnce = options.fragments ? Math.min(limit, fragmentsAtOnce) : 0
    let rows = atOnce > 0 ? await rowsOf(kind, place, where, true, atOnce + 1) : []
    if (atOnce === 0 || rows.length > atOnce) rows = await rowsOf(kind, place, where, false, limit + 1)
    if (rows.length > limit) throw new TooManyResults(`more than ${limit} objects`)
    const objects = once(rows.map(row => found(kind, row, fragmentOf(row))))
    if (options.fragments && kind !== 'Association') await nameSurvivors(objects)
    return objects
  }

  async function learn(patients: Iterable<number>): Promise<void> {
    const unknown = [...new Set(patients)].filter(patient => !survivors.has(patient))
    for (const [patient, surviving] of await survivingIds(session, unknown)) survivors.set(patient, surviving)
  }

  /** What was registered under an id that a merge has ended is shown under the one that stands for it. [ITI TF-2:3.18.4.1.2.3.9] */
  async function nameSurvivors(objects: readonly Found[]): Promise<void> {
    await learn(objects.map(({ key }) => patientOf(key)))
    for (const object of objects) {
      const surviving = survivors.get(patientOf(object.key))
      if (surviving?.isMerged === true) object.patientId = surviving.id
    }
  }

  /** A patient in use and all whose ids were merged into it. */
  async function patientsBehind(patientIds: readonly string[]): Promise<readonly number[]> {
    const name = patientIds.join('\n')
    const known = numbersOf.get(name)
    if (known !== undefined) return known
    const rows = await session.query<{ patient: number; survivor: number; id: string }>(
      `SELECT own.patient, asked.patient AS survivor, asked.id FROM patients asked
       JOIN patients own ON own.survivor = asked.patient
       WHERE asked.id = ANY (?::text[]) AND asked.survivor = asked.patient`,
      canonicalIds(patientIds),
    )
    for (const { patient, survivor, id } of rows) survivors.set(patient, { id, isMerged: patient !== survivor })
    const numbers = [...new Set(rows.map(({ patient }) => patient))]
    numbersOf.set(name, numbers)
    return numbers
  }

  async function placeOf(kind: 'DocumentEntry' | 'SubmissionSet' | 'Folder', among: Among): Promise<Place | undefined> {
    const { name } = foundIn[kind]
    if ('range' in among) {
      const { first, last } = among.range
      return {
        from: `${name} e`,
        where: '(e.patient, e.object) >= (?, ?) AND (e.patient, e.object) <= (?, ?)',
        values: [patientOf(first), first, patientOf(last), last],
      }
    }
    if ('patientId' in among || 'patientIds' in among) {
      const patients = await patientsBehind('patientId' in among ? [among.patientId] : among.patientIds)
      const [only] = patients
      if (only === undefined) return undefined
      return patients.length === 1
        ? { from: `${name} e`, where: 'e.patient = ?', values: [only] }
        : { from: `unnest(?::bigint[]) own(patient) JOIN ${name} e ON e.patient = own.patient`, values: [patients] }
    }
    if ('keys' in among) return placeOfKeys(name, among.keys)
    if ('entryUUIDs' in among) {
      return {
        from: `unnest(?::text[]) given(id) JOIN entry_uuids u ON u.entry_uuid = given.id ${joined(name, 'u')}`,
        values: [distinct(among.entryUUIDs)],
      }
    }
    if ('uniqueIds' in among) {
      return {
        from: `unnest(?::text[]) given(id) JOIN unique_ids u ON u.unique_id = given.id AND u.kind = ${kindNumbers[kind]}
          ${joined(name, 'u')}`,
        values: [distinct(among.uniqueIds.map(comparable))],
      }
    }
    return {
      from: `unnest(?::text[]) given(id) JOIN LATERAL (
          SELECT r.object FROM entry_uuids r WHERE r.entry_uuid = given.id
          UNION SELECT l.object FROM logical_ids l WHERE l.lid = given.id) u ON true ${joined(name, 'u')} AND e.lid = given.id`,
      values: [distinct(among.logicalIDs)],
    }
  }

  async function associationsAt(
    end: End,
    keys: readonly number[],
    where: Condition[],
    limit: number | undefined,
  ): Promise<Found[]> {
    if (end === 'either') {
      const ends = (['source', 'target'] as const).map(each => associationsAt(each, keys, where, limit))
      return once((await Promise.all(ends)).flat())
    }
    const place = end === 'itself' ? placeOfKeys('associations', keys) : placeOfEnds(end, keys)
    return look('Association', place, where, limit)
  }

  return {
    documentEntries: async (among, where) =>
      look('DocumentEntry', await placeOf('DocumentEntry', among), conditionsOf.DocumentEntry(where, postgresDialect)),
    submissionSets: async (among, where) =>
      look('SubmissionSet', await placeOf('SubmissionSet', among), conditionsOf.SubmissionSet(where, postgresDialect)),
    folders: async (among, where) =>
      look('Folder', await placeOf('Folder', among), conditionsOf.Folder(where, postgresDialect)),
    associations(end, keys, where, only) {
      const limit = only === 'on the way' ? options.limitOnTheWay : undefined
      return associationsAt(end, keys, conditionsOf.Association(where, postgresDialect), limit)
    },
    async rangeAfter(kind, key, atMost) {
      const { name } = foundIn[kind]
      const [range] = await session.query<{ first: number | null; last: number | null }>(
        `SELECT min(object) AS first, max(object) AS last FROM (SELECT object FROM ${name}
          WHERE (patient, object) > (?, ?) ORDER BY patient, object LIMIT ?) next`,
        patientOf(key),
        key,
        atMost,
      )
      return range?.first == null || range.last == null ? undefined : { first: range.first, last: range.last }
    },
    async keysOf(entryUUIDs) {
      const rows = await session.query<{ object: number }>(
        'SELECT object FROM entry_uuids WHERE entry_uuid = ANY (?::text[])',
        distinct(entryUUIDs),
      )
      return rows.map(row => row.object)
    },
    async patientIdsOf(keys) {
      const patients = keys.map(patientOf)
      await learn(patients)
      return [...new Set(patients.map(patient => (survivors.get(patient) as Surviving).id))]
    },
    async knowsPatient(patientId) {
      const row = (await patientRows(session, [patientId])).get(canonicalPatientId(patientId) ?? '')
      return row !== undefined && row.survivor === row.patient
    },
  }
}

/** By key; what was removed meanwhile is absent. All keys have to be of one `kind`. */
export async function fragmentsOf(
  session: Session,
  kind: ObjectKind,
  keys: readonly number[],
): Promise<ReadonlyMap<number, Fragment>> {
  const place = placeOfKeys(foundIn[kind].name, keys)
  if (place === undefined) return new Map()
  const rows = await session.query<FragmentRow & { object: number }>(
    `SELECT e.object, e.head, e.body FROM ${place.from} WHERE ${place.where ?? 'true'}`,
    ...place.values,
  )
  return new Map(rows.map(row => [row.object, fragmentIn(row)]))
}

/** From a row that leads to an object to the object itself. */
function joined(table: string, route: string): string {
  return `JOIN ${table} e ON e.patient = ${sqlPatientOf(`${route}.object`)} AND e.object = ${route}.object`
}

/** Objects of one patient, the usual case, are asked for so that the partition is known before the statement runs. */
function placeOfKeys(table: string, keys: readonly number[]): Place | undefined {
  const { patients, objects, only } = sorted(keys)
  if (objects.length === 0) return undefined
  return only === undefined
    ? { from: at(table), values: [patients, objects] }
    : { from: `${table} e`, where: 'e.patient = ? AND e.object = ANY (?::bigint[])', values: [only, objects] }
}

function placeOfEnds(end: 'source' | 'target', keys: readonly number[]): Place | undefined {
  const { patients, objects, only } = sorted(keys)
  if (objects.length === 0) return undefined
  if (only === undefined) return { from: touching(end, 'e'), values: [patients, objects] }
  return {
    from: `(SELECT * FROM associations WHERE patient = ? AND ${end} = ANY (?::bigint[])
      UNION ALL SELECT theirs.* FROM foreign_ends f JOIN associations theirs
        ON theirs.patient = ${sqlPatientOf('f.association')} AND theirs.object = f.association
      WHERE f.patient = ? AND f.object = ANY (?::bigint[]) AND f.which = ${ends[end]}) e`,
    values: [only, objects, only, objects],
  }
}

function sorted(keys: readonly number[]): { patients: number[]; objects: number[]; only: number | undefined } {
  const objects = [...new Set(keys)]
  const patients = objects.map(patientOf)
  const [first] = patients
  return { patients, objects, only: patients.every(patient => patient === first) ? first : undefined }
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)]
}

function fragmentOf({ head, body }: Row) {
  return head === undefined || body === undefined ? undefined : fragmentIn({ head, body })
}
