import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { systemFiles } from '../../ports/files.js'
import { SpoolFull } from '../../soap/spool.js'
import {
  action,
  addressingHeaders,
  attachmentsOf,
  bytesIn,
  documentPart,
  envelope,
  faultOf,
  folder,
  mtomType,
  multipart,
  type Part,
  plainType,
  read,
  rootPart,
  wsa,
} from './wire.js'

const twoParts = multipart([rootPart(), documentPart('hello\r\n')])
const document: [string, string][] = [['document@test', 'hello\r\n']]
const mtom = (...more: string[]) => ['multipart/related', 'boundary=b', ...more].join('; ')

describe('soap/read-message: forms [ITI TF-2: Appendix V.3, V.8]', () => {
  it('reads a bare envelope', async () => {
    const message = await read(plainType, [envelope()])
    expect(message.form).to.equal('plain')
    expect(message.action).to.equal(action)
    expect(message.addressing).to.deep.equal({ action, messageID: 'urn:uuid:1' })
    expect(message.body).to.include({ namespace: 'urn:test', name: 'b' })
    expect(message.attachments.size).to.equal(0)
  })

  it('serves others while it reads a large envelope, bare or in a package', async () => {
    const large = envelope(`<b xmlns="urn:test">${'<c/>'.repeat(150_000)}</b>`)
    let turns = 0
    const clock = {
      endOfTurn(work: () => void) {
        turns += 1
        systemClock.endOfTurn(work)
      },
    }
    expect((await read(plainType, [large], { clock })).body?.children).to.have.length(150_000)
    expect(turns).to.equal(5)
    const inPackage = multipart([rootPart(large), documentPart('hello\r\n')])
    expect(attachmentsOf(await read(mtomType, [inPackage], { clock }))).to.deep.equal(document)
    expect(turns).to.equal(10)
  })

  it('reads a package with its attachment', async () => {
    const message = await read(mtomType, [twoParts])
    expect(message.form).to.equal('MTOM')
    expect(message.action).to.equal(action)
    expect(attachmentsOf(message)).to.deep.equal(document)
    expect(message.attachments.get('document@test')).to.include({ contentType: 'text/plain' })
  })

  it('reads a package cut anywhere', async () => {
    for (let cut = 0; cut <= twoParts.length; cut += 1) {
      const message = await read(mtomType, [twoParts.subarray(0, cut), twoParts.subarray(cut)])
      expect(attachmentsOf(message)).to.deep.equal(document)
      expect(message.body).to.include({ name: 'b' })
    }
  })

  it('reads a package of one part, as an ITI-43 request is', async () => {
    const message = await read(mtomType, [multipart([rootPart()])])
    expect(message.form).to.equal('MTOM')
    expect(message.attachments.size).to.equal(0)
  })

  const tolerated: [name: string, contentType: string, body: string | Buffer, form: string][] = [
    ['a body that begins with CRLF (CXF)', mtomType, multipart([rootPart()], { preamble: '\r\n' }), 'MTOM'],
    ['LF line ends', mtomType, multipart([rootPart()], { lineBreak: '\n' }), 'MTOM'],
    ['an epilogue', mtomType, multipart([rootPart()], { epilogue: 'anything' }), 'MTOM'],
    [
      'a boundary with colons in quotes',
      mtom('type="application/xop+xml"').replace('=b', '="uuid:1"'),
      multipart([rootPart()], { boundary: 'uuid:1' }),
      'MTOM',
    ],
    [
      'a boundary with colons and no quotes',
      mtom().replace('=b', '=uuid:1'),
      multipart([rootPart()], { boundary: 'uuid:1' }),
      'MTOM',
    ],
    [
      'a boundary of 120 characters',
      mtom().replace('=b', `=${'x'.repeat(120)}`),
      multipart([rootPart()], { boundary: 'x'.repeat(120) }),
      'MTOM',
    ],
    ['no start parameter', mtom(), multipart([rootPart()]), 'MTOM'],
    ['start without angle brackets', mtom('start="root@test"'), multipart([rootPart()]), 'MTOM'],
    ['start without quotes', mtom('start=<root@test>'), multipart([rootPart()]), 'MTOM'],
    ['start with white space and a comment', mtom('start="< root@test > (envelope)"'), multipart([rootPart()]), 'MTOM'],
    ['start percent-encoded', mtom('start="<root%40test>"'), multipart([rootPart()]), 'MTOM'],
    [
      'start-info text/xml (the soap package)',
      mtom('start="<root@test>"', 'start-info="text/xml"'),
      multipart([rootPart()]),
      'MTOM',
    ],
    [
      'a root part labelled text/xml',
      mtom(),
      multipart([{ headers: ['Content-Type: text/xml'], body: envelope() }]),
      'MTOM',
    ],
    [
      'a root part labelled application/soap+xml',
      mtom(),
      multipart([{ headers: ['content-type:application/soap+xml'], body: envelope() }]),
      'MTOM',
    ],
    ['a root part without headers', mtom(), multipart([{ headers: [], body: envelope() }]), 'MTOM'],
    [
      'a root part without Content-ID though start names one',
      mtomType,
      multipart([{ headers: ['Content-Type: application/xop+xml'], body: envelope() }]),
      'MTOM',
    ],
    [
      'a root part in base64',
      mtom(),
      multipart([{ headers: ['Content-Transfer-Encoding: BASE64'], body: Buffer.from(envelope()).toString('base64') }]),
      'MTOM',
    ],
    [
      'capitals in type and parameters',
      'Multipart/Related; Boundary=b; START="<root@test>"',
      multipart([rootPart()]),
      'MTOM',
    ],
    ['a package announced and a bare envelope sent', mtomType, envelope(), 'plain'],
    ['the same with blanks, mark and declaration', mtomType, `\ufeff<?xml version="1.0"?>\n${envelope()}`, 'plain'],
    ['application/xop+xml alone', 'application/xop+xml; type="application/soap+xml"', envelope(), 'plain'],
    ['SOAP 1.2 labelled text/xml', 'text/xml', envelope(), 'plain'],
    [
      'UTF-16 with a mark',
      'application/soap+xml; charset=UTF-16',
      Buffer.from(`\ufeff${envelope()}`, 'utf16le'),
      'plain',
    ],
    ['ASCII declared (Python)', plainType, `<?xml version='1.0' encoding='ASCII'?>\n${envelope()}`, 'plain'],
    ['an XML declaration', plainType, `<?xml version="1.0" encoding="UTF-8"?>\r\n${envelope()}\r\n`, 'plain'],
  ]
  for (const [name, contentType, body, form] of tolerated) {
    it(`takes ${name}`, async () => {
      const message = await read(contentType, [body])
      expect(message.form).to.equal(form)
      expect(message.action).to.equal(action)
      expect(message.body).to.include({ namespace: 'urn:test', name: 'b' })
    })
  }

  it('finds the root where start names a later part [RFC 2387: 3.2]', async () => {
    const message = await read(mtomType, [multipart([documentPart('hello\r\n'), rootPart()])])
    expect(message.body).to.include({ name: 'b' })
    expect(attachmentsOf(message)).to.deep.equal(document)
  })

  it('knows a part by its Content-ID without white space or comment [RFC 2045: 7]', async () => {
    const part: Part = { headers: ['Content-ID: < document@test >\t(the document)'], body: 'hello\r\n' }
    expect(attachmentsOf(await read(mtomType, [multipart([rootPart(), part])]))).to.deep.equal(document)
  })

  it('keeps the bytes of a nested multipart as they are', async () => {
    const nested = multipart([documentPart('x')], { boundary: 'inner' }).toString('latin1')
    const message = await read(mtomType, [multipart([rootPart(), documentPart(nested)])])
    expect(attachmentsOf(message)).to.deep.equal([['document@test', nested]])
  })

  const encoded: [encoding: string, body: string, bytes: string][] = [
    ['binary', 'a\r\nb\0\xff', 'a\r\nb\0\xff'],
    ['8bit', '\xe9', '\xe9'],
    ['7bit', 'a', 'a'],
    ['base64', 'aGVs\r\nbG8g\r\nd29ybGQ=\r\n', 'hello world'],
    ['Base64', '', ''],
    ['quoted-printable', 'caf=C3=A9 =\r\nau lait  \r\n=3D=\r\n', 'caf\xc3\xa9 au lait\r\n='],
  ]
  for (const [encoding, body, bytes] of encoded) {
    it(`decodes a part in ${encoding}, cut anywhere [RFC 2045: 6]`, async () => {
      const whole = multipart([
        rootPart(),
        documentPart(body, 'document@test', `Content-Transfer-Encoding: ${encoding}`),
      ])
      for (let cut = 330; cut <= whole.length; cut += 1) {
        const message = await read(mtomType, [whole.subarray(0, cut), whole.subarray(cut)])
        expect(attachmentsOf(message)).to.deep.equal([['document@test', bytes]])
      }
    })
  }
})

