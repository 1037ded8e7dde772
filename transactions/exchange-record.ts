// The record of one exchange: which event it is, how it ended, who took part; what it was about comes from the transaction. Of more documents than one
// record may name there are several. ITI TF-2 §3.20.7, §3.20.8.
import type {
  ActiveParticipant,
  AuditCode,
  AuditedExchange,
  AuditRecord,
  ParticipantObject,
} from '../atna-audit/message.js'
import { traceObject } from '../atna-audit/objects.js'
import { purposesOf, userParticipants } from '../atna-audit/users.js'
import { eventIDs, roles, transactionType } from '../atna-audit/vocabulary.js'
import type { RegistryError } from '../metadata/model.js'
import type { DocumentRequest, RegistryResponse } from './xds-messages.js'

/** How a transaction is written down; the two sides differ in event and action. */
interface AuditShape {
  type: AuditCode
  initiator: EventShape
  responder: EventShape
  /** Whether data goes from the one who asks to the one who answers. */
  asker: 'source' | 'destination'
}

interface EventShape {
  id: AuditCode
  action: AuditRecord['action']
}

const exported: EventShape = { id: eventIDs.export, action: 'R' }
const imported: EventShape = { id: eventIDs.import, action: 'C' }
const queried: EventShape = { id: eventIDs.query, action: 'E' }
const exportedUpdate: EventShape = { id: eventIDs.export, action: 'U' }
const importedUpdate: EventShape = { id: eventIDs.import, action: 'U' }
const accessed: EventShape = { id: eventIDs.instancesAccessed, action: 'C' }
const transferred: EventShape = { id: eventIDs.instancesTransferred, action: 'R' }
const patientDeleted: EventShape = { id: eventIDs.patientRecord, action: 'D' }

const shapes = {
  'ITI-18': shape('ITI-18', 'Registry Stored Query', queried, queried),
  'ITI-38': shape('ITI-38', 'Cross Gateway Query', queried, queried),
  'ITI-39': { ...shape('ITI-39', 'Cross Gateway Retrieve', imported, exported), asker: 'destination' },
  'ITI-41': shape('ITI-41', 'Provide and Register Document Set-b', exported, imported),
  'ITI-42': shape('ITI-42', 'Register Document Set-b', exported, imported),
  // Turned round: documents flow from the one who answers.
  'ITI-43': { ...shape('ITI-43', 'Retrieve Document Set', imported, exported), asker: 'destination' },
  'ITI-51': shape('ITI-51', 'Multi-Patient Stored Query', queried, queried),
  'ITI-57': shape('ITI-57', 'Update Document Set', exportedUpdate, importedUpdate),
  'ITI-61': shape('ITI-61', 'Register On-Demand Document Entry', exported, imported),
  'ITI-62': shape('ITI-62', 'Remove Metadata', patientDeleted, patientDeleted),
  // So it is called in the audit, whatever its own name is. [ITI TF-2:3.63.5.1]
  'ITI-63': shape('ITI-63', 'XCF Fetch', queried, queried),
  'ITI-80': shape('ITI-80', 'Cross-Gateway Document Provide', exported, imported),
  'ITI-86': shape('ITI-86', 'Remove Documents', patientDeleted, patientDeleted),
  'ITI-92': shape('ITI-92', 'Restricted Update Document Set', exportedUpdate, importedUpdate),
  'RAD-69': { ...shape('RAD-69', 'Retrieve Imaging Document Set', accessed, transferred), asker: 'destination' },
  'RAD-75': {
    ...shape('RAD-75', 'Cross Gateway Retrieve Imaging Document Set', accessed, transferred),
    asker: 'destination',
  },
} as const satisfies Record<string, AuditShape>

export type RecordedTransaction = keyof typeof shapes

function shape(id: string, name: string, initiator: EventShape, responder: EventShape): AuditShape {
  return { type: transactionType(id, name), initiator, responder, asker: 'source' }
}

/** EventTypeCode. [ITI TF-2:3.20.8] */
export function typeOf(id: RecordedTransaction): AuditCode {
  return shapes[id].type
}

/**
 * One AuditMessage as this side has to write it: event, action and who is source come from the transaction's row. [ITI TF-2:3.20.8]
 * `objects` are what it was about, within the bounds of atna-audit/objects.ts; the trace is added here.
 */
