// Communities as they are listed, and as the running gateway has found them.
import { allCommunities } from '../config/communities.js'
import { openAdministration } from './administration.js'
import type { Context } from './context.js'
import { type Deployment, type DeploymentOptions, gatewaySection } from './deployment.js'
import { Failure } from './failure.js'

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

export interface StateOfCommunity {
  name: string
  homeCommunityId: string
  /** Where it is listed. */
  from: string
  /** Undefined while the gateway does not run. */
  now: AnsweringCommunity | 'not yet' | undefined
}

export async function communityStates(
  deployment: Deployment,
  options: DeploymentOptions,
  context: Context,
): Promise<StateOfCommunity[]> {
  const gateway = gatewaySection(deployment.config)
  const listed = await allCommunities(gateway, context.ports)
  const states = await statesAtGateway(deployment, options, context)
  return listed.map(({ name, homeCommunityId }) => ({
    ...{ name, homeCommunityId },
    from: gateway.communities.some(each => each.homeCommunityId === homeCommunityId)
      ? 'carnet.json'
      : 'communities file',
    now: states && (states.find(each => each.homeCommunityId === homeCommunityId) ?? 'not yet'),
  }))
}

async function statesAtGateway(
  deployment: Deployment,
  options: DeploymentOptions,
  context: Context,
): Promise<AnsweringCommunity[] | undefined> {
  const administration = await openAdministration(deployment, options, context)
  try {
    return (await administration.resource<{ communities: AnsweringCommunity[] }>('gateway', 'communities')).communities
  } catch (problem) {
    if (problem instanceof Failure) throw problem
    return undefined
  } finally {
    administration.close()
  }
}
