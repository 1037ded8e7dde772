// An image of whose study the registry tells a user nothing looks like one that is not there: whoever may see a manifest of the study
// may see its images, and nobody else. docs/decisions/0340.
import { statusTypes } from '../../metadata/uuids.js'
import type { Exchange } from '../../server/actor.js'
import { listValue, textValue } from '../../transactions/query-values.js'
import type { RetrieveDocumentSetResponse } from '../../transactions/xds-messages.js'
import type { RepositoryContext } from '../context.js'
import type { Miss } from '../document-requests.js'
import { askRegistry, RegistrySilent } from '../on-demand/on-demand-entry.js'

const findDocumentsByReferenceId = 'urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492'

export interface AskedStudy {
  studyInstanceUID: string
  /** Whose images these are. */
  patientId: string
}

/** Asks once for each study; the answer is why an image of it is not told, `'untold'` where nobody may know of it. */
export function untoldStudies(
  context: RepositoryContext,
  exchange: Exchange<RetrieveDocumentSetResponse>,
): (study: AskedStudy) => Promise<Miss | 'untold' | undefined> {
  const asked = new Map<string, Promise<Miss | 'untold' | undefined>>()
  return study => {
    const key = `${study.studyInstanceUID}\n${study.patientId}`
    const answer = asked.get(key) ?? untold(study, context, exchange)
    asked.set(key, answer)
    return answer
  }
}

async function untold(
  { studyInstanceUID, patientId }: AskedStudy,
  context: RepositoryContext,
  { trace, claims, security }: Exchange<RetrieveDocumentSetResponse>,
): Promise<Miss | 'untold' | undefined> {
  const { config, ports, closing: signal } = context
  // Only the registry knows which patient an assertion means.
  if (config.untoldDocuments === 'given' && claims?.eprSpid === undefined) return undefined
  const reference = `${studyInstanceUID}^^^^urn:ihe:iti:xds:2016:studyInstanceUID`
  const query = {
    id: findDocumentsByReferenceId,
    parameters: {
      $XDSDocumentEntryPatientId: textValue(patientId),
      $XDSDocumentEntryStatus: listValue([statusTypes.Approved]),
      $XDSDocumentEntryReferenceIdList: listValue([reference]),
    },
    returnType: 'ObjectRef',
  } as const
  const deadlineMs = ports.clock.monotonicMs() + config.registry.timeoutMs
  try {
    const { objectRefs } = await askRegistry(query, { context, trace, claims, security, deadlineMs, signal })
    return objectRefs.length > 0 ? undefined : 'untold'
  } catch (problem) {
    if (!(problem instanceof RegistrySilent)) throw problem
    // It is for another patient: nobody is told by this that there is an image of this one.
    if (problem.refusesAssertion) return 'untold'
    return { errorCode: 'XDSRegistryNotAvailable', words: problem.message }
  }
}
