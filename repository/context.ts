// What the handlers of the repository are given, and how it is opened.
import { setMaxListeners } from 'node:events'
import type { RepositoryConfig } from '../config/repository-config.js'
import type { Clock } from '../ports/clock.js'
import type { Ports } from '../ports/ports.js'
import type { ChangesDoor } from '../server/changes-door.js'
import type { Holds } from '../server/holds.js'
import type { Spool } from '../soap/spool.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import type { RepositoryAlarm, RepositoryOutbox } from './alarm.js'
import { type OpenContentPlaces, openContentPlaces } from './content-places.js'
import type { ContentStore } from './content-store.js'
import { type Contents, openContents } from './contents.js'
import { openCopies } from './copies.js'
import type { DocumentStore } from './document-store.js'
import type { Encryption } from './encryption/open-encryption.js'
import type { RepositoryMemory } from './memory.js'
import { type Moves, openMoves } from './moving.js'
import type { RegistryPort } from './registration/registry-port.js'
import { openSettlements, type Settlements } from './registration/settlements.js'
import { type OpenRemovals, openRemovals, type Removals } from './removals.js'

/** One for each process; a request adds its `exchange`. */
export interface RepositoryContext {
  documents: DocumentStore
  contents: Contents
  /** The same, read from where they are kept and from no cache. */
  originals: Contents
  /** What keeps the bytes. */
  kept: ContentStore
  settlements: Settlements
  removals: Removals
  /** What may not be removed. */
  holds: Holds
  moves: Moves
  /** Undefined where the settings name no keys. */
  encryption: Encryption | undefined
  outbox: RepositoryOutbox
  registry: RegistryPort
  config: RepositoryConfig
  ports: Ports
  /** For documents that came inside the envelope. */
  spool: Spool
  /** Whether anything may be added now; always without it. */
  changes?: Pick<ChangesDoor, 'assertOpen'>
  alarm(alarm: RepositoryAlarm): void
  production: Production
  /** Aborted when the service ends: nobody waits or tries again after that. */
  closing: AbortSignal
}

/** On-demand documents that are being made or registered now. */
export interface Production {
  underWay: number
  /** By uniqueId of the snapshot. */
  keeping: Map<string, Promise<RegistryResponse>>
}

export interface OpenRepository {
  memory: RepositoryMemory
  outbox: RepositoryOutbox
  registry: RegistryPort
  config: RepositoryConfig
  ports: Ports
  spool: Spool
  changes?: Pick<ChangesDoor, 'assertOpen'>
  /** Where buckets are, and whether they answer; needed where documents are or once were on an object storage. */
  objects?: OpenContentPlaces['objects']
  metrics?: OpenContentPlaces['metrics']
  alarm(alarm: RepositoryAlarm): void
}

export interface OpenedRepository {
  context: RepositoryContext
  /** Resolves with the number of files removed that no row knows; it runs beside the service. */
  swept: Promise<number>
  /** Ends all waiting. Requests under way are answered as far as they got. */
  close(): void
  /** Once nothing is under way any more. */
  end(): Promise<void>
}

/** To be called before anything is spooled: what an earlier process left half arrived is thrown away first. */
export async function openRepository(options: OpenRepository): Promise<OpenedRepository> {
  const { memory, config, ports, alarm } = options
  const closing = new AbortController()
  // As many as there are requests under way listen to it; that is no leak.
  setMaxListeners(0, closing.signal)
  const onProblem = (detail: string) => alarm({ kind: 'not cleared away', detail })
  const places = await openContentPlaces({ ...options, closing: closing.signal, onProblem })
  const { kept, destination, isSwept, encryption } = places
  const windowMs = config.resubmissionWindowDays * 86_400_000
  const { documents, sweep } = memory.over(kept, { clock: ports.clock, windowMs })
  const contents = openContents(documents, kept, alarm, places.doubt)
  const originals = openContents(documents, places.originals, alarm, places.doubt)
  const copies = openCopies()
  const erasing: OpenRemovals['contents'] = {
    sizeBytes: kept.sizeBytes,
    async erase(content) {
      await copies.gone(content.id, kept.erase)
      await memory.shared?.nothingLeftOf(content.id)
      await kept.erase(content)
    },
  }
  const removals = openRemovals({ documents, contents: erasing, outbox: options.outbox, alarm })
  // The bytes of removals belong to them until those are finished.
  const swept = removals
    .finish()
    .then(sweep)
    // What could not be removed before the object storage was there can be now.
    .then(removed => removals.finish().then(() => removed))
  if (memory.shared !== undefined) finishForOthers(removals, ports.clock, closing.signal)
  const moving = { documents, contents: originals, kept, copies, ports, closing: closing.signal }
  const context: RepositoryContext = {
    ...options,
    ...{ documents, contents, originals, kept, removals },
    settlements: openSettlements(ports.clock),
    production: { underWay: 0, keeping: new Map() },
    holds: memory.holds,
    encryption,
    moves: openMoves({ context: moving, destination, isSwept, swept }),
    closing: closing.signal,
  }
  return { context, swept, close: () => closing.abort(), end: () => kept.close() }
}

const finishEveryMs = 60_000

/** A process that ends leaves removals half done, and no start follows that would find them. What fails is tried again. */
function finishForOthers(removals: Removals, clock: Clock, closing: AbortSignal): void {
  const timer = clock.every(finishEveryMs, () => void removals.finish().catch(() => {}))
  closing.addEventListener('abort', () => timer.cancel())
}
