import { expect } from 'chai'
import fc from 'fast-check'
import { systemRandomness } from '../../ports/randomness.js'
import { actionNotSupported, invalidAddressing, SoapFault } from '../../soap/fault.js'
import type { OutgoingAttachment, OutgoingMessage } from '../../soap/message.js'
import { writeFault, writeMessage } from '../../soap/write-message.js'
import { childOf, parseXml, type XmlElement } from '../../soap/xml.js'
import { binaryOf, xopReference } from '../../soap/xop.js'
import { bytesIn, collected, read, soap12, streamOf, wsa } from './wire.js'

const document = Buffer.from([0, 1, 2, 13, 10, 45, 45, 255])

function attachment(contentId: string, bytes: Buffer, pieces = 1): OutgoingAttachment {
  const size = Math.ceil(bytes.length / pieces) || 1
  const parts = Array.from({ length: pieces }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
  return { contentId, contentType: 'application/octet-stream', sizeBytes: bytes.length, open: () => streamOf(parts) }
}

function message(more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    form: 'MTOM',
    action: 'urn:test:Do',
    messageID: 'urn:uuid:2',
    to: 'https://partner.example/x',
    body: {
      xml: ['<d xmlns="urn:d">', Buffer.from('<e>é</e><f>'), xopReference('1@test'), '</f></d>'],
      attachments: [attachment('1@test', document)],
    },
    ...more,
  }
}

async function sent(outgoing: OutgoingMessage) {
  const { contentType, contentLength, pieces } = writeMessage(outgoing, systemRandomness)
  const bytes = await collected(pieces)
  expect(contentLength).to.equal(bytes.length)
  return { contentType, bytes, text: bytes.toString('latin1') }
}

const documentIn = (body: XmlElement | undefined) => childOf(body!, 'urn:d', 'f')!

