// From a file to a PostgreSQL server. Small documents that stand in segments become files before. docs/decisions/0384
import { documentsFolderOf } from '../../config/documents-place.js'
import { copyOutOfSegments, countInSegments } from '../../repository/crossing/contents.js'
import { serverAt } from '../../server/database-server.js'
import { type Crossed, compareWithServer, crossToServer } from '../../store/crossing/cross.js'
import type { Preparing } from '../../store/crossing/crossing.js'
import { leaveFile } from '../../store/crossing/embedded-database.js'
import { takeLock } from '../../store/lock.js'
import type { PostgresServer } from '../../store/postgres/connections.js'
import { leaveDatabase } from '../../store/postgres/crossing-out.js'
import { CannotBeFilled, fillDatabase } from '../../store/postgres/tables-in.js'
import { Failure } from '../failure.js'
import { bar } from '../quantities.js'
import { finishedBefore, type Move, shown } from './move.js'

export async function toServer(move: Move): Promise<Crossed[]> {
  const { service, deployment, settings, context, embedded } = move
  const { files } = context.ports
  const { database: path } = deployment.config[service]
  const { database: url, postgres } = settings.config[service]
  if ((await files.stat(path)) === undefined)
    throw new Failure('usage', `${path} is not there: there is nothing to move.`)
  const server = await serverAt(service, url, postgres, files)
  const lock = await takeLock(`${path}.lock`, files)
  if (lock === undefined) throw new Failure('usage', `The ${service} is at work on ${path}: end it first.`)
  let crossed: Crossed[] = []
  try {
    await leaveFile({ path, migrations: embedded }, async from => {
      crossed = await filled(from, server, move)
    })
  } finally {
    lock.release()
  }
  return crossed
}

async function filled(from: Preparing, server: PostgresServer, move: Move): Promise<Crossed[]> {
  const { context, crossings, onServer: migrations } = move
  const { network } = context.ports
  const schema = { steps: migrations.map(({ name }) => name), sequences: [] }
  let crossed: Crossed[] = []
  try {
    await fillDatabase({ server, migrations, schema }, network, async to => {
      await copyContents(from, move)
      crossed = await crossToServer(crossings, { from, to }, shown(move))
      move.settings.keep()
    })
    return crossed
  } catch (problem) {
    if (!(problem instanceof CannotBeFilled)) throw problem
    const there = await finishedBefore(move, async seen => {
      await leaveDatabase({ server, migrations }, network, async to => {
        crossed = await compareWithServer(crossings, { from, to }, seen)
      })
      return crossed
    })
    if (there === undefined) throw problem
    // The service may have run once more since, and have cleared away files that were none of its own.
    await copyContents(from, move)
    return there
  }
}

/** A segment has one writer: where several processes may come, small documents are files. */
async function copyContents(database: Preparing, { service, deployment, context }: Move): Promise<void> {
  if (service !== 'repository') return
  const { ports, terminal } = context
  const total = countInSegments(database)
  const folder = documentsFolderOf(deployment.config.repository)
  const seen = (documents: number) =>
    terminal.progress(`${bar(documents, total)} ${documents} of ${total} documents to files`)
  const { documents, missing } = await copyOutOfSegments({ database, folder, ports, seen })
  if (documents > 0) terminal.print(`documents   ${documents} out of segments, each a file now`)
  for (const id of missing.slice(0, 20)) terminal.complain(`document ${id}: its bytes are missing, and were before`)
}
