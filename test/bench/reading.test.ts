// The instruments themselves: an answer is read the same however its bytes arrive, and says what it says.
import { expect } from 'chai'
import { readAnswer } from '../../bench/answers.js'
import { type Answer, answerReader } from '../../bench/http-connection.js'
import { packaged, retrieve } from '../../bench/messages.js'
import { median, table } from '../../bench/table.js'

const envelope = (body: string) =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${body}</s:Body></s:Envelope>`
const namespaces = 'xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0" xmlns:x="urn:ihe:iti:xds-b:2007"'

describe('bench/http-connection', () => {
  const chunked =
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n7\r\n0\r\n\r\n.\n\r\n0\r\n\r\n'
  const counted = 'HTTP/1.1 500 Oh\r\ncontent-length: 5\r\n\r\nhello'

  for (const [what, bytes, status, body] of [
    ['chunks', chunked, 200, 'hello 0\r\n\r\n.\n'],
    ['a counted body', counted, 500, 'hello'],
  ] as const) {
    it(`reads ${what} however they are cut`, () => {
      for (let cut = 1; cut < bytes.length; cut++) {
        const read = answerReader()
        const first = read(Buffer.from(bytes.slice(0, cut)))
        const answer = first ?? read(Buffer.from(bytes.slice(cut)))
        expect(first, `whole after ${cut} bytes`).to.equal(undefined)
        expect([answer?.status, answer?.body.toString()]).to.deep.equal([status, body])
      }
    })
  }
})

describe('bench/answers', () => {
  it('reads a document out of its part', () => {
    const body = `<x:RetrieveDocumentSetResponse ${namespaces}><rs:RegistryResponse status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"/><x:DocumentResponse><x:DocumentUniqueId>1.2</x:DocumentUniqueId><x:Document><i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:a%40b"/></x:Document></x:DocumentResponse></x:RetrieveDocumentSetResponse>`
    const bytes = Buffer.from([13, 10, 45, 45, 0, 255])
    const reading = readAnswer(answered(packaged(envelope(body), [{ contentId: 'a@b', contentType: 'x/y', bytes }])))
    expect(reading.status).to.equal('Success')
    expect(reading.documents).to.deep.equal([{ uniqueId: '1.2', bytes }])
  })

  it('reads errors, and a fault', () => {
    const failure = `<rs:RegistryResponse ${namespaces} status="urn:x:Failure"><rs:RegistryErrorList><rs:RegistryError errorCode="XDSRepositoryError" codeContext="why"/></rs:RegistryErrorList></rs:RegistryResponse>`
    const plain = (body: string) => answered({ contentType: 'application/soap+xml', body: Buffer.from(envelope(body)) })
    expect(readAnswer(plain(failure))).to.deep.include({
      status: 'Failure',
      errors: [{ code: 'XDSRepositoryError', context: 'why' }],
    })
    expect(readAnswer(plain('<s:Fault><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>')).fault).to.equal('no')
  })

  it('does not take a message without its part for one with a document', () => {
    const { contentType, body } = retrieve('1.2', ['1.3'])
    expect(readAnswer(answered({ contentType, body })).documents).to.deep.equal([])
  })
})

describe('bench/table', () => {
  it('takes the middle', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).to.deep.equal([2, 2.5, Number.NaN])
  })

  it('lines columns up', () => {
    expect(
      table([
        { a: 'x', b: 1 },
        { a: 'long', b: 1234 },
      ]),
    ).to.equal('a        b\n----  ----\nx     1.00\nlong  1234')
  })
})

function answered(message: { contentType: string; body: Buffer }): Answer {
  return { status: 200, ...message }
}
