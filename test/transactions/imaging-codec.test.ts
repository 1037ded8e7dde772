// RAD-69 as it travels.
import { expect } from 'chai'
import { retrieveImagingDocumentSetRequest } from '../../transactions/imaging-codec.js'
import { decodeText, overTheWire, xopXml } from '../samples/encoded.js'
import { faultsOf } from '../wsdl/validity.js'

const image = (documentUniqueId: string, studyInstanceUID: string, seriesInstanceUID: string) => ({
  ...{ studyInstanceUID, seriesInstanceUID, repositoryUniqueId: '2.999.20', documentUniqueId },
})

const request = {
  documents: [
    { ...image('2.999.70.1', '2.999.71', '2.999.72'), homeCommunityId: 'urn:oid:2.999.9' },
    image('2.999.70.2', '2.999.71', '2.999.72'),
    image('2.999.70.3', '2.999.71', '2.999.73'),
    image('2.999.70.4', '2.999.75', '2.999.76'),
  ],
  transferSyntaxUIDs: ['1.2.840.10008.1.2.1', '1.2.840.10008.1.2'],
}

describe('iherad:RetrieveImagingDocumentSetRequest', () => {
  it('is the same after it has been written and read, and valid by the schema [IHE RAD TF-2: 4.69.4.1.2]', async () => {
    expect(await overTheWire(retrieveImagingDocumentSetRequest, request)).to.deep.equal(request)
    expect(faultsOf('xdsi', xopXml(retrieveImagingDocumentSetRequest.encode(request)))).to.deep.equal([])
  })

  it('notes what holds nothing, and leaves out of the list what is empty', () => {
    const open = '<r:RetrieveImagingDocumentSetRequest xmlns:r="urn:ihe:rad:xdsi-b:2009">'
    const end = '</r:RetrieveImagingDocumentSetRequest>'
    const read = (inner: string) => decodeText(retrieveImagingDocumentSetRequest, `${open}${inner}${end}`)
    expect(read('')).to.deep.equal({
      ...{ documents: [], transferSyntaxUIDs: [] },
      hollow: ['RetrieveImagingDocumentSetRequest holds no StudyRequest'],
    })
    const series = '<r:StudyRequest studyInstanceUID="1.2"><r:SeriesRequest seriesInstanceUID="1.3"/></r:StudyRequest>'
    const list = '<r:TransferSyntaxUIDList><r:TransferSyntaxUID> </r:TransferSyntaxUID></r:TransferSyntaxUIDList>'
    expect(read(`<r:StudyRequest studyInstanceUID="1.1"/>${series}${list}`)).to.deep.equal({
      ...{ documents: [], transferSyntaxUIDs: [] },
      hollow: [
        'StudyRequest number 1 holds no SeriesRequest',
        'SeriesRequest number 1 of StudyRequest number 2 holds no DocumentRequest',
      ],
    })
  })
})
