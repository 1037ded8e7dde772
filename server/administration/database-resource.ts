// For administrators: the database of a service as it is at this instant, for a backup. The service makes the copy, for nobody else
// may open its database while it runs; the copy is gone when it has been sent. docs/decisions/0240.
import { basename, dirname, join } from 'node:path'
import { isOnServer } from '../../config/postgres-url.js'
import { piecesOf } from '../../ports/files.js'
import type { Ports } from '../../ports/ports.js'
import { takeSnapshot } from '../../store/snapshot.js'
import type { ActorDatabase } from '../actor-database.js'
import { lastParcel, writeParcel } from './parcels.js'
import { AdminProblem, type AdminResource, Parcels } from './resources.js'
import { waitingFor } from './slow-answer.js'
import { listParcel, tableParcels } from './table-parcels.js'

type Around = Pick<Ports, 'clock' | 'files' | 'randomness' | 'threads'>

/** What a process that died in the middle of it has left is removed here. `tables` are those of a database on a server. */
export async function databaseResource(
  database: string,
  ports: Around,
  { tables, listIn }: Pick<ActorDatabase, 'tables' | 'listIn'> = {},
): Promise<AdminResource> {
  await removeLeftovers(database, ports)
  let underWay = false

  /** From the first byte that is asked for: an answer that is never begun holds up nobody. */
  async function* alone(): AsyncGenerator<Buffer> {
    if (underWay) throw new Error('the database is being copied for somebody else')
    underWay = true
    try {
      yield* isOnServer(database) ? tableParcels(tables?.()) : copied(database, ports, listIn)
    } finally {
      underWay = false
    }
  }

  return {
    path: '/admin/backup/database',
    method: 'GET',
    does: 'take a copy of the database',
    async answer() {
      if (underWay) throw new AdminProblem(503, 'the database is being copied for somebody else; try again later')
      await assertRoom(database, ports)
      return new Parcels(alone())
    },
  }
}

/** What the copy must leave to those who write. */
const spareBytes = 128 * 1024 * 1024

async function assertRoom(database: string, { files }: Around): Promise<void> {
  if (isOnServer(database)) return
  const sizeBytes = (await files.stat(database))?.sizeBytes ?? 0
  const freeBytes = await files.freeBytes(dirname(database))
  if (freeBytes >= sizeBytes + spareBytes) return
  const mebibytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024)
  throw new AdminProblem(
    503,
    `a copy of the database needs ${mebibytes(sizeBytes + spareBytes)} MiB beside it, and ${mebibytes(freeBytes)} are free`,
  )
}

async function* copied(database: string, ports: Around, listIn: ActorDatabase['listIn']): AsyncGenerator<Buffer> {
  const { files, randomness, threads } = ports
  const into = `${database}${copySuffix}${randomness.uuid()}`
  let copying: Promise<void> = Promise.resolve()
  try {
    // Made here, for SQLite would let everybody read it.
    await (await files.create(into, { mode: 0o600 })).close()
    copying = takeSnapshot({ database, into }, threads)
    yield* waitingFor(copying, ports.clock)
    yield* writeParcel({ name: basename(database), pieces: piecesOf(files, into) })
    if (listIn !== undefined) yield* listParcel(listIn(into))
    yield lastParcel()
  } finally {
    await copying.catch(() => {})
    await files.remove(into).catch(() => {})
  }
}

const copySuffix = '.copy-'

async function removeLeftovers(database: string, { files }: Around): Promise<void> {
  if (isOnServer(database)) return
  const folder = dirname(database)
  const names = (await files.list(folder)).filter(name => name.startsWith(`${basename(database)}${copySuffix}`))
  for (const name of names) await files.remove(join(folder, name))
}
