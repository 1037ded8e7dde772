// How sure it is that two records are of one person, and why: a weight for each trait, added up as Fellegi and Sunter have it.
// A weight is the logarithm to base 2 of how much more often the finding occurs between records of one person than between others.
import { calledBy } from './familiar-names.js'
import { frequentFamilies, frequentGivens } from './frequent-names.js'
import { isOneSlip, similarity } from './similarity.js'
import { soundOf } from './spelling.js'
import type { Traits } from './traits.js'

export interface ScorePart {
  trait: 'family' | 'given' | 'born' | 'gender' | 'address' | 'reached'
  /** In one word, as `same`, `similar`, `different`. */
  finding: string
  weight: number
}

export interface Score {
  weight: number
  /** Traits that both records tell. */
  parts: ScorePart[]
}

/** What they mean is measured on a population with known duplicates: docs/PATIENT-INDEX.md, docs/decisions/0344. */
export const weights = {
  family: {
    ...{ same: 11, 'same, a frequent name': 8, 'one of several': 8, exchanged: 6 },
    ...{ similar: 5, 'sounds alike': 3, different: -5 },
  },
  given: {
    ...{ same: 8, 'same, a frequent name': 6, 'another one': 5, exchanged: 5 },
    ...{ 'familiar form': 4, similar: 4, initial: 1, different: -5 },
  },
  born: {
    ...{ same: 13, 'same, a first of January': 9, 'day and month changed': 8, 'one slip': 7 },
    ...{ 'same year': 0, 'same as far as known': 5, different: -8 },
  },
  gender: { same: 1, different: -5 },
  address: { same: 11, 'same street': 6, 'same town': 4, different: -2 },
  reached: { same: 9, different: 0 },
} as const satisfies Record<ScorePart['trait'], Record<string, number>>

/** From here on two records are one person's without anybody asked. */
export const sureWeight = 29
/** From here on somebody is asked. */
export const doubtfulWeight = 20

/** Twins share everything but the given name: nobody is taken for another against what tells them apart. */
const tellsApart: ReadonlySet<ScorePart['trait']> = new Set(['given', 'born', 'gender'])
/** One slip is forgiven; whoever lives together has names and birthdays that two would make the same. */
const slips: ReadonlySet<string> = new Set([
  ...['similar', 'sounds alike', 'initial', 'familiar form', 'day and month changed', 'one slip'],
])

export function isSure({ weight, parts }: Score): boolean {
  if (weight < sureWeight) return false
  if (parts.some(({ trait, finding }) => finding === 'different' && tellsApart.has(trait))) return false
  return parts.filter(({ finding }) => slips.has(finding)).length < 2
}

export function scoreOf(one: Traits, other: Traits): Score {
  const exchanged = areExchanged(one, other)
  const parts = [
    part('family', exchanged ? 'exchanged' : familyFinding(one.family, other.family)),
    part('given', exchanged ? 'exchanged' : givenFinding(one.given, other.given)),
    part('born', bornFinding(one.born, other.born)),
    part('gender', genderFinding(one, other)),
    part('address', addressFinding(one, other)),
    part('reached', reachedFinding(one.reached, other.reached)),
  ].filter(each => each !== undefined)
  return { weight: parts.reduce((sum, { weight }) => sum + weight, 0), parts }
}

function part<Trait extends ScorePart['trait']>(
  trait: Trait,
  finding: (keyof (typeof weights)[Trait] & string) | undefined,
): ScorePart | undefined {
  return finding === undefined ? undefined : { trait, finding, weight: weights[trait][finding] as number }
}

/** Each name stands where the other should, one of them perhaps mistyped. */
function areExchanged(one: Traits, other: Traits): boolean {
  if (crosses(one.family, other.family) || crosses(one.given, other.given)) return false
  const [there, back] = [crosses(one.family, other.given), crosses(one.given, other.family)]
  if (there && back) return true
  return (there && someAlike(one.given, other.family)) || (back && someAlike(one.family, other.given))
}

function crosses(names: readonly string[], others: readonly string[]): boolean {
  return names.some(name => others.includes(name))
}

function familyFinding(one: string[], other: string[]): keyof typeof weights.family | undefined {
  if (one.length === 0 || other.length === 0) return undefined
  if (one.length === other.length && one.every(part => other.includes(part))) {
    return one.every(part => frequentFamilies.has(part)) ? 'same, a frequent name' : 'same'
  }
  if (one.some(part => other.includes(part))) return 'one of several'
  if (someAlike(one, other)) return 'similar'
  return one.some(part => other.some(each => soundOf(part) === soundOf(each))) ? 'sounds alike' : 'different'
}

function givenFinding(one: string[], other: string[]): keyof typeof weights.given | undefined {
  const [first, another] = [one[0], other[0]]
  if (first === undefined || another === undefined) return undefined
  if (first === another) return frequentGivens.has(first) ? 'same, a frequent name' : 'same'
  if (one.some(part => other.includes(part))) return 'another one'
  if (calledBy(first) === calledBy(another)) return 'familiar form'
  if (someAlike([first], [another])) return 'similar'
  const isInitial = (initial: string, name: string) => initial.length === 1 && name.startsWith(initial)
  return isInitial(first, another) || isInitial(another, first) ? 'initial' : 'different'
}

function someAlike(one: string[], other: string[]): boolean {
  return one.some(part =>
    other.some(each => similarity(part, each) >= 0.92 || (part.length > 3 && isOneSlip(part, each))),
  )
}

export function bornFinding(one: string, other: string): keyof typeof weights.born | undefined {
  const known = Math.min(one.length, other.length)
  if (known === 0) return undefined
  // The day of those whose birthday nobody knew.
  if (one === other && known === 8) return one.endsWith('0101') ? 'same, a first of January' : 'same'
  if (known < 8) return one.slice(0, known) === other.slice(0, known) ? 'same as far as known' : 'different'
  const changed = other.slice(0, 4) + other.slice(6, 8) + other.slice(4, 6)
  if (one === changed) return 'day and month changed'
  if (isOneSlip(one, other)) return 'one slip'
  return one.slice(0, 4) === other.slice(0, 4) ? 'same year' : 'different'
}

function genderFinding({ gender }: Traits, other: Traits): keyof typeof weights.gender | undefined {
  if (gender === undefined || other.gender === undefined) return undefined
  return gender === other.gender ? 'same' : 'different'
}

function addressFinding(one: Traits, other: Traits): keyof typeof weights.address | undefined {
  const both = (trait: 'postalCode' | 'city' | 'street') => one[trait] !== '' && other[trait] !== ''
  if (!both('postalCode') && !both('city')) return undefined
  const town = (both('postalCode') && one.postalCode === other.postalCode) || (both('city') && one.city === other.city)
  const street = both('street') && (one.street === other.street || isOneSlip(one.street, other.street))
  if (town && street) return 'same'
  if (street) return 'same street'
  return town ? 'same town' : 'different'
}

function reachedFinding(one: string[], other: string[]): keyof typeof weights.reached | undefined {
  if (one.length === 0 || other.length === 0) return undefined
  return one.some(each => other.includes(each)) ? 'same' : 'different'
}
