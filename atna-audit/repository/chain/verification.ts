// Verifications of a running service: one at a time, in a thread, with what the last ones found.
import { fileURLToPath } from 'node:url'
import type { Ports } from '../../../ports/ports.js'
import type { Store } from '../../../store/store.js'
import type { VerifyOptions, VerifyProgress, VerifyReport } from './report.js'
import { rootsInFile } from './roots-file.js'

export interface Verification {
  /** False when one is running already. */
  start(options: Omit<VerifyOptions, 'roots'>): boolean
  state(): VerificationState
  /** The last ones, newest first. */
  history(limit: number): PastVerification[]
  stop(): Promise<void>
}

export interface VerificationState {
  running: boolean
  progress: VerifyProgress | undefined
  recordsPerSecond: number | undefined
  /** Of the last one in this process. */
  report: VerifyReport | undefined
  failure: string | undefined
}

export interface PastVerification {
  beganMs: number
  endedMs: number
  findings: number
  report: VerifyReport
}

const script = fileURLToPath(new URL('./verification-thread.js', import.meta.url))
const mostRemembered = 1_000

/** Reads the database with a connection of its own, so that nothing waits for it; a second start while one runs changes nothing. */
export function openVerification(
  store: Store,
  { database, rootsFile }: { database: string; rootsFile: string | undefined },
  { clock, files, threads }: Pick<Ports, 'clock' | 'files' | 'threads'>,
  log: { info(facts: object, message: string): void; error(facts: object, message: string): void },
): Verification {
  const state: VerificationState = {
    running: false,
    progress: undefined,
    recordsPerSecond: undefined,
    report: undefined,
    failure: undefined,
  }
  let stop = async () => {}

  async function run(options: Omit<VerifyOptions, 'roots'>): Promise<void> {
    const beganMs = clock.now()
    const began = clock.monotonicMs()
    const roots = rootsFile === undefined ? [] : await rootsInFile(rootsFile, files)
    const thread = threads.start(script, { database, options, roots }, { memoryMb: 256 })
    stop = () => thread.stop()
    let report: VerifyReport | undefined
    let failure: string | undefined
    thread.onMessage(message => {
      const said = message as { progress?: VerifyProgress; report?: VerifyReport; failure?: string }
      if (said.progress !== undefined) {
        state.progress = said.progress
        state.recordsPerSecond = Math.round((said.progress.records * 1000) / (clock.monotonicMs() - began))
      }
      report ??= said.report
      failure ??= said.failure
    })
    const trouble = await thread.ended
    if (report === undefined) throw new Error(failure ?? trouble ?? 'its thread ended before it did')
    state.report = report
    state.recordsPerSecond = Math.round((report.records * 1000) / Math.max(1, report.tookMs))
    await remember(report, beganMs)
    tell(report)
  }

  function remember(report: VerifyReport, beganMs: number): Promise<void> {
    const findings = report.findings.length + report.untold
    return store.write(() => {
      store
        .prepare('INSERT INTO audit_check (began_ms, ended_ms, findings, report) VALUES (?, ?, ?, ?)')
        .run(beganMs, clock.now(), findings, JSON.stringify(report))
      store
        .prepare('DELETE FROM audit_check WHERE number <= (SELECT max(number) FROM audit_check) - ?')
        .run(mostRemembered)
    })
  }

  function tell(report: VerifyReport): void {
    const { records, roots, findings, untold, tookMs } = report
    if (findings.length === 0) log.info({ records, roots, tookMs }, 'the audit records are what they were')
    else log.error({ records, findings: findings.slice(0, 10), more: untold }, 'the chain of audit records is broken')
  }

  return {
    start(options) {
      if (state.running) return false
      Object.assign(state, { running: true, progress: undefined, report: undefined, failure: undefined })
      run(options)
        .catch(problem => {
          state.failure = (problem as Error).message
          log.error({ reason: state.failure }, 'the audit records could not be verified')
        })
        .finally(() => {
          state.running = false
        })
      return true
    },
    state: () => ({ ...state }),
    history: limit =>
      store
        .prepare(
          'SELECT began_ms AS beganMs, ended_ms AS endedMs, findings, report FROM audit_check ORDER BY number DESC LIMIT ?',
        )
        .all<Omit<PastVerification, 'report'> & { report: string }>(limit)
        .map(({ report, beganMs, endedMs, findings }) => ({
          beganMs,
          endedMs,
          findings,
          report: JSON.parse(report) as VerifyReport,
        })),
    stop: () => stop(),
  }
}
