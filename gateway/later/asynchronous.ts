// What a community is asked asynchronously, where its line says so. ITI TF-2 Appendix V.3; docs/decisions/0369.

import { crossGatewayQuery, crossGatewayRetrieve } from '../../transactions/communities/xca.js'
import { crossGatewayDocumentProvide } from '../../transactions/communities/xcdr.js'
import { crossGatewayFetch } from '../../transactions/communities/xcf.js'
import { crossGatewayPatientDiscovery } from '../../transactions/hl7v3/patient-discovery.js'
import { crossGatewayRetrieveImagingDocumentSet } from '../../transactions/imaging.js'
import type { Transaction } from '../../transactions/transaction.js'
import type { Peer } from '../communities/quirks.js'

/** Of ITI-56 no framework tells that it may be; ITI-55 in deferred mode has a way of its own. */
const mayBe: ReadonlySet<string> = new Set(
  [
    crossGatewayQuery,
    crossGatewayRetrieve,
    crossGatewayFetch,
    crossGatewayPatientDiscovery,
    crossGatewayRetrieveImagingDocumentSet,
    crossGatewayDocumentProvide,
  ].map(({ action }) => action),
)

/**
 * Only transactions of other communities' gateways; registries and repositories of ours, and ITI-56, are asked on the connection. [ITI TF-2:
 * Appendix V.3]
 */
export function isAskedAsynchronously(
  { action }: Pick<Transaction<unknown, unknown>, 'action'>,
  peer: Peer | undefined,
): peer is Peer {
  return peer?.asynchronous === true && mayBe.has(action)
}
