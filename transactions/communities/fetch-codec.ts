// The answer of Cross Gateway Fetch: a query:AdhocQueryResponse in which each ExtrinsicObject has its document as its last child, an
// xdsb:Document. ITI TF-2 §3.63.4.2.2 (XCF).
import { SoapFault } from '../../soap/fault.js'
import type { SoapMessage } from '../../soap/message.js'
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf, serialiseXml, type XmlElement, type XmlPiece } from '../../soap/xml.js'
import { xopReference } from '../../soap/xop.js'
import { adhocQueryResponse } from '../adhoc-query-codec.js'
import { keptPieces } from '../kept-xml.js'
import { decodeRegistryResponse, expectElement } from '../registry-response-codec.js'
import { attachmentsOf, bytesIn, contentIdOf } from '../retrieve-codec.js'
import type { Codec } from '../transaction.js'
import type { RetrievedDocument } from '../xds-messages.js'
import { documentNamed } from './foreign-documents.js'
import { type ForeignObject, type ForeignQueryResponse, foreignObject, piecesOf } from './foreign-objects-codec.js'

/** A document with the entry that it belongs to. */
export interface FetchedDocument extends RetrievedDocument {
  /** `id` of its ExtrinsicObject. */
  entryUUID: string
}

export interface FetchResponse extends ForeignQueryResponse {
  documents: FetchedDocument[]
}

export const fetchResponse: Codec<FetchResponse> = {
  element: adhocQueryResponse.element,
  decode(body, message) {
    expectElement(body, fetchResponse.element)
    const list = childOf(body, namespaces.rim, 'RegistryObjectList')
    const elements = (list?.children ?? []).filter(({ namespace }) => namespace === namespaces.rim)
    const entries = elements.map(element => {
      const content = childOf(element, namespaces.xdsb, 'Document')
      const object = foreignObject(content === undefined ? element : without(element, content))
      return { object, documents: content === undefined ? [] : [fetchedIn(object, content, message)] }
    })
    const { status, errors } = decodeRegistryResponse(body)
    const objects = entries.map(({ object }) => object)
    return { status, errors, registryObjects: [], objects, documents: entries.flatMap(({ documents }) => documents) }
  },
  encode({ status, errors, objects, documents }) {
    const places = new Map(
      documents.map((document, place) => [keyOf(document.homeCommunityId, document.entryUUID), place]),
    )
    const registryObjects = objects.flatMap(object => {
      const place = places.get(keyOf(object.home, object.id))
      return place === undefined ? piecesOf([object]) : withDocument(object, contentIdOf(place))
    })
    const { xml } = adhocQueryResponse.encode({ status, errors, registryObjects })
    return { xml, attachments: attachmentsOf(documents) }
  },
}

const keyOf = (home: string | undefined, entryUUID: string) => `${home}\n${entryUUID}`

function without(element: XmlElement, child: XmlElement): XmlElement {
  return { ...element, children: element.children.filter(each => each !== child) }
}

function fetchedIn(object: ForeignObject, content: XmlElement, message: SoapMessage): FetchedDocument {
  const names = documentNamed(object.element)
  if (names === undefined) {
    throw new SoapFault(
      'Sender',
      'An ExtrinsicObject holds a Document, and does not say in which repository and by what id',
    )
  }
  return {
    ...(object.home === undefined ? {} : { homeCommunityId: object.home }),
    ...names,
    entryUUID: object.id,
    mimeType: attributeOf(object.element, 'mimeType')?.trim() ?? '',
    ...bytesIn(content, message),
  }
}

/** As serialiseXml() ends it, whatever is in it. */
const end = '</ExtrinsicObject>'

function withDocument({ element, kept }: ForeignObject, contentId: string): XmlPiece[] {
  const front =
    kept === undefined
      ? [serialiseXml(element).slice(0, -end.length)]
      : keptPieces([{ content: kept.content, from: kept.from, to: kept.to - end.length }])
  return [...front, `<Document xmlns="${namespaces.xdsb}">`, xopReference(contentId), `</Document>${end}`]
}