describe('soap/read-message: the action [RFC 3902: 2]', () => {
  const withoutAction = envelope(undefined, '')
  const named: [name: string, contentType: string, body: string | Buffer][] = [
    ['the Content-Type of an envelope', `${plainType}; action="${action}"`, withoutAction],
    ['the Content-Type of a package', `${mtomType}; action="${action}"`, multipart([rootPart(withoutAction)])],
    [
      'start-info (Metro)',
      mtom(`start-info="application/soap+xml; action=\\"${action}\\""`),
      multipart([rootPart(withoutAction)]),
    ],
    [
      'the root part',
      mtomType,
      multipart([{ headers: [`Content-Type: application/xop+xml; action="${action}"`], body: withoutAction }]),
    ],
    ['both, agreeing', `${plainType}; action="${action}"`, envelope()],
    ['wsa:Action beside an empty parameter', `${plainType}; action=""`, envelope()],
  ]
  for (const [name, contentType, body] of named) {
    it(`comes from ${name}`, async () => {
      expect((await read(contentType, [body])).action).to.equal(action)
    })
  }

  it('is empty when nobody names it', async () => {
    expect((await read(plainType, [withoutAction])).action).to.equal('')
  })

  it('must not differ between header and Content-Type [WS-Addressing 1.0 SOAP Binding: 6.4.1.6]', async () => {
    const fault = await faultOf(read(`${plainType}; action="urn:other"`, [envelope()]))
    expect(fault).to.deep.include({
      code: 'Sender',
      subcode: { namespace: wsa, name: 'InvalidAddressingHeader' },
      subSubcode: { namespace: wsa, name: 'ActionMismatch' },
    })
    expect(fault.message).to.include('urn:other').and.include(action)
    const mixed = mtom('action="urn:one"', 'start-info="application/soap+xml; action=urn:two"')
    expect((await faultOf(read(mixed, [multipart([rootPart(withoutAction)])]))).message).to.include('urn:two')
  })
})

