import { expect } from 'chai'
import fc from 'fast-check'
import { SoapFault } from '../../soap/fault.js'
import { binaryOf } from '../../soap/xop.js'
import {
  action,
  addressingHeaders,
  documentPart,
  envelope,
  mtomType,
  multipart,
  plainType,
  read,
  rootPart,
} from './wire.js'

// Real messages with random damage: what comes out is a message or a fault in words, and it comes out soon.

const include = '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:document%40test"/>'
const security =
  '<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><t/></w:Security>'
const xml = envelope(
  `<r xmlns="urn:r" a="1&amp;2"><![CDATA[x]]><Document>${include}</Document><!-- c --></r>`,
  addressingHeaders + security,
)
const messages: [contentType: string, body: Buffer][] = [
  [`${plainType}; action="${action}"`, Buffer.from(xml)],
  [mtomType, multipart([rootPart(xml), documentPart('hello\r\n')], { preamble: '\r\n' })],
  [
    mtomType,
    multipart([documentPart('aGVsbG8=', 'document@test', 'Content-Transfer-Encoding: base64'), rootPart(xml)]),
  ],
]
const snippets = [
  '<',
  '>',
  '&',
  '"',
  '\0',
  '\r\n',
  '\n',
  '--b',
  '--b--',
  '\r\n--b\r\n',
  '</s:Body>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '<!DOCTYPE a>',
  '&x;',
  '\xff',
  '\xc3',
  ' xmlns=""',
  ' s:mustUnderstand="1"',
  'cid:',
  'Content-ID: <root@test>\r\n',
  '<a>'.repeat(70),
  '=',
  ';',
  ',',
]

const damage = fc.record({
  at: fc.nat(10_000),
  remove: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(300)),
  insert: fc.oneof(fc.constant(''), fc.constantFrom(...snippets), fc.string({ unit: 'binary-ascii', maxLength: 4 })),
})

function damaged(text: string, damages: { at: number; remove: number; insert: string }[]): string {
  return damages.reduce((whole, { at, remove, insert }) => {
    const place = at % (whole.length + 1)
    return whole.slice(0, place) + insert + whole.slice(place + remove)
  }, text)
}

async function outcome(contentType: string, body: Buffer): Promise<string> {
  try {
    const message = await read(contentType, [body.subarray(0, 300), body.subarray(300)])
    const documents = (message.body?.children ?? []).map(element => binaryOf(element, message))
    return `message ${documents.length}`
  } catch (problem) {
    if (problem instanceof SoapFault && problem.message.length > 5) return 'fault'
    throw problem
  }
}

describe('soap: damaged messages', function () {
  this.timeout(120_000)

  it('takes the whole ones', async () => {
    for (const [contentType, body] of messages)
      expect(await outcome(contentType, body)).to.equal(contentType === mtomType ? 'message 1' : 'fault')
  })

  for (const [index, [contentType, body]] of messages.entries()) {
    it(`gives a message or a fault, never anything else: message ${index + 1}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 5 }), async damages => {
          const result = await outcome(contentType, Buffer.from(damaged(body.toString('latin1'), damages), 'latin1'))
          expect(result).to.match(/^(message|fault)/)
        }),
        { numRuns: 1500, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
      )
    })

    it(`the same for its Content-Type: message ${index + 1}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async damages => {
          expect(await outcome(damaged(contentType, damages), body)).to.match(/^(message|fault)/)
        }),
        { numRuns: 500, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
      )
    })
  }
})
