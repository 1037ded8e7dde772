// Communities as they are listed, and as the running gateway has found them.
import { allCommunities } from '../../config/communities.js'
import { openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, gatewaySection } from '../deployment.js'
import { Failure } from '../failure.js'
import { handshakeInWords } from '../handshake-words.js'

export interface AnsweringCommunity {
  homeCommunityId: string
  underWay: number
  answers: number
  failures: number
  failuresEver: number
  /** False answers. */
  refused: number
  lastAnswerMs?: number
  lastTookMs: number
  why?: string
  restsMs: number
}

/** The gateway runs and does not say. */
export interface SilentGateway {
  why: string
  answers?: never
}

export interface StateOfCommunity {
  name: string
  homeCommunityId: string
  /** Where it is listed. */
  from: string
  /** Undefined while the gateway does not run. */
  now: AnsweringCommunity | 'not yet' | SilentGateway | undefined
}

export function isTold(now: StateOfCommunity['now']): now is AnsweringCommunity {
  return typeof now === 'object' && now.answers !== undefined
}

export async function communityStates(
  deployment: Deployment,
  options: DeploymentOptions,
  context: Context,
): Promise<StateOfCommunity[]> {
  const gateway = gatewaySection(deployment.config)
  const listed = await allCommunities(gateway, context.ports)
  const states = await statesAtGateway(deployment, options, context)
  const nowOf = (homeCommunityId: string): StateOfCommunity['now'] =>
    Array.isArray(states) ? (states.find(each => each.homeCommunityId === homeCommunityId) ?? 'not yet') : states
  return listed.map(({ name, homeCommunityId }) => ({
    ...{ name, homeCommunityId },
    from: gateway.communities.some(each => each.homeCommunityId === homeCommunityId)
      ? 'carnet.json'
      : 'communities file',
    now: nowOf(homeCommunityId),
  }))
}

async function statesAtGateway(
  deployment: Deployment,
  options: DeploymentOptions,
  context: Context,
): Promise<AnsweringCommunity[] | SilentGateway | undefined> {
  const administration = await openAdministration(deployment, options, context)
  try {
    return (await administration.resource<{ communities: AnsweringCommunity[] }>('gateway', 'communities')).communities
  } catch (problem) {
    if (problem instanceof Failure) throw problem
    const { code, message } = problem as NodeJS.ErrnoException
    // Only where nothing listens it does not run: one that is busy, or takes us for somebody else, does.
    return code === 'ECONNREFUSED' ? undefined : { why: handshakeInWords({ code, message }) }
  } finally {
    administration.close()
  }
}
