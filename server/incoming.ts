// Folders of a service for what is under way. What an earlier run has left in them is thrown away.
import { join } from 'node:path'
import { openSpool, type Spool } from '../soap/spool.js'
import type { Service } from './service.js'
import { folderOf } from './service-section.js'

/** Small attachments of all requests under way, together; more of them wait on the disk as large ones do. */
export const mostInMemoryBytes = 32 * 1024 * 1024

/** Where attachments of requests are while they arrive. */
export async function openIncoming(service: Service): Promise<Spool> {
  const { files, randomness } = service.ports
  const folder = await emptyFolder(service, 'incoming')
  return openSpool({ files, randomness, folder, mostInMemoryBytes, budget: service.budget.spooled })
}

/** `DATA/NAME-WHAT`, made anew: only for whoever has the lock on the data (`lockData`), or it would take what another process is receiving. */
export async function emptyFolder(
  { name, section, ports: { files } }: Pick<Service, 'name' | 'section' | 'ports'>,
  what: string,
): Promise<string> {
  const folder = join(folderOf(section), `${name}-${what}`)
  await files.removeFolder(folder)
  await files.makeFolder(folder)
  return folder
}
