// Whether documents are those of the patient whom an assertion names, also when the registry does not hold them any more. Only the
// registry knows which patient an EPR-SPID means: asked for that patient with the same assertion, it answers or refuses.
import type { Exchange } from '../server/actor.js'
import { listValue, textValue } from '../transactions/query-values.js'
import { securityFault } from '../xua/refusal.js'
import type { RepositoryContext } from './context.js'

/** Answered quickly, whoever the patient is: Folders are few. */
const findFolders = 'urn:uuid:958f3006-baad-4929-a4de-ff1114824431'

export interface RegistryAway {
  /** In words. */
  away: string
}

/** @throws SoapFault when one of them is somebody else's */
export async function checkAssertedPatients(
  uniqueIds: Iterable<string>,
  context: RepositoryContext,
  { claims, security, trace }: Pick<Exchange, 'claims' | 'security' | 'trace'>,
): Promise<RegistryAway | undefined> {
  if (claims?.eprSpid === undefined) return undefined
  const { documents, registry, outbox, config, closing: signal } = context
  const patientIds = new Set<string>()
  for (const uniqueId of uniqueIds) {
    for (const { patientId } of await documents.documents(uniqueId)) patientIds.add(patientId ?? '')
  }
  for (const patientId of patientIds) {
    const slots = [
      { name: '$XDSFolderPatientId', values: [textValue(patientId)] },
      { name: '$XDSFolderStatus', values: [listValue(['urn:oasis:names:tc:ebxml-regrep:StatusType:Approved'])] },
    ]
    const call = {
      traceparent: trace.next(),
      timeoutMs: config.registry.timeoutMs,
      signal,
      security: security?.(),
      claims,
    }
    const answer = await registry.query({ id: findFolders, returnType: 'ObjectRef', slots }, call)
    await outbox.append(answer.auditRecords)
    if (answer.kind === 'unavailable') return { away: answer.reason }
    if (answer.refusesAssertion === true) {
      throw securityFault('FailedAuthentication', `the registry does not take the assertion for patient ${patientId}`)
    }
  }
  return undefined
}
