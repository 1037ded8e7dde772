// Communities by the names that people have for them.
import { allCommunities } from '../../config/communities.js'
import type { Ports } from '../../ports/ports.js'
import type { Deployment } from '../deployment.js'
import { Failure } from '../failure.js'

/** By homeCommunityId; this one is `here`. */
export async function communityNames(
  { config: { gateway } }: Deployment,
  ports: Pick<Ports, 'files'>,
): Promise<Map<string, string>> {
  if (gateway === undefined) return new Map()
  const others = await allCommunities(gateway, ports)
  return new Map([
    [gateway.homeCommunityId, 'here'],
    ...others.map(({ homeCommunityId, name }) => [homeCommunityId, name] as const),
  ])
}

/** The homeCommunityId of one that is named by either. */
export async function homeNamed(named: string, deployment: Deployment, ports: Pick<Ports, 'files'>): Promise<string> {
  const names = await communityNames(deployment, ports)
  const found = [...names].find(([home, name]) => home === named || name === named)
  if (found !== undefined) return found[0]
  throw new Failure(
    'usage',
    `No community is called "${named}" here; there are ${[...names.values()].join(', ')}, and "carnet community add FILE" adds one.`,
  )
}
