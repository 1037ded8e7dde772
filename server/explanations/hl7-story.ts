// An exchange of HL7 v2 as it is remembered: the message, who sent it, and each broken rule as an error with its clause.
import { characterSetNamed } from '../../hl7v2/character-set.js'
import { codeFor, conditions, type Hl7Error, placeOf, sentenceOf } from '../../hl7v2/errors.js'
import type { Hl7Header } from '../../hl7v2/message.js'
import type { RegistryError } from '../../metadata/model.js'
import { isoOf } from '../../ports/clock.js'
import type { ArrivedHl7, Hl7Surroundings } from '../hl7v2/surroundings.js'
import type { Hl7Excerpt, Story } from './story.js'

export interface ToldHl7 {
  traceId: string
  arrived: ArrivedHl7
  startedMs: number
  header: Hl7Header | undefined
  errors: readonly Hl7Error[]
  transaction: { id: string; name: string }
}

/** In characters. */
const mostCharacters = 131_072
const mostErrors = 100

/** Of an exchange that is over now: its time is the end. The message is cut to 131,072 characters, the errors to a hundred. */
export function hl7StoryOf(told: ToldHl7, { actor, ports: { clock } }: Hl7Surroundings): Story {
  const { traceId, arrived, startedMs, header, errors, transaction } = told
  const { partner, endpoint, frame } = arrived
  return {
    trace: traceId,
    at: isoOf(clock.now()),
    actor,
    transaction: { id: transaction.id, name: transaction.name },
    partner: { name: partner.name, address: partner.address },
    endpoint,
    milliseconds: Math.round((clock.monotonicMs() - startedMs) * 10) / 10,
    ...(header === undefined ? {} : { message: messageIn(header) }),
    request: excerptOf(frame.bytes, header),
    answer: { outcome: codeFor(errors), errors: errors.slice(0, mostErrors).map(registryErrorOf) },
  }
}

function messageIn({ messageCode, triggerEvent, controlId }: Hl7Header): Story['message'] {
  return { action: `${messageCode}^${triggerEvent}`, messageID: controlId, form: 'MLLP' }
}

function excerptOf(bytes: Buffer, header: Hl7Header | undefined): Hl7Excerpt {
  const text = characterSetNamed(header?.characterSet ?? '')?.decode(bytes) ?? bytes.toString('latin1')
  return { hl7: text.slice(0, mostCharacters), cut: text.length > mostCharacters }
}

/** In the form of all other errors that are remembered; the code is that of the condition. [HL7 table 0357] */
function registryErrorOf(error: Hl7Error): RegistryError {
  const errorCode = `HL7 ${error.condition} ${conditions[error.condition]}`
  const location = error.at === undefined ? {} : { location: placeOf(error) }
  return { errorCode, codeContext: sentenceOf(error), severity: 'Error', ...location }
}
