// The log: one JSON object a line, names as the Technical Framework spells them. The door to pino.
import { pino } from 'pino'

export interface Log {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

export interface OpenLog extends Log {
  /** Opens the file anew, after it has been moved away. */
  reopen(): void
  close(): void
}

/** Lines go to `file`, or to standard output. Control characters in values are escaped by JSON, so nobody can forge a line. */
export function openLog(options: {
  service: string
  level: 'debug' | 'info' | 'warn' | 'error'
  file?: string
}): OpenLog {
  const destination = pino.destination({ dest: options.file ?? 1, mkdir: true, mode: 0o640, sync: false, minLength: 0 })
  const log = pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'message',
      formatters: { level: label => ({ level: label }) },
    },
    destination,
  )
  return {
    debug: (facts, message) => log.debug(facts, message),
    info: (facts, message) => log.info(facts, message),
    warn: (facts, message) => log.warn(facts, message),
    error: (facts, message) => log.error(facts, message),
    reopen: () => destination.reopen(),
    close: () => {
      try {
        destination.flushSync()
        destination.end()
      } catch {
        // The disk is full or the file gone: there is nowhere left to say so.
      }
    },
  }
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
