// Under which keys a record is filed, so that those that may be of the same person are looked at and all others are not.
import { calledBy } from './familiar-names.js'
import { soundOf } from './spelling.js'
import type { Traits } from './traits.js'

/**
 * The most telling first. A pair that shares none of them is not compared: each slip that we forgive, and most pairs of slips,
 * leave one of them as it was. All but the last kind hold a handful of records, however many there are in all. docs/decisions/0344
 */
export function keysOf(traits: Traits): string[] {
  const { born, reached } = traits
  // Alike by whichever name, for somebody may have exchanged them.
  const families = soundsOf(traits.family)
  const givens = soundsOf(traits.given)
  const names = [...givens, ...families]
  const address = addressOf(traits)
  const day = born.length === 8 ? born : undefined
  const keys = [
    ...reached.map(each => `at:${each}`),
    ...(address === undefined || day === undefined ? [] : [`ab:${address}:${day}`]),
    ...(day === undefined ? [] : names.map(name => `nb:${name}:${day}`)),
    ...(address === undefined ? [] : names.map(name => `na:${name}:${address}`)),
    ...families.flatMap(family => givens.map(given => namesKey(family, given))),
  ]
  return [...new Set(keys)].slice(0, mostKeys)
}

const mostKeys = 32
const mostNames = 4

/** Whether a key holds all who have these names, whenever they were born: of frequent names that are many. */
export const isOfNames = (key: string): boolean => key.startsWith('fg:')

function namesKey(family: string, given: string): string {
  return family < given ? `fg:${family}:${given}` : `fg:${given}:${family}`
}

function soundsOf(names: readonly string[]): string[] {
  return [...new Set(names.slice(0, mostNames).map(name => soundOf(calledBy(name))))]
}

function addressOf({ postalCode, city, street }: Traits): string | undefined {
  const town = postalCode === '' ? city : postalCode
  return town === '' || street === '' ? undefined : `${town}:${street}`
}
