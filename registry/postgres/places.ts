// Where objects lie: a key tells the patient, and rows are looked up by both, so that one partition is touched.
import { patientOf } from '../tables/keys.js'

/** `patientOf` in SQL. */
export function sqlPatientOf(key: string): string {
  return `(${key} >> 24)`
}

/** Two arrays, for `unnest(?::bigint[], ?::bigint[])`. */
export function placesOf(keys: Iterable<number>): [patients: number[], objects: number[]] {
  const objects = [...new Set(keys)]
  return [objects.map(patientOf), objects]
}

const given = 'unnest(?::bigint[], ?::bigint[]) given(patient, object)'

/** Rows of a table at the given places. */
export function at(table: string, alias = 'e'): string {
  return `${given} JOIN ${table} ${alias} ON ${alias}.patient = given.patient AND ${alias}.object = given.object`
}

/** What foreign_ends calls the ends of an Association. */
export const ends = { source: 1, target: 2 } as const

/** Associations with an object of `given` at that end. */
export function touching(end: keyof typeof ends, alias = 'a'): string {
  return `${given} JOIN LATERAL (${associationsAt(end, 'given.patient', 'given.object')}) ${alias} ON true`
}

/** Associations with the object at that end: those of its own patient, and the few of others. */
export function associationsAt(end: keyof typeof ends, patient: string, object: string): string {
  return `SELECT own.* FROM associations own WHERE own.patient = ${patient} AND own.${end} = ${object}
    UNION ALL SELECT theirs.* FROM foreign_ends f JOIN associations theirs
      ON theirs.patient = ${sqlPatientOf('f.association')} AND theirs.object = f.association
    WHERE f.patient = ${patient} AND f.object = ${object} AND f.which = ${ends[end]}`
}
