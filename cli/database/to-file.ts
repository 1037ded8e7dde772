// From a PostgreSQL server to a file. docs/decisions/0384
import { dirname, join } from 'node:path'
import type { Files } from '../../ports/files.js'
import { countInSegments } from '../../repository/crossing/contents.js'
import { serverAt } from '../../server/database-server.js'
import { type Crossed, compareWithFile, crossToFile, type Seen } from '../../store/crossing/cross.js'
import { leaveFile, makeFile } from '../../store/crossing/embedded-database.js'
import { takeLock } from '../../store/lock.js'
import { leaveDatabase } from '../../store/postgres/crossing-out.js'
import type { Session } from '../../store/postgres/session.js'
import { Failure } from '../failure.js'
import { finishedBefore, type Move, shown } from './move.js'

export async function toFile(move: Move): Promise<Crossed[]> {
  const { service, deployment, settings, context, crossings, embedded, onServer } = move
  const { files, network } = context.ports
  const { database: url, postgres } = deployment.config[service]
  const { database: path } = settings.config[service]
  const there = await somethingAt(path, files)
  if (there !== undefined && !settings.isAgain) throw isThere(there)
  const server = await serverAt(service, url, postgres, files)
  let crossed: Crossed[] = []
  let isMade = false
  try {
    await leaveDatabase({ server, migrations: onServer }, network, async from => {
      const note = await readOnlyNote(from)
      if (there !== undefined) {
        const found = await finishedBefore(move, seen => foundAt(path, from, move, seen))
        if (found === undefined) throw isThere(there)
        crossed = found
      } else {
        await makeFile({ path, migrations: embedded }, files, async to => {
          crossed = await crossToFile(crossings, { from, to }, shown(move))
        })
        isMade = true
      }
      if (note !== undefined && note.by !== us)
        await files.replace(noteFile(move), `${JSON.stringify(note)}\n`, { mode: 0o640 })
      await closeLeft(from, move)
    })
  } catch (problem) {
    if (isMade) await files.remove(path)
    throw problem
  }
  return crossed
}

async function somethingAt(path: string, files: Pick<Files, 'stat'>): Promise<string | undefined> {
  for (const there of [path, `${path}-wal`]) if ((await files.stat(there)) !== undefined) return there
  return undefined
}

const isThere = (path: string) =>
  new Failure(
    'usage',
    `${path} is there already; nothing is overwritten: name a new file with --to, or move that one away.`,
  )

/** Undefined where somebody is at work on it, or it was made by a service: that has segments, which may be gone since. */
async function foundAt(path: string, from: Session, { context, crossings, embedded, service }: Move, seen: Seen) {
  const { files } = context.ports
  const lock = await takeLock(`${path}.lock`, files)
  if (lock === undefined) return undefined
  let crossed: Crossed[] | undefined
  try {
    await leaveFile({ path, migrations: embedded }, async to => {
      if (service === 'repository' && countInSegments(to) > 0) return
      crossed = await compareWithFile(crossings, { from, to }, seen)
    })
  } finally {
    lock.release()
  }
  return crossed
}

const us = 'carnet database move'

interface Note {
  sinceMs: number
  by: string
  why: string
}

async function readOnlyNote(session: Session): Promise<Note | undefined> {
  const [note] = await session.query<Note>('SELECT since_ms AS "sinceMs", by_whom AS by, why FROM read_only')
  return note
}

const noteFile = ({ service, settings: { config } }: Move) =>
  join(config[service].folder ?? dirname(config[service].database), `${service}.read-only`)

/** A process on another machine, whose settings still name what was left, is to change nothing there. */
async function closeLeft(session: Session, { service, settings, context }: Move): Promise<void> {
  await session.query('DELETE FROM read_only')
  await session.query(
    'INSERT INTO read_only (since_ms, by_whom, why) VALUES (?, ?, ?)',
    ...[context.ports.clock.now(), us, `the ${service} has moved to ${settings.config[service].database}`],
  )
}
