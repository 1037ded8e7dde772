// A person as a patient identity source tells of one: what people are found and told apart by. ITI TF-2 §3.44.4.1.2, §3.47.4.2.2.

export interface PersonName {
  /** What it is to its bearer: in use, the one given at birth, or another that is or was used. */
  kind: 'current' | 'birth' | 'other'
  family: string
  given: string[]
  prefix?: string
  suffix?: string
}

export interface Address {
  /** Street and number, or whatever stands above the town. */
  lines: string[]
  postalCode?: string
  city?: string
  state?: string
  country?: string
}

/** [HL7 v3: AdministrativeGender] */
export type AdministrativeGender = 'M' | 'F' | 'UN'

export interface Person {
  /** The one in use first. */
  names: PersonName[]
  gender?: AdministrativeGender
  /** Digits of a DTM: a year, a day, or a time. */
  birthTime?: string
  /** Of who has died. */
  deceasedInd?: true
  /** Of who has died, where it is known when; digits as of birthTime. */
  deceasedTime?: string
  addresses: Address[]
  /** URLs: `tel:+41791234567`, `mailto:maja@example.org`. */
  telecoms: string[]
}

/** Characters of one part of a name or an address. */
const mostCharacters = 200

/** As much of a part of a name or an address as anybody has; a character of two units is not halved. */
export function cutPart(text: string): string {
  return text.length <= mostCharacters ? text : text.slice(0, mostCharacters).replace(/\p{Surrogate}$/u, '')
}

/** Whether anything is told of somebody beside ids. */
export function isTold({ names, gender, birthTime, addresses, telecoms }: Person): boolean {
  return names.length + addresses.length + telecoms.length > 0 || gender !== undefined || birthTime !== undefined
}

/** A person of whom nothing is known: what feeds give for an id alone. */
export const nobody: Readonly<Person> = { names: [], addresses: [], telecoms: [] }
