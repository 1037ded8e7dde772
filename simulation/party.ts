// A partner of the services: a Document Source, Consumer, Administrator and feed. It sends by our own client, and writes down
// what it was told.
import type { Ports } from '../ports/ports.js'
import { type Caller, openCaller } from '../server/caller.js'
import { PartnerUnavailable } from '../soap/call.js'
import { SoapFault } from '../soap/fault.js'
import type { Transaction } from '../transactions/transaction.js'
import type { FeedAcknowledgement, RegistryResponse, RemoveDocumentsRequest } from '../transactions/xds-messages.js'
import type { Call, Ledger } from './ledger.js'
import type { Surroundings } from './world.js'

export interface Party {
  name: string
  ports: Ports
  caller: Caller
  /** Into the story of the world. */
  note(what: string): void
  /** Undefined where there was no answer that could be read. */
  ask<Request, Response extends object>(
    contract: Transaction<Request, Response>,
    request: Request,
    options?: { isSynced?: boolean; messageID?: string },
  ): Promise<{ response: Response | undefined; traceId: string; messageID: string }>
}

const patienceMs = 60_000

export function openParty(name: string, world: Surroundings, ledger: Ledger): Party {
  const ports = world.caller(name)
  const { timeline } = world
  const caller = openCaller({ tls: { key: '', cert: '', ca: '' }, ports })
  return {
    name,
    ports,
    caller,
    note: what => timeline.note(`${name} ${what}`),
    async ask(contract, request, { isSynced = false, messageID = `urn:uuid:${ports.randomness.uuid()}` } = {}) {
      const traceId = ports.randomness.bytes(16).toString('hex')
      const service = ['ITI-41', 'ITI-43', 'ITI-86'].includes(contract.id) ? 'repository' : 'registry'
      const call: Call = {
        ...{ transaction: contract.id, service, traceId, beganMs: timeline.nowMs, endedMs: 0 },
        ...{ isAnswered: false, isSuccess: false, isSynced: false, isHeld: false },
        records: recordsOf(contract),
      }
      if (contract.id === 'ITI-86') call.documents = (request as RemoveDocumentsRequest).documents.length
      ledger.calls.push(call)
      const { weather } = world.machines[service]
      const wasFull = weather.isFull
      const answered = (isSuccess: boolean, isOutOfResources: boolean) => {
        call.isAnswered = true
        call.isHeld = isOutOfResources || (!isSuccess && (wasFull || weather.isFull))
        call.isSuccess = isSuccess
        call.isSynced = isSynced && isSuccess
      }
      const said = (what: string) => timeline.note(`${name} ${contract.id} ${traceId.slice(0, 8)} ${what}`)
      const end = new AbortController()
      const late = ports.clock.after(patienceMs, () => end.abort())
      said('is sent')
      try {
        const called = await caller.call(contract, request, {
          url: world.urls[service],
          traceparent: `00-${traceId}-${ports.randomness.bytes(8).toString('hex')}-01`,
          messageID,
          timeoutMs: patienceMs,
          signal: end.signal,
        })
        const told = toldBy(called.response)
        answered(told.isSuccess, told.words.includes('OutOfResources'))
        said(told.words)
        return { response: called.response, traceId, messageID }
      } catch (problem) {
        if (problem instanceof SoapFault) {
          answered(false, false)
          call.isAnswered = !/audit record .* could not be kept/.test(problem.message)
        } else if (!(problem instanceof PartnerUnavailable)) throw problem
        said((problem as Error).message.slice(0, 100))
        return { response: undefined, traceId, messageID }
      } finally {
        late.cancel()
        call.endedMs = timeline.nowMs
      }
    },
  }
}

/** Of either kind of answer whether it was done, and its codes. */
function toldBy(response: Partial<RegistryResponse & FeedAcknowledgement>): { isSuccess: boolean; words: string } {
  const { status, errors = [], typeCode, detail = '' } = response
  if (typeCode !== undefined) return { isSuccess: typeCode === 'CA', words: `${typeCode} ${detail.slice(0, 40)}` }
  return { isSuccess: status !== 'Failure', words: `${status} ${errors.map(({ errorCode }) => errorCode).join(' ')}` }
}

function recordsOf({ id, action }: { id: string; action: string }): readonly number[] {
  if (action.endsWith('PRPA_IN201304UV02')) return [2]
  return id === 'ITI-57' ? [1, 2] : [1]
}

/** Of an answer to what changes something. A busy or absent registry may have done it all the same. */
export function outcomeOf(response: RegistryResponse | undefined): 'acknowledged' | 'refused' | 'unknown' {
  if (response === undefined) return 'unknown'
  if (response.status === 'Success') return 'acknowledged'
  const isOpen = response.errors.some(
    ({ errorCode, codeContext }) => cannotTell.includes(errorCode) || codeContext.includes('may yet be registered'),
  )
  return isOpen ? 'unknown' : 'refused'
}

const cannotTell = ['XDSRegistryNotAvailable', 'XDSRegistryBusy', 'XDSRepositoryBusy']