export function record(
  id: RecordedTransaction,
  exchange: AuditedExchange<unknown, unknown>,
  outcome: Outcome,
  objects: ParticipantObject[],
): AuditRecord {
  const { type, asker, ...sides } = shapes[id]
  const event = sides[exchange.side]
  return {
    eventID: event.id,
    eventTypeCode: type,
    action: event.action,
    outcome: outcome.outcome,
    outcomeDescription: outcome.outcomeDescription,
    purposesOfUse: purposesOf(exchange.user),
    dateTimeMs: exchange.endedMs,
    participants: [...participantsOf(exchange, asker), ...userParticipants(exchange.user)],
    objects: [...objects, traceObject(exchange.traceparent)],
  }
}

/** Source first, then Destination. Where no person is known, the asking system is the requestor. */
function participantsOf(
  exchange: AuditedExchange<unknown, unknown>,
  asker: 'source' | 'destination',
): ActiveParticipant[] {
  const weAsk = exchange.side === 'initiator'
  const here = { alternativeUserID: String(exchange.processId), networkAccessPointID: exchange.hostName }
  const there = { networkAccessPointID: exchange.partner.address }
  const asking: ActiveParticipant = {
    userID: exchange.replyTo,
    ...(weAsk ? here : { userName: exchange.partner.name, ...there }),
    userIsRequestor: exchange.user === undefined,
    roleIDCode: roles[asker],
  }
  const answering: ActiveParticipant = {
    userID: exchange.endpoint,
    ...(weAsk ? there : here),
    userIsRequestor: false,
    roleIDCode: asker === 'source' ? roles.destination : roles.source,
  }
  return asker === 'source' ? [asking, answering] : [answering, asking]
}

export type Outcome = Pick<AuditRecord, 'outcome' | 'outcomeDescription'>

/** EventOutcomeIndicator 0, and nothing to say of it. */
export const succeeded: Outcome = { outcome: 0 }

function failed(why: string): Outcome {
  return { outcome: 8, outcomeDescription: why }
}

/** Partial success is two records: one of what worked, one of what failed. [ITI TF-2:3.18.5.1] */
export function outcomesOf(exchange: AuditedExchange<unknown, RegistryResponse>): Outcome[] {
  if (exchange.failure !== undefined) return [failureOf(exchange)]
  if (exchange.response?.status === 'Success') return [succeeded]
  if (exchange.response?.status === 'PartialSuccess') return [succeeded, failureOf(exchange)]
  return [failureOf(exchange)]
}

/** Why it did not succeed; 4 where its answer has nothing but warnings. [DICOM PS3.15 A.5.2.1] */
export function failureOf({ failure, response }: AuditedExchange<unknown, RegistryResponse>): Outcome {
  if (failure !== undefined) return failed(failure)
  if (response === undefined) return failed('the exchange ended without an answer')
  const onlyWarnings = response.errors.length > 0 && response.errors.every(({ severity }) => severity === 'Warning')
  return { outcome: onlyWarnings ? 4 : 8, outcomeDescription: errorsInWords(response.errors) }
}

function errorsInWords(errors: RegistryError[]): string {
  if (errors.length === 0) return 'the answer names no error, but not all that was asked for was done'
  const first = errors.slice(0, 3).map(({ errorCode, codeContext }) => `${errorCode}: ${codeContext}`)
  const more = errors.length - first.length
  return more > 0 ? `${first.join('; ')}; and ${more} more` : first.join('; ')
}

/** A request may leave it out; that it was made is written down all the same. */
export const isNamed = ({ documentUniqueId }: DocumentRequest) => documentUniqueId !== ''

/** One document, however often it is named. */
export function keyOf({ repositoryUniqueId, documentUniqueId }: DocumentRequest): string {
  return `${repositoryUniqueId}\n${documentUniqueId}`
}

/** A request can name any number of documents; what one record names is bounded all the same. */
export const mostDocumentsInARecord = 500

/** One at the least, so that nothing is a record as well. */
export function inChunks<Item>(items: Item[]): Item[][] {
  const chunks = [items.slice(0, mostDocumentsInARecord)]
  for (let at = mostDocumentsInARecord; at < items.length; at += mostDocumentsInARecord) {
    chunks.push(items.slice(at, at + mostDocumentsInARecord))
  }
  return chunks
}
