// What a test may break in backups, to see that it is found.
import { Readable } from 'node:stream'
import type { HttpAnswer, HttpClient } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import type { FilesFaults } from './files.js'

/** The peer of carnet.json, and the machine. */
export const backupsName = 'backups'

export interface BackupFaults extends FilesFaults {
  /** The database of the repository is of an earlier instant than that of the registry. */
  repositoryFirst?: boolean
}

const registryDatabase = '/registry/admin/backup/database'
const repositoryDatabase = '/repository/admin/backup/database'
const betweenMs = 5_000

export function withFaults(ports: Ports, { repositoryFirst = false }: BackupFaults, repositoryUrl: string): Ports {
  if (!repositoryFirst) return ports
  const { clock, network } = ports
  const early = (client: HttpClient): HttpClient => {
    let held: HttpAnswer | undefined
    return {
      ...client,
      async call(call) {
        if (call.url.endsWith(registryDatabase)) {
          held = await whole(await client.call({ ...call, url: `${repositoryUrl}/admin/backup/database` }))
          await clock.sleep(betweenMs)
        }
        return call.url.endsWith(repositoryDatabase) && held !== undefined ? held : client.call(call)
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
