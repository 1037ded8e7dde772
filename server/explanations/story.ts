// An exchange as it is remembered for whoever asks later why it was answered as it was.
import { conditions } from '../../hl7v2/errors.js'
import { mostErrors } from '../../metadata/errors.js'
import type { RegistryError } from '../../metadata/model.js'
import { isoOf } from '../../ports/clock.js'
import type { MessageForm } from '../../soap/message.js'
import type { Surroundings, Trail } from '../trail.js'
import { type Excerpt, excerptOf } from './excerpt.js'

export interface Story {
  trace: string
  /** xsd:dateTime in UTC. */
  at: string
  actor: string
  transaction?: { id: string; name: string }
  partner: { name: string; address: string }
  endpoint: string
  milliseconds: number
  /** Absent when it could not be read. */
  message?: { action: string; messageID?: string; replyTo?: string; form: MessageForm | 'MLLP' }
  request?: Excerpt | Hl7Excerpt
  answer: StoryAnswer
}

/** A message of HL7 v2 as it came. */
export interface Hl7Excerpt {
  hl7: string
  /** It was too long: what came behind is not in it. */
  cut: boolean
}

export interface StoryAnswer {
  /** As in the log: `Failure`, `fault Sender`, `CE`. */
  outcome: string
  errors?: RegistryError[]
  fault?: { code: string; subcodes: string[]; reason: string }
  /** What an acknowledgement says, or why there was no answer of the transaction's own. */
  detail?: string
}

/** What the answers of all transactions may have in common. */
interface AnyResponse {
  status?: string
  typeCode?: string
  detail?: string
  errors?: RegistryError[]
  /** Of a query in HL7 v3. */
  acknowledgement?: string
  problems?: { code?: string; location?: string; text: string }[]
}

/** Whether the partner was told that something is wrong, warnings among it. */
export function isRefused({ fault, failure, response }: Trail): boolean {
  const { status = 'Success', typeCode = 'CA', acknowledgement = 'AA', errors = [] } = (response ?? {}) as AnyResponse
  const saysNo = status !== 'Success' || !typeCode.endsWith('A') || !acknowledgement.endsWith('A')
  return fault !== undefined || failure !== undefined || saysNo || errors.length > 0
}

/** Of an exchange that is over; `answered` where the answer of its transaction tells no status. */
export function outcomeOf({ fault, response }: Trail): string {
  const { status, typeCode, acknowledgement } = (response ?? {}) as AnyResponse
  return fault === undefined ? (status ?? typeCode ?? acknowledgement ?? 'answered') : `fault ${fault.code}`
}

/** Taken at the end of the exchange, and on its own from then on: nothing of the message is held by it but the bounded excerpt. */
export function storyOf(trail: Trail, actor: string, { ports: { clock } }: Surroundings): Story {
  const { trace, contract, partner, endpoint, message } = trail
  return {
    trace: trace.traceId,
    at: isoOf(clock.now()),
    actor,
    ...(contract === undefined ? {} : { transaction: { id: contract.id, name: contract.name } }),
    partner: { name: partner.name, address: partner.address },
    endpoint,
    milliseconds: Math.round((clock.monotonicMs() - trail.startedMs) * 10) / 10,
    ...(message === undefined ? {} : { message: messageIn(message) }),
    ...(message?.body === undefined ? {} : { request: excerptOf(message.body) }),
    answer: answerIn(trail),
  }
}

function messageIn({ action, form, addressing }: NonNullable<Trail['message']>): Story['message'] {
  const { messageID, replyTo } = addressing
  return { action: shortened(action), messageID: shortened(messageID), replyTo: shortened(replyTo), form }
}

function shortened<Text extends string | undefined>(text: Text): Text {
  return text?.slice(0, 500) as Text
}

function answerIn(trail: Trail): StoryAnswer {
  const { fault, failure, response } = trail
  const { detail, problems, errors = problems?.map(errorOfQuery) } = (response ?? {}) as AnyResponse
  const subcodes = [fault?.subcode, fault?.subSubcode].flatMap(code => (code === undefined ? [] : [code.name]))
  return {
    outcome: outcomeOf(trail),
    ...(fault === undefined && errors !== undefined ? { errors: errors.slice(0, mostErrors) } : {}),
    ...(fault === undefined ? {} : { fault: { code: fault.code, subcodes, reason: fault.message } }),
    ...((detail ?? failure) === undefined ? {} : { detail: detail ?? failure }),
  }
}

/** In the form of all other errors that are remembered; the code is that of the condition. [HL7 table 0357] */
function errorOfQuery({ code = '', location, text }: NonNullable<AnyResponse['problems']>[number]): RegistryError {
  const name = Object.hasOwn(conditions, code) ? ` ${code} ${conditions[code as keyof typeof conditions]}` : ''
  return {
    errorCode: `HL7${name}`,
    codeContext: text,
    severity: 'Error',
    ...(location === undefined ? {} : { location }),
  }
}
