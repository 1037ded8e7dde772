// Which items of an import are done, in the data folder: an import that was interrupted goes on where it stopped.
import { join } from 'node:path'
import { piecesOf } from '../../ports/files.js'
import type { Context } from '../context.js'
import { keyOf } from './items.js'

export interface ImportJournal {
  isDone(key: string): boolean
  done(key: string): Promise<void>
  close(): Promise<void>
}

/** `anew`: what an earlier run did is not asked for. */
export async function openImportJournal(
  data: string,
  source: string,
  { anew }: { anew: boolean },
  { ports: { files } }: Context,
): Promise<ImportJournal> {
  const path = join(data, 'imports', `${keyOf(source)}.txt`)
  if (anew) await files.remove(path)
  const known = new Set<string>()
  if ((await files.stat(path)) !== undefined) {
    let rest = ''
    for await (const piece of piecesOf(files, path)) {
      const lines = (rest + String(piece)).split('\n')
      // A line that was cut off is not done: sending it again is safe.
      rest = lines.pop() ?? ''
      for (const line of lines) known.add(line)
    }
  }
  const file = await files.append(path)
  return {
    isDone: key => known.has(key),
    async done(key) {
      known.add(key)
      // A line of its own, behind one that was cut off too.
      await file.write(Buffer.from(`\n${key}\n`))
    },
    close: () => file.close(),
  }
}
