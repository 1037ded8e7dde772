// How sure it is that two records are of one person, and why: what each trait weighs, added up.
import { addressFinding, bornFinding, genderFinding, nameFindings, reachedFinding } from './findings.js'
import type { Traits } from './traits.js'
import { type Finding, type Trait, weights, weightsAtHome } from './weights.js'

export interface ScorePart {
  trait: Trait
  /** In one word or some, as `same`, `similar`, `different`. */
  finding: string
  weight: number
}

export interface Score {
  weight: number
  /** Traits that both records tell. */
  parts: ScorePart[]
}

/** From here on two records are one person's without anybody asked, unless they may be of two who live together. */
export const sureWeight = 29
/** From here on those who live together are told apart: by name and birthday, one of them perhaps mistyped. */
export const sureAtHome = 7
/** From here on somebody is asked, unless nothing but the household is the same. */
export const doubtfulWeight = 20
/** Another given name and another birthday, be the rest as it may: of mother and daughter nobody asks whether they are one. */
const doubtfulAtHome = -5

/**
 * Enough to join two without asking anybody, where no other fits as well. What a household has in common is never enough, nor is anything without
 * a given name of both: nobody can tell twins by it.
 */
export function isSure(score: Score): boolean {
  return areNamed(score) && score.weight >= sureWeight && weightAtHome(score) >= sureAtHome
}

/** Whether both tell a given name. */
export function areNamed({ parts }: Pick<Score, 'parts'>): boolean {
  return parts.some(({ trait }) => trait === 'given')
}

/** Enough to ask somebody; below that they are two. What isSure is doubtful as well. */
export function isDoubtful(score: Score): boolean {
  return score.weight >= doubtfulWeight && weightAtHome(score) >= doubtfulAtHome
}

/** Twins share everything but the given name, father and son everything but the birthday. */
export function weightAtHome({ parts }: Pick<Score, 'parts'>): number {
  return parts.reduce((sum, { trait, finding }) => {
    const found: Readonly<Record<string, number>> = weightsAtHome[trait] ?? {}
    return sum + (found[finding] ?? 0)
  }, 0)
}

/** Symmetric: the order of the two does not matter. A trait that one of them does not tell weighs nothing. */
export function scoreOf(one: Traits, other: Traits): Score {
  const { family, given } = nameFindings(one, other)
  const parts = [
    part('family', family),
    part('given', given),
    part('born', bornFinding(one.born, other.born)),
    part('gender', genderFinding(one, other)),
    part('address', addressFinding(one, other)),
    part('reached', reachedFinding(one.reached, other.reached)),
  ].filter(each => each !== undefined)
  return { weight: parts.reduce((sum, { weight }) => sum + weight, 0), parts }
}

function part<Of extends Trait>(trait: Of, finding: Finding<Of> | undefined): ScorePart | undefined {
  return finding === undefined ? undefined : { trait, finding, weight: weights[trait][finding] as number }
}
