// An image of whose study the registry tells a user nothing looks like one that is not there: whoever may see a manifest of the study
// may see its images, and nobody else. docs/decisions/0340.
import { statusTypes } from '../../metadata/uuids.js'
import type { Exchange } from '../../server/actor.js'
import { listValue, textValue } from '../../transactions/query-values.js'
import type { RetrieveDocumentSetResponse } from '../../transactions/xds-messages.js'
import type { RepositoryContext } from '../context.js'
import type { Miss } from '../document-requests.js'
import { askRegistry, RegistrySilent } from '../on-demand/on-demand-entry.js'

const queries = {
  GetDocuments: 'urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4',
  FindDocumentsByReferenceId: 'urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492',
} as const

export interface AskedStudy {
  studyInstanceUID: string
  /** Whose images these were when they came; the registry may have merged the id since. */
  patientId: string
  /** Of the manifest that they came with, where that is known. */
  manifestUniqueId?: string | undefined
}

type Untold = Miss | 'untold' | undefined
type ImagesExchange = Exchange<RetrieveDocumentSetResponse>

/** Asks once for each study; the answer is why an image of it is not told, `'untold'` where nobody may know of it. */
export function untoldStudies(
  context: RepositoryContext,
  exchange: ImagesExchange,
): (study: AskedStudy) => Promise<Untold> {
  const { config } = context
  // Only the registry knows which patient an assertion means.
  if (config.untoldDocuments === 'given' && exchange.claims?.eprSpid === undefined) return async () => undefined
  const asked = new Map<string, Promise<Untold>>()
  return study => {
    const key = `${study.studyInstanceUID}\n${study.patientId}\n${study.manifestUniqueId}`
    const answer = asked.get(key) ?? untold(study, context, exchange)
    asked.set(key, answer)
    return answer
  }
}

/** By the manifest that they came with; else by any that refers to the study. */
async function untold(study: AskedStudy, context: RepositoryContext, exchange: ImagesExchange): Promise<Untold> {
  const { studyInstanceUID, patientId, manifestUniqueId } = study
  if (manifestUniqueId !== undefined) {
    const parameters = { $XDSDocumentEntryUniqueId: listValue([manifestUniqueId]) }
    const why = await untoldBy({ id: queries.GetDocuments, parameters }, context, exchange)
    if (why !== 'untold') return why
  }
  const reference = `${studyInstanceUID}^^^^urn:ihe:iti:xds:2016:studyInstanceUID`
  const parameters = {
    $XDSDocumentEntryPatientId: textValue(patientId),
    $XDSDocumentEntryStatus: listValue([statusTypes.Approved]),
    $XDSDocumentEntryReferenceIdList: listValue([reference]),
  }
  return untoldBy({ id: queries.FindDocumentsByReferenceId, parameters }, context, exchange)
}

async function untoldBy(
  { id, parameters }: { id: string; parameters: Record<string, string> },
  context: RepositoryContext,
  { trace, claims, security }: ImagesExchange,
): Promise<Untold> {
  const { config, ports, closing: signal } = context
  const deadlineMs = ports.clock.monotonicMs() + config.registry.timeoutMs
  const asking = { context, trace, claims, security, deadlineMs, signal }
  try {
    const { objectRefs } = await askRegistry({ id, parameters, returnType: 'ObjectRef' }, asking)
    return objectRefs.length > 0 ? undefined : 'untold'
  } catch (problem) {
    if (!(problem instanceof RegistrySilent)) throw problem
    // About another patient, or about one who is known by another id now: nobody learns from this that there is an image.
    if (problem.refusesAssertion || problem.errorCode === 'XDSUnknownPatientId') return 'untold'
    return { errorCode: 'XDSRegistryNotAvailable', words: problem.message }
  }
}
