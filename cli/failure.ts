// How a command ends: its exit codes, and a failure as one sentence that says what to do next.

/** Documented in `carnet --help`. */
export const exitCodes = {
  done: 0,
  /** The request was refused, the document spoilt, the check not passed. */
  refused: 1,
  /** The command was called in a way that it does not know. */
  usage: 2,
  /** A service could not be reached, or gave no answer. */
  unreachable: 3,
  /** carnet.json or a certificate cannot be used. */
  configuration: 4,
  /** Our own fault. */
  unforeseen: 70,
} as const

export type ExitReason = keyof typeof exitCodes

/** The only error that a command ends with on purpose; `reason` is its exit code in words. */
export class Failure extends Error {
  constructor(
    readonly reason: ExitReason,
    /** What is wrong and what to do next. */
    sentence: string,
  ) {
    super(sentence)
  }
}
