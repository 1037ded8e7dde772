// Who is at work on a submission, and who waits for its outcome. In memory: one process serves a repository.
import { type Clock, within } from '../../ports/clock.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'

export interface Settlements {
  /** Takes a submission to work on; false when somebody has it. */
  claim(submissionId: string): boolean
  release(submissionId: string): void
  /** Its outcome is committed: tells all who wait. */
  announce(submissionId: string, outcome: RegistryResponse): void
  /** The outcome, or undefined when `timeoutMs` pass first or `signal` is aborted. */
  outcome(submissionId: string, timeoutMs: number, signal: AbortSignal): Promise<RegistryResponse | undefined>
  isAwaited(submissionId: string): boolean
}

type Hear = (outcome: RegistryResponse) => void

/** In memory: a `claim` ends with the process, and the resolver of the next start goes on. */
export function openSettlements(clock: Clock): Settlements {
  const claimed = new Set<string>()
  const waiting = new Map<string, Set<Hear>>()

  function join(submissionId: string, hear: Hear): () => void {
    const all = waiting.get(submissionId) ?? new Set()
    waiting.set(submissionId, all.add(hear))
    return () => {
      all.delete(hear)
      if (all.size === 0 && waiting.get(submissionId) === all) waiting.delete(submissionId)
    }
  }

  return {
    claim(submissionId) {
      if (claimed.has(submissionId)) return false
      claimed.add(submissionId)
      return true
    },
    release: submissionId => void claimed.delete(submissionId),
    announce(submissionId, outcome) {
      const all = waiting.get(submissionId)
      waiting.delete(submissionId)
      for (const hear of all ?? []) hear(outcome)
    },
    async outcome(submissionId, timeoutMs, signal) {
      const { signal: late, end } = within(clock, timeoutMs, signal)
      let leave = () => {}
      const heard = new Promise<RegistryResponse>(resolve => {
        leave = join(submissionId, resolve)
      })
      const passed = new Promise<undefined>(resolve => {
        late.addEventListener('abort', () => resolve(undefined))
        if (late.aborted) resolve(undefined)
      })
      try {
        return await Promise.race([heard, passed])
      } finally {
        leave()
        end()
      }
    },
    isAwaited: submissionId => waiting.has(submissionId),
  }
}
