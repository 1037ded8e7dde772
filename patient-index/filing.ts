// How a record is filed: what is compared of it, worked out once, and the keys under which it is found.
import type { Person } from '../transactions/person.js'
import type { Filing } from './kept/filed-records.js'
import { keysOf } from './matching/keys.js'
import { packedTraits, traitsOf } from './matching/traits.js'
import { searchKeysOf } from './search-keys.js'

/** Depends on nothing but the person: two versions with the same rules file alike. */
export function filingOf(person: Person): Filing {
  const traits = traitsOf(person)
  const keys = new Set([...keysOf(traits), ...searchKeysOf(traits)])
  return { traits: packedTraits(traits), born: traits.born, keys: [...keys] }
}
