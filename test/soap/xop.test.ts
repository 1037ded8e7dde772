import { expect } from 'chai'
import type { Attachment } from '../../soap/message.js'
import { attachmentFor, binaryOf, readBinary } from '../../soap/xop.js'
import { documentPart, envelope, faultOf, limits, mtomType, multipart, plainType, read, rootPart } from './wire.js'

const include = (href: string) => `<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="${href}"/>`
const body = (...contents: string[]) => `<r>${contents.map(content => `<Document>${content}</Document>`).join('')}</r>`

async function binary(content: string, ...ids: string[]) {
  const message = await read(mtomType, [
    multipart([rootPart(envelope(body(content))), ...ids.map(id => documentPart(`bytes of ${id}`, id))]),
  ])
  return binaryOf(message.body!.children[0]!, message)
}

/** The text of the part that a reference leads to. */
async function referred(href: string, ...ids: string[]): Promise<string | undefined> {
  const found = await binary(include(href), ...ids)
  return 'attachment' in found ? found.attachment.content.bytes?.toString() : 'inline'
}

const refusal = async (work: Promise<unknown>) => (await faultOf(work)).message

describe('soap/xop: references [XOP 1.0: 4.1] [RFC 2392: 2]', () => {
  const real = 'a3062b13-58e7-4516-872e-fa67ec6a86ad-91@urn:ihe:iti:xds-b:2007'
  for (const [name, href, id] of [
    ['as written', 'cid:1@test', '1@test'],
    [
      'percent-encoded, as CXF does',
      'cid:a3062b13-58e7-4516-872e-fa67ec6a86ad-91@urn%3Aihe%3Aiti%3Axds-b%3A2007',
      real,
    ],
    [
      'percent-encoded throughout',
      'cid:a3062b13-58e7-4516-872e-fa67ec6a86ad-91%40urn%3aihe%3aiti%3axds-b%3a2007',
      real,
    ],
    ['not encoded though it could be', `cid:${real}`, real],
    ['to a Content-ID that is encoded itself', 'cid:a%3A1@test', 'a%3A1@test'],
    ['to a Content-ID with a stray %', 'cid:100%', '100%'],
    ['in other letters, where there is no doubt', 'CID:ABC@test', 'abc@TEST'],
    ['with blanks around it', ' cid:1@test ', '1@test'],
  ] as const) {
    it(`are found ${name}`, async () => {
      expect(await referred(href, 'other@test', id)).to.equal(`bytes of ${id}`)
    })
  }

  it('prefer the exact Content-ID, and give up where letters alone tell two apart', async () => {
    expect(await referred('cid:A@test', 'a@test', 'A@test')).to.equal('bytes of A@test')
    expect(await refusal(referred('cid:aA@test', 'aa@test', 'AA@test'))).to.include('no MIME part with that Content-ID')
  })

  it('are refused when they lead nowhere', async () => {
    expect(await refusal(referred('cid:2@test', '1@test'))).to.equal(
      'Document has to hold what its xop:Include refers to, cid:2@test, here is no MIME part with that Content-ID',
    )
    for (const href of ['', 'cid:', '1@test', 'http://127.0.0.1/x', 'file:///etc/passwd']) {
      expect(await refusal(referred(href, '1@test')), href).to.include('an href that begins with cid:')
    }
  })

  it('lead two elements to the same part, whose reader can tell', async () => {
    const xml = envelope(body(include('cid:1@test'), include('cid:1@test')))
    const message = await read(mtomType, [multipart([rootPart(xml), documentPart('x', '1@test')])])
    const [one, two] = message.body!.children.map(element => readBinary(element, message))
    expect(one).to.deep.equal(two)
    expect(one).to.have.nested.property('attachment.contentId', '1@test')
  })

  it('are found whatever the case of their letters, where that leaves no doubt, and quickly where there are none [RFC 2392: 2]', () => {
    const named = (...ids: string[]) =>
      new Map(ids.map(contentId => [contentId, { contentId, contentType: '', content: {} } as Attachment]))
    expect(attachmentFor('A%40X', named('a@x', 'b@x'))?.contentId).to.equal('a@x')
    expect(attachmentFor('A%40X', named('a@x', 'a@X'))).to.equal(undefined)
    const many = named(...Array.from({ length: 1_000 }, (_, index) => `part-${index}@test`))
    const startedMs = performance.now()
    for (let count = 0; count < 10_000; count += 1) attachmentFor(`nothing-${count}@test`, many)
    expect(performance.now() - startedMs).to.be.lessThan(1_000)
    many.set('Late@test', { contentId: 'Late@test', contentType: '', content: {} } as Attachment)
    expect(attachmentFor('late@test', many)?.contentId).to.equal('Late@test')
  })

  it('are refused in a bare envelope', async () => {
    const message = await read(plainType, [envelope(body(include('cid:1@test')))])
    expect(() => binaryOf(message.body!.children[0]!, message)).to.throw('no MIME part with that Content-ID')
  })
})

