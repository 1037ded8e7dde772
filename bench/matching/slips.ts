// What goes wrong between a person and a record: typing, hearing, reading by machine, mixing up, leaving out, and life itself.
// Each slip has a name, so that it can be counted which of them are forgiven.
import { calledBy, familiarForms } from '../../patient-index/matching/familiar-names.js'
import { folded } from '../../patient-index/matching/spelling.js'
import type { Chance } from '../../simulation/chance.js'
import type { Address, Person } from '../../transactions/person.js'
import type { Someone } from './people.js'

export interface Slip {
  name: string
  /** So often as against the others. */
  share: number
  /** Changes the record; false where it has nothing to change. */
  apply(person: Person, chance: Chance, someone: Someone): boolean
}

const slips: readonly Slip[] = [
  onFamily('a letter beside it', 6, (name, chance) => replaced(name, chance, at => neighbour(name[at], chance))),
  onFamily('two letters exchanged', 4, exchangedLetters),
  onFamily('a letter left out', 4, (name, chance) => replaced(name, chance, () => '')),
  onFamily('a letter twice', 3, (name, chance) => replaced(name, chance, at => `${name[at]}${name[at]}`)),
  onFamily('as it sounds', 8, asItSounds),
  onFamily('one of two names', 8, (name, chance) => {
    const parts = name.split('-')
    return parts.length < 2 ? name : chance.pick(parts)
  }),
  onFamily('particle joined', 3, name =>
    /^(?:von|de|di|da|dos|le|van|el|al|du|della|de la) /i.test(name) ? joined(name) : name,
  ),
  { name: 'name of birth unknown, another since', share: 5, apply: marriedSince },
  onGiven('given name: a letter beside it', 5, (name, chance) =>
    replaced(name, chance, at => neighbour(name[at], chance)),
  ),
  onGiven('given name: two letters exchanged', 3, exchangedLetters),
  onGiven('given name: as it sounds', 5, asItSounds),
  onGiven('given name: a familiar form', 5, (name, chance) => {
    const others = familiarForms(calledBy(folded(name))).filter(other => folded(other) !== folded(name))
    return others.length === 0 ? name : chance.pick(others)
  }),
  onGiven('given name: initial', 1, name => `${name[0]}.`),
  onGiven('given name: in one word', 3, name => (name.includes('-') ? joined(name) : name)),
  { name: 'given name: the second alone', share: 4, apply: secondAlone },
  { name: 'names exchanged', share: 2, apply: exchangedNames },
  onBirth('birthday: a digit', 7, (born, chance) => replaced(born, chance, () => String(chance.whole(0, 9)))),
  onBirth('birthday: read by machine', 4, (born, chance) =>
    replaced(born, chance, at => misread[born[at] ?? ''] ?? '0'),
  ),
  onBirth('birthday: two digits exchanged', 3, exchangedLetters),
  onBirth('birthday: day and month exchanged', 5, born => born.slice(0, 4) + born.slice(6) + born.slice(4, 6)),
  onBirth('birthday: year alone', 2, born => born.slice(0, 4)),
  { name: 'birthday missing', share: 2, apply: person => removed(person, 'birthTime') },
  { name: 'sex mistaken', share: 1, apply: mistakenSex },
  { name: 'sex missing', share: 3, apply: person => removed(person, 'gender') },
  // Of the hasty alone.
  onFamily('any letter', 0, anyLetter),
  onFamily('cut off', 0, name => (name.length > 8 ? name.slice(0, 8) : name)),
  onGiven('given name: any letter', 0, anyLetter),
  onGiven('given name: two letters', 0, (name, chance) => anyLetter(anyLetter(name, chance), chance)),
  onBirth('birthday: a day or two off', 0, (born, chance) => later(born, chance.pick([-2, -1, 1, 2]))),
  onBirth('birthday: a decade off', 0, (born, chance) => `${Number(born) + chance.pick([-100_000, 100_000])}`),
  onBirth('birthday: two digits', 0, (born, chance) =>
    replaced(
      replaced(born, chance, () => String(chance.whole(0, 9))),
      chance,
      () => String(chance.whole(0, 9)),
    ),
  ),
  onAddress('address: another number', 0, ({ lines, ...address }, chance) => ({
    ...{ ...address, lines: lines.map(line => line.replace(/\d+/, () => String(chance.whole(1, 99)))) },
  })),
  onAddress('address: any letter', 0, ({ lines, ...address }, chance) => ({
    ...{ ...address, lines: lines.map(line => anyLetter(line, chance)) },
  })),
  onAddress('postal code: two digits exchanged', 0, ({ postalCode = '', ...address }, chance) => ({
    ...{ ...address, postalCode: exchangedLetters(postalCode, chance) },
  })),
]

/** Each as often as its share says; `shares` says it otherwise. */
export function slipsOf(shares: Readonly<Record<string, number>>): readonly Slip[] {
  return slips.flatMap(slip => Array.from({ length: shares[slip.name] ?? slip.share }, () => slip))
}

function onFamily(name: string, share: number, change: (name: string, chance: Chance) => string): Slip {
  return {
    ...{ name, share },
    apply({ names: [told] }, chance) {
      const before = told?.family ?? ''
      if (told !== undefined) told.family = change(before, chance)
      return folded(before) !== folded(told?.family ?? '')
    },
  }
}

