// The other services of this deployment: whether they are ready, and how many audit records they have yet to hand over.
import type { CarnetConfig } from '../../config/carnet-config.js'
import { healthUrl } from '../../config/health-address.js'
import type { Network } from '../../ports/network.js'

export interface Neighbour {
  name: string
  url: string
}

export interface NeighbourState {
  name: string
  /** Undefined where it was not reached. */
  ready: boolean | undefined
  /** What is wrong, in words. */
  why: string
  /** Audit records that wait; undefined where it does not say. */
  waiting: number | undefined
}

/** Those that the deployment has, by their health doors. */
export function neighboursOf({ registry, repository, patientIndex, gateway }: CarnetConfig): Neighbour[] {
  const sections = { registry, repository, 'patient index': patientIndex, gateway }
  return Object.entries(sections).flatMap(([name, section]) =>
    section === undefined ? [] : [{ name, url: healthUrl(section.health, '/readyz') }],
  )
}

const patienceMs = 2_000
const mostBytes = 65_536

/** Never rejects: one that does not answer in time is one that does not. */
export async function stateOf({ name, url }: Neighbour, network: Pick<Network, 'httpClient'>): Promise<NeighbourState> {
  const client = network.httpClient()
  try {
    const { body } = await client.call({ url, method: 'GET', headers: {}, timeoutMs: patienceMs })
    let text = ''
    for await (const piece of body) if (text.length < mostBytes) text += String(piece)
    const { status, checks = [] } = JSON.parse(text) as Readiness
    const queue = checks.find(check => check.name === 'audit queue')?.reason
    const wrong = checks.filter(({ ok }) => !ok).map(({ name, reason }) => `${name}: ${reason}`)
    const waiting = /^(\d+) /.exec(queue ?? '')?.[1]
    return {
      name,
      ready: status === 'ready',
      why: wrong.join('; '),
      waiting: waiting === undefined ? undefined : Number(waiting),
    }
  } catch {
    return { name, ready: undefined, why: '', waiting: undefined }
  } finally {
    client.close()
  }
}

interface Readiness {
  status?: string
  checks?: { name: string; ok: boolean; reason: string }[]
}
