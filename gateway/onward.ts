// A request of a gateway to whoever is behind it or beside it: under the trace and the assertion of the one that made it necessary,
// with a deadline, and written down as its initiator's. ITI TF-2 §3.38.4.1.3, §3.38.5.
import type { AuditRecord } from '../atna-audit/message.js'
import { within } from '../ports/clock.js'
import type { Ports } from '../ports/ports.js'
import type { Exchange } from '../server/actor.js'
import { auditedUserOf } from '../server/audited-user.js'
import { auditOfCall, type Caller } from '../server/caller.js'
import type { MessageForm } from '../soap/message.js'
import type { Transaction } from '../transactions/transaction.js'

export interface OnwardTo {
  url: string
  /** From the first byte sent to the last one that came. */
  timeoutMs: number
  form?: MessageForm | undefined
}

export interface Onward {
  /** @throws Error with why there is no answer. */
  ask<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    to: OnwardTo,
    /** On whose behalf; nobody's where the gateway asks for itself. */
    because: Pick<Exchange, 'trace' | 'claims' | 'security'>,
  ): Promise<Response>
  close(): void
}

export interface OpenOnward {
  caller: Caller
  ports: Ports
  outbox: { append(records: AuditRecord[]): Promise<void> }
}

export function openOnward({ caller, ports, outbox }: OpenOnward): Onward {
  const closing = new AbortController()
  return {
    async ask(contract, request, { url, timeoutMs, form }, { trace, claims, security }) {
      const traceparent = trace.next()
      const story = { request, traceparent, endpoint: url, user: auditedUserOf(claims) }
      const late = new Error(`there was no answer within ${timeoutMs} ms`)
      const { signal, end } = within(ports.clock, timeoutMs, closing.signal, { late })
      try {
        const header = security?.()
        const headers = header === undefined ? [] : [header]
        const told = { url, traceparent, timeoutMs, signal, headers, ...(form === undefined ? {} : { form }) }
        const { response } = await caller.call(contract, request, told)
        await outbox.append(auditOfCall(contract, { ...story, response, failure: undefined }, ports))
        return response
      } catch (problem) {
        const failure = signal.aborted ? late.message : (problem as Error).message
        await outbox.append(auditOfCall(contract, { ...story, response: undefined, failure }, ports)).catch(() => {})
        throw new Error(failure, { cause: problem })
      } finally {
        end()
      }
    },
    close: () => closing.abort(new Error('the gateway ends')),
  }
}
