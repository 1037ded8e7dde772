// What a gateway counts, as its health port tells it.
import type { CarnetConfig } from '../../config/carnet-config.js'
import { systemPorts } from '../../ports/ports.js'

export async function counted(name: string, { gateway }: CarnetConfig): Promise<number> {
  const client = systemPorts.network.httpClient()
  const at = `http://127.0.0.1:${gateway?.health.port}/metrics`
  const { body } = await client.call({ url: at, method: 'GET', headers: {}, timeoutMs: 5_000 })
  const text = Buffer.concat(await body.toArray()).toString()
  client.close()
  return Number(new RegExp(`^${name}(?:{[^}]*})? (\\S+)`, 'm').exec(text)?.[1] ?? 0)
}
