// What a database says of itself each second: whether it is the one of the start, whether it writes, and what we may do there.

/** Of its schema: when it was begun, and how far it has come. */
export interface Mark {
  begun: string
  steps: number
  /** A server that follows another, or one that was told to write nothing. */
  readOnly: boolean
  /** Tables beside that of the steps in which this role may do all that we do. */
  usable: string[] | null
}

export const mark = `SELECT count(*) AS steps, extract(epoch FROM min(done))::text AS begun,
  current_setting('transaction_read_only')::boolean AS "readOnly",
  (SELECT json_agg(relname ORDER BY relname) FROM pg_class
    WHERE relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'carnet_migrations'::regclass)
      AND relkind IN ('r', 'p') AND NOT relispartition
      AND has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
      AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')) AS usable
  FROM carnet_migrations`

const mostNamed = 5

/** What is not as it was, in words; undefined where nothing is missing. A newer version may have taken steps meanwhile, and knows what it does. */
export function lostSince(before: Mark, now: Mark): string | undefined {
  if (now.steps !== before.steps) return undefined
  const lost = (before.usable ?? []).filter(name => now.usable?.includes(name) !== true)
  if (lost.length === 0) return undefined
  const more = lost.length > mostNamed ? ` and ${lost.length - mostNamed} more` : ''
  return `the database refuses: the role of this service has lost a right to ${lost.slice(0, mostNamed).join(', ')}${more} (SELECT, INSERT, UPDATE, DELETE), or these are gone`
}

export const readOnlyInWords =
  'the database refuses: it writes nothing (transaction_read_only: an administrator wants it so, or the server follows another one)'
