// Where the object with an entryUUID stands in the tables.
import type { Store } from '../../store/store.js'

export interface Routed {
  /** Its key. */
  object: number
  /** Of kindNumbers. */
  kind: number
}

/** Of any kind of object; undefined where there is none. The id is looked for as it is: canonical ones only. */
export function routesIn(store: Store): (entryUUID: string) => Routed | undefined {
  const select = store.prepare('SELECT object, kind FROM entry_uuids WHERE entry_uuid = ?')
  return entryUUID => select.get<Routed>(entryUUID)
}