describe('soap/write-message: forms', () => {
  it('writes a package as other stacks read it [MTOM: 3.2] [XOP 1.0: 4.1]', async () => {
    const { contentType, text } = await sent(message())
    expect(contentType).to.match(
      /^multipart\/related; type="application\/xop\+xml"; boundary="(carnet-[0-9a-f-]{36})"; start="<envelope@carnet>"; start-info="application\/soap\+xml"; action="urn:test:Do"$/,
    )
    const boundary = /boundary="([^"]+)"/.exec(contentType)?.[1]
    const start = `--${boundary}\r\nContent-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <envelope@carnet>\r\n\r\n<s:Envelope `
    expect(text.startsWith(start)).to.equal(true)
    expect(text).to.include('<f><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:1@test"/></f>')
    expect(text).to.include(
      `\r\n--${boundary}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <1@test>\r\n\r\n${document.toString('latin1')}\r\n--${boundary}--\r\n`,
    )
  })

  it('writes the header blocks that belong to a body beside all others, whatever the order', async () => {
    const body = { xml: ['<d xmlns="urn:d"/>'], headers: ['<x:block xmlns:x="urn:x"/>'] }
    const headers = ['<w:Security xmlns:w="urn:w"/>']
    for (const headerShape of [undefined, { furtherFirst: true }]) {
      const { headers: written } = await read('application/soap+xml', [
        (await sent(message({ form: 'plain', body, headers, headerShape }))).text,
      ])
      const names = written?.map(({ name }) => name) ?? []
      expect(names).to.include.members(['Security', 'block', 'Action'])
      expect(names.indexOf('block') < names.indexOf('Action')).to.equal(headerShape !== undefined)
    }
  })

  it('leaves out, says less and turns round what a partner stumbles over', async () => {
    const headers = ['<w:Security xmlns:w="urn:w"/>']
    const envelope = async (headerShape: OutgoingMessage['headerShape']) =>
      (await sent(message({ form: 'plain', headers, headerShape }))).text
    const usual = await envelope(undefined)
    expect(usual).to.match(/<s:Header><a:Action s:mustUnderstand="1">.*<a:ReplyTo>.*<w:Security .*<\/s:Header>/)
    const bare = await envelope({ without: ['ReplyTo', 'To'], mustUnderstand: false })
    expect(bare).to.match(/<s:Header><a:Action>[^<]*<\/a:Action><a:MessageID>[^<]*<\/a:MessageID><w:Security /)
    const turned = await envelope({ furtherFirst: true })
    expect(turned).to.match(/<s:Header><w:Security [^>]*><a:Action s:mustUnderstand="1">.*<a:ReplyTo>/)
  })

  it('promises no length where a part is made while it is sent', async () => {
    for (const form of ['MTOM', 'plain'] as const) {
      const made = { open: () => streamOf([Buffer.from('<g>'), Buffer.from('made</g>')]), aboutBytes: 10 }
      const body = { xml: ['<d xmlns="urn:d">', made, '</d>'] }
      const { contentLength, pieces } = writeMessage(message({ form, body }), systemRandomness)
      expect(contentLength).to.equal(undefined)
      expect((await collected(pieces)).toString()).to.include('<d xmlns="urn:d"><g>made</g></d>')
    }
  })

  it('promises no length where an attachment is handed on while it comes, and gives all of it', async () => {
    for (const form of ['MTOM', 'plain'] as const) {
      const pieces = [document.subarray(0, 2), document.subarray(2, 4), document.subarray(4)]
      const arriving = { ...attachment('1@test', document), sizeBytes: undefined, open: () => streamOf(pieces) }
      const {
        contentType,
        contentLength,
        pieces: written,
      } = writeMessage(message({ form, body: { ...message().body, attachments: [arriving] } }), systemRandomness)
      expect(contentLength, form).to.equal(undefined)
      const back = await read(contentType, [await collected(written)])
      const binary = binaryOf(documentIn(back.body), back)
      const found = 'inline' in binary ? binary.inline : await bytesIn(binary.attachment.content)
      expect(found, form).to.deep.equal(document)
    }
  })

  it('writes the same as a bare envelope, attachments as base64', async () => {
    const { contentType, text } = await sent(message({ form: 'plain' }))
    expect(contentType).to.equal('application/soap+xml; charset=UTF-8; action="urn:test:Do"')
    expect(text).to.include(`<f>${document.toString('base64')}</f>`)
  })

  for (const form of ['MTOM', 'plain'] as const) {
    it(`reads back what it has written: ${form}`, async () => {
      const { contentType, bytes } = await sent(message({ form }))
      const back = await read(contentType, [bytes])
      expect(back).to.deep.include({ form, action: 'urn:test:Do' })
      expect(back.addressing).to.deep.equal({
        action: 'urn:test:Do',
        messageID: 'urn:uuid:2',
        to: 'https://partner.example/x',
        replyTo: `${wsa}/anonymous`,
      })
      expect(childOf(back.body!, 'urn:d', 'e')?.text).to.equal('é')
      const binary = binaryOf(documentIn(back.body), back)
      expect('inline' in binary ? binary.inline : await bytesIn(binary.attachment.content)).to.deep.equal(document)
    })
  }

  it('answers with RelatesTo byte for byte, escaped, and without what only requests have', async () => {
    const { contentType, text } = await sent(message({ to: undefined, relatesTo: 'urn:uuid:A&"<x>', form: 'plain' }))
    expect(contentType).to.equal('application/soap+xml; charset=UTF-8')
    expect(text).to.include('<a:RelatesTo>urn:uuid:A&amp;&quot;&lt;x&gt;</a:RelatesTo>').and.not.include('ReplyTo')
    expect((await read(contentType, [text])).addressing.relatesTo).to.equal('urn:uuid:A&"<x>')
  })

  it('hands on further headers', async () => {
    const { text } = await sent(message({ headers: ['<w xmlns="urn:w">', Buffer.from('x</w>')] }))
    expect(text).to.include('<w xmlns="urn:w">x</w></s:Header>')
  })

  it('percent-encodes references and keeps Content-IDs [RFC 2392: 2]', async () => {
    const id = "a-1@urn:ihe:iti:xds-b:2007%&'"
    const body = {
      xml: ['<d xmlns="urn:d"><f>', xopReference(id), '</f></d>'],
      attachments: [attachment(id, document)],
    }
    const { contentType, bytes, text } = await sent(message({ body }))
    expect(text).to.include(`href="cid:a-1@urn%3Aihe%3Aiti%3Axds-b%3A2007%25%26'"`).and.include(`Content-ID: <${id}>`)
    const back = await read(contentType, [bytes])
    expect(binaryOf(documentIn(back.body), back)).to.have.nested.property('attachment.contentId', id)
  })

  it('lets nobody smuggle header lines in', async () => {
    const odd = { ...attachment('1@test', document), contentType: 'text/plain\r\nX: y' }
    const { text } = await sent(
      message({ action: 'a"b\\c\r\nX: y', body: { xml: [xopReference('1@test')], attachments: [odd] } }),
    )
    expect(text).to.include('Content-Type: application/octet-stream\r\n').and.not.include('X: y\r\n')
    const written = writeMessage(message({ action: 'a"b\\c\r\nX: y' }), systemRandomness)
    expect(written.contentType).to.match(/action="a\\"b\\\\cX: y"$/)
    for (const contentId of ['a b', 'a>b', 'a\r\nb', '', 'é']) {
      expect(() =>
        writeMessage(message({ body: { xml: [], attachments: [attachment(contentId, document)] } }), systemRandomness),
      ).to.throw('cannot be a Content-ID')
    }
  })

  it('is a mistake of ours to lose, double or miss an attachment', () => {
    const write = (form: 'MTOM' | 'plain', body: OutgoingMessage['body']) => () =>
      writeMessage(message({ form, body }), systemRandomness)
    const one = attachment('1@test', document)
    expect(write('plain', { xml: [], attachments: [one] })).to.throw('it would be lost')
    expect(write('MTOM', { xml: [], attachments: [one, one] })).to.throw('same Content-ID')
    expect(write('MTOM', { xml: [xopReference('2@test')], attachments: [one] })).to.throw(
      'there is no attachment 2@test',
    )
    expect(write('plain', { xml: [xopReference('2@test')] })).to.throw('there is no attachment 2@test')
  })
})

