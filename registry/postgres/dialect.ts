// Conditions as PostgreSQL wants them: lists travel as arrays, attributes with several values stand in them.
import { createHash } from 'node:crypto'
import { comparable } from '../comparable.js'
import type { CodeValue } from '../store/reader.js'
import { kindNumbers } from '../tables/columns.js'
import type { Dialect } from '../tables/conditions.js'
import { newestOf } from './latest-versions.js'
import { sqlPatientOf } from './places.js'

const codeColumns = {
  eventCodeList: 'event_code_list',
  confidentialityCode: 'confidentiality_code',
  codeList: 'code_list',
} as const
const textColumns = { authorPerson: 'author_persons', referenceIdList: 'reference_ids' } as const

export const postgresDialect: Dialect = {
  oneOf: (column, values) => ({ sql: `${column} = ANY (?::text[])`, values: [asArray(values)] }),
  codeOneOf: (column, values) => ({ sql: `${column} = ANY (?::uuid[])`, values: [asArray(values.map(codeKey))] }),
  hasCode: (attribute, values) => ({
    sql: `e.${codeColumns[attribute]} && ?::uuid[]`,
    values: [asArray(values.map(codeKey))],
  }),
  hasText: (attribute, patterns) => ({
    sql: `EXISTS (SELECT 1 FROM unnest(e.${textColumns[attribute]}) held, unnest(?::text[]) pattern WHERE held LIKE pattern)`,
    // A backslash means nothing in a query; LIKE takes one for an escape.
    values: [asArray(patterns.map(pattern => comparable(pattern).replaceAll('\\', '\\\\')))],
  }),
  notHidden: {
    DocumentEntry: { sql: `NOT ${isHidden('e.object')}`, values: [] },
    SubmissionSet: {
      sql: `(NOT EXISTS (${members()} AND ${leadsToHidden('m')}) OR EXISTS (${members()} AND NOT ${leadsToHidden('m')}))`,
      values: [],
    },
    Association: { sql: `NOT ${isHidden('e.source')} AND NOT ${leadsToHidden('e')}`, values: [] },
  },
}

const mostRemembered = 20_000
/** Characters, of a code and its scheme; whoever asks may write anything. */
const longestRemembered = 512
const remembered = new Map<string, string>()

/**
 * A code with its scheme as 128 bits of its digest. Two codes are one when both parts are equal; no table has to be asked, or
 * kept alike on several machines. [ITI TF-3:4.2.3.1.2]
 */
export function codeKey({ code, codingScheme }: CodeValue): string {
  const name = `${comparable(code)}\u0000${comparable(codingScheme)}`
  let key = remembered.get(name)
  if (key === undefined) {
    key = createHash('sha256').update(name).digest('hex').slice(0, 32)
    if (remembered.size >= mostRemembered) remembered.clear()
    if (name.length <= longestRemembered) remembered.set(name, key)
  }
  return key
}

/** An array as one value; the text of a statement does not depend on how long it is. */
function asArray(values: readonly string[]): string {
  return `{${values.map(value => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
}

function members(): string {
  return `SELECT 1 FROM associations m WHERE m.patient = e.patient AND m.source = e.object AND m.type = 'HasMember'`
}

/** Whether the object at that key is a DocumentEntry of which the latest version is hidden. */
function isHidden(key: string): string {
  return `EXISTS (SELECT 1 FROM document_entries own WHERE own.patient = ${sqlPatientOf(key)} AND own.object = ${key}
    AND CASE WHEN own.latest = 1 THEN own.hidden = 1 ELSE EXISTS (
      SELECT 1 FROM (${newestOf('own.lid')}) l JOIN document_entries latest
        ON latest.patient = ${sqlPatientOf('l.object')} AND latest.object = l.object
      WHERE latest.hidden = 1) END)`
}

/** Such an entry at the target, or the place that it has in a Folder. */
function leadsToHidden(association: string): string {
  const target = `${association}.target`
  return `(${isHidden(target)} OR (${association}.target_kind = ${kindNumbers.Association} AND EXISTS (SELECT 1 FROM associations held
    WHERE held.patient = ${sqlPatientOf(target)} AND held.object = ${target} AND ${isHidden('held.target')})))`
}
