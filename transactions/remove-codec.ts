// lcm:RemoveObjectsRequest and rmd:RemoveDocumentsRequest: what a Document Administrator wants gone. ITI TF-2 §3.62.4.1.2, §3.86.4.1.2.
import { canonicalId } from '../metadata/entry-uuid.js'
import { namespaces } from '../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, escapeXml } from '../soap/xml.js'
import { expectElement } from './registry-response-codec.js'
import { documentRequestsIn, documentRequestsXml } from './retrieve-codec.js'
import type { Codec } from './transaction.js'
import type { RemoveDocumentsRequest, RemoveMetadataRequest } from './xds-messages.js'

/** [ITI TF-2:3.62.4.1.2] */
export const removeObjectsRequest: Codec<RemoveMetadataRequest> = {
  element: { namespace: namespaces.lcm, name: 'RemoveObjectsRequest' },
  decode(body) {
    expectElement(body, removeObjectsRequest.element)
    const list = childOf(body, namespaces.rim, 'ObjectRefList')
    const references = list === undefined ? [] : childrenOf(list, namespaces.rim, 'ObjectRef')
    const deletionScope = attributeOf(body, 'deletionScope')
    return {
      entryUUIDs: references.map(reference => canonicalId(attributeOf(reference, 'id')?.trim() ?? '')),
      ...(deletionScope === undefined ? {} : { deletionScope }),
      ...(childOf(body, namespaces.rim, 'AdhocQuery') === undefined ? {} : { hasQuery: true }),
    }
  },
  encode({ entryUUIDs }) {
    const references = entryUUIDs.map(id => `<rim:ObjectRef id="${escapeXml(id)}"/>`)
    const start = `<lcm:RemoveObjectsRequest xmlns:lcm="${namespaces.lcm}" xmlns:rim="${namespaces.rim}"><rim:ObjectRefList>`
    return { xml: [`${start}${references.join('')}</rim:ObjectRefList></lcm:RemoveObjectsRequest>`] }
  },
}

/** [ITI TF-2:3.86.4.1.2] */
export const removeDocumentsRequest: Codec<RemoveDocumentsRequest> = {
  element: { namespace: namespaces.rmd, name: 'RemoveDocumentsRequest' },
  decode(body) {
    expectElement(body, removeDocumentsRequest.element)
    // Some senders write them in the namespace of the request.
    const from = [namespaces.xdsb, namespaces.rmd]
    return { documents: from.flatMap(namespace => documentRequestsIn(body, namespace)) }
  },
  encode({ documents }) {
    const start = `<rmd:RemoveDocumentsRequest xmlns:rmd="${namespaces.rmd}" xmlns:xdsb="${namespaces.xdsb}">`
    return { xml: [`${start}${documentRequestsXml(documents)}</rmd:RemoveDocumentsRequest>`] }
  },
}
