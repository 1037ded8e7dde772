// `carnet validate FILE` for messages of HL7 v2: what ITI-8 would refuse, found without a registry. ITI TF-2 §3.8.4.
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import { conditions, type Hl7Error, sentenceOf } from '../hl7v2/errors.js'
import { readHl7 } from '../hl7v2/message.js'
import { mllpReader } from '../hl7v2/mllp.js'
import { feedProfileOf } from '../registry/feed-profiles.js'
import { errorsOfMessage } from '../registry/iti-8-patient-identity-feed.js'
import { patientIdentityFeed } from '../transactions/patient-identity-feed.js'

export interface Hl7Judgement {
  /** What the message holds, in words. */
  contents: string
  errors: readonly Hl7Error[]
}

const usual = { characterSet: 'UNICODE UTF-8' }
const startBlock = 0x0b
/** What stands before the first segment of a file that somebody has captured or edited. */
const beforeMessage = /^(?:\xef\xbb\xbf)?\s*(?:MSH|FHS|BHS)/

/** Whether a file is one of those. */
export function isHl7v2(file: Buffer): boolean {
  return file[0] === startBlock || beforeMessage.test(file.toString('latin1', 0, 100))
}

export function judgeHl7v2(file: Buffer, domain: AffinityDomain): Hl7Judgement {
  const { bytes, errors: framing } = unframed(file)
  const read = readHl7(bytes, usual)
  const { header } = read
  if (header === undefined) return { contents: 'no message', errors: [...framing, ...read.errors] }
  const { request, errors } = patientIdentityFeed.decode({ ...read, header })
  const { patientIds, subsumedIds } = request
  const found = [...framing, ...errors]
  const { messageCode, triggerEvent } = header
  return {
    contents: `${messageCode}^${triggerEvent} with ${patientIds.length + subsumedIds.length} patient id(s)`,
    errors: found.length > 0 ? found : errorsOfMessage(request, feedProfileOf(domain)),
  }
}

/** The first message of an MLLP stream, or the file as it is. */
function unframed(file: Buffer): { bytes: Buffer; errors: Hl7Error[] } {
  if (file[0] !== startBlock) return { bytes: file, errors: [] }
  const [frame] = mllpReader({ maxMessageBytes: file.length }).read(file)
  const clause = 'ITI TF-2: Appendix C.2.1'
  if (frame === undefined) {
    const text = 'expected the end of the MLLP block (1C 0D), found none'
    return { bytes: file.subarray(1), errors: [{ condition: '100', text, clause }] }
  }
  const { bytes, problem } = frame
  return { bytes, errors: problem === undefined ? [] : [{ condition: '100', text: problem, clause }] }
}

export function hl7ErrorInWords(error: Hl7Error): string {
  const at = error.at === undefined ? '' : `${error.at} `
  return `${at}${error.condition} ${conditions[error.condition]}: ${sentenceOf(error)}`
}