describe('soap/read-message: refusing', () => {
  const attachment = (id: string): Part => documentPart('x', id)
  const cases: [
    name: string,
    contentType: string | undefined,
    body: string | Buffer,
    reason: string,
    httpStatus?: number,
  ][] = [
    ['no Content-Type', undefined, envelope(), 'there is no Content-Type; accepted are multipart/related', 415],
    ['JSON', 'application/json', '{}', 'Content-Type application/json; accepted are', 415],
    ['multipart/mixed', 'multipart/mixed; boundary=b', twoParts, 'Content-Type multipart/mixed; accepted are', 415],
    [
      'Latin-1',
      'application/soap+xml; charset=iso-8859-1',
      envelope(),
      'the charset iso-8859-1 is not accepted; send UTF-8',
      415,
    ],
    [
      'Latin-1 in the root part',
      mtom(),
      multipart([{ headers: ['Content-Type: text/xml; charset=latin1'], body: envelope() }]),
      'the charset latin1',
      415,
    ],
    ['nothing', plainType, '', 'the message is empty'],
    ['blanks', mtomType, '\r\n \r\n', 'the message is empty'],
    ['64 kB of blanks', plainType, ' '.repeat(65_537), '64 kB of white space'],
    [
      'multipart labelled as an envelope',
      plainType,
      twoParts,
      'the body is multipart, but its Content-Type is application/soap+xml',
    ],
    ['no boundary', 'multipart/related', twoParts, 'no boundary parameter'],
    ['two Content-Types', `${plainType}, text/xml`, envelope(), 'there is more than one Content-Type'],
    ['two Content-Types with one boundary', `text/xml, ${mtomType}`, twoParts, 'there is more than one Content-Type'],
    ['two boundaries', 'multipart/related; boundary=b; boundary=c', twoParts, 'gives its parameter boundary twice'],
    ['a boundary of 201 characters', mtom().replace('=b', `=${'x'.repeat(201)}`), twoParts, 'printable characters'],
    [
      'another boundary than announced',
      mtom().replace('=b', '=c'),
      twoParts,
      'the boundary c that the Content-Type names does not occur',
    ],
    ['no final boundary', mtomType, twoParts.subarray(0, -6), 'without its final boundary'],
    [
      'a start that is no part',
      mtom('start="<other@test>"'),
      multipart([rootPart()]),
      'no part has the Content-ID that the start parameter names: <other@test>',
    ],
    [
      'a root part of another type',
      mtom(),
      multipart([documentPart('x')]),
      'the root part is text/plain instead of application/xop+xml',
      415,
    ],
    [
      'two parts of one Content-ID',
      mtomType,
      multipart([rootPart(), attachment('x'), attachment('x')]),
      'two parts have the Content-ID <x>',
    ],
    [
      'a document with the Content-ID of the root',
      mtomType,
      multipart([rootPart(), attachment('root@test')]),
      'two parts have the Content-ID',
    ],
    [
      'two Content-ID headers in a part',
      mtomType,
      multipart([rootPart(), documentPart('x', 'a', 'Content-Id: <b>')]),
      'a part has two Content-Id headers',
    ],
    [
      'a header line without a name',
      mtomType,
      multipart([rootPart(), documentPart('x', 'a', 'nonsense')]),
      'a header line of a part has no name',
    ],
    [
      'an unknown transfer encoding',
      mtomType,
      multipart([rootPart(), documentPart('x', 'a', 'Content-Transfer-Encoding: uuencode')]),
      'Content-Transfer-Encoding uuencode',
    ],
    [
      'a prototype as transfer encoding',
      mtomType,
      multipart([rootPart(), documentPart('x', 'a', 'Content-Transfer-Encoding: __proto__')]),
      'Content-Transfer-Encoding __proto__',
    ],
    [
      'base64 that is none',
      mtomType,
      multipart([rootPart(), documentPart('abc!', 'a', 'Content-Transfer-Encoding: base64')]),
      'labelled base64 but is not',
    ],
    [
      'base64 that lacks its end',
      mtomType,
      multipart([rootPart(), documentPart('abc', 'a', 'Content-Transfer-Encoding: base64')]),
      'labelled base64 but is not',
    ],
    [
      'base64 that goes on after its end',
      mtomType,
      multipart([rootPart(), documentPart('YQ==YQ==', 'a', 'Content-Transfer-Encoding: base64')]),
      'labelled base64 but is not',
    ],
    [
      'quoted-printable that is none',
      mtomType,
      multipart([rootPart(), documentPart('=4G', 'a', 'Content-Transfer-Encoding: quoted-printable')]),
      'has =4G',
    ],
    [
      'a quoted-printable line of 70 kB',
      mtomType,
      multipart([rootPart(), documentPart('x'.repeat(70_000), 'a', 'Content-Transfer-Encoding: quoted-printable')]),
      'a line that is too long',
    ],
    [
      'more attachments than the limit',
      mtomType,
      multipart([rootPart(), ...Array.from({ length: 21 }, (_, index) => attachment(`${index}`))]),
      'more than 20 attachments',
    ],
    [
      '10,000 parts',
      mtomType,
      multipart([rootPart(), ...Array.from({ length: 10_000 }, (_, index) => attachment(`${index}`))]),
      'more than 20 attachments',
    ],
    [
      'an attachment that is too long',
      mtomType,
      multipart([rootPart(), documentPart('x'.repeat(10_000_001))]),
      'an attachment is longer than 10000000 bytes',
      413,
    ],
    [
      'an envelope that is too long',
      plainType,
      envelope(`<b>${'<c/>'.repeat(250_000)}</b>`),
      'the document is longer than 1000000 bytes',
    ],
    [
      'an endless header',
      mtomType,
      `--b\r\nX: ${'y'.repeat(20_000)}`,
      'the headers of part 1 are longer than 16384 bytes',
    ],
    ['XML that is none', plainType, '<a', 'the envelope cannot be read: line 1'],
    ['a document type', plainType, '<!DOCTYPE a><a/>', 'document type declaration is not accepted'],
  ]
  for (const [name, contentType, body, reason, httpStatus] of cases) {
    it(`refuses ${name}`, async () => {
      const fault = await faultOf(read(contentType, [body]))
      expect(fault.code).to.equal('Sender')
      expect(fault.message).to.include(reason)
      expect(fault.httpStatus).to.equal(httpStatus)
    })
  }

  it('refuses compressed messages with 415', async () => {
    const fault = await faultOf(read(plainType, [envelope()], { headers: { 'content-encoding': 'gzip' } }))
    expect(fault).to.include({ code: 'Sender', httpStatus: 415 })
    for (const none of ['Identity', '', 'UTF-8']) {
      expect((await read(plainType, [envelope()], { headers: { 'content-encoding': none } })).action).to.equal(action)
    }
  })

  it('stops reading where it knows enough', async () => {
    let chunks = 0
    async function* endless(): AsyncIterable<Uint8Array> {
      for (;;) {
        chunks += 1
        yield Buffer.from('<a>'.repeat(1000))
      }
    }
    const { readMessage } = await import('../../soap/read-message.js')
    const fault = await faultOf(
      readMessage(
        { headers: { 'content-type': plainType }, body: endless() },
        {
          limits: { envelopeBytes: 1e9, inlineDocumentBytes: 1e9, attachmentBytes: 1, attachments: 1 },
          spool: {
            receive: () => {
              throw new Error('not asked for')
            },
          },
        },
      ),
    )
    expect(fault.message).to.include('nested deeper')
    // One chunk is 3 kB; what the first 64 kB cannot tell waits for the end.
    expect(chunks).to.be.below(30)
  })

  it('takes as many elements in an envelope as are allowed', async () => {
    const of = (count: number) => read(plainType, [envelope(`<x>${'<y/>'.repeat(count)}</x>`)], { elements: 1_000 })
    expect((await of(900)).body?.children).to.have.length(900)
    expect((await faultOf(of(1_000))).message).to.include('more than 1000 elements')
  })
})

