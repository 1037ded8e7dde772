// A document that the registry tells nobody of, for its affinity domain hides the entry or nobody has left one, looks like one that
// is not there, where the deployment wants that. docs/decisions/0201.

import { listValue } from '../transactions/query-values.js'
import type { DocumentRequest } from '../transactions/xds-messages.js'
import { type Miss, unknown } from './document-requests.js'
import type { Retrieving } from './kept-document.js'
import { askRegistry, RegistrySilent } from './on-demand/on-demand-entry.js'

const getDocuments = 'urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4'

/** Why it is not handed out, if the registry is asked at all. */
export async function missOfUntold(
  wanted: DocumentRequest,
  { context, exchange }: Retrieving,
): Promise<Miss | undefined> {
  const { config, ports, closing: signal } = context
  const { trace, claims, security } = exchange
  // Only the registry knows whose a document is, and which patient an assertion means.
  if (config.untoldDocuments === 'given' && claims?.eprSpid === undefined) return undefined
  // References, for the document may be of several patients.
  const query = {
    id: getDocuments,
    parameters: { $XDSDocumentEntryUniqueId: listValue([wanted.documentUniqueId]) },
    returnType: 'ObjectRef',
  } as const
  const deadlineMs = ports.clock.monotonicMs() + config.registry.timeoutMs
  try {
    const { objectRefs } = await askRegistry(query, { context, trace, claims, security, deadlineMs, signal })
    return objectRefs.length > 0 ? undefined : unknown(wanted)
  } catch (problem) {
    if (!(problem instanceof RegistrySilent)) throw problem
    return { errorCode: 'XDSRegistryNotAvailable', words: problem.message }
  }
}