describe('soap/write-message: pieces', () => {
  it('is one piece for a small answer, ready at once', () => {
    const { pieces } = writeMessage(message({ body: { xml: Array(1000).fill('<x/>') } }), systemRandomness)
    expect(pieces).to.be.an('array').with.length(1)
  })

  it('is few pieces for a large one', async () => {
    const xml = Array.from({ length: 2000 }, (_, index) => (index % 2 ? Buffer.alloc(700, 'x') : '<y/>'))
    const { pieces } = writeMessage(message({ body: { xml } }), systemRandomness)
    expect(pieces).to.be.an('array').with.length.within(8, 13)
  })

  it('is few pieces around small attachments, and no copy of large ones', async () => {
    const large = Buffer.alloc(100_000, 'l')
    const written = writeMessage(
      message({
        body: {
          xml: [xopReference('1@test')],
          attachments: [attachment('1@test', document), attachment('2@test', large)],
        },
      }),
      systemRandomness,
    )
    const pieces: Uint8Array[] = []
    for await (const piece of written.pieces) pieces.push(piece)
    expect(pieces).to.have.length(3)
    expect(pieces[1]?.buffer).to.equal(large.buffer)
  })

  it('opens an attachment when its turn comes, and breaks when it is not as long as announced', async () => {
    for (const form of ['MTOM', 'plain'] as const) {
      for (const sizeBytes of [7, 9]) {
        let opened = 0
        const wrong = {
          ...attachment('1@test', document),
          sizeBytes,
          open: () => {
            opened += 1
            return [document]
          },
        }
        const written = writeMessage(
          message({ form, body: { xml: [xopReference('1@test')], attachments: [wrong] } }),
          systemRandomness,
        )
        expect(opened).to.equal(0)
        const problem = await collected(written.pieces).catch(found => found)
        expect(problem).to.be.instanceOf(Error)
        expect(problem.message).to.include(`does not have the ${sizeBytes} bytes`)
      }
    }
  })

  it('round trip: any documents, any pieces, both forms', async () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map(array => Buffer.from(array))
    const documents = fc.array(fc.tuple(bytes, fc.integer({ min: 1, max: 9 })), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(documents, fc.constantFrom('MTOM' as const, 'plain' as const), async (found, form) => {
        const attachments = found.map(([content, pieces], index) => attachment(`${index}@test`, content, pieces))
        const xml = ['<d>', ...attachments.flatMap(({ contentId }) => ['<f>', xopReference(contentId), '</f>']), '</d>']
        const { contentType, bytes: all } = await sent(message({ form, body: { xml, attachments } }))
        const back = await read(contentType, [all.subarray(0, 500), all.subarray(500)])
        const contents = back.body!.children.map(async element => {
          const binary = binaryOf(element, back)
          return 'inline' in binary ? binary.inline : bytesIn(binary.attachment.content)
        })
        expect(await Promise.all(contents)).to.deep.equal(found.map(([content]) => content))
      }),
      { numRuns: 150 },
    )
  })
})

