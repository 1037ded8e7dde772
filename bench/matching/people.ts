// People from a seed, household by household: couples and their children at one address, twins, names taken at marriage, fathers and sons of
// one name, flats one above the other, and now and then two strangers of one name and birthday.
import { similarity } from '../../patient-index/matching/similarity.js'
import { folded } from '../../patient-index/matching/spelling.js'
import type { Chance } from '../../simulation/chance.js'
import type { Habits } from './habits.js'
import { families, givens, type Language } from './names.js'
import { streetsOf, type Town, townsOf } from './places.js'

export interface Home extends Town {
  line: string
}

export interface Someone {
  /** Nobody else has it. */
  number: number
  /** Those who live together have it in common. */
  household: number
  language: Language
  gender: 'F' | 'M'
  family: string
  /** Where it is another. */
  familyAtBirth: string | undefined
  given: string[]
  /** YYYYMMDD. */
  born: string
  home: Home
  /** Nine digits; that of the household, or their own. */
  telephone: string | undefined
  mail: string | undefined
}

type Unnumbered = Omit<Someone, 'number' | 'household'>

/** Without end. */
export function* people(chance: Chance, habits: Habits): Generator<Someone> {
  const nameOf = familyNames()
  const townOf = towns()
  let [number, households] = [0, 0]
  let stranger: Unnumbered | undefined
  for (;;) {
    households += 1
    for (const someone of household()) {
      number += 1
      // Somebody else has this name and birthday, elsewhere: three in ten thousand, as in a whole nation.
      const isLike = stranger !== undefined && stranger.gender === someone.gender && chance.percent(habits.likeStranger)
      const told = isLike && stranger !== undefined ? likeness(someone, stranger) : someone
      if (chance.percent(1)) stranger = told
      yield { ...told, number, household: households }
    }
  }

  function household(): Unnumbered[] {
    const language = among(chance, habits.languages)
    const home = homeOf(language)
    const line = chance.percent(60) ? telephone() : undefined
    const size = chance.whole(1, 100)
    const generation = among(chance, { old: 25, middle: 45, young: 30 })
    const year = { old: chance.whole(1925, 1959), middle: chance.whole(1960, 1985), young: chance.whole(1986, 2003) }[
      generation
    ]
    const first = adult(chance.percent(50) ? 'F' : 'M', year)
    if (size <= 38) return [first]
    const second = adult(first.gender === 'F' ? 'M' : 'F', year + chance.whole(-6, 6))
    const [wife, husband] = first.gender === 'F' ? [first, second] : [second, first]
    marry(wife, husband)
    const children = size <= 68 ? 0 : among(chance, { 1: 40, 2: 43, 3: 14, 4: 3 })
    return [first, second, ...childrenOf(Number(children))]

    function adult(gender: 'F' | 'M', born: number): Unnumbered {
      return person(gender, born, nameOf(chance, chance.percent(88) ? language : anyLanguage()))
    }

    function person(gender: 'F' | 'M', year: number, family: string): Unnumbered {
      const isUnknown = language === 'foreign' && chance.percent(6)
      const given = givenNames(gender, year)
      return {
        ...{ language, gender, family, familyAtBirth: undefined, given, home },
        born: isUnknown ? `${year}0101` : dayIn(year),
        telephone: chance.percent(35) ? telephone('7') : line,
        mail: chance.percent(25) ? `${given[0]?.toLowerCase()}.${family.toLowerCase()}@example.org` : undefined,
      }
    }

    function givenNames(gender: 'F' | 'M', year: number): string[] {
      const generations = givens[language][gender]
      const list = generations[year < 1960 ? 0 : year < 1990 ? 1 : 2]
      const one = ranked(list, 6, 0.9)
      const called = one(chance)
      return chance.percent(28) ? [called, one(chance)].filter((name, at, all) => all.indexOf(name) === at) : [called]
    }

    function callAlike(child: Unnumbered, { given: [twin = ''] }: Unnumbered): void {
      const names = givens[language][child.gender][2].filter(name => name !== twin)
      const alike = (name: string) => similarity(folded(name), folded(twin))
      const [nearest] = [...names].sort((one, other) => alike(other) - alike(one))
      if (nearest !== undefined) child.given = [nearest]
    }

    function childrenOf(count: number): Unnumbered[] {
      const family = chance.percent(90) ? husband.family : wife.family
      const mothers = Number(wife.born.slice(0, 4))
      const children: Unnumbered[] = []
      let born = Math.min(2024, mothers + chance.whole(20, 34))
      while (children.length < count) {
        const child = person(chance.percent(50) ? 'F' : 'M', born, family)
        const before = children.at(-1)
        const isTwin = before !== undefined && chance.percent(habits.twins)
        if (isTwin) child.born = before.born
        if (isTwin && habits.twinsAlike > 0 && chance.percent(habits.twinsAlike)) callAlike(child, before)
        if (child.gender === 'M' && chance.percent(habits.calledAsFather)) child.given = [...husband.given]
        // Nobody calls two children of one family by one name.
        if (!children.some(({ given }) => given[0] === child.given[0])) children.push(child)
        born = Math.min(2025, born + chance.whole(1, 4))
      }
      return children
    }
  }

  function homeOf(language: Language): Home {
    const spoken = language === 'foreign' ? among(chance, { german: 65, french: 28, italian: 7 }) : language
    const town = townOf[spoken](chance)
    const street = ranked(streetsOf[spoken], 10, 0.5)(chance)
    const house = `${1 + Math.floor(110 * chance.fraction() ** 2)}${chance.percent(12) ? chance.pick(['a', 'b', 'c']) : ''}`
    return { ...town, line: `${street} ${house}` }
  }

  function anyLanguage(): Language {
    return chance.pick(['german', 'french', 'italian', 'foreign'])
  }

  function telephone(first = chance.pick(['2', '3', '4', '5', '6', '8', '9'])): string {
    return first + String(chance.whole(0, 99_999_999)).padStart(8, '0')
  }

  function dayIn(year: number): string {
    const day = new Date(Date.UTC(year, 0, 1 + chance.whole(0, 364)))
    return day.toISOString().slice(0, 10).replaceAll('-', '')
  }

  /** Most women took their husbands' names, and many still do. */
  function marry(wife: Unnumbered, husband: Unnumbered): void {
    const own = wife.family
    const way = among(
      chance,
      Number(wife.born.slice(0, 4)) < 1965 ? { his: 72, both: 20, own: 8 } : { his: 48, both: 12, own: 40 },
    )
    if (way === 'own' || own === husband.family) return
    wife.familyAtBirth = own
    wife.family = way === 'his' ? husband.family : `${husband.family}-${own}`
  }
}

