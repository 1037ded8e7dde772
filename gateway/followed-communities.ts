// The communities of carnet.json and of the communities file, followed while the gateway runs: whoever is added is asked from the next
// request on, whoever is removed no more.
import { allCommunities, type CommunitiesOfGateway } from '../config/communities.js'
import { everyOnceDone } from '../ports/clock.js'
import type { Ports } from '../ports/ports.js'
import type { Check } from '../server/health.js'
import type { Log } from '../server/log.js'
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

const everyMs = 2_000

/** @throws Error in words, when what is there at the start cannot be used */
export async function followCommunities(options: FollowCommunities): Promise<FollowedCommunities> {
  const { communities, config, ports, log, lookMs = everyMs } = options
  let seen = await markOf(options)
  communities.replace(await allCommunities(config, ports))
  let problem: string | undefined

  async function look(): Promise<void> {
    // Before the file: one that changes meanwhile looks different the next time.
    const mark = await markOf(options)
    if (mark === seen) return
    seen = mark
    try {
      const all = await allCommunities(config, ports)
      communities.replace(all)
      problem = undefined
      log.info({ communities: all.map(({ homeCommunityId }) => homeCommunityId) }, 'communities read anew')
    } catch (failure) {
      problem = (failure as Error).message
      log.error({ reason: problem }, 'changed communities cannot be used; the former hold')
    }
  }

  const timer = everyOnceDone(ports.clock, lookMs, look, failure =>
    log.error({ reason: String(failure) }, 'communities could not be looked at'),
  )
  return {
    checks: () =>
      problem === undefined
        ? []
        : [
            {
              name: 'changed communities',
              ok: true,
              reason: `they cannot be used, the former hold: ${problem}`,
              warns: true,
            },
          ],
    close: () => timer.cancel(),
  }
}

async function markOf({ config, ports }: FollowCommunities): Promise<string> {
  const mark = await ports.files.stat(config.communitiesFile).catch(() => undefined)
  return mark === undefined ? '-' : `${mark.modifiedMs}:${mark.sizeBytes}`
}
