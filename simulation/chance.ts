// Everything that is left to chance in a simulation comes from its seed: the same seed, the same choices in the same order.
import type { Randomness } from '../ports/randomness.js'

export interface Chance {
  /** From 0 up to, and without, 1. */
  fraction(): number
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number
  /** True so often of a hundred times. */
  percent(often: number): boolean
  pick<Item>(items: readonly Item[]): Item
  bytes(count: number): Buffer
  uuid(): string
  /** Another stream of choices, which does not depend on how many this one has still to make. */
  fork(name: string): Chance
}

/** Streams of different names are independent: `SEED/partners` does not change when the disks draw more often. */
export function chanceOf(seed: string): Chance {
  const next = sfc32(seed)
  const chance: Chance = {
    fraction: () => next() / 2 ** 32,
    whole: (least, most) => least + Math.floor(chance.fraction() * (most - least + 1)),
    percent: often => chance.fraction() * 100 < often,
    pick: items => items[chance.whole(0, items.length - 1)]!,
    bytes(count) {
      const words = Buffer.alloc(Math.ceil(count / 4) * 4)
      for (let at = 0; at < count; at += 4) words.writeUInt32LE(next(), at)
      return words.subarray(0, count)
    },
    uuid() {
      const hex = chance.bytes(16)
      hex[6] = (hex[6]! & 0x0f) | 0x40
      hex[8] = (hex[8]! & 0x3f) | 0x80
      const text = hex.toString('hex')
      return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-')
    },
    fork: name => chanceOf(`${seed}/${name}`),
  }
  return chance
}

export function randomnessFrom(chance: Chance): Randomness {
  return { uuid: chance.uuid, bytes: chance.bytes }
}

/** Small Fast Counter, 32 bits: quick, and good enough to choose what breaks. Seeded by FNV-1a. */
function sfc32(seed: string): () => number {
  let hash = 0x811c9dc5
  const word = () => {
    hash = Math.imul(hash ^ (hash >>> 15), 0x01000193) >>> 0
    return hash
  }
  for (const character of seed) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  let [a, b, c, counter] = [word(), word(), word(), 1]
  const next = () => {
    const sum = (a + b + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0
    return sum
  }
  for (let warmUp = 0; warmUp < 16; warmUp++) next()
  return next
}
