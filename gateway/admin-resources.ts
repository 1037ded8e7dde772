// How other communities stand, for administrators, a closer look at one of them, and its traffic without what is in it.
import type { TlsIdentity } from '../ports/network.js'
import { AdminProblem, type AdminResource } from '../server/administration/resources.js'
import { addressesOf, restsMs } from './communities/communities.js'
import { examined } from './communities/examination.js'
import type { GatewayContext } from './context.js'
import type { Recorder } from './recording/recorder.js'

export interface ResourcesOfGateway {
  identity(): TlsIdentity
  nationalAuthority: string | undefined
  recorder: Recorder
}

/**
 * What `carnet community` and the auditor's pages read; times are milliseconds, monotonic where they are durations. Behind the door for
 * administrators alone, with the role in `partners`.
 */
export function communityResources(
  context: GatewayContext,
  { identity, nationalAuthority, recorder }: ResourcesOfGateway,
): AdminResource[] {
  const { communities, correlations, ports } = context
  return [
    {
      path: '/admin/communities',
      method: 'GET',
      does: 'list other communities',
      answer: async () => ({
        correlations: correlations.size,
        communities: communities.all.map(({ name, homeCommunityId, state }) => ({
          ...{ name, homeCommunityId, underWay: state.underWay, answers: state.answers, failures: state.failures },
          ...{ failuresEver: state.failuresEver, refused: state.refused },
          ...{ lastAnswerMs: state.lastAnswerMs, lastTookMs: Math.round(state.lastTookMs) },
          why: state.why,
          restsMs: restsMs(state, ports.clock),
        })),
      }),
    },
    {
      path: '/admin/communities/examine',
      method: 'POST',
      does: 'examine another community',
      async answer({ body }) {
        const { homeCommunityId, security } = (body ?? {}) as { homeCommunityId?: unknown; security?: unknown }
        const community = communities.named(String(homeCommunityId))
        if (community === undefined) throw new AdminProblem(404, 'homeCommunityId is that of no community known here')
        if (security !== undefined && (typeof security !== 'string' || security.length > mostCharacters)) {
          throw new AdminProblem(400, `security is a wsse:Security of at most ${mostCharacters} characters`)
        }
        return { found: await examined(community, { context, identity: identity(), nationalAuthority, security }) }
      },
    },
    {
      path: '/admin/communities/record',
      method: 'POST',
      does: 'record the traffic with another community',
      async answer({ body }) {
        const { homeCommunityId, exchanges, seconds } = (body ?? {}) as Record<string, unknown>
        const community = communities.named(String(homeCommunityId))
        if (community === undefined) throw new AdminProblem(404, 'homeCommunityId is that of no community known here')
        if (!isWithin(exchanges, mostRecorded) || !isWithin(seconds, mostSeconds)) {
          throw new AdminProblem(400, `exchanges is 1 to ${mostRecorded}, seconds 1 to ${mostSeconds}`)
        }
        recorder.begin({ urls: addressesOf(community), exchanges, seconds })
        return { recording: true }
      },
    },
    {
      path: '/admin/communities/record',
      method: 'GET',
      does: 'ask how a recording stands',
      answer: async () => recorder.state ?? { exchanges: 0, isOver: true },
    },
    {
      path: '/admin/communities/recorded',
      method: 'POST',
      does: 'take what was recorded of another community, with other values in it',
      async answer() {
        const fixture = recorder.end()
        if (fixture === undefined) throw new AdminProblem(404, 'nothing is being recorded')
        return fixture
      },
    },
  ]
}

/** Of an assertion; longer ones are nobody's. */
const mostCharacters = 262_144
const mostRecorded = 100
const mostSeconds = 600

function isWithin(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most
}
