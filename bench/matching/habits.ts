// How people and those who write them down are in a population: two ways, so that what was found with the one is tried on the other.
import type { Language } from './names.js'

export interface Habits {
  /** Of a hundred households so many speak it. */
  languages: Readonly<Record<Language, number>>
  /** Of a hundred children after a first one so many are twins of the one before; of these so many have names that are alike. */
  twins: number
  twinsAlike: number
  /** Of a hundred boys so many are called as their fathers. */
  calledAsFather: number
  /** Of a hundred people so many have the name and birthday of a stranger. */
  likeStranger: number
  /** How many further records a person has. */
  others: Readonly<Record<number, number>>
  /** Of a hundred of these so many were written after a move; so many others have another telephone. */
  moved: number
  newTelephone: number
  /** How many slips one has. */
  slips: Readonly<Record<number, number>>
  /** Of a hundred records so many tell an address, and so many a telephone that there is. */
  address: number
  telephone: number
  /** By how much another kind of slip is more or less frequent; those that are not named, as they are. */
  slipShares: Readonly<Record<string, number>>
}

const usual: Habits = {
  languages: { german: 60, french: 22, italian: 6, foreign: 12 },
  ...{ twins: 3, twinsAlike: 0, calledAsFather: 3, likeStranger: 0.06 },
  others: { 0: 72, 1: 20, 2: 6, 3: 2 },
  ...{ moved: 20, newTelephone: 20 },
  slips: { 0: 55, 1: 31, 2: 11, 3: 3 },
  ...{ address: 92, telephone: 70 },
  slipShares: {},
}

/**
 * More haste, more moves, more twins and homonyms, and mistakes of which the usual people make none: wrong letters from anywhere, names
 * cut off, decades, neighbours of a house number.
 */
const hasty: Habits = {
  languages: { german: 35, french: 38, italian: 9, foreign: 18 },
  ...{ twins: 9, twinsAlike: 40, calledAsFather: 8, likeStranger: 0.12 },
  others: { 0: 60, 1: 25, 2: 11, 3: 4 },
  ...{ moved: 30, newTelephone: 35 },
  slips: { 0: 42, 1: 34, 2: 17, 3: 7 },
  ...{ address: 84, telephone: 55 },
  slipShares: {
    ...{ 'a letter beside it': 1, 'as it sounds': 2, 'sex missing': 1, 'names exchanged': 4, 'birthday: a digit': 3 },
    ...{ 'given name: initial': 3, 'birthday: year alone': 4, 'sex mistaken': 2 },
    ...{ 'any letter': 8, 'cut off': 3, 'given name: any letter': 7, 'given name: two letters': 2 },
    ...{ 'birthday: a day or two off': 4, 'birthday: a decade off': 3, 'birthday: two digits': 2 },
    ...{ 'address: another number': 6, 'address: any letter': 5, 'postal code: two digits exchanged': 4 },
  },
}

export const habitsNamed: Readonly<Record<string, Habits>> = { usual, hasty }
