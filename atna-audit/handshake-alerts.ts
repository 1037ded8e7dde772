// Refused handshakes become audit records; a flood of them becomes one a minute, so that nobody fills the log from outside.

import type { RefusedHandshake } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import type { EventFacts } from './events.js'
import type { AuditRecord } from './message.js'
import { furtherHandshakesRefused, handshakeRefused } from './security-events.js'

export interface HandshakeAlerts {
  refused(handshake: RefusedHandshake): void
  /** Writes down what has only been counted so far. */
  close(): void
}

export interface OpenHandshakeAlerts {
  actor: string
  ports: Pick<Ports, 'clock' | 'processes'>
  write(records: AuditRecord[]): void
  /** So many in a minute have a record of their own. */
  mostInAMinute?: number
}

const minuteMs = 60_000
const mostAddresses = 20

/** What is beyond `mostInAMinute` becomes one record at the end of that minute, which counts them and names at most 20 addresses. */
export function handshakeAlerts({ actor, ports, write, mostInAMinute = 60 }: OpenHandshakeAlerts): HandshakeAlerts {
  let written = 0
  let further = 0
  const addresses = new Set<string>()
  const minute = ports.clock.every(minuteMs, turn)

  function facts(): EventFacts {
    const { pid, hostName } = ports.processes
    return { actor, processId: pid, hostName, dateTimeMs: ports.clock.now() }
  }

  function turn(): void {
    if (further > 0) write([furtherHandshakesRefused(further, [...addresses], facts())])
    written = 0
    further = 0
    addresses.clear()
  }

  return {
    refused(handshake) {
      written += 1
      if (written <= mostInAMinute) return write([handshakeRefused(handshake, facts())])
      further += 1
      if (addresses.size < mostAddresses) addresses.add(handshake.remoteAddress)
    },
    close() {
      minute.cancel()
      turn()
    },
  }
}
