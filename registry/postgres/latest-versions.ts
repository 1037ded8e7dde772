// The latest versions of logical objects, with what a new version of them may take over.
import type { Session } from '../../store/postgres/session.js'
import { type LatestVersion, type Link, type LinkEnd, mostTakenOver } from '../store/facts.js'
import { kindNumbers, kindOf, statusOf } from '../tables/columns.js'
import { patientOf } from '../tables/keys.js'
import { type FragmentRow, fragmentIn } from './fragments.js'
import { survivingIds } from './patients.js'
import { at, placesOf, sqlPatientOf, touching } from './places.js'
import { described, type Routed } from './registered.js'

export interface Latest {
  versions: Map<string, LatestVersion>
  keys: ReadonlyMap<string, Routed>
  survivors: ReadonlySet<string>
}

interface LatestRow extends FragmentRow, Routed {
  lid: string
}

interface LinkRow extends FragmentRow {
  /** Which of the objects asked about it touches. */
  touched: number
  object: number
  type: string
  source: number
  source_kind: number
  target: number
  target_kind: number
}

interface EndRow {
  object: number
  entry_uuid: string
  status: number
  latest: number
}

/** What leads to former versions is not taken over, and there is more of it with each version. */
const isFormer = (end: 'source' | 'target') => isFormerAt(`a.${end}`)

/** Whether an entry or a Folder has that key which is not the latest version. */
export function isFormerAt(key: string): string {
  return `(EXISTS (SELECT 1 FROM document_entries v WHERE v.patient = ${sqlPatientOf(key)} AND v.object = ${key} AND v.latest = 0)
    OR EXISTS (SELECT 1 FROM folders v WHERE v.patient = ${sqlPatientOf(key)} AND v.object = ${key} AND v.latest = 0))`
}

const columns =
  'given.object AS touched, a.object, a.type, a.source, a.source_kind, a.target, a.target_kind, a.head, a.body'
const linking = `SELECT ${columns} FROM ${touching('source')} WHERE a.status = 1 AND NOT ${isFormer('target')}
  UNION SELECT ${columns} FROM ${touching('target')} WHERE a.status = 1
    AND a.source_kind <> ${kindNumbers.SubmissionSet} AND NOT ${isFormer('source')} LIMIT ?`

/** Where the newest version of a logicalID is, found without a look at the others. The first one has the id itself, and no row in logical_ids. */
export function newestOf(lid: string): string {
  return `SELECT n.object, n.kind FROM (
    (SELECT l.object, l.kind, l.version FROM logical_ids l WHERE l.lid = ${lid} ORDER BY l.version DESC, l.object DESC LIMIT 1)
    UNION ALL SELECT r.object, r.kind, 1 FROM entry_uuids r WHERE r.entry_uuid = ${lid}) n ORDER BY n.version DESC LIMIT 1`
}

const latestAmong = (table: string, kind: number) =>
  `SELECT given.lid, e.object, e.head, e.body, ${kind} AS kind FROM unnest(?::text[]) given(lid)
   CROSS JOIN LATERAL (${newestOf('given.lid')}) v
   JOIN ${table} e ON e.patient = ${sqlPatientOf('v.object')} AND e.object = v.object WHERE e.lid = given.lid AND e.latest = 1`

const latest = `${latestAmong('document_entries', kindNumbers.DocumentEntry)}
  UNION ALL ${latestAmong('folders', kindNumbers.Folder)}`

/** By logicalID; those without a latest version are absent. However many are asked for, the looks are as many as for one: each is planned anew. */
export async function latestVersionsOf(session: Session, logicalIDs: Iterable<string>): Promise<Latest> {
  const asked = [...new Set(logicalIDs)]
  if (asked.length === 0) return { versions: new Map(), keys: new Map(), survivors: new Set() }
  const rows = await session.query<LatestRow>(latest, asked, asked)
  const known = await described(session, rows)
  const rowOf = new Map(rows.map(row => [row.lid, row]))
  const objects = asked.flatMap(id => rowOf.get(id)?.object ?? [])
  const taken = (await linksOf(session, objects, mostTakenOver)) ?? (await asManyAsMay(session, objects))
  const versions = new Map<string, LatestVersion>()
  const survivors = new Set(known.survivors)
  for (const id of asked) {
    const row = rowOf.get(id)
    if (row === undefined) continue
    const links = taken.links.get(row.object)
    for (const { source, target } of links ?? []) survivors.add(source.patientId).add(target.patientId)
    versions.set(id, { object: known.at(row.object), fragment: fragmentIn(row), links })
  }
  return { versions, keys: new Map([...known.keys, ...taken.keys]), survivors }
}

interface Taken {
  /** By the key of the object that they touch. */
  links: ReadonlyMap<number, Link[]>
  /** Of their ends. */
  keys: [entryUUID: string, route: Routed][]
}

/** Of each in turn, until they are more than a request may have. */
async function asManyAsMay(session: Session, objects: readonly number[]): Promise<Taken> {
  const links = new Map<number, Link[]>()
  const keys: Taken['keys'] = []
  let left = mostTakenOver
  for (const object of objects) {
    const taken = await linksOf(session, [object], left)
    const own = taken?.links.get(object)
    left -= own?.length ?? left
    if (own !== undefined) links.set(object, own)
    keys.push(...(taken?.keys ?? []))
  }
  return { links, keys }
}

/** Undefined where all of them are more than `atMost`. */
async function linksOf(session: Session, objects: readonly number[], atMost: number): Promise<Taken | undefined> {
  const place = placesOf(objects)
  const rows = await session.query<LinkRow>(linking, ...place, ...place, atMost + 1)
  if (rows.length > atMost) return undefined
  const ends = await endsOf(session, rows)
  const links = new Map<number, Link[]>(objects.map(object => [object, []]))
  for (const row of rows.sort((one, other) => one.object - other.object)) {
    const [from, to] = [ends.get(row.source), ends.get(row.target)]
    if (from === undefined || to === undefined) continue
    links.get(row.touched)?.push({ associationType: row.type, source: from, target: to, fragment: fragmentIn(row) })
  }
  return {
    links,
    keys: [...ends].map(([key, { entryUUID, kind }]) => [entryUUID, { object: key, kind: kindNumbers[kind] }]),
  }
}

async function endsOf(session: Session, links: readonly LinkRow[]): Promise<Map<number, LinkEnd>> {
  const all = links.flatMap(link => [
    { object: link.source, kind: link.source_kind },
    { object: link.target, kind: link.target_kind },
  ])
  const found = new Map<number, LinkEnd>()
  for (const [table, kind] of [
    ['document_entries', kindNumbers.DocumentEntry],
    ['folders', kindNumbers.Folder],
  ] as const) {
    const keys = all.filter(end => end.kind === kind).map(end => end.object)
    if (keys.length === 0) continue
    const rows = await session.query<EndRow>(
      `SELECT e.object, e.entry_uuid, e.status, e.latest FROM ${at(table)}`,
      ...placesOf(keys),
    )
    const surviving = await survivingIds(
      session,
      rows.map(row => patientOf(row.object)),
    )
    for (const row of rows) {
      found.set(row.object, {
        entryUUID: row.entry_uuid,
        kind: kindOf(kind),
        patientId: surviving.get(patientOf(row.object))?.id ?? '',
        availabilityStatus: statusOf(row.status),
        isLatest: row.latest === 1,
      })
    }
  }
  return found
}
