// Records of people as several hospitals have them: each source with its habits of writing, some people in more than one, in the order in
// which they happen to come; and of each record whose it is and what went wrong, which the index is not told.
import { type Chance, chanceOf } from '../../simulation/chance.js'
import type { Address, Person } from '../../transactions/person.js'
import type { Habits } from './habits.js'
import { among, type Home, people, type Someone } from './people.js'
import { type Slip, slipsOf } from './slips.js'

export interface SourceRecord {
  /** As CX. */
  patientId: string
  person: Person
  /** Whose it is. */
  truth: number
  /** Those who live together have it in common. */
  household: number
  /** Whether the same person had a record before. */
  isAnother: boolean
  /** What went wrong, in words. */
  slips: string[]
}

const sources = 8
/** As CX. */
const patientIdOf = (number: number): string => `${number}^^^&2.999.${1 + (number % sources)}&ISO`

/** So many records; the same for the same seed. */
export function* population(seed: string, records: number, habits: Habits): Generator<SourceRecord> {
  const chance = chanceOf(`matching/${seed}`)
  const from = people(chance.fork('people'), habits)
  const pot = slipsOf(habits.slipShares)
  /** Others of a person's records come later than the first. */
  const later: Omit<SourceRecord, 'patientId'>[] = []
  for (let number = 1; number <= records; number += 1) {
    const told = later.length > mostLater || (later.length > 0 && chance.percent(27.5)) ? oneOf(later) : somebody()
    yield { ...told, patientId: patientIdOf(number) }
  }

  function somebody(): Omit<SourceRecord, 'patientId'> {
    const { value: someone } = from.next() as IteratorYieldResult<Someone>
    const others = Number(among(chance, habits.others))
    const whose = { truth: someone.number, household: someone.household }
    for (let count = 0; count < others; count += 1) {
      later.push({ ...slipped(someone, { chance, habits, pot }), ...whose, isAnother: true })
    }
    return { person: written(someone, { chance, habits }), slips: [], ...whose, isAnother: false }
  }

  function oneOf<Item>(items: Item[]): Item {
    const at = chance.whole(0, items.length - 1)
    const [item, last] = [items[at] as Item, items.pop() as Item]
    if (at < items.length) items[at] = last
    return item
  }
}

const mostLater = 20_000

interface Writing {
  chance: Chance
  habits: Habits
}

/** As another source has it: perhaps years later, perhaps typed in a hurry. */
function slipped(
  someone: Someone,
  { chance, habits, pot }: Writing & { pot: readonly Slip[] },
): Pick<SourceRecord, 'person' | 'slips'> {
  const hasMoved = chance.percent(habits.moved)
  const moved = hasMoved ? { ...someone, home: elsewhere(someone.home, chance) } : someone
  const hasNewTelephone = hasMoved || chance.percent(habits.newTelephone)
  const person = written(hasNewTelephone ? { ...moved, telephone: undefined } : moved, { chance, habits })
  const happened = hasMoved ? ['moved'] : []
  if (person.addresses.length === 0) happened.push('address missing')
  const count = Number(among(chance, habits.slips))
  for (let left = count, tries = 0; left > 0 && tries < 40; tries += 1) {
    const slip = chance.pick(pot)
    if (happened.includes(slip.name) || !slip.apply(person, chance, someone)) continue
    happened.push(slip.name)
    left -= 1
  }
  return { person, slips: happened }
}

function elsewhere(home: Home, chance: Chance): Home {
  const street = chance.pick(['Neuweg', 'Rue Neuve', 'Rebweg', 'Chemin Vert', 'Obere Gasse', 'Via Nuova'])
  const town = chance.percent(50)
    ? {}
    : { postalCode: String(chance.whole(1000, 9658)), city: `Ort ${chance.whole(1, 2000)}` }
  return { ...home, ...town, line: `${street} ${chance.whole(1, 80)}` }
}

/** By the habits of one source. */
function written(someone: Someone, { chance, habits }: Writing): Person {
  const habit = among(chance, { plain: 70, capitals: 12, 'without umlauts': 12, 'without accents': 6 })
  const write = ways[habit]
  const { family, familyAtBirth, given, gender, born, telephone, mail } = someone
  const all = chance.percent(70) ? given : given.slice(0, 1)
  const names: Person['names'] = [{ kind: 'current', family: write(family), given: all.map(write) }]
  if (familyAtBirth !== undefined && chance.percent(35)) {
    names.push({ kind: 'birth', family: write(familyAtBirth), given: all.map(write) })
  }
  const addresses = chance.percent(habits.address) ? [addressOf(someone.home, write, chance)] : []
  const telecoms = [
    ...(telephone !== undefined && chance.percent(habits.telephone)
      ? [chance.percent(60) ? `tel:+41${telephone}` : `tel:0${telephone}`]
      : []),
    ...(mail !== undefined && chance.percent(60) ? [`mailto:${mail}`] : []),
  ]
  return { names, gender, birthTime: born, addresses, telecoms }
}

function addressOf({ line, postalCode, city }: Home, write: (text: string) => string, chance: Chance): Address {
  const short = chance.percent(30)
  return {
    lines: [write(short ? line.replace('strasse', 'str.').replace('Avenue', 'Av.').replace('Chemin', 'Ch.') : line)],
    postalCode,
    city: write(chance.percent(90) ? city : city.replace(/ [A-Z]{2}$|\/.*$/, '')),
    country: 'CH',
  }
}

const ways = {
  plain: (text: string) => text,
  capitals: (text: string) => text.toUpperCase(),
  'without umlauts': (text: string) => text.replace(/[äöüÄÖÜ]/g, letter => umlauts[letter] ?? letter),
  'without accents': (text: string) => text.normalize('NFD').replace(/\p{M}/gu, ''),
} as const

const umlauts: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', Ä: 'Ae', Ö: 'Oe', Ü: 'Ue' }
