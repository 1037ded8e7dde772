// What another community has, asked for through the gateway of the deployment.
import type { Ports } from '../../ports/ports.js'
import { homeNamed } from '../community/names.js'
import type { Deployment } from '../deployment.js'
import { Failure } from '../failure.js'

export interface ElsewhereOptions {
  /** The community that has it, by its name or homeCommunityId; without it our own. */
  home?: string
}

/** The same, with the homeCommunityId where a community is called by its name. */
export async function withHome<Options extends ElsewhereOptions>(
  options: Options,
  deployment: Deployment,
  ports: Pick<Ports, 'files'>,
): Promise<Options> {
  const { home } = options
  if (home === undefined || home.startsWith('urn:')) return options
  return { ...options, home: await homeNamed(home, deployment, ports) }
}

/** The gateway in the place of registry and repository, where another community is meant. */
export function reaching(deployment: Deployment, { home }: ElsewhereOptions): Deployment {
  if (home === undefined) return deployment
  if (!/^urn:oid:[0-9.]+$/.test(home)) {
    throw new Failure('usage', `--home is a homeCommunityId such as urn:oid:2.999.81, not "${home}".`)
  }
  const { gateway } = deployment.urls
  if (gateway === '') {
    throw new Failure('configuration', 'This deployment has no gateway; docs/COMMUNITIES.md says how to open one.')
  }
  const urls = Object.assign({}, deployment.urls, { registry: gateway, repository: gateway })
  return Object.assign({}, deployment, { urls })
}

/** To be added to what names a document. */
export function ofCommunity({ home }: ElsewhereOptions): { homeCommunityId?: string } {
  return home === undefined ? {} : { homeCommunityId: home }
}
