// QPD-3 of a demographics query: `@PID.5.1.1^SMITH~@PID.8^F` as what is known of whoever is looked for. ITI TF-2 §3.21.4.1.2.3.
import type { Hl7Error } from '../../hl7v2/errors.js'
import { type Hl7Identifier, identifierIn, isSaid } from '../../hl7v2/fields.js'
import type { Hl7Header } from '../../hl7v2/message.js'
import type { Wanted } from '../hl7v3/demographics-query-codec.js'
import { timeOf } from '../hl7v3/person-codec.js'
import { genderNamed, telecomUrl, textIn } from './person-segment.js'

/** What of a person a parameter tells; parts of one thing make one thing. */
type Thing = 'id' | 'name' | 'address' | 'telecom' | 'born' | 'gender' | 'maiden' | 'account'

/** By what a parameter names; `whole` is a field in its own separators. [ITI TF-2: Table 3.21-3, Table 3.21-4] */
const parts: Readonly<Record<string, readonly [Thing, part: string]>> = {
  '3': ['id', 'whole'],
  '3.1': ['id', 'id'],
  '3.4': ['id', 'authority'],
  '3.4.1': ['id', 'namespaceId'],
  '3.4.2': ['id', 'universalId'],
  '3.4.3': ['id', 'universalIdType'],
  '5': ['name', 'family'],
  '5.1': ['name', 'family'],
  '5.1.1': ['name', 'family'],
  '5.2': ['name', 'given'],
  '5.3': ['name', 'further'],
  '6': ['maiden', 'family'],
  '6.1': ['maiden', 'family'],
  '6.1.1': ['maiden', 'family'],
  '7': ['born', 'time'],
  '7.1': ['born', 'time'],
  '8': ['gender', 'code'],
  '11': ['address', 'line'],
  '11.1': ['address', 'line'],
  '11.1.1': ['address', 'line'],
  '11.3': ['address', 'city'],
  '11.4': ['address', 'state'],
  '11.5': ['address', 'postalCode'],
  '11.6': ['address', 'country'],
  '13': ['telecom', 'number'],
  '13.1': ['telecom', 'number'],
  '13.4': ['telecom', 'mail'],
  '18': ['account', 'id'],
  '18.1': ['account', 'id'],
  '18.4': ['account', 'authority'],
  '18.4.1': ['account', 'namespaceId'],
  '18.4.2': ['account', 'universalId'],
  '18.4.3': ['account', 'universalIdType'],
}

export interface WantedV2 extends Omit<Wanted, 'patientIds'> {
  identifiers: { identifier: Hl7Identifier; repetition: number }[]
  /** An account number is asked for, of which nothing is kept: nobody has it. */
  hasAccount: boolean
}

const mostParameters = 100
const clause = 'ITI TF-2:3.21.4.1.2.3'

/**
 * `field` is QPD-3 as sent. Every parameter at fault has its error, with its place; what was understood beside them is in `wanted`, and nothing may be
 * searched by it while there are errors. [ITI TF-2:3.21.4.1.2.3]
 */
export function wantedIn(field: string, header: Hl7Header): { wanted: WantedV2; errors: Hl7Error[] } {
  const repetitions = isSaid(field) ? field.split(header.delimiters.repetition, mostParameters + 1) : []
  if (repetitions.length > mostParameters) {
    const text = `there may be ${mostParameters} parameters, found more`
    return { wanted: wantedOf([], header), errors: [{ condition: '104', at: 'QPD-3', text, clause }] }
  }
  const read = repetitions.map((text, index) => parameterIn(text, index + 1, header))
  const parameters = read.flatMap(each => each.parameter ?? [])
  const wanted = wantedOf(parameters, header)
  const errors = [...read.flatMap(({ error }) => error ?? []), ...faultsOf(wanted, parameters)]
  return { wanted, errors }
}

interface Parameter {
  thing: Thing
  part: string
  /** Plain text; of an authority and of a whole field as it was sent. */
  text: string
  repetition: number
}

