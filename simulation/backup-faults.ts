// What a test may break in backups, to see that it is found.
import { Readable } from 'node:stream'
import { urlsOf } from '../cli/deployment.js'
import type { CarnetConfig } from '../config/carnet-config.js'
import type { HttpAnswer, HttpClient } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import type { FilesFaults } from './files.js'

/** The peer of carnet.json, and the machine. */
export const backupsName = 'backups'

export interface BackupFaults extends FilesFaults {
  /** Its database is of an earlier instant than that of the registry, where it has to be of a later one. */
  first?: 'repository' | 'audit'
}

const betweenMs = 5_000

export function withFaults(ports: Ports, { first }: BackupFaults, config: CarnetConfig): Ports {
  if (first === undefined) return ports
  const { clock, network } = ports
  const urls = urlsOf(config)
  const databaseOf = (service: 'registry' | 'repository' | 'audit') => `${urls[service]}/admin/backup/database`
  const early = (client: HttpClient): HttpClient => {
    let held: HttpAnswer | undefined
    return {
      ...client,
      async call(call) {
        if (call.url === databaseOf('registry')) {
          held = await whole(await client.call({ ...call, url: databaseOf(first) }))
          await clock.sleep(betweenMs)
        }
        return call.url === databaseOf(first) && held !== undefined ? held : client.call(call)
      },
    }
  }
  return { ...ports, network: { ...network, httpClient: identity => early(network.httpClient(identity)) } }
}

async function whole(answer: HttpAnswer): Promise<HttpAnswer> {
  const pieces: Buffer[] = []
  for await (const piece of answer.body) pieces.push(piece)
  return { ...answer, body: Readable.from(pieces) }
}
