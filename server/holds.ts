// Legal holds: documents of a patient, or single ones, that nobody may remove. Registry and repository each keep their own, for
// each decides by itself what it removes. docs/decisions/0243.
import { cxOf, instanceIdentifierOf } from '../metadata/hl7.js'
import type { Store } from '../store/store.js'

export type HeldKind = 'patient' | 'document'

export interface Hold {
  id: string
  kind: HeldKind
  /** Patient ids in their one spelling, or uniqueIds. */
  values: string[]
  /** For administrators. */
  reason: string
  by: string
  sinceMs: number
}

export interface Holds {
  list(): Promise<Hold[]>
  /** In the place of one of the same id. `alongside` is committed with it. */
  put(hold: Hold, alongside: () => void): Promise<void>
  /** False where there is none. */
  lift(id: string, alongside: () => void): Promise<boolean>
}

/** Beside the tables of the actor. */
export const holdTable: readonly string[] = [
  `CREATE TABLE hold (
     kind TEXT NOT NULL,
     value TEXT NOT NULL,
     id TEXT NOT NULL,
     reason TEXT NOT NULL,
     held_by TEXT NOT NULL,
     since_ms INTEGER NOT NULL,
     PRIMARY KEY (kind, value, id)
   ) WITHOUT ROWID`,
  'CREATE INDEX hold_id ON hold (id)',
]

/** A hold is as many rows as it has values. */
export interface HoldRow extends Omit<Hold, 'values'> {
  value: string
}

/** The same for either engine. */
export const selectHolds = `SELECT id, kind, value, reason, held_by AS "by", since_ms AS "sinceMs" FROM hold
  ORDER BY since_ms, id, value`

/** A row for each value; those of one hold together, in the order of the rows. */
export function holdsOf(rows: readonly HoldRow[]): Hold[] {
  const holds = new Map<string, Hold>()
  for (const { value, ...row } of rows) {
    const hold = holds.get(row.id) ?? { ...row, values: [] }
    hold.values.push(value)
    holds.set(row.id, hold)
  }
  return [...holds.values()]
}

/** Durable before they resolve; `alongside` is committed with the hold. Putting a hold again under its id replaces it. */
export function holdsIn(store: Store): Holds {
  const all = store.prepare(selectHolds)
  const insert = store.prepare(
    'INSERT INTO hold (id, kind, value, reason, held_by, since_ms) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const remove = store.prepare('DELETE FROM hold WHERE id = ?')
  return {
    list: async () => holdsOf(all.all<HoldRow>()),
    put: ({ id, kind, values, reason, by, sinceMs }, alongside) =>
      store.write(() => {
        remove.run(id)
        for (const value of new Set(values)) insert.run(id, kind, value, reason, by, sinceMs)
        alongside()
      }),
    lift: (id, alongside) =>
      store.write(() => {
        if (remove.run(id).changes === 0) return false
        alongside()
        return true
      }),
  }
}

/** Which hold something is under: a look inside of the commit that would remove it. */
export function holdOn(store: Store): (kind: HeldKind, value: string) => string | undefined {
  const found = store.prepare('SELECT id FROM hold WHERE kind = ? AND value = ? LIMIT 1')
  return (kind, value) => found.get<{ id: string }>(kind, value)?.id
}

/** The one spelling of a patient id, by which holds are compared. */
export function heldPatient(cx: string): string | undefined {
  const id = instanceIdentifierOf(cx.trim())
  return id === undefined ? undefined : cxOf(id.root, id.extension).normalize('NFC')
}

/** As it is told to whoever would remove it; the reason is for administrators. */
export function heldInWords(holdId: string): string {
  return `it is under the legal hold ${holdId}`
}