function onGiven(name: string, share: number, change: (name: string, chance: Chance) => string): Slip {
  return {
    ...{ name, share },
    apply({ names }, chance) {
      const before = names[0]?.given[0] ?? ''
      const after = change(before, chance)
      for (const { given } of names) if (given[0] === before) given[0] = after
      return folded(before) !== folded(after)
    },
  }
}

function onBirth(name: string, share: number, change: (born: string, chance: Chance) => string): Slip {
  return {
    ...{ name, share },
    apply(person, chance) {
      const before = person.birthTime
      if (before === undefined || before.length !== 8) return false
      const after = change(before, chance)
      // Forms refuse what is no date.
      if (after === before || (after.length === 8 && !isDate(after))) return false
      person.birthTime = after
      return true
    },
  }
}

function onAddress(name: string, share: number, change: (address: Address, chance: Chance) => Address): Slip {
  return {
    ...{ name, share },
    apply(person, chance) {
      const [before] = person.addresses
      if (before === undefined) return false
      const after = change(before, chance)
      person.addresses = [after]
      return JSON.stringify(before) !== JSON.stringify(after)
    },
  }
}

/** She has married, or is divorced, and this source has only ever heard the one name. */
function marriedSince(person: Person, _: Chance, { gender, familyAtBirth }: Someone): boolean {
  const [told] = person.names
  if (told === undefined || gender !== 'F' || familyAtBirth === undefined) return false
  if (told.family.includes(familyAtBirth)) return false
  person.names = [{ ...told, family: familyAtBirth }]
  return true
}

function secondAlone({ names }: Person, _: Chance, { given }: Someone): boolean {
  const [, second] = given
  if (second === undefined) return false
  for (const name of names) name.given = [second]
  return true
}

function exchangedNames(person: Person): boolean {
  const [told] = person.names
  const [first] = told?.given ?? []
  if (told === undefined || first === undefined) return false
  person.names = [{ ...told, family: told.given.join(' '), given: [told.family] }]
  return true
}

function mistakenSex(person: Person): boolean {
  if (person.gender === undefined) return false
  person.gender = person.gender === 'F' ? 'M' : 'F'
  return true
}

function removed(person: Person, what: 'birthTime' | 'gender'): boolean {
  if (person[what] === undefined) return false
  delete person[what]
  return true
}

function replaced(text: string, chance: Chance, by: (at: number) => string): string {
  const at = chance.whole(0, text.length - 1)
  return text.slice(0, at) + by(at) + text.slice(at + 1)
}

/** One left out, one too many or another one, from anywhere on the keyboard. */
function anyLetter(text: string, chance: Chance): string {
  const letter = chance.pick([...'abcdefghijklmnopqrstuvwxyz'])
  return replaced(text, chance, at => chance.pick(['', letter, `${text[at]}${letter}`]))
}

function later(born: string, days: number): string {
  const [year, month, day] = [born.slice(0, 4), born.slice(4, 6), born.slice(6)].map(Number)
  const date = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, (day ?? 1) + days))
  return date.toISOString().slice(0, 10).replaceAll('-', '')
}

function exchangedLetters(text: string, chance: Chance): string {
  if (text.length < 3) return text
  const at = chance.whole(1, text.length - 2)
  return text.slice(0, at) + text.slice(at + 1, at + 2) + text.slice(at, at + 1) + text.slice(at + 2)
}

const joined = (name: string): string => name.replace(/[ -]+(.)/g, (_, letter: string) => letter.toLowerCase())

/** On the keyboards of the country. */
const rows = ['qwertzuiopü', 'asdfghjklöä', 'yxcvbnm']

function neighbour(letter: string | undefined, chance: Chance): string {
  const row = rows.find(each => each.includes((letter ?? '').toLowerCase())) ?? 'asdf'
  const at = Math.max(0, row.indexOf((letter ?? 'a').toLowerCase()))
  return row[at === 0 ? 1 : at === row.length - 1 ? at - 1 : at + chance.pick([-1, 1])] ?? 'a'
}

const sounds: readonly (readonly [RegExp, string])[] = [
  [/ck/, 'k'],
  [/dt$/, 't'],
  [/tt/, 't'],
  [/t$/, 'tt'],
  [/ph/, 'f'],
  [/th/, 't'],
  [/ie/, 'i'],
  [/ei/, 'ai'],
  [/ai/, 'ei'],
  [/y/, 'i'],
  [/z/, 's'],
  [/v/, 'w'],
  [/mm/, 'm'],
  [/nn/, 'n'],
  [/ll/, 'l'],
  [/ss/, 's'],
  [/eau/, 'ot'],
  [/aud/, 'od'],
  [/qu/, 'k'],
  [/ç/, 'ss'],
  [/er$/, 'ert'],
]

function asItSounds(name: string, chance: Chance): string {
  const fitting = sounds.filter(([heard]) => heard.test(name))
  if (fitting.length === 0) return name
  const [heard, written] = chance.pick(fitting)
  return name.replace(heard, written)
}

const misread: Readonly<Record<string, string>> = {
  ...{ 0: '8', 1: '7', 2: '7', 3: '8', 4: '9', 5: '6', 6: '5', 7: '1', 8: '3', 9: '4' },
}

function isDate(digits: string): boolean {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].map(Number)
  const date = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day))
  const isThere = date.getUTCMonth() + 1 === month && date.getUTCDate() === day
  return isThere && date.getUTCFullYear() > 1900 && date.getUTCFullYear() < 2027
}
