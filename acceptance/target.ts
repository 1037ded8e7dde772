// Whom the suite examines: an address for each transaction, called with one certificate.
import type { TlsIdentity } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import { openCaller } from '../server/caller.js'
import { PartnerUnavailable } from '../soap/call.js'
import { SoapFault } from '../soap/fault.js'
import type { Encoded, MessageForm, SoapMessage } from '../soap/message.js'
import type { XmlElement, XmlPiece } from '../soap/xml.js'
import type { Transaction } from '../transactions/transaction.js'
import { type Answer, errorsIn, statusIn } from './answer.js'
import { type Acknowledgement, type MllpAddress, sendHl7 } from './mllp.js'
import { NotTried } from './not-tried.js'
import type { ReplyDoor } from './reply-door.js'

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
  replyTo?: string
}

export interface Target {
  addresses: TargetAddresses
  send<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    options?: SendOptions,
  ): Promise<Received>
  /** Whose answer is to come to the suite's own address. @throws NotTried without one, or where the target sends nothing there */
  sendForLater<Request, Response>(contract: Transaction<Request, Response>, request: Request): Promise<Received>
  /** The suite's own address for answers. */
  replyTo: string | undefined
  /** ITI-8. @throws NotTried without an address for it */
  sendHl7(messages: readonly string[]): Promise<Acknowledgement[]>
  close(): void
}

export interface Received extends Answer {
  message?: SoapMessage
}

const atRepository = ['ITI-41', 'ITI-43', 'ITI-86']
const timeoutMs = 60_000

export function openTarget(
  addresses: TargetAddresses,
  { tls, ports, door }: { tls: TlsIdentity; ports: Ports; door?: ReplyDoor },
): Target {
  const caller = openCaller({ tls, ports })

  const send: Target['send'] = async (contract, request, { action = contract.action, ...options } = {}) => {
    const url = addressOf(contract.id, addresses)
    const messageID = options.messageID ?? `urn:uuid:${ports.randomness.uuid()}`
    const traceId = ports.randomness.uuid().replaceAll('-', '')
    const traceparent = `00-${traceId}-${traceId.slice(0, 16)}-01`
    const raw = { ...contract, action, response: { ...contract.response, decode: (body: XmlElement) => body } }
    const contractOfXml = raw as unknown as Transaction<typeof request, XmlElement>
    const sent = { messageID, traceId }
    try {
      const called = { ...{ url, timeoutMs, traceparent }, ...options, messageID }
      const { response: body, message } = await caller.call(contractOfXml, request, called)
      return { ...sent, ...readFrom(body, message) }
    } catch (problem) {
      const nothing = { ...sent, errors: [], action: '', addressing: {} }
      if (problem instanceof PartnerUnavailable && problem.status === 202) return { ...nothing, status: accepted }
      if (!(problem instanceof SoapFault)) throw problem
      const fault = `${problem.subcode?.name ?? problem.code}: ${problem.message}`
      return { ...nothing, fault, status: `a SOAP fault (${fault})` }
    }
  }

  return {
    addresses,
    replyTo: door?.url,
    send,
    async sendForLater(contract, request) {
      if (door === undefined) throw new NotTried('no address was given at which answers may come (--reply-to)')
      const now = await send(contract, request, { replyTo: door.url })
      if (now.fault !== undefined) throw new NotTried(`nothing is sent to ${door.url}: ${now.fault}`)
      if (now.status !== accepted) throw new NotTried('the answer came on the connection, wsa:ReplyTo was passed over')
      const message = await door.answerTo(now.messageID)
      if (message.body === undefined) throw new Error('the answer that came later has no Body')
      return { ...now, ...readFrom(message.body, message) }
    },
    async sendHl7(messages) {
      if (addresses.mllp === undefined) throw new NotTried('no address was given for ITI-8 (--mllp or --mllps)')
      return sendHl7(messages, addresses.mllp, { tls, ports })
    },
    close: () => caller.close(),
  }
}

/** HTTP 202: the answer is to come. */
const accepted = 'accepted'

function readFrom(body: XmlElement, message: SoapMessage) {
  const { addressing, form, action } = message
  return { body, status: statusIn(body), errors: errorsIn(body), action, addressing, form, message }
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
