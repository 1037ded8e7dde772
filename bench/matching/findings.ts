// What each finding of a comparison is worth: how often it occurs between records of one person and between those of two people taken
// at random, and the logarithm of how much more often, which is what its weight should be.
import { scoreOf, weights } from '../../patient-index/matching/score.js'
import { type Traits, traitsOf } from '../../patient-index/matching/traits.js'
import { chanceOf } from '../../simulation/chance.js'
import { population } from './population.js'

export interface FindingWorth {
  trait: string
  finding: string
  /** Of a hundred pairs that tell the trait. */
  ofOne: number
  ofOthers: number
  worth: number
  weight: number
}

export function findingsWorth(seed: string, records: number, pairs: number): FindingWorth[] {
  const first = new Map<number, Traits>()
  const all: { truth: number; traits: Traits }[] = []
  const ofOne = tally()
  for (const { truth, person } of population(seed, records)) {
    const traits = traitsOf(person)
    const before = first.get(truth)
    if (before === undefined) first.set(truth, traits)
    else ofOne.add(before, traits)
    all.push({ truth, traits })
  }
  const ofOthers = tally()
  const chance = chanceOf(`findings/${seed}`)
  for (let count = 0; count < pairs; count += 1) {
    const [one, other] = [chance.pick(all), chance.pick(all)]
    if (one.truth !== other.truth) ofOthers.add(one.traits, other.traits)
  }
  return Object.entries(weights).flatMap(([trait, findings]) =>
    Object.entries(findings).map(([finding, weight]) => {
      const [one, other] = [ofOne.share(trait, finding), ofOthers.share(trait, finding)]
      return { trait, finding, ofOne: 100 * one, ofOthers: 100 * other, worth: Math.log2(one / other), weight }
    }),
  )
}

function tally() {
  const told = new Map<string, number>()
  const count = (key: string) => told.set(key, (told.get(key) ?? 0) + 1)
  return {
    add(one: Traits, other: Traits): void {
      for (const { trait, finding } of scoreOf(one, other).parts) {
        count(trait)
        count(`${trait} ${finding}`)
      }
    },
    share: (trait: string, finding: string): number => (told.get(`${trait} ${finding}`) ?? 0) / (told.get(trait) ?? 1),
  }
}
