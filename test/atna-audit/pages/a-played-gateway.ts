// The health door of a gateway, as it tells of the communities it speaks with.

import type { CarnetConfig } from '../../../config/carnet-config.js'
import { gatewayConfig } from '../../../config/gateway-config.js'
import { openCommunities } from '../../../gateway/communities/communities.js'
import { countCommunities } from '../../../gateway/communities/metrics.js'
import { systemPorts } from '../../../ports/ports.js'
import { openMetrics } from '../../../server/metrics.js'

/** Three that are fine, in trouble and lying; the last has a name that would be markup. */
export async function aPlayedGateway({ gateway }: Pick<CarnetConfig, 'gateway'>) {
  if (gateway === undefined) throw new Error('there is no gateway in the configuration')
  const line = (name: string, last: number) => ({
    ...{ name, homeCommunityId: `urn:oid:2.999.${last}`, query: 'https://there', retrieve: 'https://there' },
  })
  const configs = gatewayConfig.shape.communities.parse([line('Bern', 1), line('Vaud', 2), line('<b>Genève</b>', 3)])
  const communities = openCommunities(configs, systemPorts.clock)
  const metrics = openMetrics('gateway')
  countCommunities(metrics, communities, systemPorts.clock)
  const [bern, vaud, geneva] = communities.all
  await bern?.run(async () => 'answer')
  for (let times = 0; times < 5; times += 1) await vaud?.run(() => Promise.reject(new Error('no'))).catch(() => {})
  await geneva?.run(() => Promise.reject(new Error('no'))).catch(() => {})
  if (geneva !== undefined) geneva.state.refused = 2
  const { host, port } = gateway.health
  return systemPorts.network.serveHttp({ host, port }, (_, reply) => {
    void metrics.text().then(({ contentType, body }) => {
      reply.start(200, { 'content-type': contentType })
      reply.stream.end(body)
    })
  })
}
