// ITI-41 and ITI-42 requests as they travel.
import { expect } from 'chai'
import { SoapFault } from '../../soap/fault.js'
import {
  bytesOfContent,
  contentToSend,
  provideAndRegisterRequest,
  submitObjectsRequest,
} from '../../transactions/submission-codec.js'
import { anAttachment, arrived, bytesOf, decodeText, inlineXml, overTheWire, xopXml } from '../samples/encoded.js'
import { aDocumentEntry, aFolder, aSubmission } from '../samples/submission.js'
import { faultsOf } from '../wsdl/validity.js'

const submission = aSubmission({
  documentEntries: [aDocumentEntry(), aDocumentEntry({ mimeType: 'text/plain' })],
  folders: [aFolder({ comments: [{ value: 'x' }], version: 2 })],
})
const [first, second] = submission.documentEntries.map(entry => entry.entryUUID) as [string, string]
const documents = [
  { id: first, content: { inline: Buffer.from('one') } },
  { id: second, content: contentToSend({ contentType: 'text/plain', sizeBytes: 3, open: () => [Buffer.from('two')] }) },
]

describe('lcm:SubmitObjectsRequest', () => {
  it('is the same after it has been written and read, and valid by the schema [ITI TF-2:3.42.4.1.2]', async () => {
    expect(await overTheWire(submitObjectsRequest, submission)).to.deep.equal(submission)
    expect(faultsOf('lcm', xopXml(submitObjectsRequest.encode(submission)))).to.deep.equal([])
  })

  it('is not read from another element', () => {
    expect(() => decodeText(submitObjectsRequest, '<SubmitObjectsRequest/>')).to.throw(
      SoapFault,
      /SubmitObjectsRequest/,
    )
  })
})

describe('xdsb:ProvideAndRegisterDocumentSetRequest', () => {
  it('is the same after it has travelled as MTOM, bytes included [ITI TF-2:3.41.4.1.2]', async () => {
    const received = await overTheWire(provideAndRegisterRequest, { submission, documents })
    expect(received.submission).to.deep.equal(submission)
    expect(received.documents.map(each => each.id)).to.deep.equal([first, second])
    const bytes = await Promise.all(received.documents.map(each => bytesOf(bytesOfContent(each.content).open())))
    expect(bytes.map(String)).to.deep.equal(['one', 'two'])
  })

  it('is the same with the documents inline, and valid by the schema [ITI TF-2: Appendix V.3.6]', async () => {
    const xml = await inlineXml(provideAndRegisterRequest.encode({ submission, documents }))
    expect(faultsOf('xdsb', xml)).to.deep.equal([])
    const received = decodeText(provideAndRegisterRequest, xml)
    expect(received.documents).to.deep.equal([
      { id: first, content: { inline: Buffer.from('one') } },
      { id: second, content: { inline: Buffer.from('two') } },
    ])
  })

  it('sends each part under the media type of its entry, and never anything that is none', () => {
    const strange = aSubmission({ documentEntry: { mimeType: 'text/plain\r\nX-Injected: 1' } })
    const types = (value: typeof submission) =>
      provideAndRegisterRequest
        .encode({
          submission: value,
          documents: value.documentEntries.map(each => ({ id: each.entryUUID, content: { inline: Buffer.alloc(1) } })),
        })
        .attachments?.map(each => each.contentType)
    expect(types(submission)).to.deep.equal(['application/pdf', 'text/plain'])
    expect(types(strange)).to.deep.equal(['application/octet-stream'])
  })

  it('finds its part by a percent-encoded reference, and the entry by an id in capital hex digits [ITI TF-2: Appendix V.3.6]', () => {
    const attachment = anAttachment('doc-1@urn:ihe:iti:xds-b:2007', Buffer.from('x'))
    const xml = xopXml(provideAndRegisterRequest.encode({ submission, documents: documents.slice(0, 1) }))
      .replace(/href="[^"]*"/, 'href="cid:doc-1@urn%3Aihe%3Aiti%3Axds-b%3A2007"')
      .replace(`Document id="${first}"`, `Document id="urn:uuid:${first.slice(9).toUpperCase()}"`)
    const received = decodeText(provideAndRegisterRequest, xml, arrived([attachment]))
    expect(received.documents).to.deep.equal([{ id: first, content: { attachment } }])
  })

  it('may hold no document at all: that is for the repository to judge', () => {
    const xml = xopXml(provideAndRegisterRequest.encode({ submission, documents: [] }))
    expect(decodeText(provideAndRegisterRequest, xml).documents).to.deep.equal([])
  })

  it('tells what is wrong with a Document beside those that are sound [ITI TF-2:3.41.4.1.3]', () => {
    const attachment = anAttachment('document2@carnet', Buffer.from('two'))
    const xml = xopXml(provideAndRegisterRequest.encode({ submission, documents })).replace(
      '</xdsb:ProvideAndRegisterDocumentSetRequest>',
      '<xdsb:Document>dHdv</xdsb:Document><xdsb:Document id="x">!</xdsb:Document>$&',
    )
    const received = decodeText(provideAndRegisterRequest, xml, arrived([attachment]))
    expect(received.documents).to.deep.equal([{ id: second, content: { attachment } }])
    expect(received.faultyDocuments?.map(({ number, id, fault }) => [number, id, fault?.kind])).to.deep.equal([
      [1, first, 'missing'],
      [3, '', undefined],
      [4, 'x', 'unreadable'],
    ])
    expect(received.faultyDocuments?.[0]?.fault?.expected).to.contain('cid:document1%40carnet')
    expect(received.submission).to.deep.equal(submission)
  })

  it('has no submission, or two, as a finding [ITI TF-2:3.41.4.1.2]', () => {
    const xml = xopXml(provideAndRegisterRequest.encode({ submission, documents: [] }))
    const none = decodeText(
      provideAndRegisterRequest,
      xml.replace(/<lcm:SubmitObjectsRequest.*<\/lcm:SubmitObjectsRequest>/s, ''),
    )
    expect(none.submission.findings.map(({ expected, found }) => [expected, found])).to.deep.equal([
      ['one SubmitObjectsRequest', 'none'],
    ])
    const two = decodeText(
      provideAndRegisterRequest,
      xml.replace(/<lcm:SubmitObjectsRequest.*<\/lcm:SubmitObjectsRequest>/s, '$&$&'),
    )
    expect(two.submission.findings.map(({ found }) => found)).to.deep.equal(['2 SubmitObjectsRequests'])
    expect(two.submission.documentEntries).to.deep.equal(submission.documentEntries)
  })

  it('does not send an attachment whose bytes nobody can read', () => {
    const { content } = anAttachment('x', Buffer.alloc(0))
    const lost = {
      attachment: { contentId: 'x', contentType: '', content: { ...content, bytes: undefined, path: '/a' } },
    }
    expect(() => bytesOfContent(lost)).to.throw('nobody says how to read it')
  })
})
