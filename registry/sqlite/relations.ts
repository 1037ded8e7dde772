// What Associations of the registry say already of what one of a submission says.
import type { Submission } from '../../metadata/model.js'
import type { Store } from '../../store/store.js'
import { relationOf } from '../store/commit.js'
import type { Reapproved } from '../store/facts.js'
import type { RegisteredObject } from '../store/registered-object.js'

/** There are never more than one but for what older versions let through. */
const alikeShown = 10

interface EndsRow {
  type: string
  source: number
  target: number
}

/** Looks by both ends, so that a Folder with thousands, or an entry in thousands, costs what one with three does. */
export function relationsIn(store: Store) {
  const alike = store.prepare(
    `SELECT entry_uuid FROM associations INDEXED BY associations_by_ends
     WHERE source = ? AND target = ? AND type = ? AND status = 1 AND object <> ? LIMIT ${alikeShown}`,
  )
  const approvedBetween = (source: number, target: number, type: string, except = 0): string[] =>
    alike.all<{ entry_uuid: string }>(source, target, type, except).map(row => row.entry_uuid)
  const endAt = store.prepare(
    `SELECT entry_uuid FROM document_entries WHERE object = ?1 UNION ALL SELECT entry_uuid FROM folders WHERE object = ?1`,
  )
  const ends = store.prepare('SELECT type, source, target FROM associations WHERE object = ?')

  return {
    /** Those of a submission that an Approved Association of the registry says already. */
    among({ associations }: Submission, keys: ReadonlyMap<string, number>): Set<string> {
      const known = associations.filter(({ associationType, sourceObject, targetObject }) => {
        const [source, target] = [keys.get(sourceObject), keys.get(targetObject)]
        if (source === undefined || target === undefined) return false
        return approvedBetween(source, target, associationType).length > 0
      })
      return new Set(known.map(relationOf))
    },

    /** Deprecated Associations whose status an update names, by entryUUID. */
    reapproved(
      { associations }: Submission,
      objects: ReadonlyMap<string, RegisteredObject>,
      keys: ReadonlyMap<string, number>,
    ): Map<string, Reapproved> {
      const found = new Map<string, Reapproved>()
      for (const { associationType, targetObject } of associations) {
        const object = keys.get(targetObject)
        const { availabilityStatus, association } = objects.get(targetObject) ?? {}
        if (associationType !== 'UpdateAvailabilityStatus' || object === undefined) continue
        if (association === undefined || availabilityStatus !== 'Deprecated') continue
        const row = ends.get<EndsRow>(object) as EndsRow
        const { type } = row
        const [from, to] = [row.source, row.target].map(end => endAt.get<{ entry_uuid: string }>(end)?.entry_uuid ?? '')
        found.set(targetObject, {
          relation: relationOf({ associationType: type, sourceObject: from ?? '', targetObject: to ?? '' }),
          alike: approvedBetween(row.source, row.target, type, object),
        })
      }
      return found
    },
  }
}
