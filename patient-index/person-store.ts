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

/** A source merges one record into another: its person may go on without it, or end with it. */
export interface Left {
  from?: number | undefined
  with?: number | undefined
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
      sql('UPDATE persons SET merged_into = ? WHERE person = ?').run(survivor, subsumed)
      sql('UPDATE persons SET survivor = ? WHERE survivor = ?').run(survivor, subsumed)
    },

    /** Undoes a merge: all that had been merged into it before comes with it. */
    part(subsumed: number): void {
      sql('UPDATE persons SET merged_into = NULL WHERE person = ?').run(subsumed)
      sql(
        `WITH RECURSIVE below (person) AS (
           SELECT ? UNION SELECT p.person FROM persons p JOIN below b ON p.merged_into = b.person
         ) UPDATE persons SET survivor = ? WHERE person IN (SELECT person FROM below)`,
      ).run(subsumed, subsumed)
    },

    /** The person that an id was first given to or filed under, whatever it was merged into since. */
    filedPerson(patientId: string): { person: number; survivor: number; mergedInto: number | undefined } | undefined {
      const key = keyed(patientId)
      if (key === undefined) return undefined
      const row = sql(
        `SELECT person, survivor, merged_into FROM persons WHERE person = coalesce(
           (SELECT person FROM person_ids WHERE domain = ? AND extension = ?),
           (SELECT person FROM records WHERE domain = ? AND extension = ?))`,
      ).get<{ person: number; survivor: number; merged_into: number | null }>(
        ...[key.domain, key.extension, key.domain, key.extension],
      )
      return row && { person: row.person, survivor: row.survivor, mergedInto: row.merged_into ?? undefined }
    },

    survivorOf(person: number): number {
      return sql('SELECT survivor FROM persons WHERE person = ?').get<{ survivor: number }>(person)?.survivor ?? person
    },

    /** The id of one person names another from now on; whose it was is remembered. */
    handOver(patientId: string, from: number, to: number): void {
      const key = keyed(patientId)
      if (key === undefined) return
      const { domain, extension } = key
      sql('UPDATE person_ids SET person = ? WHERE domain = ? AND extension = ?').run(to, domain, extension)
      sql('INSERT OR IGNORE INTO moved_ids (domain, extension, from_person) VALUES (?, ?, ?)').run(
        ...[domain, extension, from],
      )
    },

    /** What was handed over by one person is its own again, as far as the one it was merged into still has it. */
    giveBack(to: number, survivor: number): void {
      sql(
        `UPDATE person_ids SET person = ?
         WHERE (domain, extension) IN (SELECT domain, extension FROM moved_ids WHERE from_person = ?)
           AND person IN (SELECT person FROM persons WHERE survivor = ?)`,
      ).run(to, to, survivor)
      sql('DELETE FROM moved_ids WHERE from_person = ?').run(to)
    },

    /** A record becomes another person's, with those that its source has merged into it. */
    move(record: number, person: number): void {
      sql(
        `WITH RECURSIVE gone (record) AS (
           SELECT ? UNION SELECT r.record FROM records r JOIN gone g ON r.ended_by = g.record
         ) UPDATE records SET person = ? WHERE record IN (SELECT record FROM gone)`,
      ).run(record, person)
    },

    /** `left`: what became of its person by that, for whoever undoes it. */
    end(record: number, by: number, left: Left): void {
      sql('UPDATE records SET ended_by = ?, ended_from = ?, ended_with = ? WHERE record = ?').run(
        ...[by, left.from ?? null, left.with ?? null, record],
      )
      sql('DELETE FROM keys WHERE record = ?').run(record)
    },

    /** What became of the person of a record that has ended. */
    leftBy(record: number): Left {
      const row = sql('SELECT ended_from, ended_with FROM records WHERE record = ?').get<{
        ended_from: number | null
        ended_with: number | null
      }>(record)
      return { from: row?.ended_from ?? undefined, with: row?.ended_with ?? undefined }
    },

    /** Records whose end made an end of the person too. */
    endedWith(person: number): PatientRecord[] {
      const rows = sql(`SELECT ${recordColumns} WHERE r.ended_with = ? AND r.ended_by IS NOT NULL`).all<RecordRow>(
        person,
      )
      return rows.map(recordOf)
    },

    /** Undoes the end of a record, which is found by its keys again. */
    revive({ record, body }: PatientRecord): void {
      sql('UPDATE records SET ended_by = NULL, ended_from = NULL, ended_with = NULL WHERE record = ?').run(record)
      this.file(record, filingOf(body))
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

    /** A merge that nobody was told of yet is not told any more. */
    forgetMergeOf(subsumedId: string): void {
      sql(`DELETE FROM notices WHERE event = 'merge' AND json_extract(body, '$.subsumedIds[0]') = ?`).run(subsumedId)
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
