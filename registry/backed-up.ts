// A copy of the registry's database in a backup: what it has. Nobody runs on such a copy. docs/decisions/0240.
import type { Session } from '../store/postgres/session.js'
import { connect } from '../store/sqlite-driver.js'

export interface BackedUpObjects {
  /** Of these uniqueIds those of objects. */
  among(uniqueIds: string[]): Promise<ReadonlySet<string>>
}

export async function objectsIn(database: string): Promise<BackedUpObjects & { close(): void }> {
  const connection = await connect(database, { readOnly: true })
  const find = connection.prepare('SELECT 1 FROM unique_ids WHERE unique_id = ? LIMIT 1')
  return {
    among: async uniqueIds => new Set(uniqueIds.filter(uniqueId => find.get(uniqueId) !== undefined)),
    close: () => connection.close(),
  }
}

export function objectsOnServer(session: Session): BackedUpObjects {
  return {
    async among(uniqueIds) {
      const sql = 'SELECT DISTINCT unique_id AS "uniqueId" FROM unique_ids WHERE unique_id = ANY (?::text[])'
      const found = await session.query<{ uniqueId: string }>(sql, uniqueIds)
      return new Set(found.map(({ uniqueId }) => uniqueId))
    },
  }
}
