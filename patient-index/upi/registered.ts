// A patient as the population registers write one, and whether two are the same person: names and birthday decide, and two of the three
// have to agree. [eCH-0213: 2.4.1]
import type { Person } from '../../transactions/person.js'
import { folded } from '../matching/spelling.js'
import type { RegisteredPerson } from './upi.js'

/** What is missing to ask for a number, in words, where something is. */
export function registeredPersonOf({
  names,
  gender,
  birthTime = '',
}: Person): RegisteredPerson | { missing: string[] } {
  const current = names.find(({ kind }) => kind === 'current')
  const ofBirth = names.find(({ kind }) => kind === 'birth')
  const officialName = current?.family.trim() ?? ''
  const firstName = current?.given.join(' ').trim() ?? ''
  const missing = [
    ...(officialName === '' ? ['a family name'] : []),
    ...(firstName === '' ? ['a given name'] : []),
    ...(birthTime.length < 4 ? ['a birthday'] : []),
  ]
  if (missing.length > 0) return { missing }
  return {
    ...{ firstName, officialName, dateOfBirth: dateOf(birthTime) },
    ...(ofBirth === undefined || ofBirth.family === '' ? {} : { originalName: ofBirth.family }),
    ...(gender === undefined ? {} : { sex: ({ M: '1', F: '2', UN: '3' } as const)[gender] }),
  }
}

function dateOf(birthTime: string): string {
  const [year, month, day] = [birthTime.slice(0, 4), birthTime.slice(4, 6), birthTime.slice(6, 8)]
  return [year, month, day].filter(part => part !== '').join('-')
}

/** The traits that do not agree, in words. */
export function differences(one: RegisteredPerson, other: RegisteredPerson): string[] {
  const same = (a: string, b: string) => folded(a).replace(/[\s-]+/g, ' ') === folded(b).replace(/[\s-]+/g, ' ')
  const sameDay = one.dateOfBirth.startsWith(other.dateOfBirth) || other.dateOfBirth.startsWith(one.dateOfBirth)
  return [
    ...(same(one.firstName, other.firstName) ? [] : ['the given name']),
    ...(same(one.officialName, other.officialName) ? [] : ['the family name']),
    ...(sameDay ? [] : ['the birthday']),
  ]
}

/** Of the three. */
export const mostDifferences = 1
