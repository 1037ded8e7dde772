// Gathers what the rules need to know to judge a removal.
import { mayBeReference } from '../../metadata/fragment.js'
import type { Store } from '../../store/store.js'
import { keptObjects } from '../kept-objects.js'
import type { RemovableAssociation, RemovableObject, RemovalFacts } from '../store/removal.js'
import { kindNumbers, kindOf } from '../tables/columns.js'
import { type FragmentRow, fragmentIn } from '../tables/fragment-row.js'
import { patientOf } from '../tables/keys.js'
import { heldIn } from './held.js'
import type { Patients } from './patients.js'
import { routesIn } from './routes.js'

interface AssociationRow {
  object: number
  entry_uuid: string
  type: string
  source: number
  target: number
}

/** As `factsIn`: true until somebody awaits. Ids that nobody has are absent. */
export function removalFactsIn(store: Store, patients: Patients): (entryUUIDs: readonly string[]) => RemovalFacts {
  const routeOf = routesIn(store)
  const columns = 'object, entry_uuid, type, source, target'
  const association = store.prepare(`SELECT ${columns} FROM associations WHERE object = ?`)
  const touching = store.prepare(
    `SELECT ${columns} FROM associations WHERE source = ?1
     UNION SELECT ${columns} FROM associations WHERE target = ?1 ORDER BY object`,
  )
  const endAt = store.prepare(
    `SELECT entry_uuid, ${kindNumbers.DocumentEntry} AS kind FROM document_entries WHERE object = ?1
     UNION ALL SELECT entry_uuid, ${kindNumbers.SubmissionSet} FROM submission_sets WHERE object = ?1
     UNION ALL SELECT entry_uuid, ${kindNumbers.Folder} FROM folders WHERE object = ?1
     UNION ALL SELECT entry_uuid, ${kindNumbers.Association} FROM associations WHERE object = ?1`,
  )
  const members = store.prepare(
    `SELECT count(*) AS count FROM (SELECT 1 FROM associations WHERE source = ? AND type = 'HasMember' LIMIT ?)`,
  )
  const fragment = store.prepare('SELECT head, body FROM fragments WHERE object = ?')

  const heldOf = heldIn(store)

  return entryUUIDs => {
    const held = new Map<string, string>()
    const holdOf = heldOf()
    const objects = new Map<string, RemovableObject>()
    const touchingOf = new Map<string, readonly RemovableAssociation[]>()
    const losses = new Map<string, { key: number; lost: number }>()
    const named = new Set(entryUUIDs)
    // An Association touches two of them, a SubmissionSet many Associations: each is described once.
    const ends = new Map<number, RemovableAssociation['source']>()
    const associations = new Map<number, RemovableAssociation>()
    for (const entryUUID of named) {
      const route = routeOf(entryUUID)
      if (route === undefined) continue
      const kind = kindOf(route.kind)
      const patientId = patients.survivingIdOf(patientOf(route.object))
      const row = kind === 'Association' ? association.get<AssociationRow>(route.object) : undefined
      const hold = holdOf(route)
      if (hold !== undefined) held.set(entryUUID, hold)
      objects.set(entryUUID, { entryUUID, kind, patientId, ...(row && { association: described(row) }) })
      touchingOf.set(entryUUID, touching.all<AssociationRow>(route.object).map(described))
      if (row?.type === 'HasMember') noteLoss(row)
    }
    const membersLeft = new Map([...losses].map(([id, { key, lost }]) => [id, membersOf(key, lost + 1) - lost]))
    return { objects, touching: touchingOf, membersLeft, held }

    function noteLoss({ source }: AssociationRow): void {
      const { entryUUID, kind } = end(source)
      if (kind !== 'SubmissionSet' || named.has(entryUUID)) return
      losses.set(entryUUID, { key: source, lost: (losses.get(entryUUID)?.lost ?? 0) + 1 })
    }

    function described(row: AssociationRow): RemovableAssociation {
      const known = associations.get(row.object)
      if (known !== undefined) return known
      const source = end(row.source)
      const isMembership = row.type === 'HasMember' && source.kind === 'SubmissionSet'
      const association = {
        entryUUID: row.entry_uuid,
        associationType: row.type,
        source,
        target: end(row.target),
        byReference: isMembership && statusIn(row.object) === 'Reference',
      }
      associations.set(row.object, association)
      return association
    }

    function end(object: number): RemovableAssociation['source'] {
      const known = ends.get(object)
      if (known !== undefined) return known
      const row = endAt.get<{ entry_uuid: string; kind: number }>(object)
      if (row === undefined) throw new Error(`the database has an Association with ${object}, which is not there`)
      const found = { entryUUID: row.entry_uuid, kind: kindOf(row.kind) }
      ends.set(object, found)
      return found
    }
  }

  function membersOf(object: number, atMost: number): number {
    return members.get<{ count: number }>(object, atMost)?.count ?? 0
  }

  /** SubmissionSetStatus stands in the fragment alone. */
  function statusIn(object: number): string | undefined {
    const row = fragment.get<FragmentRow>(object)
    if (row === undefined || !mayBeReference(fragmentIn(row))) return undefined
    return keptObjects([fragmentIn(row)]).associations[0]?.submissionSetStatus
  }
}
