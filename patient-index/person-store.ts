// What the patient index keeps, in SQLite: each method is one look or one change; what they mean together stands in linking.ts.
import { cxOf, instanceIdentifierOf } from '../metadata/hl7.js'
import type { Store } from '../store/store.js'
import { nobody, type Person } from '../transactions/person.js'
import { type Filing, filingOf } from './filing.js'
import type { Candidate } from './matching/candidates.js'
import type { ScorePart } from './matching/score.js'
import { unpackedTraits } from './matching/traits.js'

/** A patient as one source tells of him or her. */
export interface PatientRecord {
  record: number
  person: number
  /** As CX. */
  patientId: string
  body: Person
  /** The source has merged it into another of its records. */
  hasEnded: boolean
  changedMs: number
}

export interface ReviewPair {
  review: number
  one: number
  other: number
  weight: number
  parts: ScorePart[]
  verdict: Verdict
  decidedBy: string | undefined
  changedMs: number
}

export type Verdict = 'open' | 'same' | 'different'

export interface HistoryEntry {
  person: number
  record: number | undefined
  what: string
  why: string
  by: string
  atMs: number
}

interface RecordRow {
  record: number
  person: number
  oid: string
  extension: string
  body: string
  changed_ms: number
  ended_by: number | null
}

/** A record under a key, with the birthday that it tells. */
export interface Filed {
  record: number
  born: string
}

const recordColumns =
  'r.record, p.survivor AS person, d.oid, r.extension, r.body, r.changed_ms, r.ended_by FROM records r ' +
  'JOIN persons p ON p.person = r.person JOIN domains d ON d.domain = r.domain'

/** So many keys are filed by one statement. */
const keysAtOnce = 16

export type PersonStore = ReturnType<typeof openPersonStore>

