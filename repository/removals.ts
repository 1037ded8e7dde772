// Documents on their way out, one request after another: out of reach first, then the bytes, then the rows. What a crash leaves
// half done the next start finishes. docs/decisions/0122.
import type { AuditRecord } from '../atna-audit/message.js'
import { joined } from '../transactions/remove-audit.js'
import type { RepositoryAlarm, RepositoryOutbox } from './alarm.js'
import type { ContentStore } from './content-store.js'
import type { DocumentStore, RemovableCopy } from './document-store.js'

/** What became of one document. `patientIds` are those of its copies. */
export type Removed =
  | { kind: 'removed' | 'stuck'; patientIds: string[] }
  | { kind: 'unknown' }
  | { kind: 'registering'; patientIds: string[] }
  /** By a legal hold. */
  | { kind: 'held'; hold: string; patientIds: string[] }

export interface Removals {
  /**
   * Removes every copy under these uniqueIds. `audit` says what is to be written down of an outcome: of each document alone,
   * should another process have to finish this, and of all together in the commit that forgets them.
   */
  remove(uniqueIds: readonly string[], audit: (outcomes: Outcomes) => AuditRecord[]): Promise<Outcomes>
  /** Finishes what an earlier process began; the number of documents. */
  finish(): Promise<number>
}

export type Outcomes = ReadonlyMap<string, Removed>

export interface OpenRemovals {
  documents: DocumentStore
  contents: Pick<ContentStore, 'erase' | 'sizeBytes'>
  outbox: Pick<RepositoryOutbox, 'insert'>
  alarm(alarm: RepositoryAlarm): void
}

/** Documents whose bytes could not be removed are in reach again (`stuck`), and an alarm tells it; what a crash interrupts, `finish()` ends. [ITI TF-2:3.86.4.1.3] */
export function openRemovals({ documents, contents, outbox, alarm }: OpenRemovals): Removals {
  let underWay: Promise<unknown> = Promise.resolve()

  /** One after another: two requests for one document must not undo each other's marks. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = underWay.then(work)
    underWay = turn.catch(() => {})
    return turn
  }

  /** Those of the copies whose bytes are gone for good, and those whose bytes are not known to be there, though a crash might bring them back, or a storage that is away have them still. */
  async function erase(copies: readonly RemovableCopy[]): Promise<{ gone: Set<string>; doubtful: Set<string> }> {
    const gone = new Set<string>()
    const doubtful = new Set<string>()
    for (const copy of copies) {
      try {
        await contents.erase(copy)
        gone.add(copy.id)
      } catch (problem) {
        if (!(await isThere(copy))) doubtful.add(copy.id)
        const detail = `document ${copy.id} could not be removed: ${problem instanceof Error ? problem.message : problem}`
        alarm({ kind: 'document not removed', documentUniqueId: copy.uniqueId, detail })
      }
    }
    return { gone, doubtful }
  }

  /** Where nobody can tell, the bytes may have gone though no answer said so: whoever is handed the document would find it damaged. */
  const isThere = (copy: RemovableCopy) =>
    contents.sizeBytes(copy).then(
      found => found !== undefined,
      () => false,
    )

  async function remove(uniqueIds: readonly string[], audit: (outcomes: Outcomes) => AuditRecord[]): Promise<Outcomes> {
    const alone = (copy: RemovableCopy) =>
      audit(new Map([[copy.uniqueId, { kind: 'removed', patientIds: patientsOf([copy]) }]]))
    const copies = await documents.beginRemoval(uniqueIds, alone)
    // Of a document that is being registered again no copy goes: should the registry refuse that one, it has the others still.
    const isStaying = ({ state, hold }: RemovableCopy) => state !== 'registered' || hold !== undefined
    const staying = new Set(copies.filter(isStaying).map(({ uniqueId }) => uniqueId))
    const taken = copies.filter(({ uniqueId }) => !staying.has(uniqueId))
    const { gone, doubtful } = await erase(taken)
    // What may not be there any more is not brought back in reach: nobody would get it, and it would be called damaged.
    const kept = taken.filter(({ id }) => !gone.has(id) && !doubtful.has(id))
    const outcomes = new Map(
      uniqueIds.map(id => [
        id,
        outcomeOf(
          copies.filter(copy => copy.uniqueId === id),
          gone,
        ),
      ]),
    )
    await documents.endRemoval({ gone, kept: kept.map(({ id }) => id) }, () => outbox.insert(audit(outcomes)))
    return outcomes
  }

  async function finish(): Promise<number> {
    const left = await documents.halfRemoved()
    if (left.length === 0) return 0
    const { gone } = await erase(left)
    const records = joined(left.filter(({ id }) => gone.has(id)).flatMap(({ audit }) => audit))
    // What cannot be removed now stays marked: nobody gets it, and the next start tries again.
    await documents.endRemoval({ gone, kept: [] }, () => outbox.insert(records))
    return gone.size
  }

  return {
    remove: (uniqueIds, audit) => inTurn(() => remove(uniqueIds, audit)),
    finish: () => inTurn(finish),
  }
}

function outcomeOf(copies: readonly RemovableCopy[], gone: ReadonlySet<string>): Removed {
  if (copies.length === 0) return { kind: 'unknown' }
  const patientIds = patientsOf(copies)
  const hold = copies.find(copy => copy.hold !== undefined)?.hold
  if (hold !== undefined) return { kind: 'held', hold, patientIds }
  // The registry is about to be told of it, or has been: then it will know of it, and its bytes must be there.
  if (copies.some(({ state }) => state === 'registering')) return { kind: 'registering', patientIds }
  return { kind: copies.every(({ id }) => gone.has(id)) ? 'removed' : 'stuck', patientIds }
}

function patientsOf(copies: readonly RemovableCopy[]): string[] {
  return [...new Set(copies.flatMap(({ patientId }) => patientId ?? []))]
}
