// query:AdhocQueryResponse as a gateway hands it on: objects are looked at, never taken apart, so that nothing of them is lost. ITI TF-2 §3.38.4.1.3.
import { identificationSchemes } from '../../metadata/uuids.js'
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, serialiseXml, type XmlElement, type XmlPiece } from '../../soap/xml.js'
import { adhocQueryResponse } from '../adhoc-query-codec.js'
import { type KeptXml, keptPieces } from '../kept-xml.js'
import { decodeRegistryResponse, expectElement } from '../registry-response-codec.js'
import type { Codec } from '../transaction.js'
import type { AdhocQueryResponse } from '../xds-messages.js'
import { documentIn, type ForeignDocument } from './foreign-documents.js'

/** An object of an answer: what a gateway has to know of it, and all of it. */
export interface ForeignObject {
  id: string
  home: string | undefined
  /** As CX; one, and none of Associations and references. */
  patientIds: readonly string[]
  element: XmlElement
  /** What an entry tells of its document. */
  document?: ForeignDocument
  /** Its text, where that is kept elsewhere and the element is but its name. */
  kept?: KeptXml
}

export interface ForeignQueryResponse extends AdhocQueryResponse {
  objects: ForeignObject[]
}

export const foreignQueryResponse: Codec<ForeignQueryResponse> = {
  element: adhocQueryResponse.element,
  decode(body) {
    expectElement(body, foreignQueryResponse.element)
    const list = childOf(body, namespaces.rim, 'RegistryObjectList')
    return {
      ...decodeRegistryResponse(body),
      registryObjects: [],
      objects: (list?.children ?? []).filter(({ namespace }) => namespace === namespaces.rim).map(foreignObject),
    }
  },
  encode: ({ objects, ...response }) => adhocQueryResponse.encode({ ...response, registryObjects: piecesOf(objects) }),
}

/** To be written between the tags of a RegistryObjectList; those that were kept as text come first, in one piece where they were neighbours. */
export function piecesOf(objects: readonly ForeignObject[]): XmlPiece[] {
  const kept = objects.flatMap(object => object.kept ?? [])
  return [
    ...keptPieces(kept),
    ...objects.filter(each => each.kept === undefined).map(each => serialiseXml(each.element)),
  ]
}

/** What of an object a gateway has to look at: ids as sent, `home` undefined where it is absent or empty. Nothing is judged. */
export function foreignObject(element: XmlElement): ForeignObject {
  const document = documentIn(element)
  return {
    ...(document === undefined ? {} : { document }),
    id: attributeOf(element, 'id')?.trim() ?? '',
    home: attributeOf(element, 'home')?.trim() || undefined,
    patientIds: patientIdsOf(element),
    element,
  }
}

const patientSchemes: ReadonlySet<string> = new Set(
  Object.values(identificationSchemes).map(({ patientId }) => patientId),
)

function patientIdsOf(element: XmlElement): string[] {
  const ids = childrenOf(element, namespaces.rim, 'ExternalIdentifier')
  const own = ids.filter(id => patientSchemes.has(attributeOf(id, 'identificationScheme') ?? ''))
  return own.map(id => attributeOf(id, 'value')?.trim() ?? '')
}

/** The same object as one of a community. [ITI TF-2:3.38.4.1.3] */
export function ofCommunity(object: ForeignObject, homeCommunityId: string): ForeignObject {
  const isWritten = object.kept !== undefined || attributeOf(object.element, 'home') === homeCommunityId
  if (object.home === homeCommunityId && isWritten) return object
  const attributes = object.element.attributes.filter(({ name, namespace }) => name !== 'home' || namespace !== '')
  const home = { namespace: '', name: 'home', value: homeCommunityId }
  return { ...object, home: homeCommunityId, element: { ...object.element, attributes: [...attributes, home] } }
}