describe('soap/xop: inline base64', () => {
  const inline = async (text: string): Promise<string | undefined> => {
    const found = await binary(text)
    return 'inline' in found ? found.inline.toString() : undefined
  }

  it('is decoded, white space and all', async () => {
    expect(await inline('aGVsbG8=')).to.equal('hello')
    expect(await inline(' \n aGVs\r\n\tbG8= \n')).to.equal('hello')
    expect(await inline('aGVs<!-- c -->bG8=')).to.equal('hello')
    expect(await inline('')).to.equal('')
  })

  for (const text of [
    'aGVsbG8',
    'aGVsbG8==',
    'aGVsb===',
    '=aGVsbG8',
    'aGVs=bG8',
    'aGVsbG8!',
    'aGVs_G8=',
    '=',
    '====',
  ]) {
    it(`is refused when it is none: ${text}`, async () => {
      expect(await refusal(inline(text))).to.equal(
        'Document has to hold either base64 or one xop:Include, here is text that is no base64',
      )
    })
  }

  it('is refused beside an Include, beside anything else, and twice', async () => {
    const one = include('cid:1@test')
    for (const content of [`${one}aGVsbG8=`, `aGVsbG8=${one}`, one + one, '<x/>']) {
      expect(await refusal(binary(content, '1@test')), content).to.include(
        'Document has to hold either base64 or one xop:Include, here is ',
      )
    }
    expect(await binary(`\n  ${one}\n`, '1@test')).to.have.property('attachment')
  })

  it('is bounded, with a way out', async () => {
    const text = (sizeBytes: number) => Buffer.alloc(sizeBytes, 'x').toString('base64').replace(/.{76}/g, '$&\r\n')
    expect(await inline(text(limits.inlineDocumentBytes))).to.have.length(limits.inlineDocumentBytes)
    expect(await refusal(inline(text(limits.inlineDocumentBytes + 1)))).to.include(
      'at most 300000 bytes inside the envelope; more have to come as an MTOM attachment, here is 300001 bytes',
    )
    expect(await refusal(inline(text(limits.inlineDocumentBytes * 2)))).to.include(
      'the text of Document is longer than 450000 characters',
    )
  })
})

describe('soap/xop: what is wrong with a content', () => {
  const faultIn = async (content: string) => {
    const message = await read(mtomType, [multipart([rootPart(envelope(body(content))), documentPart('x', '1@test')])])
    const found = readBinary(message.body!.children[0]!, message)
    return 'fault' in found ? found.fault : undefined
  }
  const text = Buffer.alloc(limits.inlineDocumentBytes + 1).toString('base64')
  for (const [content, kind] of [
    ['', undefined],
    [include('cid:1@test'), undefined],
    [include('cid:2@test'), 'missing'],
    [include('http://127.0.0.1/x'), 'missing'],
    ['<x/>', 'missing'],
    ['text!', 'unreadable'],
    ['aGVsbG8=<x/>', 'unreadable'],
    [include('cid:1@test') + include('cid:1@test'), 'unreadable'],
    [text, 'too long'],
  ] as const) {
    it(`is ${kind ?? 'nothing'}: ${content.slice(0, 90) || 'an empty element'} [ITI TF-2: Appendix V.8]`, async () => {
      expect((await faultIn(content))?.kind).to.equal(kind)
    })
  }
})
