// The data types of Document Sharing attributes: what a value must look like, in words. ITI TF-3 Table 4.2.3.1.7-2.
// Lengths of HL7 types are not enforced; that every rim:Value has at most 256 characters is checked with the carrier.
import { canonicalId, isSymbolic, isUuid } from './entry-uuid.js'
import { components, isHl7Text, isPlainText, subcomponents } from './hl7.js'

export interface DataType {
  name: string
  /** Undefined when the value is one of this type; else what was expected, in words. */
  check(value: string): string | undefined
  /** The form in which a value is kept, where several forms mean the same. */
  canonical?(value: string): string
}

/** ISO object identifier, at most 64 characters. [ITI TF-3: Table 4.2.3.1.7-2] */
export const oid = dataType('OID', 'an OID such as 2.999.4.17, at most 64 characters', isOid)

/** [ITI TF-3: Table 4.2.3.1.7-2] */
export const oidUrn = dataType(
  'OID URN',
  'urn:oid: and an OID',
  value => value.startsWith('urn:oid:') && isOid(value.slice(8)),
)

/** An entryUUID, or the symbol that stands for one inside of a submission. [ITI TF-3:4.2.3.1.5] */
export const uuid: DataType = {
  ...dataType(
    'UUID',
    'urn:uuid: and a UUID, or a symbolic id',
    value => isUuid(value) || (value !== '' && isSymbolic(value)),
  ),
  canonical: canonicalId,
}

/** Patient id with its assigning authority. [ITI TF-3: Table 4.2.3.1.7-2] */
export const cx = dataType('CX', 'an id with its assigning authority, as id^^^&OID&ISO', value => {
  const [id = '', second, third, authority = '', ...more] = value.split('^')
  return isPlainText(id) && second === '' && third === '' && isUniversalId(authority) && isEmpty(more)
})

/** An identifier with its type. [ITI TF-3: Table 4.2.3.1.7-2, 4.2.3.2.28] */
export const cxi = dataType('CXi', 'an identifier with its type, as id^^^&OID&ISO^type', value => {
  const [id = '', second, third, authority = '', type = '', ...more] = value.split('^')
  const [namespaceId = '', universalId, universalIdType, ...rest] = authority.split('&')
  const known =
    authority === '' ||
    (universalId === undefined && isPlainText(namespaceId)) ||
    (namespaceId === '' && isPlainText(universalId ?? '') && isPlainText(universalIdType ?? '') && rest.length === 0)
  return isPlainText(id) && second === '' && third === '' && known && isPlainText(type) && isEmpty(more)
})

/** A person by an id or any name, or a machine in the place of the last name. Names are taken as they come. [ITI TF-3: Table 4.2.3.1.7-2] */
export const xcn = dataType('XCN', 'a person with an id or a name, as id^last name^given name^^^^^^&OID&ISO', value => {
  const parts = components(value)
  const authority = parts[8] ?? ''
  const named = !isEmpty(parts.slice(0, 4))
  return named && isHl7Text(value) && parts.length <= 23 && (authority === '' || isUniversalId(authority))
})

/** An organisation; the id may be missing where the authority is given. [ITI TF-3: Table 4.2.3.1.7-2] */
export const xon = dataType('XON', 'an organisation, as name, name^^^^^^^^^OID or name^^^^^&OID&ISO^^^^id', value => {
  const parts = components(value)
  const [name = '', , , , , authority = '', , , , id = ''] = parts
  const others = parts.filter((part, index) => part !== '' && ![0, 5, 9].includes(index))
  if (!isPlainText(name) || others.length > 0 || parts.length > 10) return false
  if (authority === '') return id === '' || isOid(id)
  return isUniversalId(authority) && (id === '' || isPlainText(id))
})

const electronic = /^\^(?:NET)?\^Internet\^[^|^&~\\\s@]+@[^|^&~\\\s@]+$/
/** A telephone number that nobody has taken apart, in component 12, as partners send it. */
const unformatted = /^\^(?!NET\^)[A-Z]{0,4}\^(?!Internet\^)[A-Z]{2,8}\^{9}[-+0-9() ./]+$/
const telephone = /^\^(?!NET\^)[A-Z]{0,4}\^(?!Internet\^)[A-Z]{2,8}\^\^[0-9]*\^[0-9]*\^[-+0-9() ./]+(?:\^[0-9]+)?$/

/** A telephone number or a mail address. [ITI TF-3: Table 4.2.3.1.7-2] */
export const xtn = dataType(
  'XTN',
  'a mail address as ^^Internet^name@host or a telephone as ^use^type^^country^area^number',
  value => [electronic, telephone, unformatted].some(form => form.test(components(value).join('^'))),
)

const dtmForm = /^(\d{4})(?:(\d\d)(?:(\d\d)(?:([01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d)?)?)?)?)?$/

