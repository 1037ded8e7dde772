// What is known of registered objects, by their keys: a look for each kind, all sent together.
import type { Session } from '../../store/postgres/session.js'
import type { Dependent, Reach, RegisteredObject } from '../store/registered-object.js'
import { kindNumbers, kindOf, statusOf, typeOf } from '../tables/columns.js'
import { patientOf } from '../tables/keys.js'
import { type Surviving, survivingIds } from './patients.js'
import { at, placesOf, sqlPatientOf, touching } from './places.js'

export interface Routed {
  object: number
  kind: number
}

export interface Described {
  at(object: number): RegisteredObject
  /** Of all that is mentioned, by entryUUID. */
  keys: ReadonlyMap<string, Routed>
  /** Whose objects are mentioned, by the ids that have survived all merges. */
  survivors: ReadonlySet<string>
}

interface ObjectRow {
  object: number
  entry_uuid: string
  status: number
  lid?: string
  version?: number
  latest?: number
  type?: number | string
  hash?: string | null
  size?: string | null
  source?: number
  source_kind?: number
  target?: number
  target_kind?: number
}

interface DependentRow {
  target: number
  object: number
  entry_uuid: string
}

const tables: Readonly<Record<number, string>> = {
  [kindNumbers.DocumentEntry]: `SELECT e.object, e.entry_uuid, e.status, e.lid, e.version, e.latest, e.type, e.hash, e.size
    FROM ${at('document_entries')}`,
  [kindNumbers.SubmissionSet]: `SELECT e.object, e.entry_uuid, e.status FROM ${at('submission_sets')}`,
  [kindNumbers.Folder]: `SELECT e.object, e.entry_uuid, e.status, e.lid, e.version, e.latest FROM ${at('folders')}`,
  [kindNumbers.Association]: `SELECT e.object, e.entry_uuid, e.status, e.type, e.source, e.source_kind, e.target, e.target_kind
    FROM ${at('associations')}`,
}

const transformations = `SELECT DISTINCT a.source FROM ${touching('source')} WHERE a.type = 'XFRM' AND a.status = 1`

const dependents = `SELECT DISTINCT a.target, e.object, e.entry_uuid FROM ${touching('target')}
  JOIN document_entries e ON e.patient = ${sqlPatientOf('a.source')} AND e.object = a.source
  WHERE a.type IN ('XFRM', 'APND') AND a.status = 1 AND e.status = 1 ORDER BY e.object`

const folders = `SELECT DISTINCT a.target, e.object, e.entry_uuid FROM ${touching('target')}
  JOIN folders e ON e.patient = ${sqlPatientOf('a.source')} AND e.object = a.source
  WHERE a.type = 'HasMember' AND a.source_kind = ${kindNumbers.Folder} AND a.status = 1 AND e.status = 1 ORDER BY e.object`

