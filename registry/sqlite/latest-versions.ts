// The latest versions of logical objects, with what a new version of them may take over.
import type { Store } from '../../store/store.js'
import { type LatestVersion, type Link, type LinkEnd, mostTakenOver } from '../store/facts.js'
import type { RegisteredObject } from '../store/registered-object.js'
import { kindNumbers, statusOf } from '../tables/columns.js'
import { type FragmentRow, fragmentIn } from '../tables/fragment-row.js'
import { patientOf } from '../tables/keys.js'
import type { Patients } from './patients.js'

type Describe = (object: number, kind: number) => RegisteredObject

interface LinkRow extends FragmentRow {
  type: string
  source: number
  target: number
}

/** The key of the latest version, found without a look at the former ones: by the index of logicalIDs, from its end. */
export function newestIn(table: 'document_entries' | 'folders', logicalID: string): string {
  return `SELECT object FROM ${table} WHERE lid = ${logicalID} ORDER BY version DESC, object DESC LIMIT 1`
}

/** By logicalID; those without a latest version are absent. `describe` makes of a route what the rules see. */
export function latestVersionsIn(
  store: Store,
  patients: Patients,
): (logicalIDs: Iterable<string>, describe: Describe) => Map<string, LatestVersion> {
  const latest = store.prepare(
    `SELECT object, ${kindNumbers.DocumentEntry} AS kind FROM (${newestIn('document_entries', '?1')})
     UNION ALL SELECT object, ${kindNumbers.Folder} FROM (${newestIn('folders', '?1')})`,
  )
  const fragment = store.prepare('SELECT head, body FROM fragments WHERE object = ?')
  // What leads to former versions is not taken over, and there is more of it with each version.
  const superseded = (
    end: string,
  ) => `EXISTS (SELECT 1 FROM document_entries e WHERE e.object = a.${end} AND e.latest = 0)
         OR EXISTS (SELECT 1 FROM folders f WHERE f.object = a.${end} AND f.latest = 0)`
  const links = store.prepare(
    `WITH linking AS (
       SELECT object, type, source, target FROM associations a WHERE source = ?1 AND status = 1
         AND NOT (${superseded('target')})
       UNION SELECT object, type, source, target FROM associations a WHERE target = ?1 AND status = 1
         AND NOT EXISTS (SELECT 1 FROM submission_sets s WHERE s.object = a.source)
         AND NOT (${superseded('source')})
       LIMIT ?2)
     SELECT l.type, l.source, l.target, f.head, f.body FROM linking l JOIN fragments f ON f.object = l.object
     ORDER BY l.object`,
  )
  const end = store.prepare(
    `SELECT entry_uuid, status, latest, 'DocumentEntry' AS kind FROM document_entries WHERE object = ?1
     UNION ALL SELECT entry_uuid, status, latest, 'Folder' FROM folders WHERE object = ?1`,
  )

  function endAt(object: number): LinkEnd[] {
    const row = end.get<{ entry_uuid: string; status: number; latest: number; kind: LinkEnd['kind'] }>(object)
    if (row === undefined) return []
    return [
      {
        entryUUID: row.entry_uuid,
        kind: row.kind,
        patientId: patients.survivingIdOf(patientOf(object)),
        availabilityStatus: statusOf(row.status),
        isLatest: row.latest === 1,
      },
    ]
  }

  function linksOf(object: number, atMost: number): Link[] | undefined {
    const rows = links.all<LinkRow>(object, atMost + 1)
    if (rows.length > atMost) return undefined
    return rows.flatMap(({ type, source, target, head, body }) => {
      const [from, to] = [...endAt(source), ...endAt(target)]
      if (from === undefined || to === undefined) return []
      return [{ associationType: type, source: from, target: to, fragment: fragmentIn({ head, body }) }]
    })
  }

  return (logicalIDs, describe) => {
    const versions = new Map<string, LatestVersion>()
    let left = mostTakenOver
    for (const logicalID of logicalIDs) {
      const found = latest.get<{ object: number; kind: number }>(logicalID)
      const row = found === undefined ? undefined : fragment.get<FragmentRow>(found.object)
      if (found === undefined || row === undefined) continue
      const taken = linksOf(found.object, left)
      left -= taken?.length ?? left
      versions.set(logicalID, {
        object: describe(found.object, found.kind),
        fragment: fragmentIn(row),
        links: taken,
      })
    }
    return versions
  }
}
