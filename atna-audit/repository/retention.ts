// Records that have been kept for as long as the rules of the deployment ask go, with all that finds them; their leaves stay. Never
// what is under a legal hold, nor what no root has been signed over, nor the lists of what was removed. docs/decisions/0297.
import type { AuditConfig } from '../../config/audit-config.js'
import type { Clock, Timer } from '../../ports/clock.js'
import { type HeldKind, heldPatient, holdOn } from '../../server/holds.js'
import type { Store } from '../../store/store.js'
import { readSyslog } from '../syslog.js'
import { eventIDs } from '../vocabulary.js'
import { readAuditMessage } from './audit-view.js'
import { inRanges, noteRemoval, type Removal, removalUrn } from './chain/removals.js'
import { unpacked } from './frames.js'
import { indexEntriesOf } from './index-entries.js'
import { isPatient } from './terms.js'

export type RetentionRules = AuditConfig['retention']

export interface Retention {
  /** How many records go now, if asked, and how many are old enough and held. */
  run(options: { remove: boolean }): Promise<RetentionOutcome>
  end(): Promise<void>
}

export interface RetentionOutcome {
  looked: number
  removed: number
  held: number
}

export interface OpenRetention {
  store: Store
  rules: RetentionRules
  clock: Clock
  /** When the last record had come before this process came. */
  latestMs?: number | undefined
  /** Records that a root has been signed over. */
  signedSize(): number
  /** Within `store.write`: writes down what was removed. */
  note(removal: Omit<Removal, 'number'>, count: number, urn: string): void
  log: { info(facts: object, message: string): void; error(facts: object, message: string): void }
}

const dayMs = 86_400_000
/** Nobody hears nothing for so long, but where a clock has gone wrong, or a service has not run. */
const silentDays = 60
const recordsAtOnce = 250
/** Between two groups: what arrives meanwhile comes first. */
const pauseMs = 20

/**
 * Only what the last signed root covers may go, and nothing that a legal hold names: that is counted in `held`. An arrival is never taken for
 * older than the one before it, whatever the clock said.
 */
