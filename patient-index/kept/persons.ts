// Persons, the ids that they have of their own, and who was merged into whom.
import { cxOf } from '../../metadata/hl7.js'
import type { Store } from '../../store/store.js'
import type { Domains } from './domains.js'
import type { Records } from './records.js'

export function personsIn(sql: Store['prepare'], domains: Domains, records: Pick<Records, 'recordBy' | 'recordsOf'>) {
  return {
    /** Whoever has the id, as the person's own or as a record's. */
    personBy(patientId: string): number | undefined {
      const key = domains.keyOf(patientId)
      if (key === undefined) return undefined
      const own = sql(
        'SELECT p.survivor AS person FROM person_ids i JOIN persons p ON p.person = i.person WHERE i.domain = ? AND i.extension = ?',
      ).get<{ person: number }>(key.domain, key.extension)
      return own?.person ?? records.recordBy(patientId)?.person
    },

    /** Those of the person itself, and then those of its records; as CX. */
    idsOf(person: number): string[] {
      const own = sql(
        'SELECT d.oid, i.extension FROM person_ids i JOIN domains d ON d.domain = i.domain WHERE i.person = ? ORDER BY i.domain, i.extension',
      ).all<{ oid: string; extension: string }>(person)
      return [
        ...own.map(({ oid, extension }) => cxOf(oid, extension)),
        ...records.recordsOf(person).map(each => each.patientId),
      ]
    },

    /** Of the person itself, in one domain. */
    ownIdOf(person: number, oid: string): string | undefined {
      const domain = domains.numberOf(oid)
      if (domain === undefined) return undefined
      const row = sql('SELECT extension FROM person_ids WHERE person = ? AND domain = ?').get<{ extension: string }>(
        person,
        domain,
      )
      return row && cxOf(oid, row.extension)
    },

    addPerson(): number {
      const person = Number(sql('INSERT INTO persons (survivor) VALUES (0)').run().lastInsertRowid)
      sql('UPDATE persons SET survivor = ? WHERE person = ?').run(person, person)
      return person
    },

    giveId(person: number, patientId: string): void {
      const { domain, extension } = domains.keyFor(patientId)
      sql('INSERT INTO person_ids (domain, extension, person) VALUES (?, ?, ?)').run(domain, extension, person)
    },

    takeIdAway(patientId: string): void {
      const key = domains.keyOf(patientId)
      if (key !== undefined)
        sql('DELETE FROM person_ids WHERE domain = ? AND extension = ?').run(key.domain, key.extension)
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
      const key = domains.keyOf(patientId)
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

    /** All that were merged into a person, the last first. */
    mergedInto(survivor: number, most: number): number[] {
      const rows = sql(
        'SELECT person FROM persons WHERE survivor = ? AND person <> ? ORDER BY person DESC LIMIT ?',
      ).all<{
        person: number
      }>(survivor, survivor, most)
      return rows.map(({ person }) => person)
    },

    survivorOf(person: number): number {
      return sql('SELECT survivor FROM persons WHERE person = ?').get<{ survivor: number }>(person)?.survivor ?? person
    },

    /** The id of one person names another from now on; whose it was is remembered. */
    handOver(patientId: string, from: number, to: number): void {
      const key = domains.keyOf(patientId)
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
  }
}
