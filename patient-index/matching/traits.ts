// What is compared of a person, worked out once: names in parts, the birthday, places, ways to reach them.
import type { Person } from '../../transactions/person.js'
import { folded, formsOf, partsOf } from './spelling.js'

/** All text folded: no case, no accents. What is not told is empty, an empty list, or undefined. */
export interface Traits {
  /** Parts of all family names, that in use first; beside them whole names that have several. */
  family: string[]
  /** The first is that by which people are called. */
  given: string[]
  gender: Person['gender']
  /** YYYYMMDD, or less where less is known; empty when nothing is. */
  born: string
  postalCode: string
  city: string
  /** Street with its number. */
  street: string
  /** Digits of telephones without the country's, and mail addresses. */
  reached: string[]
}

/** Of all names the parts, of addresses the first alone; what is not told is empty. */
export function traitsOf({ names, gender, birthTime = '', addresses, telecoms }: Person): Traits {
  const [address] = addresses
  return {
    family: formsOfAll(names.map(({ family }) => family)),
    given: formsOfAll(names.flatMap(({ given }) => given)),
    gender: gender === 'UN' ? undefined : gender,
    born: birthTime.slice(0, 8),
    postalCode: folded(address?.postalCode ?? '').replace(/^(?:ch|f|fr|d|a|i)-/, ''),
    city: partsOf(address?.city ?? '').join(' '),
    street: streetOf(address?.lines[0] ?? ''),
    reached: [...new Set(telecoms.map(reachedAt).filter(Boolean))],
  }
}

/** Nobody has more; each is compared with each of somebody else's. */
const mostForms = 32

function formsOfAll(names: readonly string[]): string[] {
  const forms = new Set<string>()
  for (const name of names) {
    if (forms.size >= mostForms) break
    for (const form of formsOf(name)) forms.add(form)
  }
  return [...forms].slice(0, mostForms)
}

/** As they are kept beside a record, so that whoever compares it need not work them out again. */
export function packedTraits({ family, given, gender, born, postalCode, city, street, reached }: Traits): string {
  return JSON.stringify([family, given, gender ?? '', born, postalCode, city, street, reached])
}

/** As packedTraits has written them. */
export function unpackedTraits(packed: string): Traits {
  const [family, given, gender, born, postalCode, city, street, reached] = JSON.parse(packed) as PackedTraits
  return { family, given, gender: gender === '' ? undefined : gender, born, postalCode, city, street, reached }
}

type PackedTraits = [string[], string[], 'M' | 'F' | '', string, string, string, string, string[]]

/** Street, Strasse, Str. and rue are what people abbreviate. */
function streetOf(line: string): string {
  return folded(line)
    .replace(/strasse|str\b\.?/g, 'str')
    .replace(/\b(?:avenue|av)\b\.?/g, 'av')
    .replace(/\b(?:boulevard|bd|bvd)\b\.?/g, 'bd')
    .replace(/\b(?:chemin|ch)\b\.?/g, 'ch')
    .replace(/[^\p{L}\p{N}]/gu, '')
}

function reachedAt(telecom: string): string {
  const [, scheme = '', rest = ''] = /^(?:([a-z]+):)?(.*)$/i.exec(telecom.trim()) ?? []
  if (/^mailto$/i.test(scheme) || rest.includes('@')) return rest.toLowerCase()
  const digits = rest.replace(/\D/g, '').replace(/^0+/, '')
  // Nine digits are a number within Switzerland or France, without zero and country.
  return digits.length >= 9 ? digits.slice(-9) : ''
}