export function openRetention({ store, rules, clock, latestMs, signedSize, note, log }: OpenRetention): Retention {
  const opened = { ms: clock.now(), monotonicMs: clock.monotonicMs() }
  let ended = false
  let underWay: Promise<unknown> = Promise.resolve()
  const heldBy = holdOn(store)

  async function run({ remove }: { remove: boolean }): Promise<RetentionOutcome> {
    const outcome: RetentionOutcome = { looked: 0, removed: 0, held: 0 }
    const now = clock.now()
    const least = Math.min(...rules.rules.map(({ days }) => days))
    // None has come before those that stand before it, whatever the clock said: after a start without one it may have said 1970.
    let notBeforeMs = Number.NEGATIVE_INFINITY
    const since = (receivedMs: number) => {
      notBeforeMs = Math.max(notBeforeMs, receivedMs)
      return notBeforeMs
    }
    for (let after: number | undefined = 0; after !== undefined && !ended; ) {
      const from: number = after
      const group = (): number | undefined => {
        const rows = recordsAfter(store, from, signedSize()).map(row => ({ ...row, sinceMs: since(row.receivedMs) }))
        const old = rows.filter(({ sinceMs }) => sinceMs <= now - least * dayMs)
        outcome.looked += old.length
        for (const [rule, going] of goingBy(old, now, outcome)) {
          outcome.removed += going.length
          if (remove) removeThese(going, rule, now)
        }
        // In order of arrival: behind the first that is too young for every rule there is nothing.
        return old.length < rows.length ? undefined : rows.at(-1)?.id
      }
      after = remove ? await store.write(group) : group()
      await clock.sleep(pauseMs, { idle: true })
    }
    if (outcome.removed > 0 && remove) {
      await store.erased()
      log.info({ ...outcome }, 'audit records were removed by the rules of retention')
    }
    return outcome
  }

  function goingBy(old: readonly OldRow[], now: number, outcome: RetentionOutcome): Map<string, Row[]> {
    const going = new Map<string, Row[]>()
    for (const row of old) {
      const rule = rules.rules.find(({ types }) => types === undefined || types.includes(row.type ?? row.event ?? ''))
      if (rule === undefined || row.sinceMs > now - rule.days * dayMs || isListOfRemoved(row)) continue
      if (isHeld(row)) {
        outcome.held += 1
        continue
      }
      const words = `${rule.types?.join(' ') ?? 'all'} after ${rule.days} days`
      going.set(words, [...(going.get(words) ?? []), row])
    }
    return going
  }

  function isHeld(row: Row): boolean {
    return namedIn(row).some(([kind, value]) => heldBy(kind, value) !== undefined)
  }

  function removeThese(rows: readonly Row[], rule: string, removedMs: number): void {
    for (const row of rows) forget(store, row)
    const removal = { removedMs, rule, records: inRanges(rows.map(({ id }) => id)) }
    noteRemoval(store, removal)
    note(removal, rows.length, removalUrn(removal))
    store.markErasure()
  }

  /** One after another. */
  function inTurn(options: { remove: boolean }): Promise<RetentionOutcome> {
    const result = underWay.then(() => run(options))
    underWay = result.catch(() => undefined)
    return result
  }

  /** What is removed does not come back when somebody puts the clock right. */
  function doubtOfClock(): string | undefined {
    const nowMs = clock.now()
    const aheadDays = (nowMs - opened.ms - (clock.monotonicMs() - opened.monotonicMs)) / dayMs
    if (aheadDays > 1) return `the clock has gone ahead by ${Math.round(aheadDays)} days since this service was started`
    const silent = latestMs === undefined ? 0 : (opened.ms - latestMs) / dayMs
    if (silent <= silentDays) return undefined
    return `by the clock ${Math.round(silent)} days have passed between this start and the last record before it`
  }

  async function byItself(): Promise<void> {
    const doubt = doubtOfClock()
    if (doubt === undefined) await inTurn({ remove: true })
    else
      log.error(
        { reason: doubt },
        'no old audit records are removed: put the clock right and start this service again, or remove them by "carnet audit retention --remove"',
      )
  }

  const nothing: RetentionOutcome = { looked: 0, removed: 0, held: 0 }
  const timer: Timer | undefined =
    rules.rules.length === 0
      ? undefined
      : clock.every(rules.everyHours * 3_600_000, () => {
          byItself().catch(problem => log.error({ reason: String(problem) }, 'old audit records could not be removed'))
        })
  return {
    run: options => (rules.rules.length === 0 ? Promise.resolve(nothing) : inTurn(options)),
    async end() {
      ended = true
      timer?.cancel()
      await underWay
    },
  }
}

interface Row {
  id: number
  receivedMs: number
  event: string | null
  type: string | null
  action: string | null
  problem: string | null
  form: number | null
  frame: Uint8Array
}

interface OldRow extends Row {
  /** The latest arrival up to this one: its own, unless a clock had gone back. */
  sinceMs: number
}

function recordsAfter(store: Store, after: number, through: number): Row[] {
  return store
    .prepare(
      `SELECT id, received_ms AS receivedMs, event, type, action, problem, form, frame FROM audit_record
       WHERE id > ? AND id <= ? ORDER BY id LIMIT ${recordsAtOnce}`,
    )
    .all<Row>(after, through)
}

/** Verification needs it for as long as there is a tree. */
function isListOfRemoved({ event, action }: Row): boolean {
  return event === eventIDs.auditLogUsed[0] && action === 'D'
}

/** What a hold can be on; nobody knows what that is of which cannot be read. */
function namedIn(row: Row): [kind: HeldKind, value: string][] {
  try {
    return readAuditMessage(readSyslog(unpacked(row)).message).objects.flatMap(object => {
      const { id } = object
      if (id === undefined) return []
      const held = isPatient(object) ? heldPatient(id) : id.normalize('NFC')
      return held === undefined ? [] : [[isPatient(object) ? 'patient' : 'document', held] as [HeldKind, string]]
    })
  } catch {
    return []
  }
}

function forget(store: Store, row: Row): void {
  const { at, keys } = indexEntriesOf(row)
  const remove = store.prepare('DELETE FROM audit_term WHERE term = ? AND at = ? AND record = ?')
  for (const key of keys) remove.run(key, at, row.id)
  store.prepare('DELETE FROM audit_record WHERE id = ?').run(row.id)
}
