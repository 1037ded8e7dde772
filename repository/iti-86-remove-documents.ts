// ITI-86 Remove Documents, as the Document Repository answers it: their bytes are gone when it says so. ITI TF-2 §3.86.4.1.3.
import type { AuditRecord } from '../atna-audit/message.js'
import { mostErrors } from '../metadata/errors.js'
import type { RegistryError } from '../metadata/model.js'
import { type Exchange, serve } from '../server/actor.js'
import { heldInWords } from '../server/holds.js'
import { removeDocuments } from '../transactions/remove.js'
import type { DocumentRequest, RemovalOutcome, RemoveDocumentsResponse } from '../transactions/xds-messages.js'
import { checkAssertedPatients, type RegistryAway } from './asserted-patients.js'
import type { RepositoryContext } from './context.js'
import { errorAt, type Miss, miscounted, missOf, shownId, statusOf, unknown } from './document-requests.js'
import type { Outcomes, Removed } from './removals.js'

type Administrator = Exchange<RemoveDocumentsResponse>

export const serveRemoveDocuments = serve(
  removeDocuments,
  async ({ documents }, context: RepositoryContext, exchange): Promise<RemoveDocumentsResponse> => {
    const { traceId } = exchange.trace
    const most = context.config.limits.attachments
    const errors = miscounted('RemoveDocumentsRequest', documents.length, most, { traceId, rule })
    if (errors.length > 0) return { status: 'Failure', errors }
    const asked = documents.map(document => ({ document, miss: missOf(document, context) }))
    const uniqueIds = new Set(asked.flatMap(each => (each.miss ? [] : [each.document.documentUniqueId])))
    if (uniqueIds.size === 0) return answerTo(asked, new Map(), traceId)
    const unasked = await checkAssertedPatients(uniqueIds, context, exchange)
    if (unasked !== undefined) return { status: 'Failure', errors: [registryAway(unasked, traceId)] }
    const outcomes = await context.removals.remove([...uniqueIds], auditing(asked, exchange))
    return answerTo(asked, outcomes, traceId)
  },
)

const rule = 'ITI TF-2:3.86.4.1.3'

function registryAway({ away }: RegistryAway, traceId: string): RegistryError {
  const codeContext = `whose documents they are could not be asked, and nothing was removed: ${away} (trace ${traceId})`
  return { errorCode: 'XDSRegistryNotAvailable', codeContext, severity: 'Error' }
}

interface Asked {
  document: DocumentRequest
  /** Why it is not for us. */
  miss: Miss | undefined
}

/** What is written down, of all that was asked for or of those documents alone whose outcome is given. */
function auditing(asked: readonly Asked[], exchange: Administrator): (outcomes: Outcomes) => AuditRecord[] {
  const ours = new Set(asked.filter(({ miss }) => miss === undefined).map(({ document }) => document.documentUniqueId))
  return outcomes => {
    const isAll = outcomes.size === ours.size
    const told = isAll ? asked : asked.filter(({ document }) => outcomes.has(document.documentUniqueId))
    return exchange.auditRecords(answerTo(told, outcomes, exchange.trace.traceId))
  }
}

/** One document named twice is removed once, and told once. */
function answerTo(asked: readonly Asked[], outcomes: Outcomes, traceId: string): RemoveDocumentsResponse {
  const told = new Map<string, RemovalOutcome>()
  const errors: RegistryError[] = []
  for (const [index, { document, miss }] of asked.entries()) {
    const { repositoryUniqueId, documentUniqueId } = document
    const key = miss === undefined ? documentUniqueId : `${repositoryUniqueId}\n${documentUniqueId}\n${index}`
    if (told.has(key)) continue
    const removed = miss === undefined ? outcomes.get(documentUniqueId) : undefined
    const patientIds = removed !== undefined && 'patientIds' in removed ? removed.patientIds : []
    told.set(key, { ...document, removed: removed?.kind === 'removed', patientIds })
    const why = miss ?? missBy(removed, document)
    if (why !== undefined) errors.push(errorAt(why, document, { number: index + 1, traceId, rule }))
  }
  return {
    status: statusOf(told.size - errors.length, errors.length),
    errors: errors.slice(0, mostErrors),
    outcomes: [...told.values()],
  }
}

/** [ITI TF-2:3.86.4.2] */
function missBy(removed: Removed | undefined, document: DocumentRequest): Miss | undefined {
  const name = shownId(document.documentUniqueId)
  switch (removed?.kind) {
    case 'removed':
      return undefined
    case 'registering':
      return {
        errorCode: 'XDSRemoveDocumentsError',
        words: `the document with uniqueId ${name} is being registered, and can be removed when that has ended`,
      }
    case 'held':
      return {
        errorCode: 'XDSRemoveDocumentsError',
        words: `the document with uniqueId ${name} stays: ${heldInWords(removed.hold)}`,
      }
    case 'stuck':
      return {
        errorCode: 'XDSRemoveDocumentsError',
        words: `the document with uniqueId ${name} could not be removed; why is in the log of this service`,
      }
    default:
      return unknown(document)
  }
}
