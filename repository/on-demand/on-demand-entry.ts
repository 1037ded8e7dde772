// The on-demand entry behind a uniqueId, asked of the registry: it tells the patient, and whether there is such a thing at all.
import type { DocumentEntry } from '../../metadata/model.js'
import type { Exchange, Trace } from '../../server/actor.js'
import { listValue } from '../../transactions/query-values.js'
import type { QueryResult } from '../../transactions/xds-messages.js'
import type { Claims } from '../../xua/claims.js'
import type { RepositoryContext } from '../context.js'
import type { StoredQueryCall } from './plug-in.js'

/** No word of the registry, or one that is none. */
export class RegistrySilent extends Error {
  override name = 'RegistrySilent'
  /** It does not take the assertion for this question. */
  refusesAssertion = false
  /** Its first one, where it has answered. */
  errorCode: string | undefined
}

const getDocuments = 'urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4'

export interface Asking {
  context: RepositoryContext
  trace: Trace
  claims?: Claims | undefined
  /** To be handed on. */
  security?: Exchange['security']
  /** On the clock that never runs backwards. */
  deadlineMs: number
  signal: AbortSignal
}

/** Of several with one uniqueId the last that is Approved, for it has the newest metadata. [ITI TF-2:3.61.4.1.3] */
export async function onDemandEntry(uniqueId: string, asking: Asking): Promise<DocumentEntry | undefined> {
  const { documentEntries } = await askRegistry(
    { id: getDocuments, parameters: { $XDSDocumentEntryUniqueId: listValue([uniqueId]) } },
    asking,
  )
  const { repositoryUniqueId } = asking.context.config
  const ours = documentEntries.filter(
    entry => entry.objectType === 'on-demand' && entry.repositoryUniqueId === repositoryUniqueId,
  )
  return ours.findLast(entry => entry.availabilityStatus === 'Approved') ?? ours.at(-1)
}

/** One ITI-18, audited as its initiator does. @throws RegistrySilent */
export async function askRegistry(
  { id, parameters, returnType = 'LeafClass' }: StoredQueryCall & { returnType?: 'LeafClass' | 'ObjectRef' },
  asking: Asking,
): Promise<QueryResult> {
  const { context, trace, claims, security, deadlineMs, signal } = asking
  const timeoutMs = Math.max(1, deadlineMs - context.ports.clock.monotonicMs())
  const slots = Object.entries(parameters).map(([name, values]) => ({ name, values: [values].flat() as string[] }))
  const answer = await context.registry.query(
    { id, returnType, slots },
    { traceparent: trace.next(), timeoutMs, signal, claims, security: security?.() },
  )
  await context.outbox.append(answer.auditRecords)
  if (answer.kind === 'unavailable') throw new RegistrySilent(`the registry does not answer: ${answer.reason}`)
  const { status, errors, result } = answer.response
  if (status === 'Success' && result !== undefined) return result
  const refusal = new RegistrySilent(
    `the registry refuses the query: ${errors[0]?.errorCode}: ${errors[0]?.codeContext}`,
  )
  refusal.refusesAssertion = answer.refusesAssertion === true
  refusal.errorCode = errors[0]?.errorCode
  throw refusal
}
