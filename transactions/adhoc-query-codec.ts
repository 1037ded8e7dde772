// query:AdhocQueryRequest and query:AdhocQueryResponse: a stored query with its parameters as sent, and what it found. ITI TF-2 §3.18.4.1.2, §3.18.4.1.3.
import { slotXml } from '../metadata/ebrim-writer.js'
import { canonicalId } from '../metadata/entry-uuid.js'
import { decodeRegistryObjectList } from '../metadata/fragment.js'
import type { Slot } from '../metadata/model.js'
import { slotOf } from '../metadata/sent-object.js'
import { responseStatusTypes } from '../metadata/uuids.js'
import { writtenOut } from '../metadata/written-out.js'
import { namespaces } from '../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, escapeXml, serialiseXml, type XmlElement } from '../soap/xml.js'
import { decodeRegistryResponse, errorListXml, expectElement } from './registry-response-codec.js'
import type { Codec } from './transaction.js'
import type { AdhocQueryRequest, AdhocQueryResponse } from './xds-messages.js'

/** Slots with the same name stay apart, for between them stands an AND; white space around a name is the sender's layout. [ITI TF-2:3.18.4.1.2.3.5] */
export const adhocQueryRequest: Codec<AdhocQueryRequest> = {
  element: { namespace: namespaces.query, name: 'AdhocQueryRequest' },
  decode(body) {
    expectElement(body, adhocQueryRequest.element)
    const query = childOf(body, namespaces.rim, 'AdhocQuery')
    const option = childOf(body, namespaces.query, 'ResponseOption')
    const home = query && attributeOf(query, 'home')?.trim()
    return {
      id: canonicalId((query && attributeOf(query, 'id')) ?? ''),
      // What ebRS takes when nothing is said; no stored query answers with it.
      returnType: (option && attributeOf(option, 'returnType')?.trim()) ?? 'RegistryObject',
      ...(home ? { home } : {}),
      slots: query === undefined ? [] : childrenOf(query, namespaces.rim, 'Slot').map(parameterIn),
      xml: Buffer.from(serialiseXml(body)),
    }
  },
  encode({ id, returnType, home, slots }) {
    const community = home === undefined ? '' : ` home="${escapeXml(home)}"`
    const xml =
      `<query:AdhocQueryRequest xmlns:query="${namespaces.query}" xmlns:rim="${namespaces.rim}">` +
      `<query:ResponseOption returnComposedObjects="true" returnType="${escapeXml(returnType)}"/>` +
      `<rim:AdhocQuery id="${escapeXml(id)}"${community}>${writtenOut(slots.map(slotXml).join(''))}</rim:AdhocQuery>` +
      '</query:AdhocQueryRequest>'
    return { xml: [xml] }
  },
}

function parameterIn(element: XmlElement): Slot {
  const slot = slotOf(element)
  return { ...slot, name: slot.name.trim() }
}

/** The list is there even when it is empty; it declares the prefix that the fragments in it use. [ITI TF-2:3.18.4.1.3] */
export const adhocQueryResponse: Codec<AdhocQueryResponse> = {
  element: { namespace: namespaces.query, name: 'AdhocQueryResponse' },
  decode(body) {
    expectElement(body, adhocQueryResponse.element)
    const list = childOf(body, namespaces.rim, 'RegistryObjectList')
    const found = list ?? {
      namespace: namespaces.rim,
      name: 'RegistryObjectList',
      attributes: [],
      children: [],
      text: '',
    }
    return { ...decodeRegistryResponse(body), registryObjects: [], result: decodeRegistryObjectList(found) }
  },
  encode: ({ status, errors, registryObjects }) => ({
    xml: [
      `<query:AdhocQueryResponse xmlns:query="${namespaces.query}" xmlns:rs="${namespaces.rs}" xmlns:rim="${namespaces.rim}"` +
        ` status="${responseStatusTypes[status]}">${errorListXml(errors)}<rim:RegistryObjectList>`,
      ...registryObjects,
      '</rim:RegistryObjectList></query:AdhocQueryResponse>',
    ],
  }),
}
