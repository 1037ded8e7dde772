// What a removal has still to do, in the data folder until it is done: whoever interrupts it goes on with `carnet remove --resume`.
import { join } from 'node:path'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'
import type { PlannedDocument } from './plan.js'

export interface Unfinished {
  /** entryUUIDs for ITI-62; empty once the registry has let them go. */
  objects: string[]
  /** Those of them that are DocumentEntries: by these the registry is asked whether it has. */
  entries: string[]
  /** For ITI-86. */
  documents: PlannedDocument[]
}

export interface Journal {
  unfinished: Unfinished
  /** Durably. */
  keep(unfinished: Unfinished): Promise<void>
  forget(): Promise<void>
}

const folderOf = (data: string) => join(data, 'removals')

/** It is on the disk when this resolves: what is removed from here on can be gone on with. */
export async function openJournal(data: string, unfinished: Unfinished, context: Context): Promise<Journal> {
  await context.ports.files.makeFolder(folderOf(data), { mode: 0o750 })
  const journal = journalAt(join(folderOf(data), `${context.ports.randomness.uuid()}.json`), unfinished, context)
  await journal.keep(unfinished)
  return journal
}

/** Of removals that were interrupted, oldest name first; empty where none was. */
export async function journalsIn(data: string, context: Context): Promise<Journal[]> {
  const { files } = context.ports
  if ((await files.stat(folderOf(data))) === undefined) return []
  const names = (await files.list(folderOf(data))).filter(name => name.endsWith('.json')).sort()
  return Promise.all(
    names.map(async name => {
      const path = join(folderOf(data), name)
      return journalAt(path, unfinishedIn(await files.readFile(path), path), context)
    }),
  )
}

function journalAt(path: string, unfinished: Unfinished, { ports }: Context): Journal {
  const journal: Journal = {
    unfinished,
    async keep(left) {
      journal.unfinished = left
      await ports.files.replace(path, `${JSON.stringify(left, undefined, 1)}\n`, { mode: 0o640 })
    },
    forget: () => ports.files.remove(path),
  }
  return journal
}

function unfinishedIn(bytes: Buffer, path: string): Unfinished {
  try {
    const { objects, entries, documents } = JSON.parse(String(bytes)) as Unfinished
    if ([objects, entries, documents].every(Array.isArray)) return { objects, entries, documents }
  } catch {
    // Said below.
  }
  throw new Failure(
    'configuration',
    `${path} is not what "carnet remove" writes; move it away and plan the removal anew.`,
  )
}
