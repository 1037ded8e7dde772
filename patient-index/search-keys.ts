// Under what a record is found by whole names and their beginnings, by its birthday and place; and which of these a question uses:
// the one that holds all who fit, and as few others as possible.
import type { Filed, FiledRecords } from './kept/filed-records.js'
import type { Traits } from './matching/traits.js'

/**
 * `f:` is a name of family, `n:` family and given, `c:` family and place, `g:` given, `at:` how somebody is reached, `b:` anybody with a whole
 * birthday. At most 32, so that a name of many parts costs no more.
 */
export function searchKeysOf({ family, given, born, postalCode, city, reached }: Traits): string[] {
  const [called] = given
  return [
    ...family.flatMap(part => [
      ...[`f:${part}`, called === undefined ? `n:${part}:` : `n:${part}:${called}`],
      ...[postalCode, city].filter(Boolean).map(place => `c:${part}:${place}`),
    ]),
    ...given.map(part => `g:${part}`),
    ...reached.map(each => `at:${each}`),
    ...(born.length === 8 ? ['b:'] : []),
  ].slice(0, mostKeys)
}

const mostKeys = 32

export interface Sought {
  /** Of whole names, one birthday, the rest; empty where it was not asked for. */
  traits: Traits
  familyBegins: string | undefined
  givenBegins: string | undefined
  /** Both included. */
  days: { from: string; to: string } | undefined
}

/** Gives all records that fit, at most so many. */
export type Look = (persons: Pick<FiledRecords, 'filedUnder' | 'filedBelow'>, most: number) => number[]

/** Undefined where all there are would have to be looked at. */
export function lookFor(sought: Sought): Look | undefined {
  return looks.map(look => look(sought)).find(look => look !== undefined)
}

/** Whether enough is said that one slip of it leaves something to go by. */
export function tellsEnough({ family, given, born }: Traits): boolean {
  return born.length === 8 || (family.length > 0 && given.length > 0)
}

type Kind = (sought: Sought) => Look | undefined

/** The most telling first. */
const looks: readonly Kind[] = [
  ({ traits }) => (traits.reached.length === 0 ? undefined : under(traits.reached.map(each => `at:${each}`))),
  ({ traits, days }) =>
    traits.family.length === 0 || days === undefined
      ? undefined
      : under(
          traits.family.map(part => `f:${part}`),
          days,
        ),
  ({ days }) => (days !== undefined && isShort(days) ? under(['b:'], days) : undefined),
  ({ traits, givenBegins }) => {
    const called = givenBegins ?? traits.given[0]
    return called === undefined || traits.family.length === 0
      ? undefined
      : below(traits.family.map(part => `n:${part}:${called}`))
  },
  ({ traits: { family, postalCode, city } }) => {
    const place = postalCode === '' ? city : postalCode
    return place === '' || family.length === 0 ? undefined : under(family.map(part => `c:${part}:${place}`))
  },
  ({ traits: { family } }) => (family.length === 0 ? undefined : below(family.map(part => `n:${part}:`))),
  ({ familyBegins = '' }) => (familyBegins === '' ? undefined : below([`n:${familyBegins}`])),
  ({ days }) => (days === undefined ? undefined : under(['b:'], days)),
  ({ traits }) => (traits.given.length === 0 ? undefined : under(traits.given.map(part => `g:${part}`))),
  ({ givenBegins = '' }) => (givenBegins === '' ? undefined : below([`g:${givenBegins}`])),
]

/** A month at most: few were born then. */
function isShort({ from, to }: { from: string; to: string }): boolean {
  return from.length === 8 && from.slice(0, 6) === to.slice(0, 6)
}

function under(keys: string[], days?: { from: string; to: string }): Look {
  return (persons, most) => gathered(keys, most, (key, left) => persons.filedUnder(key, left, days))
}

function below(starts: string[]): Look {
  return (persons, most) => gathered(starts, most, (start, left) => persons.filedBelow(start, left))
}

function gathered(keys: string[], most: number, of: (key: string, left: number) => Filed[]): number[] {
  const found = new Set<number>()
  for (const key of keys) {
    if (found.size < most) for (const { record } of of(key, most - found.size)) found.add(record)
  }
  return [...found]
}