/** Changes are made inside `store.write`. */
export function openPersonStore(store: Store) {
  const sql = (text: string) => store.prepare(text)

  function domainOf(oid: string): number | undefined {
    return sql('SELECT domain FROM domains WHERE oid = ?').get<{ domain: number }>(oid)?.domain
  }

  function domainFor(oid: string): number {
    return domainOf(oid) ?? Number(sql('INSERT INTO domains (oid) VALUES (?)').run(oid).lastInsertRowid)
  }

  function keyed(cx: string): { domain: number; extension: string } | undefined {
    const id = instanceIdentifierOf(cx)
    const domain = id && domainOf(id.root)
    return domain === undefined || id === undefined ? undefined : { domain, extension: id.extension }
  }

  function recordOf(row: RecordRow): PatientRecord {
    const { record, person, oid, extension, body, changed_ms, ended_by } = row
    const patientId = cxOf(oid, extension)
    return { record, person, patientId, body: JSON.parse(body), hasEnded: ended_by !== null, changedMs: changed_ms }
  }

  function addKeys(record: number, { keys, born }: Filing): void {
    for (let first = 0; first < keys.length; first += keysAtOnce) {
      const some = keys.slice(first, first + keysAtOnce)
      const rows = some.map(() => '(?, ?, ?)').join(', ')
      sql(`INSERT OR IGNORE INTO keys (key, born, record) VALUES ${rows}`).run(
        ...some.flatMap(key => [key, born, record]),
      )
    }
  }

  return {
    knowsDomain: (oid: string) => domainOf(oid) !== undefined,

    domainOids: () =>
      sql('SELECT oid FROM domains ORDER BY domain')
        .all<{ oid: string }>()
        .map(({ oid }) => oid),

    recordBy(patientId: string): PatientRecord | undefined {
      const key = keyed(patientId)
      const row =
        key &&
        sql(`SELECT ${recordColumns} WHERE r.domain = ? AND r.extension = ?`).get<RecordRow>(key.domain, key.extension)
      return row && recordOf(row)
    },

    record(record: number): PatientRecord | undefined {
      const row = sql(`SELECT ${recordColumns} WHERE r.record = ?`).get<RecordRow>(record)
      return row && recordOf(row)
    },

    /** Whoever has the id, as the person's own or as a record's. */
    personBy(patientId: string): number | undefined {
      const key = keyed(patientId)
      if (key === undefined) return undefined
      const { domain, extension } = key
      const own = sql(
        'SELECT p.survivor AS person FROM person_ids i JOIN persons p ON p.person = i.person WHERE i.domain = ? AND i.extension = ?',
      ).get<{ person: number }>(domain, extension)
      return own?.person ?? this.recordBy(patientId)?.person
    },

    /** Newest first; without those that their sources have ended. */
    recordsOf(person: number): PatientRecord[] {
      const rows = sql(
        `SELECT ${recordColumns} WHERE p.survivor = ? AND r.ended_by IS NULL ORDER BY r.changed_ms DESC, r.record DESC`,
      ).all<RecordRow>(person)
      return rows.map(recordOf)
    },

    /** Those of the person itself, and then those of its records; as CX. */
    idsOf(person: number): string[] {
      const own = sql(
        'SELECT d.oid, i.extension FROM person_ids i JOIN domains d ON d.domain = i.domain WHERE i.person = ? ORDER BY i.domain, i.extension',
      ).all<{ oid: string; extension: string }>(person)
      return [
        ...own.map(({ oid, extension }) => cxOf(oid, extension)),
        ...this.recordsOf(person).map(each => each.patientId),
      ]
    },

    /** Of the person itself, in one domain. */
    ownIdOf(person: number, oid: string): string | undefined {
      const domain = domainOf(oid)
      if (domain === undefined) return undefined
      const row = sql('SELECT extension FROM person_ids WHERE person = ? AND domain = ?').get<{ extension: string }>(
        person,
        domain,
      )
      return row && cxOf(oid, row.extension)
    },

    /** What is compared of a record; undefined when its source has ended it. */
    compared(record: number): Candidate | undefined {
      const row = sql(
        'SELECT p.survivor AS person, r.traits FROM records r JOIN persons p ON p.person = r.person WHERE r.record = ? AND r.ended_by IS NULL',
      ).get<{ person: number; traits: string | null }>(record)
      if (row === undefined) return undefined
      // A former version has kept none: refiling.ts.
      const packed = row.traits ?? filingOf(this.record(record)?.body ?? nobody).traits
      return { record, person: row.person, traits: unpackedTraits(packed) }
    },

    /** Records filed under a key, at most so many; `days` bounds the birthday. */
    filedUnder(key: string, most: number, days: { from: string; to: string } = { from: '', to: '~' }): Filed[] {
      return sql('SELECT record, born FROM keys WHERE key = ? AND born >= ? AND born <= ? LIMIT ?').all<Filed>(
        ...[key, days.from, days.to, most],
      )
    },

    /** Likewise under all keys that begin so. */
    filedBelow(start: string, most: number): Filed[] {
      return sql('SELECT record, born FROM keys WHERE key >= ? AND key < ? LIMIT ?').all<Filed>(
        ...[start, `${start}\u{10ffff}`, most],
      )
    },

    /** Those that a former version has filed. */
    unfiled(most: number): number[] {
      const rows = sql('SELECT record FROM records WHERE traits IS NULL LIMIT ?').all<{ record: number }>(most)
      return rows.map(({ record }) => record)
    },

    /** Makes a record found by what is known of the person, and by nothing else. */
    file(record: number, filing: Filing): void {
      sql('DELETE FROM keys WHERE record = ?').run(record)
      sql('UPDATE records SET traits = ? WHERE record = ?').run(filing.traits, record)
      addKeys(record, filing)
    },

    addPerson(): number {
      const person = Number(sql('INSERT INTO persons (survivor) VALUES (0)').run().lastInsertRowid)
      sql('UPDATE persons SET survivor = ? WHERE person = ?').run(person, person)
      return person
    },

    giveId(person: number, patientId: string): void {
      const id = instanceIdentifierOf(patientId)
      if (id === undefined) throw new Error(`${patientId} is no CX`)
      sql('INSERT INTO person_ids (domain, extension, person) VALUES (?, ?, ?)').run(
        domainFor(id.root),
        id.extension,
        person,
      )
    },

    takeIdAway(patientId: string): void {
      const key = keyed(patientId)
      if (key !== undefined)
        sql('DELETE FROM person_ids WHERE domain = ? AND extension = ?').run(key.domain, key.extension)
    },

    /** Adds or revises what a source says of one of its patients. */
    keep(patientId: string, person: number, body: Person, nowMs: number): number {
      const id = instanceIdentifierOf(patientId)
      if (id === undefined) throw new Error(`${patientId} is no CX`)
      const filing = filingOf(body)
      const { lastInsertRowid, changes } = sql(
        `INSERT INTO records (domain, extension, person, body, changed_ms, traits) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (domain, extension) DO NOTHING`,
      ).run(domainFor(id.root), id.extension, person, JSON.stringify(body), nowMs, filing.traits)
      if (changes > 0) {
        addKeys(Number(lastInsertRowid), filing)
        return Number(lastInsertRowid)
      }
      const record = this.recordBy(patientId)?.record ?? 0
      sql('UPDATE records SET body = ?, changed_ms = ? WHERE record = ?').run(JSON.stringify(body), nowMs, record)
      this.file(record, filing)
      return record
    },

    /** What names the one names the other from now on, with all that was merged into it before. */
    merge(subsumed: number, survivor: number): void {
      sql('UPDATE persons SET survivor = ? WHERE survivor = ?').run(survivor, subsumed)
    },

    /** A record becomes another person's. */
    move(record: number, person: number): void {
      sql('UPDATE records SET person = ? WHERE record = ?').run(person, record)
    },

    end(record: number, by: number): void {
      sql('UPDATE records SET ended_by = ? WHERE record = ?').run(by, record)
      sql('DELETE FROM keys WHERE record = ?').run(record)
    },

    ask(one: number, other: number, { weight, parts }: { weight: number; parts: ScorePart[] }, nowMs: number): void {
      const [low, high] = one < other ? [one, other] : [other, one]
      sql(
        `INSERT INTO reviews (one, other, weight, parts, verdict, changed_ms) VALUES (?, ?, ?, ?, 'open', ?)
         ON CONFLICT (one, other) DO UPDATE SET weight = excluded.weight, parts = excluded.parts WHERE verdict = 'open'`,
      ).run(low, high, weight, JSON.stringify(parts), nowMs)
    },

    /** Somebody has said that these two are not one. */
    areApart(one: number, other: number): boolean {
      const [low, high] = one < other ? [one, other] : [other, one]
      return (
        sql(`SELECT 1 FROM reviews WHERE one = ? AND other = ? AND verdict = 'different'`).get(low, high) !== undefined
      )
    },

    review(review: number): ReviewPair | undefined {
      const row = sql('SELECT * FROM reviews WHERE review = ?').get(review)
      return row && reviewOf(row)
    },

    /** The surest first. */
    reviews(verdict: Verdict, most: number): ReviewPair[] {
      return sql('SELECT * FROM reviews WHERE verdict = ? ORDER BY weight DESC, review LIMIT ?')
        .all(verdict, most)
        .map(reviewOf)
    },

    decide(one: number, other: number, verdict: Verdict, by: string, nowMs: number): void {
      const [low, high] = one < other ? [one, other] : [other, one]
      sql(
        `INSERT INTO reviews (one, other, weight, parts, verdict, decided_by, changed_ms) VALUES (?, ?, 0, '[]', ?, ?, ?)
         ON CONFLICT (one, other) DO UPDATE SET verdict = excluded.verdict, decided_by = excluded.decided_by, changed_ms = excluded.changed_ms`,
      ).run(low, high, verdict, by, nowMs)
    },

    note({ person, record, what, why, by, atMs }: HistoryEntry): void {
      sql('INSERT INTO history (person, record, what, why, by, at_ms) VALUES (?, ?, ?, ?, ?, ?)').run(
        ...[person, record ?? null, what, why, by, atMs],
      )
    },

    /** Of a person and of all who were merged into it, oldest first. */
    historyOf(person: number, most: number): HistoryEntry[] {
      const rows = sql(
        'SELECT h.* FROM history h JOIN persons p ON p.person = h.person WHERE p.survivor = ? ORDER BY h.entry LIMIT ?',
      ).all<{ person: number; record: number | null; what: string; why: string; by: string; at_ms: number }>(
        person,
        most,
      )
      return rows.map(({ record, at_ms, ...row }) => ({ ...row, record: record ?? undefined, atMs: at_ms }))
    },

    tell(target: string, event: string, body: object, nowMs: number): void {
      sql('INSERT INTO notices (target, event, body, at_ms) VALUES (?, ?, ?, ?)').run(
        target,
        event,
        JSON.stringify(body),
        nowMs,
      )
    },

    nextNotice(target: string): { notice: number; event: string; body: string; atMs: number } | undefined {
      return sql('SELECT notice, event, body, at_ms AS atMs FROM notices WHERE target = ? ORDER BY notice LIMIT 1').get(
        target,
      )
    },

    forgetNotice(notice: number): void {
      sql('DELETE FROM notices WHERE notice = ?').run(notice)
    },

    noticesWaiting: () => Number(sql('SELECT count(*) AS n FROM notices').get<{ n: number }>()?.n ?? 0),

    counts() {
      const count = (table: string) => Number(sql(`SELECT count(*) AS n FROM ${table}`).get<{ n: number }>()?.n ?? 0)
      return {
        records: count('records'),
        persons: count('persons WHERE person = survivor'),
        reviews: count(`reviews WHERE verdict = 'open'`),
      }
    },
  }
}

function reviewOf(row: Record<string, unknown>): ReviewPair {
  const { review, one, other, weight, parts, verdict, decided_by, changed_ms } = row as {
    [column: string]: number & string & Verdict
  }
  return {
    ...{ review: review!, one: one!, other: other!, weight: weight!, parts: JSON.parse(parts!), verdict: verdict! },
    ...{ decidedBy: decided_by ?? undefined, changedMs: changed_ms! },
  }
}