describe('soap/read-message: what a fault answers to', () => {
  it('is the MessageID where the envelope could be read', async () => {
    const headers = `${addressingHeaders}<x:Y xmlns:x="urn:x" s:mustUnderstand="1"/>`
    const fault = await faultOf(read(mtomType, [multipart([rootPart(envelope('', headers))])]))
    expect(fault.code).to.equal('MustUnderstand')
    expect(fault.answerTo).to.deep.equal({ form: 'MTOM', relatesTo: 'urn:uuid:1' })
  })

  it('is at least the form', async () => {
    expect((await faultOf(read(mtomType, ['--b\r\n']))).answerTo).to.deep.equal({ form: 'MTOM', relatesTo: undefined })
    expect((await faultOf(read(plainType, ['<a']))).answerTo).to.deep.equal({ form: 'plain', relatesTo: undefined })
  })
})

describe('soap/read-message: what stays behind', () => {
  const large = Buffer.alloc(300_000, 'x')
  const place = folder()
  after(() => place.remove())

  it('is a file for each large attachment, until it is discarded or kept', async () => {
    const body = multipart([rootPart(), documentPart(large, 'one'), documentPart(large, 'two')])
    const message = await read(mtomType, [body], { spool: { folder: place.path } })
    const [one, two] = [...message.attachments.values()].map(({ content }) => content)
    expect(place.left()).to.have.length(2)
    expect(await bytesIn(one!)).to.deep.equal(large)
    await one?.keepAs(`${place.path}/kept`)
    await one?.discard()
    await two?.discard()
    expect(place.left()).to.deep.equal(['kept'])
    await systemFiles.remove(`${place.path}/kept`)
  })

  const failures: [name: string, parts: Part[], cut: number][] = [
    ['a cut connection', [rootPart(), documentPart(large, 'one'), documentPart(large, 'two')], 100],
    ['a third part that is wrong', [rootPart(), documentPart(large, 'one'), documentPart(large, 'one')], 0],
    ['an envelope that comes last and is wrong', [documentPart(large, 'one'), rootPart('<a>')], 0],
    ['a header that is not understood', [rootPart(envelope('', '<x s:mustUnderstand="1"/>')), documentPart(large)], 0],
  ]
  for (const [name, parts, cut] of failures) {
    it(`is nothing after ${name}`, async () => {
      const body = multipart(parts)
      const chunks = Array.from({ length: 40 }, (_, index) => body.subarray(index * 16_384, (index + 1) * 16_384))
      if (cut > 0) chunks[30] = chunks[30]!.subarray(0, cut)
      const used = { bytes: 0 }
      const budget = {
        take: (bytes: number) => {
          used.bytes += bytes
          return true
        },
        give: (bytes: number) => {
          used.bytes -= bytes
        },
      }
      const sent = cut > 0 ? chunks.slice(0, 31) : chunks
      await faultOf(read(mtomType, sent, { spool: { folder: place.path, budget } }))
      expect(place.left()).to.deep.equal([])
      expect(used.bytes).to.equal(0)
    })
  }

  it('is nothing when the connection throws, and its error is handed on', async () => {
    const { readMessage } = await import('../../soap/read-message.js')
    const { openSpool } = await import('../../soap/spool.js')
    const { systemRandomness } = await import('../../ports/randomness.js')
    async function* broken(): AsyncIterable<Uint8Array> {
      yield multipart([rootPart(), documentPart(large)]).subarray(0, 200_000)
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
    }
    const spool = openSpool({ files: systemFiles, randomness: systemRandomness, folder: place.path })
    const limits = { envelopeBytes: 1e6, inlineDocumentBytes: 1e6, attachmentBytes: 1e6, attachments: 10 }
    const problem = await readMessage(
      { headers: { 'content-type': mtomType }, body: broken() },
      { limits, spool },
    ).catch(found => found)
    expect(problem).to.include({ code: 'ECONNRESET' })
    expect(place.left()).to.deep.equal([])
  })

  it('is a SpoolFull that knows its request when there is no room', async () => {
    const budget = { take: () => false, give: () => {} }
    const problem = await read(mtomType, [multipart([rootPart(), documentPart(large)])], {
      spool: { folder: place.path, budget },
    }).catch(found => found)
    expect(problem).to.be.instanceOf(SpoolFull)
    expect(problem).to.deep.include({ action, answerTo: { form: 'MTOM', relatesTo: 'urn:uuid:1' } })
    expect(place.left()).to.deep.equal([])
  })
})
