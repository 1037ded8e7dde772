// Searches that somebody keeps under a name: in the database of the records, for they name patients as those do.
import type { Store } from '../../store/store.js'

export interface SavedSearch {
  id: number
  name: string
  /** As it stands in the address. */
  search: string
}

const mostOfOne = 50
const mostCharacters = 80

/** Of this owner alone, by name. */
export function savedSearches(store: Store, owner: string): SavedSearch[] {
  return store
    .prepare('SELECT id, name, search FROM saved_search WHERE owner = ? ORDER BY name')
    .all<SavedSearch>(owner)
}

/** One of the same name is replaced. False when there is no room. */
export function saveSearch(
  store: Store,
  { owner, name, search, savedMs }: { owner: string; name: string; search: string; savedMs: number },
): Promise<boolean> {
  return store.write(() => {
    const others = store
      .prepare('SELECT count(*) AS count FROM saved_search WHERE owner = ? AND name <> ?')
      .get<{ count: number }>(owner, name)
    if ((others?.count ?? 0) >= mostOfOne) return false
    store
      .prepare(
        `INSERT INTO saved_search (owner, name, search, saved_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (owner, name) DO UPDATE SET search = excluded.search, saved_ms = excluded.saved_ms`,
      )
      .run(owner, name.slice(0, mostCharacters), search, savedMs)
    return true
  })
}

/** Only one's own. */
export function removeSearch(store: Store, owner: string, id: number): Promise<boolean> {
  return store.write(
    () => store.prepare('DELETE FROM saved_search WHERE owner = ? AND id = ?').run(owner, id).changes > 0,
  )
}
