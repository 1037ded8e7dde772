// Other communities as partners: how each is reached, how many requests it may have at once, and whether it is worth asking now.
// One that is slow, dead or hostile has its own bounds and takes nothing from the others.
import type { CommunityConfig } from '../config/carnet-config.js'
import type { Clock } from '../ports/clock.js'
import { NotTaken } from '../soap/arriving-parts.js'

export interface Community extends CommunityConfig {
  /**
   * Runs a request to it. @throws CommunityAway without running it, where it has failed too often of late or has too many under way.
   */
  run<Answer>(request: () => Promise<Answer>): Promise<Answer>
  /** As run(), for what is under way until `ended` settles: a rejection is a failure too. */
  runOn<Answer extends { ended: Promise<void> }>(request: () => Promise<Answer>): Promise<Answer>
  readonly state: CommunityState
}

export interface CommunityState {
  underWay: number
  /** In a row; an answer ends them. */
  failures: number
  answers: number
  /** Of the last request that failed. */
  why: string | undefined
  /** It is not asked before. */
  restUntilMs: number
}

export class CommunityAway extends Error {
  override readonly name = 'CommunityAway'
}

export interface Communities {
  all: readonly Community[]
  /** By its homeCommunityId. */
  named(homeCommunityId: string): Community | undefined
}

const failuresUntilRest = 5
const firstRestMs = 5_000
const longestRestMs = 60_000

export function openCommunities(configs: readonly CommunityConfig[], clock: Pick<Clock, 'monotonicMs'>): Communities {
  const all = configs.map(config => openCommunity(config, clock))
  return { all, named: home => all.find(({ homeCommunityId }) => homeCommunityId === home) }
}

/** Whoever asked us has not taken all of it. */
const isOurs = ({ cause }: Error) => cause instanceof NotTaken

function openCommunity(config: CommunityConfig, clock: Pick<Clock, 'monotonicMs'>): Community {
  const state: CommunityState = { underWay: 0, failures: 0, answers: 0, why: undefined, restUntilMs: 0 }

  function assertOpen(): void {
    if (state.underWay >= config.requestsAtOnce) {
      throw new CommunityAway(`it has ${state.underWay} requests under way, and answers no faster`)
    }
    const restMs = state.restUntilMs - clock.monotonicMs()
    // When the rest is over one request tries it; until that has ended, others are spared it.
    const isTried = state.failures >= failuresUntilRest && state.underWay > 0
    if (restMs > 0 || isTried) {
      throw new CommunityAway(`it has failed ${state.failures} times in a row and is left alone for now: ${state.why}`)
    }
  }

  function failed(problem: unknown): void {
    state.failures += 1
    state.why = (problem as Error).message
    if (state.failures < failuresUntilRest) return
    const restMs = Math.min(longestRestMs, firstRestMs * 2 ** Math.min(10, state.failures - failuresUntilRest))
    state.restUntilMs = clock.monotonicMs() + restMs
  }

  async function answered<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await request()
      state.failures = 0
      state.answers += 1
      return answer
    } catch (problem) {
      failed(problem)
      throw problem
    }
  }

  function leave(): void {
    state.underWay -= 1
  }

  return Object.assign({}, config, {
    state,
    async run<Answer>(request: () => Promise<Answer>): Promise<Answer> {
      assertOpen()
      state.underWay += 1
      return answered(request).finally(leave)
    },
    async runOn<Answer extends { ended: Promise<void> }>(request: () => Promise<Answer>): Promise<Answer> {
      assertOpen()
      state.underWay += 1
      const answer = await answered(request).catch(problem => {
        leave()
        throw problem
      })
      answer.ended.catch(problem => isOurs(problem) || failed(problem)).finally(leave)
      return answer
    },
  })
}
