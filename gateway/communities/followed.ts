// The communities of carnet.json and of the communities file, followed while the gateway runs: whoever is added is asked from the next
// request on, whoever is removed no more.
import { allCommunities, type CommunitiesOfGateway } from '../../config/communities.js'
import { followFiles } from '../../config/followed-files.js'
import type { Ports } from '../../ports/ports.js'
import { type Check, unusableCheck } from '../../server/health.js'
import type { Log } from '../../server/log.js'
import type { Communities } from './communities.js'

export interface FollowedCommunities {
  /** Why what has changed cannot be used; the former hold. */
  checks(): Check[]
  close(): void
}

export interface FollowCommunities {
  communities: Pick<Communities, 'replace'>
  config: CommunitiesOfGateway
  ports: Pick<Ports, 'clock' | 'files'>
  log: Pick<Log, 'info' | 'error'>
  lookMs?: number
}

/** @throws Error in words, when what is there at the start cannot be used */
export async function followCommunities(options: FollowCommunities): Promise<FollowedCommunities> {
  const { communities, config, ports, log, lookMs } = options
  const { state, problem, close } = await followFiles({
    async read(see) {
      await see([config.communitiesFile])
      return allCommunities(config, ports)
    },
    anew(all) {
      communities.replace(all)
      log.info({ communities: all.map(({ homeCommunityId }) => homeCommunityId) }, 'communities read anew')
    },
    unusable: 'changed communities cannot be used; the former hold',
    ...{ ports, log, lookMs },
  })
  communities.replace(state())
  return { checks: () => unusableCheck('changed communities', problem()), close }
}
