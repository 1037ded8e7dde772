// What /metrics says of communities: read by the auditor's pages, and shown on the dashboard.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { otherCommunities } from '../../../atna-audit/pages/other-communities.js'
import { gatewayConfig } from '../../../config/gateway-config.js'
import { openCommunities } from '../../../gateway/communities/communities.js'
import { countCommunities, durationsOfCommunities } from '../../../gateway/communities/metrics.js'
import { systemPorts } from '../../../ports/ports.js'
import { packageRoot } from '../../../ports/processes.js'
import { openMetrics } from '../../../server/metrics.js'
import { bern, vaud } from '../a-gateway.js'

describe('the metrics of communities', () => {
  const time = { ms: 0 }
  const clock = { monotonicMs: () => time.ms, now: () => 1_795_000_000_000 + time.ms }
  const metrics = openMetrics('gateway')
  const odd = 'Vaud "sud" \\ {x}'
  const configs = gatewayConfig.shape.communities.parse([
    { name: 'Bern', homeCommunityId: bern, query: 'https://bern', retrieve: 'https://bern' },
    { name: odd, homeCommunityId: vaud, query: 'https://vaud', retrieve: 'https://vaud' },
  ])
  const communities = openCommunities(configs, clock, durationsOfCommunities(metrics))
  countCommunities(metrics, communities, clock)

  before(async () => {
    await communities.named(bern)?.run(async () => {
      time.ms += 250
    })
    const dead = () => Promise.reject(new Error('ECONNREFUSED'))
    for (let times = 0; times < 5; times += 1)
      await communities
        .named(vaud)
        ?.run(dead)
        .catch(() => {})
    const lying = communities.named(vaud)
    if (lying !== undefined) lying.state.refused += 2
  })

  it('reach the auditor’s pages, whatever a community is called', async () => {
    const { body } = await metrics.text()
    const door = await systemPorts.network.serveHttp({ host: '127.0.0.1', port: 0 }, (_, reply) => {
      reply.start(200, { 'content-type': 'text/plain' })
      reply.stream.end(body)
    })
    const found = await otherCommunities(`http://127.0.0.1:${door.port}/metrics`, systemPorts.network)
    await door.close(0)
    expect(found).to.deep.equal([
      {
        ...{ name: 'Bern', leftAloneMs: 0, failuresInARow: 0, failures: 0, refused: 0 },
        ...{ lastAnswerMs: 1_795_000_000_250, lastTookMs: 250 },
      },
      {
        ...{ name: odd, leftAloneMs: 5_000, failuresInARow: 5, failures: 5, refused: 2 },
        ...{ lastAnswerMs: undefined, lastTookMs: undefined },
      },
    ])
  })

  it('are told to nobody by a gateway that is not there', async () => {
    expect(await otherCommunities('http://127.0.0.1:1/metrics', systemPorts.network)).to.equal(undefined)
  })

  it('are what dashboard and alarms ask for', async () => {
    const { body } = await metrics.text()
    const served = [...body.matchAll(/^# TYPE (xca_\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`] : [name],
    )
    const asked = ['grafana/carnet.json', 'prometheus/alerts.yaml'].flatMap(
      file => readFileSync(join(packageRoot, 'deploy', file), 'utf8').match(/\bxca_community_\w+/g) ?? [],
    )
    expect(asked.length).to.be.above(5)
    expect([...new Set(asked)].filter(name => !served.includes(name))).to.deep.equal([])
    const counters = [...body.matchAll(/^# TYPE (\w+) counter$/gm)].map(([, name]) => name)
    const alarms = readFileSync(join(packageRoot, 'deploy', 'prometheus', 'alerts.yaml'), 'utf8')
    for (const [, name] of alarms.matchAll(/\b(?:increase|rate)\((xca_\w+)\[/g)) expect(counters).to.include(name)
    expect(body).to.match(/^xca_community_seconds_count\{.*community="Bern",outcome="answered".*\} 1$/m)
  })
})
