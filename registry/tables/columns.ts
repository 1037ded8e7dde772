// Words of the metadata as small numbers in columns. Numbers never change once released.
import type { AvailabilityStatus, DocumentEntryType } from '../../metadata/model.js'
import type { ObjectKind } from '../store/registered-object.js'

/** Powers of two, so that a set of them is one number. */
export const statusBits: Readonly<Record<AvailabilityStatus, number>> = { Approved: 1, Deprecated: 2 }
export const typeBits: Readonly<Record<DocumentEntryType, number>> = { stable: 1, 'on-demand': 2 }

/** In columns since the first release: new kinds go behind. */
export const kindNumbers: Readonly<Record<ObjectKind, number>> = {
  DocumentEntry: 1,
  SubmissionSet: 2,
  Folder: 3,
  Association: 4,
}

/** Column `attribute` of object_codes. */
export const codeAttributes = { eventCodeList: 1, confidentialityCode: 2, codeList: 3 } as const

const statuses = inverted(statusBits)
const types = inverted(typeBits)
const kinds = inverted(kindNumbers)

export function statusOf(bit: number): AvailabilityStatus {
  return known(statuses, bit)
}

export function typeOf(bit: number): DocumentEntryType {
  return known(types, bit)
}

export function kindOf(number: number): ObjectKind {
  return known(kinds, number)
}

function inverted<Word extends string>(table: Readonly<Record<Word, number>>): ReadonlyMap<number, Word> {
  return new Map(Object.entries<number>(table).map(([word, number]) => [number, word as Word]))
}

function known<Word>(table: ReadonlyMap<number, Word>, number: number): Word {
  const word = table.get(number)
  if (word === undefined) throw new Error(`the database holds ${number} where only ${[...table.keys()]} may stand`)
  return word
}
