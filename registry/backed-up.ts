// A copy of the registry's database in a backup: what it has. Nobody runs on such a copy. docs/decisions/0240.
import { connect } from '../store/sqlite-driver.js'

export interface BackedUpObjects {
  /** An object with this uniqueId. */
  has(uniqueId: string): boolean
  close(): void
}

export async function objectsIn(database: string): Promise<BackedUpObjects> {
  const connection = await connect(database, { readOnly: true })
  const find = connection.prepare('SELECT 1 FROM unique_ids WHERE unique_id = ? LIMIT 1')
  return {
    has: uniqueId => find.get(uniqueId) !== undefined,
    close: () => connection.close(),
  }
}