function parameterIn(sent: string, repetition: number, header: Hl7Header): { parameter?: Parameter; error?: Hl7Error } {
  const { component } = header.delimiters
  const end = sent.indexOf(component)
  const name = (end < 0 ? sent : sent.slice(0, end)).trim()
  const value = end < 0 ? '' : sent.slice(end + 1)
  const fault = (condition: Hl7Error['condition'], text: string) => ({
    error: { condition, at: 'QPD-3', repetition, text, clause } as const,
  })
  if (sent.trim() === '') return {}
  const [, segment = '', path = ''] = /^@?([A-Z][A-Z0-9]{2})\.(\d+(?:\.\d+){0,2})$/i.exec(name) ?? []
  if (path === '') return fault('102', `expected @PID.FIELD.COMPONENT, found ${name.slice(0, 40) || 'nothing'}`)
  const known = segment.toUpperCase() === 'PID' && Object.hasOwn(parts, path) ? parts[path] : undefined
  if (known === undefined) return fault('103', `nobody is looked for by ${segment.toUpperCase()}.${path} here`)
  const [thing, part] = known
  const isRaw = part === 'authority' || part === 'whole'
  const text = isRaw ? value : textIn(value, header)
  // What is not valued asks for nothing.
  return text === '' || !isSaid(value) ? {} : { parameter: { thing, part, text, repetition } }
}

type Told = Map<string, Parameter>

/** A part that has been told already begins the next thing of its kind. */
function thingsOf(thing: Thing, parameters: readonly Parameter[]): Told[] {
  const things: Told[] = []
  for (const parameter of parameters.filter(each => each.thing === thing)) {
    const last = things.at(-1)
    if (last === undefined || last.has(parameter.part)) things.push(new Map([[parameter.part, parameter]]))
    else last.set(parameter.part, parameter)
  }
  return things
}

function wantedOf(parameters: readonly Parameter[], header: Hl7Header): WantedV2 {
  const things = (thing: Thing) => thingsOf(thing, parameters)
  const [born] = things('born').map(told => timeOf(textOf(told, 'time')))
  const [gender] = things('gender').map(told => genderNamed(textOf(told, 'code')))
  const [maiden] = things('maiden').map(told => textOf(told, 'family'))
  return {
    names: things('name').map(told => ({
      kind: 'current',
      family: textOf(told, 'family'),
      given: [textOf(told, 'given'), ...textOf(told, 'further').split(' ')].filter(Boolean),
    })),
    ...(gender === undefined ? {} : { gender }),
    ...(born === undefined ? {} : { born: { from: born, to: born } }),
    addresses: things('address').map(addressOf),
    telecoms: things('telecom').flatMap(told => [...told.values()].map(({ text }) => telecomUrl(text))),
    ...(maiden === undefined ? {} : { mothersMaidenName: maiden }),
    identifiers: things('id').map(told => identifierOf(told, header)),
    hasAccount: things('account').length > 0,
  }
}

function addressOf(told: Told): Wanted['addresses'][number] {
  const line = textOf(told, 'line')
  const said = ['city', 'state', 'postalCode', 'country'].flatMap(part =>
    told.has(part) ? [[part, textOf(told, part)] as const] : [],
  )
  return { lines: line === '' ? [] : [line], ...Object.fromEntries(said) }
}

function identifierOf(told: Told, { delimiters, characterSet }: Hl7Header): WantedV2['identifiers'][number] {
  const repetition = [...told.values()][0]?.repetition ?? 1
  const whole = told.get('whole')?.text
  const authority = told.get('authority')?.text ?? ''
  const { component } = delimiters
  const read = identifierIn(whole ?? `${component.repeat(3)}${authority}`, delimiters, characterSet)
  const part = (name: 'id' | 'namespaceId' | 'universalId' | 'universalIdType') => textOf(told, name) || read[name]
  const identifier = {
    id: part('id'),
    namespaceId: part('namespaceId'),
    universalId: part('universalId'),
    universalIdType: part('universalIdType'),
  }
  // Who sends an OID alone means one.
  const isOid = identifier.universalIdType === '' && /^[0-2](?:\.\d+)+$/.test(identifier.universalId)
  return { identifier: isOid ? { ...identifier, universalIdType: 'ISO' } : identifier, repetition }
}

function textOf(told: Told, part: string): string {
  return told.get(part)?.text ?? ''
}

function faultsOf({ identifiers, born }: WantedV2, parameters: readonly Parameter[]): Hl7Error[] {
  const fault = (condition: Hl7Error['condition'], repetition: number, text: string, from = clause): Hl7Error => ({
    ...{ condition, at: 'QPD-3', repetition, text, clause: from },
  })
  const time = parameters.find(({ thing }) => thing === 'born')
  return [
    ...identifiers.flatMap(({ identifier: { namespaceId, universalId }, repetition }) =>
      namespaceId === '' && universalId === ''
        ? [fault('101', repetition, 'an id takes its assigning authority, @PID.3.4, beside @PID.3.1')]
        : [],
    ),
    ...(time !== undefined && born === undefined
      ? [fault('102', time.repetition, `expected a time as YYYYMMDD, found ${time.text.slice(0, 40)}`)]
      : []),
  ]
}
