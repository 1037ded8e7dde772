// What is read from files when a service starts, and again when these change while it runs. What was good before holds until what is
// there now can be used.
import { everyOnceDone } from '../ports/clock.js'
import type { Files } from '../ports/files.js'
import type { Ports } from '../ports/ports.js'

export interface FollowFiles<State> {
  /** Names the files before it opens them: one that changes meanwhile looks different the next time. @throws Error in words */
  read(see: (paths: readonly string[]) => Promise<void>): Promise<State>
  /** For those who use it, each time but the first. */
  anew(state: State): void
  /** What the log says of changes that cannot be used. */
  unusable: string
  ports: Pick<Ports, 'clock' | 'files'>
  log: { error(facts: object, words: string): void }
  lookMs?: number | undefined
}

export interface Followed<State> {
  /** What was read last and can be used. */
  state(): State
  /** Why what has changed cannot be used; the former holds. */
  problem(): string | undefined
  close(): void
}

const everyMs = 2_000

/** @throws Error in words, when what is there at the start cannot be used */
export async function followFiles<State>(options: FollowFiles<State>): Promise<Followed<State>> {
  const { read, anew, unusable, log, lookMs = everyMs } = options
  const { clock, files } = options.ports
  let seen: { paths: readonly string[]; marks: string } = { paths: [], marks: '' }
  const see = async (paths: readonly string[]) => {
    seen = { paths, marks: await marksOf(paths, files) }
  }
  let state = await read(see)
  let problem: string | undefined

  function refuse(failure: unknown): void {
    const words = failure instanceof Error ? failure.message : String(failure)
    if (words !== problem) log.error({ reason: words }, unusable)
    problem = words
  }

  async function look(): Promise<void> {
    // What was refused may be good by now: a certificate that was not valid yet.
    if (problem === undefined && (await marksOf(seen.paths, files)) === seen.marks) return
    state = await read(see)
    problem = undefined
    anew(state)
  }

  const timer = everyOnceDone(clock, lookMs, look, refuse)
  return { state: () => state, problem: () => problem, close: () => timer.cancel() }
}

/** When they changed and how long they are, as one text. */
async function marksOf(paths: readonly string[], files: Files): Promise<string> {
  const marks = await Promise.all(paths.map(path => files.stat(path).catch(() => undefined)))
  return marks.map(mark => (mark === undefined ? '-' : `${mark.modifiedMs}:${mark.sizeBytes}`)).join(' ')
}