/** A date or time in UTC, as precise as it is long; days that the calendar does not have are refused. [ITI TF-3: Table 4.2.3.1.7-2] */
export const dtm = dataType('DTM', 'a date and time in UTC as YYYY[MM[DD[hh[mm[ss]]]]]', value => {
  const [form, year, month = '01', day = '01'] = dtmForm.exec(value) ?? []
  return form !== undefined && isDay(Number(year), Number(month), Number(day))
})

/** A DTM with seconds. [ITI TF-3:4.2.3.4.6] */
export const dtmWithSeconds = dataType(
  'DTM',
  'a date and time in UTC with seconds, as YYYYMMDDhhmmss',
  value => value.length === 14 && dtm.check(value) === undefined,
)

const pidFields = /^PID-(?:1|3|[5-9]|1[01]|1[3-8]|2[0-9]|3[0-9])\|([^|]+)$/

/** A field of the PID segment; PID-2, 4, 12 and 19 are not to be sent. [ITI TF-3:4.2.3.2.23] */
export const field = dataType(
  'Field',
  'a field of the PID segment other than PID-2, 4, 12, 19, as PID-5|Tanner^Mia',
  value => {
    const content = pidFields.exec(value)?.[1] ?? '|'
    return content.split('~').every(isHl7Text)
  },
)

/** Opaque to everybody but the creator of the document; only what could not be written back is refused. [ITI TF-3:4.2.3.2.26] */
export const identifier = dataType(
  'Identifier',
  'an identifier of 1 to 256 characters, no control characters among them',
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
  value => value !== '' && lengthOf(value) <= 256 && !/[\u0000-\u001f\u007f]/.test(value),
)

/** [ITI TF-3:4.2.3.2.27] */
export const uri = dataType('URI', 'a URI of 1 to 256 characters without blanks', value =>
  /^(?=.{1,256}$)(?:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/.test(value),
)

/** SHA-1 in hex; case has no meaning. [ITI TF-3:4.2.3.2.10] */
export const sha1 = dataType('SHA1', 'a SHA-1 hash of 40 hex digits', value => /^[0-9a-fA-F]{40}$/.test(value))

/** Decimal digits; leading zeros are read. [ITI TF-3: Table 4.2.3.1.7-2] */
export const integer = dataType('Integer', 'a number of up to 18 decimal digits', value => /^[0-9]{1,18}$/.test(value))

/** [ITI TF-3:4.2.3.2.13] */
export const language = dataType('Language', 'a language tag such as de-CH', value =>
  /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/.test(value),
)

/** Media type without parameters. [ITI TF-3: Table 4.2.3.1.7-2] */
export const mimeType = dataType('MIMEType', 'a media type without parameters, such as application/pdf', value =>
  /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$/.test(value),
)

/** [ITI TF-3: Table 4.2.3.1.7-2] */
export const string: DataType = { name: 'String', check: () => undefined }

/** Text that people read; control characters other than white space are kept out. [ITI TF-3: Table 4.2.3.1.7-2] */
export const utf8String = dataType('UTF8string', 'a text without control characters', value =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
  /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]+$/.test(value),
)

/** Organisation, person, telecommunication address; one of the three at the least. [ITI TF-3:4.2.3.3.7] */
export const recipient = dataType(
  'Recipient',
  'a recipient as XON|XCN|XTN with one of the three at the least',
  value => {
    const parts = value.split('|')
    const types = [xon, xcn, xtn]
    const sound = parts.every((part, index) => part === '' || types[index]?.check(part) === undefined)
    return parts.length <= 3 && parts.some(part => part !== '') && sound
  },
)

/** One of the values that the framework assigns. [ITI TF-3: Table 4.2.3.1.7-2] */
export function oneOf(name: string, values: readonly string[]): DataType {
  return dataType(name, `one of ${values.join(', ')}`, value => values.includes(value))
}

/** Characters as people count them, not octets and not UTF-16 units. [ITI TF-3:4.2.3.1.1] */
export function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}

/** Integers and periods; a first arc beyond 2 breaks ISO's rule, not this table's. [ITI TF-3: Table 4.2.3.1.7-2] */
export function isOid(value: string): boolean {
  return value.length <= 64 && /^(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+$/.test(value)
}

function dataType(name: string, expected: string, accepts: (value: string) => boolean): DataType {
  return { name, check: value => (accepts(value) ? undefined : expected) }
}

function isUniversalId(component: string): boolean {
  const [namespaceId, universalId = '', type, ...more] = subcomponents(component)
  return namespaceId === '' && isOid(universalId) && type === 'ISO' && more.length === 0
}

function isEmpty(parts: string[]): boolean {
  return parts.every(part => part === '')
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(2000, month - 1, day))
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