/** By key, in a number of looks that does not grow with the routes: a few for each kind, sent together. */
export async function described(
  session: Session,
  routes: readonly Routed[],
  /** Which of them stand at an end of a replacement. */
  replaced: ReadonlySet<number> = new Set(),
): Promise<Described> {
  const byKind = new Map<number, Set<number>>()
  for (const { object, kind } of routes) byKind.set(kind, (byKind.get(kind) ?? new Set()).add(object))
  const entries = byKind.get(kindNumbers.DocumentEntry)
  const [rows, transformed, dependentRows, folderRows] = await Promise.all([
    Promise.all([...byKind].map(([kind, keys]) => session.query<ObjectRow>(tables[kind] ?? '', ...placesOf(keys)))),
    entries === undefined ? [] : session.query<{ source: number }>(transformations, ...placesOf(entries)),
    allDependents(session, replaced),
    replaced.size === 0 ? [] : session.query<DependentRow>(folders, ...placesOf(replaced)),
  ])
  const rowOf = new Map(rows.flat().map(row => [row.object, row]))
  const kindAt = new Map(routes.map(({ object, kind }) => [object, kind]))
  const joined = [...rowOf.values()].flatMap(({ source, target }) => [source ?? [], target ?? []].flat())
  const mentioned = [...rowOf.keys(), ...joined, ...[...dependentRows, ...folderRows].map(({ object }) => object)]
  const surviving = await survivingIds(session, mentioned.map(patientOf))
  const patientIdOf = (object: number) => (surviving.get(patientOf(object)) as Surviving).id
  const transforming = new Set(transformed.map(({ source }) => source))
  const dependentsOf = grouped(dependentRows)
  const foldersOf = grouped(folderRows)

  const reachOf = (object: number, entryUUID: string): Reach => ({
    dependents: leaningOn(object, entryUUID, dependentsOf),
    folders: (foldersOf.get(object) ?? []).map(folder => ({
      entryUUID: folder.entry_uuid,
      patientId: patientIdOf(folder.object),
    })),
  })

  const objects = new Map<number, RegisteredObject>()
  for (const [object, row] of rowOf) {
    const kind = kindAt.get(object) ?? 0
    objects.set(object, {
      entryUUID: row.entry_uuid,
      kind: kindOf(kind),
      patientId: patientIdOf(object),
      availabilityStatus: statusOf(row.status),
      ...(row.lid === undefined
        ? {}
        : { version: { logicalID: row.lid, number: row.version ?? 1, isLatest: row.latest === 1 } }),
      ...(kind === kindNumbers.DocumentEntry
        ? {
            document: {
              objectType: typeOf(Number(row.type)),
              hash: row.hash ?? undefined,
              size: row.size ?? undefined,
              isTransformation: transforming.has(object),
              ...(replaced.has(object) ? { reach: reachOf(object, row.entry_uuid) } : {}),
            },
          }
        : {}),
      ...(kind === kindNumbers.Association
        ? {
            association: {
              associationType: String(row.type),
              source: kindOf(row.source_kind ?? 0),
              target: kindOf(row.target_kind ?? 0),
            },
          }
        : {}),
    })
  }
  return {
    at(object) {
      const found = objects.get(object)
      if (found === undefined) throw new Error(`the database routes to object ${object}, which is not there`)
      return found
    },
    keys: new Map([
      ...dependentRows.map(
        ({ entry_uuid, object }) => [entry_uuid, { object, kind: kindNumbers.DocumentEntry }] as const,
      ),
      ...folderRows.map(({ entry_uuid, object }) => [entry_uuid, { object, kind: kindNumbers.Folder }] as const),
      ...[...rowOf].map(([object, row]) => [row.entry_uuid, { object, kind: kindAt.get(object) ?? 0 }] as const),
    ]),
    survivors: new Set([...surviving.values()].map(({ id }) => id)),
  }
}

/** Level by level; most entries have none. */
async function allDependents(session: Session, entries: ReadonlySet<number>): Promise<DependentRow[]> {
  const found: DependentRow[] = []
  const asked = new Set<number>()
  for (let level = [...entries]; level.length > 0; ) {
    for (const object of level) asked.add(object)
    const rows = await session.query<DependentRow>(dependents, ...placesOf(level))
    found.push(...rows)
    level = [...new Set(rows.map(({ object }) => object))].filter(object => !asked.has(object))
  }
  return found
}

function leaningOn(
  entry: number,
  entryUUID: string,
  dependentsOf: ReadonlyMap<number, readonly DependentRow[]>,
): Dependent[] {
  const found: Dependent[] = []
  const reached = new Map([[entry, entryUUID]])
  for (const [target, of] of reached) {
    for (const { entry_uuid, object } of dependentsOf.get(target) ?? []) {
      found.push({ entryUUID: entry_uuid, of })
      reached.set(object, entry_uuid)
    }
  }
  return found
}

function grouped(rows: readonly DependentRow[]): Map<number, DependentRow[]> {
  const groups = new Map<number, DependentRow[]>()
  for (const row of rows) {
    const group = groups.get(row.target)
    if (group === undefined) groups.set(row.target, [row])
    else group.push(row)
  }
  return groups
}
