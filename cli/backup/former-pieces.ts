// Which pieces of tables the backup before names, asked in the order in which they come again: a stretch of its list is in memory, not the whole.
import { type BackedUpService, readManifest } from './folder.js'
import type { Backup } from './run.js'
import { piecesNamedIn } from './table-pieces.js'

export interface FormerPieces {
  /** False also where it is named far from where it would be looked for. */
  has(name: string): Promise<boolean>
  close(): Promise<void>
}

/** So far behind its place a piece is found again. */
const mostAhead = 2_048

export function formerPieces(
  service: BackedUpService,
  run: Pick<Backup, 'former' | 'folder' | 'vault' | 'context'>,
): FormerPieces {
  const names = namesIn(service, run)
  const ahead = new Set<string>()

  async function fill(): Promise<void> {
    while (ahead.size < mostAhead) {
      // One that cannot be read is of no use here, and no hindrance.
      const next = await names.next().catch(() => undefined)
      if (next === undefined || next.done === true) return
      ahead.add(next.value)
    }
  }

  return {
    async has(name) {
      await fill()
      if (!ahead.has(name)) return false
      // What stands before it comes no more.
      for (const each of ahead) {
        if (each === name) break
        ahead.delete(each)
      }
      return true
    },
    close: async () => void (await names.return(undefined)),
  }
}

async function* namesIn(
  service: BackedUpService,
  { former, ...place }: Pick<Backup, 'former' | 'folder' | 'vault' | 'context'>,
): AsyncGenerator<string> {
  if (former === undefined) return
  const tables = (await readManifest(place, former)).tables?.find(each => each.service === service)
  if (tables !== undefined) yield* piecesNamedIn(place, former, tables)
}
