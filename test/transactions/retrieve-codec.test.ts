// ITI-43 as it travels.
import { expect } from 'chai'
import { SoapFault } from '../../soap/fault.js'
import type { SoapMessage } from '../../soap/message.js'
import { parseXml } from '../../soap/xml.js'
import { retrieveDocumentSetRequest, retrieveDocumentSetResponse } from '../../transactions/retrieve-codec.js'
import type { RetrieveDocumentSetResponse } from '../../transactions/xds-messages.js'
import { bytesOf, decodeText, inlineXml, overTheWire, xopXml } from '../samples/encoded.js'
import { streamOf } from '../soap/wire.js'
import { faultsOf } from '../wsdl/validity.js'

const request = {
  documents: [
    { homeCommunityId: 'urn:oid:2.999.1', repositoryUniqueId: '2.999.1.1', documentUniqueId: '2.25.1' },
    { repositoryUniqueId: '2.999.1.1', documentUniqueId: '2.25.2^<x>&' },
  ],
}

const response: RetrieveDocumentSetResponse = {
  status: 'PartialSuccess',
  errors: [{ errorCode: 'XDSDocumentUniqueIdError', codeContext: 'not here', severity: 'Error', location: '2.25.3' }],
  documents: [
    {
      ...{ homeCommunityId: 'urn:oid:2.999.1', repositoryUniqueId: '2.999.1.1', documentUniqueId: '2.25.1' },
      ...{ newRepositoryUniqueId: '2.999.1.2', newDocumentUniqueId: '2.25.9' },
      ...{ mimeType: 'application/pdf', sizeBytes: 7, patientId: 'not for the wire' },
      open: () => [Buffer.from('%PDF'), Buffer.from('-1.')],
    },
    {
      ...{ repositoryUniqueId: '2.999.1.1', documentUniqueId: '2.25.2', mimeType: 'text/plain', sizeBytes: 0 },
      open: () => [],
    },
  ],
}

describe('xdsb:RetrieveDocumentSetRequest', () => {
  it('is the same after it has been written and read, and valid by the schema [ITI TF-2:3.43.4.1.2]', async () => {
    expect(await overTheWire(retrieveDocumentSetRequest, request)).to.deep.equal(request)
    expect(faultsOf('xdsb', xopXml(retrieveDocumentSetRequest.encode(request)))).to.deep.equal([])
  })

  it('may ask for nothing: that is for the repository to judge [ITI TF-2:3.43.4.1.3]', () => {
    const empty = '<RetrieveDocumentSetRequest xmlns="urn:ihe:iti:xds-b:2007"/>'
    expect(decodeText(retrieveDocumentSetRequest, empty)).to.deep.equal({ documents: [] })
  })

  it('reads a request with layout around its ids, and leaves what is missing empty', () => {
    const xml =
      '<RetrieveDocumentSetRequest xmlns="urn:ihe:iti:xds-b:2007"><DocumentRequest><HomeCommunityId/><DocumentUniqueId>\n 2.25.1 \n</DocumentUniqueId></DocumentRequest></RetrieveDocumentSetRequest>'
    expect(decodeText(retrieveDocumentSetRequest, xml).documents).to.deep.equal([
      { repositoryUniqueId: '', documentUniqueId: '2.25.1' },
    ])
  })
})

describe('xdsb:RetrieveDocumentSetResponse', () => {
  it('brings documents, ids and errors to the side that asked [ITI TF-2:3.43.4.2.2]', async () => {
    const received = await overTheWire(retrieveDocumentSetResponse, response)
    expect(received).to.deep.include({ status: 'PartialSuccess', errors: response.errors })
    for (const [index, document] of received.documents.entries()) {
      const { open, patientId: _, ...sent } = response.documents[index]!
      // What only whoever has received a document knows of it.
      const { open: opened, discard: _discard, sha1: _sha1, ...about } = document
      expect(about).to.deep.equal(sent)
      expect(await bytesOf(opened())).to.deep.equal(await bytesOf(open()))
    }
  })

  it('brings what is still arriving without a size, to be read as it comes [ITI TF-2:3.43.4.2.2]', async () => {
    const body = parseXml(xopXml(retrieveDocumentSetResponse.encode(response)))
    const asked: string[] = []
    const arriving = (reference: string) => {
      asked.push(reference)
      return { open: () => streamOf([`bytes of ${reference}`]) }
    }
    const message = { attachments: new Map(), arriving } as unknown as SoapMessage
    const { documents } = retrieveDocumentSetResponse.decode(body, message)
    expect(documents.map(({ sizeBytes, sha1 }) => [sizeBytes, sha1])).to.deep.equal([
      [undefined, undefined],
      [undefined, undefined],
    ])
    expect((await bytesOf(documents[1]!.open())).toString()).to.equal(`bytes of ${asked[1]}`)
  })

  it('has its elements in the order of the schema, the patient not among them [ITI TF-2:3.43.4.2.2]', async () => {
    const xml = await inlineXml(retrieveDocumentSetResponse.encode(response))
    expect(faultsOf('xdsb', xml)).to.deep.equal([])
    expect(parseXml(xml).children[1]?.children.map(child => child.name)).to.deep.equal([
      ...['HomeCommunityId', 'RepositoryUniqueId', 'DocumentUniqueId'],
      ...['NewRepositoryUniqueId', 'NewDocumentUniqueId', 'mimeType', 'Document'],
    ])
    expect(xml).to.not.contain('not for the wire')
  })

  it('gives every part an id of its own and the media type of its document', () => {
    const { attachments = [] } = retrieveDocumentSetResponse.encode(response)
    expect(attachments.map(each => each.contentType)).to.deep.equal(['application/pdf', 'text/plain'])
    expect(new Set(attachments.map(each => each.contentId)).size).to.equal(2)
  })

  it('is read with a document inline', async () => {
    const received = decodeText(
      retrieveDocumentSetResponse,
      await inlineXml(retrieveDocumentSetResponse.encode(response)),
    )
    expect((await bytesOf(received.documents[0]!.open())).toString()).to.equal('%PDF-1.')
    expect(received.documents[0]?.sizeBytes).to.equal(7)
  })

  it('is refused in words when a part has not come, or an element is missing', () => {
    const xml = xopXml(retrieveDocumentSetResponse.encode(response))
    const refused: [string, RegExp][] = [
      [xml, /no MIME part with that Content-ID/],
      [xml.replace(/<xdsb:Document>.*?<\/xdsb:Document>/, ''), /no Document/],
      ['<x:RetrieveDocumentSetResponse xmlns:x="urn:ihe:iti:xds-b:2007"/>', /no RegistryResponse/],
    ]
    for (const [broken, words] of refused) {
      expect(() => decodeText(retrieveDocumentSetResponse, broken)).to.throw(SoapFault, words)
    }
  })
})
