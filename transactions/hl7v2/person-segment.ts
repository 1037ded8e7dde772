// A person in HL7 v2: what stands in a PID, read from any sender and written in one form. HL7 v2.5.1 §3.4.2, ITI TF-2 §3.8.4.1.2.3, §3.21.4.2.2.5.
import type { Delimiters } from '../../hl7v2/delimiters.js'
import { componentOf, isSaid, repetitionsOf, unescaped } from '../../hl7v2/fields.js'
import type { Hl7Header, Hl7Segment } from '../../hl7v2/message.js'
import { componentsOf } from '../../hl7v2/writing.js'
import { genderOf, timeOf } from '../hl7v3/person-codec.js'
import { type Address, type AdministrativeGender, cutPart, type Person, type PersonName } from '../person.js'

/** No person has more of anything; what a message repeats beyond is left out. */
const most = 20

type Texts = Pick<Hl7Header, 'delimiters' | 'characterSet'>

/** What cannot be read (a date, a code of sex, a phone number) is left out, and nothing is refused for it. Numbers of names and addresses are bounded. */
export function personInPid({ fields }: Pick<Hl7Segment, 'fields'>, header: Texts): Person {
  const said = (number: number) => repetitionsOf(fields[number] ?? '', header.delimiters).slice(0, most)
  const text = (number: number) => textIn(componentOf(fields[number] ?? '', 1, header.delimiters), header)
  const birthTime = timeOf(text(7))
  const deceasedTime = timeOf(text(29))
  const gender = genderNamed(text(8))
  const names = [...said(5).flatMap(xpn => nameIn(xpn, header)), ...said(9).flatMap(xpn => nameIn(xpn, header, 'A'))]
  return {
    names: names.slice(0, most).sort((one, other) => order[one.kind] - order[other.kind]),
    ...(gender === undefined ? {} : { gender }),
    ...(birthTime === undefined ? {} : { birthTime }),
    ...(deceasedTime === undefined && text(30).toUpperCase() !== 'Y' ? {} : { deceasedInd: true }),
    ...(deceasedTime === undefined ? {} : { deceasedTime }),
    addresses: said(11).flatMap(xad => addressIn(xad, header)),
    telecoms: [...said(13), ...said(14)].flatMap(xtn => telecomsIn(xtn, header)).slice(0, most),
  }
}

const order = { current: 0, birth: 1, other: 2 } as const

/** [HL7 table 0001] `U` says that it is not known. */
export function genderNamed(code: string): AdministrativeGender | undefined {
  const letter = code.toUpperCase()
  return letter === '' || letter === 'U' ? undefined : genderOf(letter)
}

/** [HL7 table 0200] */
const kinds: Readonly<Record<string, PersonName['kind']>> = {
  '': 'current',
  L: 'current',
  D: 'current',
  B: 'birth',
  M: 'birth',
}

/** XPN. [HL7 v2.5.1: 2.A.89] */
function nameIn(xpn: string, header: Texts, usual = ''): PersonName[] {
  const part = partsOf(xpn, header)
  const family = part(1, 1)
  const given = [part(2), ...part(3).split(' ')].filter(Boolean)
  const [suffix, prefix, type] = [part(4), part(5), part(7).toUpperCase() || usual]
  if (family === '' && given.length === 0) return []
  return [
    {
      ...{ kind: kinds[type] ?? 'other', family, given },
      ...(prefix === '' ? {} : { prefix }),
      ...(suffix === '' ? {} : { suffix }),
    },
  ]
}

/** XAD; a street may be divided into its name and number. [HL7 v2.5.1: 2.A.88] */
function addressIn(xad: string, header: Texts): Address[] {
  const part = partsOf(xad, header)
  const street = part(1, 1) || [part(1, 2), part(1, 3)].filter(Boolean).join(' ')
  const lines = [street, part(2)].filter(Boolean)
  const parts = { postalCode: part(5), city: part(3), state: part(4), country: part(6) }
  const said = Object.entries(parts).filter(([, text]) => text !== '')
  return lines.length + said.length === 0 ? [] : [{ lines, ...Object.fromEntries(said) }]
}

/** XTN; a number may be divided into those of country, area and line. [HL7 v2.5.1: 2.A.90] */
function telecomsIn(xtn: string, header: Texts): string[] {
  const part = partsOf(xtn, header)
  const divided = [part(5) === '' ? '' : `+${part(5).replace(/^\+|^00/, '')}`, part(6), part(7)].join('')
  return [telecomUrl(part(1) || part(12) || divided), telecomUrl(part(4))].filter(text => text !== '')
}

/** As HL7 v3 has it, so that one form is kept whoever sent it: `mailto:` with an @, `tel:` otherwise, a URL as it is, empty as empty. */
export function telecomUrl(text: string): string {
  if (text === '' || /^[a-z]+:/i.test(text)) return text
  return text.includes('@') ? `mailto:${text}` : `tel:${text.replace(/\s+/g, '')}`
}

function partsOf(field: string, header: Texts): (component: number, subcomponent?: number) => string {
  const { delimiters } = header
  return (component, subcomponent) => {
    const whole = componentOf(field, component, delimiters)
    const part = subcomponent === undefined ? whole : (whole.split(delimiters.subcomponent)[subcomponent - 1] ?? '')
    return textIn(part, header)
  }
}

/** As one line that any answer can carry, whatever stands in the message. */
export function textIn(part: string, { delimiters, characterSet }: Texts): string {
  if (!isSaid(part)) return ''
  return cutPart(unescaped(part, delimiters, characterSet).replace(unwritable, ' ').trim().replace(/\s+/g, ' '))
}

/** Control characters, and what XML cannot hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const unwritable = /[\u0000-\u001f\u007f\ufffe\uffff]|\p{Surrogate}/gu

/** Fields of a PID by their numbers, all but the ids. [ITI TF-2: Table 3.21-8] */
export function pidFieldsOf(person: Person, delimiters: Delimiters): Record<number, string> {
  const { names, gender, birthTime = '', deceasedInd, deceasedTime = '', addresses, telecoms } = person
  const repeated = (fields: string[]) => fields.join(delimiters.repetition)
  return {
    // A name is required; there may be none that is known.
    5: names.length === 0 ? componentsOf(['', '', '', '', '', '', 'U'], delimiters) : repeated(names.map(xpn)),
    7: birthTime,
    8: gender === undefined ? '' : letters[gender],
    11: repeated(addresses.map(xad)),
    13: repeated(telecoms.map(xtn)),
    29: deceasedTime,
    30: deceasedInd === undefined && deceasedTime === '' ? '' : 'Y',
  }

  function xpn({ kind, family, given: [first, ...more], suffix, prefix }: PersonName): string {
    return componentsOf([family, first, more.join(' '), suffix, prefix, '', types[kind]], delimiters)
  }

  function xad({ lines: [line, ...more], city, state, postalCode, country }: Address): string {
    return componentsOf([line, more.join(', '), city, state, postalCode, country], delimiters)
  }

  function xtn(url: string): string {
    if (/^mailto:/i.test(url)) return componentsOf(['', 'NET', 'Internet', url.slice('mailto:'.length)], delimiters)
    return componentsOf([url.replace(/^tel:/i, ''), 'PRN', 'PH'], delimiters)
  }
}

const types: Readonly<Record<PersonName['kind'], string>> = { current: 'L', birth: 'B', other: 'A' }
const letters: Readonly<Record<AdministrativeGender, string>> = { M: 'M', F: 'F', UN: 'O' }