describe('soap/write-message: faults [SOAP 1.2 Part 1: 5.4]', () => {
  const written = async (
    fault: SoapFault,
    answerTo: Parameters<typeof writeFault>[1] = { form: 'plain', relatesTo: 'urn:uuid:1' },
  ) => {
    const { status, contentType, contentLength, pieces } = writeFault(fault, answerTo, systemRandomness)
    const bytes = await collected(pieces)
    expect(contentLength).to.equal(bytes.length)
    return { status, contentType, bytes, text: bytes.toString() }
  }

  it('writes code, reason and detail, escaped', async () => {
    const { status, contentType, text } = await written(new SoapFault('Receiver', 'a < b', { detail: 'see & ask' }))
    expect(status).to.equal(500)
    expect(contentType).to.equal('application/soap+xml; charset=UTF-8')
    expect(text).to.include(
      '<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang="en">a &lt; b</s:Text></s:Reason><s:Detail><d:Text xmlns:d="urn:carnet:fault">see &amp; ask</d:Text></s:Detail></s:Fault>',
    )
    expect(text).to.include(`${wsa}/soap/fault</a:Action>`).and.include('<a:RelatesTo>urn:uuid:1</a:RelatesTo>')
    expect(parseXml(text).namespace).to.equal(soap12)
  })

  for (const [code, status] of [
    ['Sender', 500],
    ['Receiver', 500],
    ['MustUnderstand', 500],
    ['VersionMismatch', 500],
    ['DataEncodingUnknown', 500],
  ] as const) {
    it(`answers ${code} with HTTP ${status} [SOAP 1.2 Part 2: 7.5.2.2]`, async () => {
      expect((await written(new SoapFault(code, 'x'))).status).to.equal(status)
    })
  }

  it('lets a fault have an HTTP status of its own', async () => {
    expect((await written(new SoapFault('Sender', 'x', { httpStatus: 415 }))).status).to.equal(415)
  })

  it('has the subcodes and details of WS-Addressing [WS-Addressing 1.0 SOAP Binding: 6]', async () => {
    const addressing = await written(invalidAddressing('InvalidCardinality', 'To', 'x'))
    expect(addressing.text).to.include(
      `<s:Subcode><s:Value xmlns:c="${wsa}">c:InvalidAddressingHeader</s:Value><s:Subcode><s:Value xmlns:c="${wsa}">c:InvalidCardinality</s:Value></s:Subcode></s:Subcode>`,
    )
    expect(addressing.text).to.include(`<a:ProblemHeaderQName xmlns:p="${wsa}">p:To</a:ProblemHeaderQName>`)
    expect(addressing.text).to.include(`${wsa}/fault</a:Action>`)
    const unknown = await written(actionNotSupported('urn:x&y'))
    expect(unknown.text)
      .to.include('c:ActionNotSupported')
      .and.include('<a:ProblemAction><a:Action>urn:x&amp;y</a:Action></a:ProblemAction>')
    parseXml(unknown.text)
  })

  it('names the headers that were not understood [SOAP 1.2 Part 1: 5.4.8]', async () => {
    const { text } = await written(
      new SoapFault('MustUnderstand', 'x', {
        notUnderstood: [
          { namespace: 'urn:"x"', name: 'Y' },
          { namespace: '', name: 'Z' },
        ],
      }),
    )
    expect(text)
      .to.include('<s:NotUnderstood xmlns:n="urn:&quot;x&quot;" qname="n:Y"/>')
      .and.include('<s:NotUnderstood qname="Z"/>')
    parseXml(text)
  })

  it('tells SOAP 1.1 senders in SOAP 1.1 [SOAP 1.2 Part 1: A]', async () => {
    const { status, contentType, text } = await written(new SoapFault('VersionMismatch', 'no', { soap11: true }), {
      form: 'MTOM',
    })
    expect(status).to.equal(500)
    expect(contentType).to.equal('text/xml; charset=UTF-8')
    expect(text)
      .to.include(`<u:Upgrade xmlns:u="${soap12}"><u:SupportedEnvelope qname="u:Envelope"/></u:Upgrade>`)
      .and.include('<faultcode>e:VersionMismatch</faultcode>')
    expect(parseXml(text).namespace).to.equal('http://schemas.xmlsoap.org/soap/envelope/')
  })

  it('tells others which version is spoken [SOAP 1.2 Part 1: 5.4.7]', async () => {
    const { text } = await written(new SoapFault('VersionMismatch', 'no'))
    expect(text).to.include('<s:SupportedEnvelope qname="s:Envelope"/>')
    expect(parseXml(text).namespace).to.equal(soap12)
  })

  it('goes out in the form of its request, which the fault may know better', async () => {
    const asked = await written(new SoapFault('Sender', 'x'), { form: 'MTOM', relatesTo: 'urn:uuid:1' })
    expect(asked.contentType).to.match(/^multipart\/related; /)
    const known = new SoapFault('Sender', 'x', { answerTo: { form: 'MTOM', relatesTo: 'urn:uuid:7' } })
    const unread = await written(known, { form: 'plain' })
    const back = await read(unread.contentType, [unread.bytes])
    expect(back).to.deep.include({ form: 'MTOM', action: `${wsa}/soap/fault` })
    expect(back.addressing.relatesTo).to.equal('urn:uuid:7')
    expect(back.body).to.include({ namespace: soap12, name: 'Fault' })
  })
})
