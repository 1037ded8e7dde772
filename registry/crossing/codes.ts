// Codes have numbers in the embedded database and digests on PostgreSQL. A number is looked up; what stands behind a digest only the object
// tells that has the code.
import type { Code } from '../../metadata/model.js'
import type { Preparing, Travelling, TravellingRow } from '../../store/crossing/crossing.js'
import { comparable } from '../comparable.js'
import { keptObjects } from '../kept-objects.js'
import { codeKey } from '../postgres/dialect.js'
import { fragmentOf } from './fragments.js'

/** A code by its number as it is read, `["code", "scheme"]`. */
export const codeAt = (column: string) =>
  `(SELECT json_array(c.code, c.scheme) FROM codes c WHERE c.code_key = ${column})`

export const codesAt = (object: string, attribute: number) =>
  `(SELECT json_group_array(json_array(c.code, c.scheme)) FROM object_codes o JOIN codes c ON c.code_key = o.code
    WHERE o.object = ${object} AND o.attribute = ${attribute})`

type Pair = [code: string, codingScheme: string]

export const digestOf = (json: Travelling | undefined) => (json == null ? null : digest(JSON.parse(String(json))))
export const digestsOf = (json: Travelling | undefined): string[] => JSON.parse(String(json)).map(digest)
const digest = ([code, codingScheme]: Pair) => codeKey({ code, codingScheme })

/** A domain has some thousands. */
const mostRemembered = 20_000

export type NumberOf = (digest: string, row: TravellingRow) => number

/** Numbers of codes in the database that is being filled. */
export function codesInto(database: Preparing): NumberOf {
  const select = database.prepare('SELECT code_key FROM codes WHERE code = ? AND scheme = ?')
  const insert = database.prepare('INSERT INTO codes (code, scheme) VALUES (?, ?)')
  const known = new Map<string, number>()

  function learn(row: TravellingRow): void {
    if (known.size >= mostRemembered) known.clear()
    for (const code of codesIn(row)) {
      const pair = [comparable(code.code), comparable(code.codingScheme)] as const
      const there = select.get(...pair) as { code_key: number } | undefined
      known.set(codeKey(code), there?.code_key ?? Number(insert.run(...pair).lastInsertRowid))
    }
  }

  return (digest, row) => {
    if (!known.has(digest)) learn(row)
    const number = known.get(digest)
    if (number === undefined) throw new Error(`the object ${row.entry_uuid} does not say a code that its row has`)
    return number
  }
}

function codesIn(row: TravellingRow): Code[] {
  const { documentEntries, submissionSets, folders } = keptObjects([fragmentOf(row)])
  const codes = [
    ...documentEntries.flatMap(entry => [
      ...[entry.classCode, entry.typeCode, entry.practiceSettingCode],
      ...[entry.healthcareFacilityTypeCode, entry.formatCode],
      ...entry.eventCodeList,
      ...entry.confidentialityCode,
    ]),
    ...submissionSets.map(({ contentTypeCode }) => contentTypeCode),
    ...folders.flatMap(({ codeList }) => codeList),
  ]
  return codes.filter(code => code !== undefined)
}
