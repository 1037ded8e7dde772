// Whom the suite examines: an address for each transaction, called with one certificate.
import type { TlsIdentity } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import { openCaller } from '../server/caller.js'
import { SoapFault } from '../soap/fault.js'
import type { Encoded, MessageForm, SoapMessage } from '../soap/message.js'
import type { XmlElement, XmlPiece } from '../soap/xml.js'
import type { Transaction } from '../transactions/transaction.js'
import { type Answer, errorsIn, statusIn } from './answer.js'
import { NotTried } from './case.js'
import { type Acknowledgement, type MllpAddress, sendHl7 } from './mllp.js'

export interface TargetAddresses {
  registry: string
  repository: string
  /** By transaction, where a target has several: `ITI-18`. */
  each: Readonly<Record<string, string>>
  /** ITI-8; there is none unless it is named. */
  mllp?: MllpAddress
}

export interface SendOptions {
  form?: MessageForm
  headers?: XmlPiece[]
  /** In place of what the contract would write. */
  encoded?: Encoded
  messageID?: string
  /** In place of the contract's. */
  action?: string
}

export interface Target {
  addresses: TargetAddresses
  send<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    options?: SendOptions,
  ): Promise<Received>
  /** ITI-8. @throws NotTried without an address for it */
  sendHl7(messages: readonly string[]): Promise<Acknowledgement[]>
  close(): void
}

export interface Received extends Answer {
  message?: SoapMessage
}

const atRepository = ['ITI-41', 'ITI-43', 'ITI-86']
const timeoutMs = 60_000

export function openTarget(addresses: TargetAddresses, { tls, ports }: { tls: TlsIdentity; ports: Ports }): Target {
  const caller = openCaller({ tls, ports })
  return {
    addresses,
    async send(contract, request, { action = contract.action, ...options } = {}) {
      const url = addressOf(contract.id, addresses)
      const messageID = options.messageID ?? `urn:uuid:${ports.randomness.uuid()}`
      const trace = ports.randomness.uuid().replaceAll('-', '')
      const traceparent = `00-${trace}-${trace.slice(0, 16)}-01`
      const raw = { ...contract, action, response: { ...contract.response, decode: (body: XmlElement) => body } }
      const sent = { messageID, traceId: trace }
      try {
        const { response: body, message } = await caller.call(
          raw as unknown as Transaction<typeof request, XmlElement>,
          request,
          {
            ...{ url, timeoutMs, traceparent },
            ...options,
            messageID,
          },
        )
        const { addressing, form } = message
        const read = { body, status: statusIn(body), errors: errorsIn(body), action: message.action, addressing, form }
        return { ...sent, ...read, message }
      } catch (problem) {
        if (!(problem instanceof SoapFault)) throw problem
        const fault = `${problem.subcode?.name ?? problem.code}: ${problem.message}`
        return { ...sent, fault, status: `a SOAP fault (${fault})`, errors: [], action: '', addressing: {} }
      }
    },
    async sendHl7(messages) {
      if (addresses.mllp === undefined) throw new NotTried('no address was given for ITI-8 (--mllp or --mllps)')
      return sendHl7(messages, addresses.mllp, { tls, ports })
    },
    close: () => caller.close(),
  }
}

function addressOf(transaction: string, { registry, repository, each }: TargetAddresses): string {
  const url = each[transaction] ?? (atRepository.includes(transaction) ? repository : registry)
  if (url === '') throw new NotTried(`no address was given for ${transaction}`)
  return url
}

/** @throws NotTried when the target says that it does not know the transaction. */
export function answered(answer: Received, transaction: string): Received {
  const { fault = '' } = answer
  if (/ActionNotSupported|not (?:supported|understood|cater)|cannot be processed/i.test(fault)) {
    throw new NotTried(`${transaction} is not answered (${fault.replace(/:.*$/s, '')})`)
  }
  return answer
}
