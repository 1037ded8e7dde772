// `carnet validate FILE` for messages of the patient feed: what ITI-8 and ITI-44 would refuse, found without a registry. ITI TF-2 §3.8.4, §3.44.4.
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import { conditions, type Hl7Error, sentenceOf } from '../../hl7v2/errors.js'
import { readHl7 } from '../../hl7v2/message.js'
import { mllpReader } from '../../hl7v2/mllp.js'
import { counted } from '../../metadata/words.js'
import { feedProfileOf } from '../../registry/feed-profiles.js'
import { errorsOfMessage } from '../../registry/iti-8-patient-identity-feed.js'
import { inWords, problemsOfMessage } from '../../registry/patient-feed.js'
import { namespaces } from '../../soap/namespaces.js'
import { isElement, type XmlElement } from '../../soap/xml.js'
import { patientIdentityFeed } from '../../transactions/hl7v2/patient-identity-feed.js'
import { decodeHl7 } from '../../transactions/hl7v2/transaction.js'
import { namedBy } from '../../transactions/hl7v3/patient-feed.js'
import { interactions, patientRecordRequest } from '../../transactions/hl7v3/patient-feed-codec.js'
import type { FeedEvent } from '../../transactions/xds-messages.js'
import { nothingAttached } from './judgement.js'

export const feedTransactions: readonly string[] = [patientIdentityFeed.id, 'ITI-44']

export interface FeedJudgement {
  transaction: string
  /** What the message holds, in words. */
  contents: string
  /** One sentence each. */
  errors: readonly string[]
}

const usual = { characterSet: 'UNICODE UTF-8' }
const startBlock = 0x0b
/** What stands before the first segment of a file that somebody has captured or edited. */
const beforeMessage = /^(?:\xef\xbb\xbf)?\s*(?:MSH|FHS|BHS)/

/** Whether a file is one of those. */
export function isHl7v2(file: Buffer): boolean {
  return file[0] === startBlock || beforeMessage.test(file.toString('latin1', 0, 100))
}

/** With or without the frame of MLLP around it. Errors as an acknowledgement would say them; what needs a database is not among them. */
export function judgeHl7v2(file: Buffer, domain: AffinityDomain): FeedJudgement {
  const { bytes, errors: framing } = unframed(file)
  const read = readHl7(bytes, usual)
  const { header } = read
  const transaction = patientIdentityFeed.id
  if (header === undefined) {
    return { transaction, contents: 'no message', errors: [...framing, ...read.errors].map(errorInWords) }
  }
  const { request, errors } = decodeHl7(patientIdentityFeed, { ...read, header })
  const found = [...framing, ...errors]
  const { messageCode, triggerEvent } = header
  return {
    transaction,
    contents: `${messageCode}^${triggerEvent} with ${namedIn(request)}`,
    errors: (found.length > 0 ? found : errorsOfMessage(request, feedProfileOf(domain))).map(errorInWords),
  }
}

/** Undefined where it is another message. */
export function judgeHl7v3({ body }: { body: XmlElement }, domain: AffinityDomain): FeedJudgement | undefined {
  const [event] = feedEvents.filter(each => isElement(body, namespaces.hl7v3, interactions[each].name))
  if (event === undefined) return undefined
  const record = patientRecordRequest(event).decode(body, nothingAttached)
  const { subsumedIds = [], sensitive = [], contradictions = [] } = record
  const patientIds = namedBy(record, domain.nationalAuthority)
  const problems = problemsOfMessage({ event, patientIds, subsumedIds, sensitive }, feedProfileOf(domain))
  return {
    transaction: 'ITI-44',
    contents: `${interactions[event].name} with ${namedIn({ patientIds, subsumedIds })}`,
    errors: [...contradictions, ...problems.map(problem => inWords([problem]))],
  }
}

const feedEvents = Object.keys(interactions) as FeedEvent[]

function namedIn({ patientIds, subsumedIds }: { patientIds: readonly unknown[]; subsumedIds: readonly unknown[] }) {
  return counted(patientIds.length + subsumedIds.length, 'patient id')
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

function errorInWords(error: Hl7Error): string {
  const at = error.at === undefined ? '' : `${error.at} `
  return `${at}${error.condition} ${conditions[error.condition]}: ${sentenceOf(error)}`
}
