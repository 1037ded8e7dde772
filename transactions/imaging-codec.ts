// iherad:RetrieveImagingDocumentSetRequest: documents by study and series, and the transfer syntaxes that are taken. IHE RAD TF-2 §4.69.4.1.2.
import { namespaces } from '../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, escapeXml, type XmlElement } from '../soap/xml.js'
import { expectElement } from './registry-response-codec.js'
import { documentRequestsIn, documentRequestsXml } from './retrieve-codec.js'
import type { Codec } from './transaction.js'
import type { ImageRequest, RetrieveImagingDocumentSetRequest } from './xds-messages.js'

const { xdsi, xdsb } = namespaces

export const retrieveImagingDocumentSetRequest: Codec<RetrieveImagingDocumentSetRequest> = {
  element: { namespace: xdsi, name: 'RetrieveImagingDocumentSetRequest' },
  decode(body) {
    expectElement(body, retrieveImagingDocumentSetRequest.element)
    const hollow: string[] = []
    const studies = held(body, 'StudyRequest', 'RetrieveImagingDocumentSetRequest', hollow)
    const documents = studies.flatMap((study, index) => {
      const studyInstanceUID = attributeOf(study, 'studyInstanceUID')?.trim() ?? ''
      const label = `StudyRequest number ${index + 1}`
      return held(study, 'SeriesRequest', label, hollow).flatMap((series, place): ImageRequest[] => {
        const seriesInstanceUID = attributeOf(series, 'seriesInstanceUID')?.trim() ?? ''
        const requests = documentRequestsIn(series)
        if (requests.length === 0) hollow.push(`SeriesRequest number ${place + 1} of ${label} holds no DocumentRequest`)
        return requests.map(request => Object.assign({ studyInstanceUID, seriesInstanceUID }, request))
      })
    })
    const list = childOf(body, xdsi, 'TransferSyntaxUIDList')
    const syntaxes = list === undefined ? [] : childrenOf(list, xdsi, 'TransferSyntaxUID')
    const transferSyntaxUIDs = syntaxes.map(({ text }) => text.trim()).filter(Boolean)
    return { documents, transferSyntaxUIDs, ...(hollow.length === 0 ? {} : { hollow }) }
  },
  encode({ documents, transferSyntaxUIDs }) {
    const studies = [...grouped(documents, ({ studyInstanceUID }) => studyInstanceUID)].map(
      ([uid, ofStudy]) =>
        `<iherad:StudyRequest studyInstanceUID="${escapeXml(uid)}">${seriesXml(ofStudy)}</iherad:StudyRequest>`,
    )
    const syntaxes = transferSyntaxUIDs.map(
      uid => `<iherad:TransferSyntaxUID>${escapeXml(uid)}</iherad:TransferSyntaxUID>`,
    )
    const start = `<iherad:RetrieveImagingDocumentSetRequest xmlns:iherad="${xdsi}" xmlns:xdsb="${xdsb}">`
    const list = `<iherad:TransferSyntaxUIDList>${syntaxes.join('')}</iherad:TransferSyntaxUIDList>`
    return { xml: [`${start}${studies.join('')}${list}</iherad:RetrieveImagingDocumentSetRequest>`] }
  },
}

/** What holds none of them is noted: whoever sent it meant something else. */
function held(element: XmlElement, name: string, label: string, hollow: string[]): XmlElement[] {
  const found = childrenOf(element, xdsi, name)
  if (found.length === 0) hollow.push(`${label} holds no ${name}`)
  return found
}

function seriesXml(ofStudy: ImageRequest[]): string {
  return [...grouped(ofStudy, ({ seriesInstanceUID }) => seriesInstanceUID)]
    .map(
      ([uid, documents]) =>
        `<iherad:SeriesRequest seriesInstanceUID="${escapeXml(uid)}">${documentRequestsXml(documents)}</iherad:SeriesRequest>`,
    )
    .join('')
}

function grouped(documents: ImageRequest[], by: (document: ImageRequest) => string): Map<string, ImageRequest[]> {
  const groups = new Map<string, ImageRequest[]>()
  for (const document of documents) {
    const group = groups.get(by(document))
    if (group === undefined) groups.set(by(document), [document])
    else group.push(document)
  }
  return groups
}
