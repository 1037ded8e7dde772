// How other communities stand, as the gateway of this deployment counts it on /metrics.
import type { CarnetConfig } from '../../config/carnet-config.js'
import { healthUrl } from '../../config/health-address.js'
import type { Network } from '../../ports/network.js'
import { wholeBody } from '../../ports/whole-body.js'

export interface OtherCommunity {
  name: string
  /** For so long it is still not asked; 0 while it is. */
  leftAloneMs: number
  failuresInARow: number
  failures: number
  /** Its answers that were false. */
  refused: number
  lastAnswerMs: number | undefined
  lastTookMs: number | undefined
}

/** Undefined where the deployment has no gateway. */
export function gatewayMetricsUrl({ gateway }: Pick<CarnetConfig, 'gateway'>): string | undefined {
  return gateway === undefined ? undefined : healthUrl(gateway.health, '/metrics')
}

const patienceMs = 2_000
const mostBytes = 4 * 1024 * 1024

/** Undefined where the gateway does not tell. */
export async function otherCommunities(
  url: string,
  network: Pick<Network, 'httpClient'>,
): Promise<OtherCommunity[] | undefined> {
  const client = network.httpClient()
  try {
    const { status, body } = await client.call({ url, method: 'GET', headers: {}, timeoutMs: patienceMs })
    const bytes = await wholeBody(body, mostBytes, () => new Error(`the metrics have more than ${mostBytes} bytes`))
    return status === 200 ? communitiesIn(bytes.toString()) : undefined
  } catch {
    return undefined
  } finally {
    client.close()
  }
}

const sample = /^(xca_community_[a-z_]+)\{[^}]*?\bcommunity="((?:[^"\\]|\\.)*)"[^}]*\} (\S+)$/gm

function communitiesIn(text: string): OtherCommunity[] {
  const values = new Map<string, Map<string, number>>()
  for (const [, series = '', label = '', value] of text.matchAll(sample)) {
    if (/_(?:bucket|sum|count)$/.test(series)) continue
    const name = label.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
    const of = values.get(name) ?? new Map<string, number>()
    values.set(name, of.set(series.replace('xca_community_', ''), Number(value)))
  }
  return [...values].map(([name, of]) => {
    const ms = (series: string) => {
      const seconds = of.get(series)
      return seconds === undefined ? undefined : seconds * 1_000
    }
    return {
      name,
      leftAloneMs: ms('left_alone_seconds') ?? 0,
      failuresInARow: of.get('failures_in_a_row') ?? 0,
      failures: of.get('failures_total') ?? 0,
      refused: of.get('refused_answers_total') ?? 0,
      lastAnswerMs: ms('last_answer_timestamp_seconds'),
      lastTookMs: ms('last_answer_seconds'),
    }
  })
}
