// Other communities as partners: how each is reached, how many requests it may have at once, and whether it is worth asking now.
// One that is slow, dead or hostile has its own bounds and takes nothing from the others.
import type { CommunityConfig } from '../../config/gateway-config.js'
import type { Clock } from '../../ports/clock.js'
import { NotTaken } from '../../soap/arriving-parts.js'
import { SoapFault } from '../../soap/fault.js'

export interface Community extends CommunityConfig {
  /**
   * Runs a request to it. @throws CommunityAway without running it, where it has failed too often of late or has too many under way.
   */
  run<Answer>(request: () => Promise<Answer>): Promise<Answer>
  /** @throws CommunityAway where run() would */
  assertOpen(): void
  /** As run(), for what is under way until `ended` settles: a rejection is a failure too. */
  runOn<Answer extends { ended: Promise<void> }>(request: () => Promise<Answer>): Promise<Answer>
  readonly state: CommunityState
}

export interface CommunityState {
  underWay: number
  /** In a row; an answer ends them, a refusal too. */
  failures: number
  answers: number
  failuresEver: number
  /** Answers that were false, and of which nothing was handed on. */
  refused: number
  /** Documents that were taken of it without a hash or size to hold them against: it had told none, or not to this process. */
  untold: number
  /** By the clock of this machine; undefined while there was none. */
  lastAnswerMs: number | undefined
  /** For how long that answer was waited. */
  lastTookMs: number
  /** Of the last request that failed. */
  why: string | undefined
  /** It is not asked before. */
  restUntilMs: number
}

class CommunityAway extends Error {
  override readonly name = 'CommunityAway'
}

/** It has answered, and will not do what it was asked: that says nothing of the next question. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

/** The list may be replaced while requests are under way: those go on with the community that they began with. */
export interface Communities {
  /** As they are now. */
  all: readonly Community[]
  /** By its homeCommunityId. */
  named(homeCommunityId: string): Community | undefined
  /** From now on these; what is known of one that stays is kept. */
  replace(configs: readonly CommunityConfig[]): void
}

/** Told of each request that was sent to a community. */
export type NoteRequest = (community: string, seconds: number, outcome: 'answered' | 'failed') => void

const failuresUntilRest = 5
const firstRestMs = 5_000
const longestRestMs = 60_000

type CommunityClock = Pick<Clock, 'monotonicMs' | 'now'>

/**
 * States are kept by homeCommunityId over `replace`, so that a file read anew forgets no failures of those who stay. `note` hears of each request
 * when it is over.
 */
export function openCommunities(
  configs: readonly CommunityConfig[],
  clock: CommunityClock,
  note: NoteRequest = () => {},
): Communities {
  const states = new Map<string, CommunityState>()
  const stateOf = ({ homeCommunityId }: CommunityConfig): CommunityState => {
    const state = states.get(homeCommunityId) ?? atRest()
    states.set(homeCommunityId, state)
    return state
  }
  const open = (all: readonly CommunityConfig[]) =>
    all.map(config => openCommunity(config, stateOf(config), clock, note))
  const communities: Communities = {
    all: open(configs),
    named: home => communities.all.find(({ homeCommunityId }) => homeCommunityId === home),
    replace(renewed) {
      const homes = new Set(renewed.map(({ homeCommunityId }) => homeCommunityId))
      for (const home of states.keys()) if (!homes.has(home)) states.delete(home)
      communities.all = open(renewed)
    },
  }
  return communities
}

/** Whoever asked us has not taken all of it. */
const isOurs = ({ cause }: Error) => cause instanceof NotTaken

/** Of one user's assertion, or one patient: nobody else is to be told because of it that the community is away. */
const isRefusal = (problem: Error) =>
  problem instanceof Refused || (problem.cause instanceof SoapFault && problem.cause.code !== 'Receiver')

/** Where it answers. */
export function addressesOf({
  query,
  retrieve,
  fetch,
  provide,
  discovery,
  location,
  imaging,
}: CommunityConfig): string[] {
  return [query, retrieve, fetch, provide, discovery, location, imaging].filter(url => url !== undefined)
}

/** For how long it is still left alone. */
export function restsMs({ restUntilMs }: CommunityState, clock: Pick<Clock, 'monotonicMs'>): number {
  return Math.max(0, Math.round(restUntilMs - clock.monotonicMs()))
}

function atRest(): CommunityState {
  return {
    ...{ underWay: 0, failures: 0, answers: 0, failuresEver: 0, refused: 0, untold: 0 },
    ...{ lastAnswerMs: undefined, lastTookMs: 0, why: undefined, restUntilMs: 0 },
  }
}

function openCommunity(
  config: CommunityConfig,
  state: CommunityState,
  clock: CommunityClock,
  note: NoteRequest,
): Community {
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
    state.failures = isRefusal(problem as Error) ? 0 : state.failures + 1
    state.failuresEver += 1
    state.why = (problem as Error).message
    if (state.failures < failuresUntilRest) return
    const restMs = Math.min(longestRestMs, firstRestMs * 2 ** Math.min(10, state.failures - failuresUntilRest))
    state.restUntilMs = clock.monotonicMs() + restMs
  }

  async function answered<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    const beganMs = clock.monotonicMs()
    const seconds = () => (clock.monotonicMs() - beganMs) / 1000
    try {
      const answer = await request()
      state.failures = 0
      state.answers += 1
      state.lastAnswerMs = clock.now()
      state.lastTookMs = seconds() * 1000
      note(config.name, seconds(), 'answered')
      return answer
    } catch (problem) {
      failed(problem)
      note(config.name, seconds(), 'failed')
      throw problem
    }
  }

  function leave(): void {
    state.underWay -= 1
  }

  return Object.assign({}, config, {
    state,
    assertOpen,
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
