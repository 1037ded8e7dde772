// The log: one JSON object a line, names as the Technical Framework spells them. The door to pino.
import { pino } from 'pino'
import { isoOf } from '../ports/clock.js'
import type { Ports } from '../ports/ports.js'
import { standardOutput } from '../ports/terminal.js'
import { type Lines, logFile } from './log-file.js'

/** Facts by name, then one sentence. No name or id of a patient belongs there, and no token. */
export interface Log {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

export interface OpenLog extends Log {
  /** Opens the file anew, after it has been moved away. */
  reopen(): void
  close(): Promise<void>
}

export interface LogOptions {
  service: string
  level: 'debug' | 'info' | 'warn' | 'error'
  /** Standard output without it. */
  file?: string
  ports: Pick<Ports, 'files' | 'clock'>
}

// pino formats; the lines are written by ourselves, because its own destination waits for a full disk for ever.
/** Control characters in values are escaped by JSON, so nobody can forge a line. */
export function openLog({ service, level, file, ports }: LogOptions): OpenLog {
  const lines: Lines = file === undefined ? toStandardOutput : logFile(file, ports)
  const log = pino(
    {
      level,
      base: { service },
      timestamp: () => `,"time":"${isoOf(ports.clock.now())}"`,
      messageKey: 'message',
      formatters: { level: label => ({ level: label }) },
    },
    { write: line => lines.write(line) },
  )
  return {
    debug: (facts, message) => log.debug(facts, message),
    info: (facts, message) => log.info(facts, message),
    warn: (facts, message) => log.warn(facts, message),
    error: (facts, message) => log.error(facts, message),
    reopen: () => lines.reopen(),
    close: () => lines.close(),
  }
}

const toStandardOutput: Lines = { write: line => standardOutput(line), reopen() {}, close: () => Promise.resolve() }
