// What each finding of a comparison is worth: how often it occurs between records of one person, between those of two people taken at
// random and between those of two who live together, and the logarithm of how much more often, which is what its weight should be.
import { scoreOf } from '../../patient-index/matching/score.js'
import { type Traits, traitsOf } from '../../patient-index/matching/traits.js'
import { weights, weightsAtHome } from '../../patient-index/matching/weights.js'
import { chanceOf } from '../../simulation/chance.js'
import type { SourceRecord } from './population.js'

export interface FindingWorth {
  trait: string
  finding: string
  /** Of a hundred pairs that tell the trait. */
  ofOne: number
  ofOthers: number
  ofAHousehold: number
  worth: number
  worthAtHome: number
  weight: number
  weightAtHome: number | undefined
}

const pairsARecord = 50

export function findingsWorth(records: () => Iterable<SourceRecord>, seed: string): FindingWorth[] {
  const first = new Map<number, Traits>()
  const homes = new Map<number, { truth: number; traits: Traits }[]>()
  const all: { truth: number; traits: Traits }[] = []
  const [ofOne, ofOthers, ofAHousehold] = [tally(), tally(), tally()]
  for (const { truth, household, person } of records()) {
    const traits = traitsOf(person)
    const before = first.get(truth)
    if (before === undefined) first.set(truth, traits)
    else ofOne.add(before, traits)
    const home = homes.get(household) ?? []
    for (const other of home) if (other.truth !== truth) ofAHousehold.add(other.traits, traits)
    homes.set(household, [...home, { truth, traits }])
    all.push({ truth, traits })
  }
  const chance = chanceOf(`findings/${seed}`)
  for (let count = 0; count < pairsARecord * all.length; count += 1) {
    const [one, other] = [chance.pick(all), chance.pick(all)]
    if (one.truth !== other.truth) ofOthers.add(one.traits, other.traits)
  }
  return Object.entries(weights).flatMap(([trait, findings]) =>
    Object.entries(findings).map(([finding, weight]) => {
      const share = (of: Tally) => 100 * of.share(trait, finding)
      const [one, others, home] = [share(ofOne), share(ofOthers), share(ofAHousehold)]
      const atHome: Readonly<Record<string, Readonly<Record<string, number>> | undefined>> = weightsAtHome
      return {
        ...{ trait, finding, ofOne: one, ofOthers: others, ofAHousehold: home, weight },
        ...{ worth: Math.log2(one / others), worthAtHome: Math.log2(one / home) },
        weightAtHome: atHome[trait]?.[finding],
      }
    }),
  )
}

type Tally = ReturnType<typeof tally>

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
