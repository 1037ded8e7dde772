// Under which keys a record is filed, so that those that may be of the same person are looked at and all others are not.
import { soundOf } from './spelling.js'
import type { Traits } from './traits.js'

/** A pair that shares none of them is not compared: each slip that we forgive leaves one of them as it was. */
export function keysOf({ family, given, born, reached }: Traits): string[] {
  const sounds = [...new Set(family.map(soundOf))]
  const [first] = given
  const keys = [
    ...sounds.flatMap(sound => (born.length >= 4 ? [`fy:${sound}:${born.slice(0, 4)}`] : [])),
    ...(first === undefined ? [] : sounds.map(sound => `fg:${sound}:${soundOf(first)}`)),
    ...(born.length === 8 && first !== undefined ? [`bg:${born}:${first[0]}`] : []),
    ...reached.map(each => `at:${each}`),
  ]
  return [...new Set(keys)].slice(0, mostKeys)
}

const mostKeys = 24