function likeness(someone: Unnumbered, { family, given, born }: Unnumbered): Unnumbered {
  return { ...someone, family, given, born, familyAtBirth: undefined }
}

function familyNames(): (chance: Chance, language: Language) => string {
  const picks = { german: pick('german'), french: pick('french'), italian: pick('italian'), foreign: pick('foreign') }
  return (chance, language) => picks[language](chance)

  function pick(language: Language) {
    return ranked(families[language], 20, 0.85)
  }
}

function towns() {
  const pick = (language: 'german' | 'french' | 'italian') => ranked(townsOf[language], 15, 0.6)
  return { german: pick('german'), french: pick('french'), italian: pick('italian') }
}

const pickers = new Map<readonly unknown[], (chance: Chance) => unknown>()

/** Each so often as its place in the list says: the share falls with a power of the rank. */
function ranked<Item>(items: readonly Item[], offset: number, power: number): (chance: Chance) => Item {
  const known = pickers.get(items) as ((chance: Chance) => Item) | undefined
  if (known !== undefined) return known
  const upTo: number[] = []
  let sum = 0
  for (let rank = 0; rank < items.length; rank += 1) {
    sum += (rank + offset) ** -power
    upTo.push(sum)
  }
  const picker = (chance: Chance): Item => {
    const wanted = chance.fraction() * sum
    let [low, high] = [0, items.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((upTo[middle] as number) < wanted) low = middle + 1
      else high = middle
    }
    return items[low] as Item
  }
  pickers.set(items, picker)
  return picker
}

/** One of the names, so often of a hundred. */
export function among<Name extends string | number>(chance: Chance, shares: Readonly<Record<Name, number>>): Name {
  let left = chance.fraction() * 100
  const names = Object.keys(shares) as Name[]
  for (const name of names) {
    left -= shares[name]
    if (left < 0) return name
  }
  return names.at(-1) as Name
}
