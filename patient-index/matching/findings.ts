// What is found of a trait that two records tell: the same, or alike, or different, and in what way.
import { calledBy } from './familiar-names.js'
import { frequentFamilies, frequentGivens } from './frequent-names.js'
import { areTwoNames } from './given-names.js'
import { isOneSlip, similarity } from './similarity.js'
import { soundOf } from './spelling.js'
import type { Traits } from './traits.js'
import { toldFamilies, toldGivens } from './unknown-names.js'
import type { Finding } from './weights.js'

/** Both parts are `exchanged` where family and given names stand in one another's place. */
export function nameFindings(
  first: Traits,
  second: Traits,
): { family: Finding<'family'> | undefined; given: Finding<'given'> | undefined } {
  const [one, other] = [known(first), known(second)]
  if (areExchanged(one, other)) return { family: 'exchanged', given: 'exchanged' }
  return { family: familyFinding(one, other), given: givenFinding(one.given, other.given) }
}

function known(traits: Traits): Traits {
  const [family, given] = [toldFamilies(traits.family), toldGivens(traits.given)]
  return family === traits.family && given === traits.given ? traits : Object.assign({}, traits, { family, given })
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

const mostLikened = 8
const longestLikened = 40

/**
 * What is the same is found among all of them, what is alike among these: each is compared with each of the other's, letter by letter, and that
 * of hundreds of records.
 */
function likened(names: readonly string[]): readonly string[] {
  return names.slice(0, mostLikened).filter(({ length }) => length <= longestLikened)
}

function familyFinding(first: Traits, second: Traits): Finding<'family'> | undefined {
  const [one, other] = [first.family, second.family]
  if (one.length === 0 || other.length === 0) return undefined
  if (one.length === other.length && one.every(part => other.includes(part))) {
    return one.every(part => frequentFamilies.has(part)) ? 'same, a frequent name' : 'same'
  }
  if (crosses(one, other)) return 'one of several'
  const [ones, others] = [likened(one), likened(other)]
  if (ones.some(part => others.some(each => isRareSlip(part, each)))) return 'similar, a rare name'
  if (someAlike(ones, others)) return 'similar'
  if (crosses(ones.map(soundOf), others.map(soundOf))) return 'sounds alike'
  // Only one of the sources may have heard of it.
  return first.gender === 'F' && second.gender === 'F' ? 'different, as after a marriage' : 'different'
}

/** In a long name that few have, for most of what is like it is the same mistyped; Meier and Meyer are two names. */
function isRareSlip(one: string, other: string): boolean {
  if (Math.min(one.length, other.length) < longName) return false
  return !frequentFamilies.has(one) && !frequentFamilies.has(other) && isOneSlip(one, other)
}

const longName = 6

function givenFinding(one: string[], other: string[]): Finding<'given'> | undefined {
  const [first, another] = [one[0], other[0]]
  if (first === undefined || another === undefined) return undefined
  if (first === another) return sameGivenFinding(first, secondNames(one), secondNames(other))
  // By which the one is called: two sisters may both be Maria besides.
  if (one.includes(another) || other.includes(first)) return 'another one'
  if (calledBy(first) === calledBy(another)) return 'familiar form'
  if (someAlike([first], [another])) return areTwoNames(first, another) ? 'similar, each a name' : 'similar'
  const isInitial = (initial: string, name: string) => initial.length === 1 && name.startsWith(initial)
  return isInitial(first, another) || isInitial(another, first) ? 'initial' : 'different'
}

/** Jean-Pierre is not Jean-Paul, nor is Maria Anna Maria Luise; whoever tells one name alone says nothing of the others. */
function sameGivenFinding(first: string, one: string[], other: string[]): Finding<'given'> {
  if (one.length > 0 && other.length > 0) {
    const [ones, others] = [likened(one), likened(other)]
    const isShared = crosses(one, other) || ones.some(name => others.some(each => isNearly(name, each)))
    return isShared ? 'same, the second too' : 'same, another second name'
  }
  return frequentGivens.has(first) ? 'same, a frequent name' : 'same'
}

/** Without the whole of a name that has several parts. */
function secondNames([first = '', ...names]: string[]): string[] {
  return names.filter(name => !name.startsWith(first))
}

function isNearly(one: string, other: string): boolean {
  if (one === other || calledBy(one) === calledBy(other)) return true
  return one.startsWith(other) || other.startsWith(one) || someAlike([one], [other])
}

function someAlike(one: readonly string[], other: readonly string[]): boolean {
  const others = likened(other)
  return likened(one).some(part =>
    others.some(each => similarity(part, each) >= 0.92 || (part.length > 3 && isOneSlip(part, each))),
  )
}

/** Undefined where one of them is not said. First of January, whom nobody asked for their birthday, tells less than another same day. */
export function bornFinding(one: string, other: string): Finding<'born'> | undefined {
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

/** Undefined where one of them does not tell it. */
export function genderFinding({ gender }: Traits, other: Traits): Finding<'gender'> | undefined {
  if (gender === undefined || other.gender === undefined) return undefined
  return gender === other.gender ? 'same' : 'different'
}

/** Undefined unless both tell a town. */
export function addressFinding(one: Traits, other: Traits): Finding<'address'> | undefined {
  const both = (trait: 'postalCode' | 'city' | 'street') => one[trait] !== '' && other[trait] !== ''
  if (!both('postalCode') && !both('city')) return undefined
  const town = (both('postalCode') && one.postalCode === other.postalCode) || (both('city') && one.city === other.city)
  const street = both('street') && (one.street === other.street || isOneSlip(one.street, other.street))
  if (town && street) return 'same'
  if (street) return 'same street'
  return town ? 'same town' : 'different'
}

/** The same where one number or address is; undefined where one of them tells none. */
export function reachedFinding(one: string[], other: string[]): Finding<'reached'> | undefined {
  if (one.length === 0 || other.length === 0) return undefined
  return one.some(each => other.includes(each)) ? 'same' : 'different'
}
