// Conditions as SQLite wants them: lists travel as one JSON value, patterns as GLOB.
import { comparable } from '../comparable.js'
import type { CodeValue } from '../store/reader.js'
import { codeAttributes } from '../tables/columns.js'
import type { Condition, Dialect } from '../tables/conditions.js'
import type { Codes } from './codes.js'
import { newestIn } from './latest-versions.js'

export const textTables = {
  authorPerson: { table: 'author_persons', column: 'person' },
  referenceIdList: { table: 'reference_ids', column: 'reference_id' },
} as const

/** A code that the registry has never met fits nothing: it has no key. */
export function sqliteDialect(codes: Codes): Dialect {
  const keysOf = (values: readonly CodeValue[]) => list(codes.knownKeysOf(values))
  return {
    oneOf: (column, values) => ({ sql: `${column} IN (${listed})`, values: [list(values)] }),
    codeOneOf: (column, values) => ({ sql: `${column} IN (${listed})`, values: [keysOf(values)] }),
    hasCode: (attribute, values) => ({
      sql: `EXISTS (SELECT 1 FROM object_codes c WHERE c.object = e.object
      AND c.attribute = ${codeAttributes[attribute]} AND c.code IN (${listed}))`,
      values: [keysOf(values)],
    }),
    hasText(attribute, patterns) {
      const { table, column } = textTables[attribute]
      return {
        sql: `EXISTS (SELECT 1 FROM ${table} t, json_each(?) p WHERE t.object = e.object AND t.${column} GLOB p.value)`,
        values: [list(patterns.map(pattern => globOf(comparable(pattern))))],
      }
    },
    notHidden: {
      DocumentEntry: { sql: `NOT ${isHidden('e.object')}`, values: [] },
      SubmissionSet: {
        sql: `(NOT EXISTS (${members} AND ${leadsToHidden('m.target')})
        OR EXISTS (${members} AND NOT ${leadsToHidden('m.target')}))`,
        values: [],
      },
      Association: { sql: `NOT ${isHidden('e.source')} AND NOT ${leadsToHidden('e.target')}`, values: [] },
    },
  }
}

/** One of the object's texts is among these. */
export function hasOneOf(attribute: keyof typeof textTables, texts: readonly string[]): Condition {
  const { table, column } = textTables[attribute]
  return {
    sql: `EXISTS (SELECT 1 FROM ${table} t WHERE t.object = e.object AND t.${column} IN (${listed}))`,
    values: [list(texts)],
  }
}

const members = `SELECT 1 FROM associations m WHERE m.source = e.object AND m.type = 'HasMember'`

/** Whether the object at that key is a DocumentEntry of which the latest version is hidden. */
function isHidden(key: string): string {
  return `EXISTS (SELECT 1 FROM document_entries own
    CROSS JOIN hidden_entries h ON h.object = (${newestIn('document_entries', 'own.lid')}) WHERE own.object = ${key})`
}

/** Such an entry, or the place that it has in a Folder. */
function leadsToHidden(key: string): string {
  return `(${isHidden(key)} OR EXISTS (SELECT 1 FROM associations held WHERE held.object = ${key} AND ${isHidden('held.target')}))`
}

const listed = 'SELECT value FROM json_each(?)'

function list(values: readonly (string | number)[]): string {
  return JSON.stringify(values)
}

/** A LIKE pattern as GLOB, which minds case as metadata must be compared, and needs no escape character. [ITI TF-2: Appendix F] */
export function globOf(pattern: string): string {
  return pattern.replace(/[%_*?[]/g, character => globs[character] ?? character)
}

const globs: Readonly<Record<string, string>> = { '%': '*', _: '?', '*': '[*]', '?': '[?]', '[': '[[]' }
