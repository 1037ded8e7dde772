import { Readable } from 'node:stream'
import { expect } from 'chai'
import { systemFiles } from '../../ports/files.js'
import type { HttpCall, HttpClient } from '../../ports/network.js'
import { systemRandomness } from '../../ports/randomness.js'
import { callSoap, PartnerUnavailable } from '../../soap/call.js'
import { SoapFault } from '../../soap/fault.js'
import type { OutgoingMessage } from '../../soap/message.js'
import { openSpool, SpoolFull } from '../../soap/spool.js'
import { writeFault } from '../../soap/write-message.js'
import {
  attachmentsOf,
  collected,
  documentPart,
  envelope,
  folder,
  limits,
  mtomType,
  multipart,
  plainType,
  read,
  rootPart,
  streamOf,
} from './wire.js'

const url = 'https://partner.example/x'
const message: OutgoingMessage = {
  form: 'plain',
  action: 'urn:test:Do',
  to: url,
  body: { xml: ['<b xmlns="urn:test"/>'] },
}
const place = folder()
after(() => place.remove())

interface Told {
  status?: number
  type?: string
  body?: Iterable<string | Uint8Array> | AsyncIterable<Uint8Array>
  fails?: Error
}

/** A partner that answers what it was told, and remembers what it was sent. */
function partner({ status = 200, type = plainType, body = [envelope()], fails }: Told) {
  const calls: (Omit<HttpCall, 'body'> & { body: Buffer })[] = []
  const answered: Readable[] = []
  const client: HttpClient = {
    async call(call) {
      calls.push({ ...call, body: await collected(call.body ?? []) })
      if (fails !== undefined) throw fails
      const stream = Readable.from(Symbol.iterator in body ? streamOf(body) : body)
      answered.push(stream)
      return { status, headers: { 'content-type': type }, body: stream }
    },
    renewTls() {},
    close() {},
  }
  const spool = openSpool({ files: systemFiles, randomness: systemRandomness, folder: place.path })
  const call = (more: Partial<Parameters<typeof callSoap>[1]> = {}) =>
    callSoap(client, { url, message, timeoutMs: 1000, limits, spool, randomness: systemRandomness, ...more })
  return {
    calls,
    answered,
    call,
    failure: () =>
      call().then(
        () => undefined,
        found => found,
      ),
  }
}

const failing = (code: string, text = 'x', more = {}) => Object.assign(new Error(text), { code, ...more })

describe('soap/call', () => {
  it('sends a message that the other side reads, with its length', async () => {
    const { calls, call } = partner({})
    await call({ headers: { traceparent: 't' }, message: { ...message, form: 'MTOM' } })
    const [sent] = calls
    expect(sent).to.deep.include({ url, method: 'POST', timeoutMs: 1000 })
    expect(sent?.headers).to.include({ traceparent: 't', 'content-length': String(sent?.body.length) })
    const arrived = await read(sent?.headers['content-type'], [sent!.body])
    expect(arrived).to.deep.include({ form: 'MTOM', action: 'urn:test:Do' })
    expect(arrived.addressing.to).to.equal(url)
  })

  it('reads an answer in either form', async () => {
    expect((await partner({}).call()).body).to.include({ name: 'b' })
    const packed = await partner({ type: mtomType, body: [multipart([rootPart(), documentPart('x')])] }).call()
    expect(attachmentsOf(packed)).to.deep.equal([['document@test', 'x']])
  })

  it('reads an answer whose package is announced but is none', async () => {
    expect((await partner({ type: mtomType }).call()).form).to.equal('plain')
  })

  it('reads an answer whose Content-Type names the action of the request: it opens no door [WS-Addressing 1.0 SOAP Binding: 6.4.1.6]', async () => {
    const type = `${plainType}; action="urn:test:Do"`
    expect((await partner({ type }).call()).body).to.include({ name: 'b' })
    const refused = await read(type, [envelope()]).catch((problem: Error) => problem.message)
    expect(refused).to.include('do not agree')
  })

  for (const form of ['plain', 'MTOM'] as const) {
    it(`throws the fault of the partner: ${form}`, async () => {
      const fault = new SoapFault('Sender', 'not <so>', {
        subcode: { namespace: 'urn:x', name: 'Why' },
        detail: 'because',
      })
      const { status, contentType, pieces } = writeFault(fault, { form }, systemRandomness)
      const { failure } = partner({ status, type: contentType, body: [await collected(pieces)] })
      const found = await failure()
      expect(found).to.be.instanceOf(SoapFault)
      expect(found).to.deep.include({
        code: 'Sender',
        message: 'not <so>',
        subcode: { namespace: '', name: 'Why' },
        detail: 'because',
      })
    })
  }

  it('takes a fault without anything in it for one of the receiver', async () => {
    const found = await partner({ status: 500, body: [envelope('<s:Fault/>')] }).failure()
    expect(found).to.include({ code: 'Receiver', message: 'no reason given' })
  })
})

describe('soap/call: a fault in SOAP 1.1 [SOAP 1.1: 4.4]', () => {
  const answering = (fault: string) => ({
    status: 500,
    type: 'text/xml',
    body: [
      `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header/><e:Body><e:Fault>${fault}</e:Fault></e:Body></e:Envelope>`,
    ],
  })
  const told: [faultcode: string, code: string, subcode: string | undefined][] = [
    ['e:VersionMismatch', 'VersionMismatch', undefined],
    ['e:MustUnderstand', 'MustUnderstand', undefined],
    ['Client', 'Sender', undefined],
    ['e:Client.Authentication.Late', 'Sender', 'Authentication.Late'],
    ['e:Server', 'Receiver', undefined],
    ['wsse:FailedAuthentication', 'Receiver', 'FailedAuthentication'],
    ['constructor', 'Receiver', 'constructor'],
  ]
  for (const [faultcode, code, subcode] of told) {
    it(`is the partner's own word, ${faultcode} as ${code}`, async () => {
      const words = '<faultstring xml:lang="en"> not this </faultstring><detail><a>be</a><a>cause</a></detail>'
      const found = await partner(answering(`<faultcode>${faultcode}</faultcode>${words}`)).failure()
      expect(found).to.be.instanceOf(SoapFault)
      expect(found).to.include({ code, message: 'not this', detail: 'be cause' })
      expect((found as SoapFault).subcode?.name).to.equal(subcode)
    })
  }

  it('is one of the receiver without anything in it', async () => {
    expect(await partner(answering('')).failure()).to.include({ code: 'Receiver', message: 'no reason given' })
  })
})

describe('soap/call: without an answer', () => {
  const cases: [name: string, failure: Error, sent: 'no' | 'maybe', words: string][] = [
    ['nobody listens', failing('ECONNREFUSED'), 'no', 'nothing listens there'],
    ['an unknown name', failing('ENOTFOUND'), 'no', 'no host of that name'],
    ['no connection in time', failing('ETIMEDOUT', 'x', { syscall: 'connect' }), 'no', 'does not answer in time'],
    [
      'an untrusted certificate',
      failing('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'),
      'no',
      'self-signed certificate',
    ],
    ['a certificate of another name', failing('ERR_TLS_CERT_ALTNAME_INVALID', 'altnames'), 'no', 'altnames'],
    ['our certificate refused', failing('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'alert'), 'no', 'alert'],
    [
      'a broken handshake',
      failing('ECONNRESET', 'Client network socket disconnected before secure TLS connection was established'),
      'no',
      'broken off',
    ],
    ['a connection cut', failing('ECONNRESET', 'socket hang up'), 'maybe', 'broken off'],
    ['a closed keep-alive connection', failing('EPIPE'), 'maybe', 'closed on their side'],
    ['silence', failing('ETIMEDOUT', 'no answer'), 'maybe', 'does not answer in time'],
    ['a document of ours that breaks', new Error('spoilt'), 'maybe', 'spoilt'],
  ]
  for (const [name, fails, sent, words] of cases) {
    it(`knows whether anything was sent: ${name}`, async () => {
      const found = await partner({ fails }).failure()
      expect(found).to.be.instanceOf(PartnerUnavailable)
      expect(found).to.include({ sent, cause: fails })
      expect(found.message).to.include(url).and.include(words)
    })
  }

  for (const [status, sent] of [
    [404, 'no'],
    [413, 'no'],
    [503, 'maybe'],
    [200, 'maybe'],
  ] as const) {
    it(`says what stood there instead of SOAP: HTTP ${status}`, async () => {
      const found = await partner({
        status,
        type: 'text/html',
        body: ['<h1>Not\nhere</h1>', 'x'.repeat(5000)],
      }).failure()
      expect(found).to.be.instanceOf(PartnerUnavailable)
      expect(found).to.include({ sent, status })
      expect(found.message)
        .to.include(`HTTP ${status} (text/html) instead of SOAP: <h1>Not here</h1>`)
        .and.have.length.below(400)
    })
  }

  const unreadable: [name: string, told: Told, words: string][] = [
    ['broken XML', { body: ['<a'] }, 'the envelope cannot be read'],
    [
      'SOAP 1.1',
      { type: 'text/xml', body: ['<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"/>'] },
      'SOAP 1.1',
    ],
    ['a cut package', { type: mtomType, body: ['--b\r\n'] }, 'without its final boundary'],
    ['nothing', { body: [] }, 'the message is empty'],
    ['too much', { body: [envelope(`<b>${'<c/>'.repeat(250_000)}</b>`)] }, 'longer than 1000000 bytes'],
  ]
  for (const [name, told, words] of unreadable) {
    it(`does not take an answer it cannot read for a fault: ${name}`, async () => {
      const { failure, answered } = partner(told)
      const found = await failure()
      expect(found).to.be.instanceOf(PartnerUnavailable)
      expect(found).to.include({ sent: 'maybe', status: 200 })
      expect(found.message).to.include(words)
      expect(answered[0]?.destroyed).to.equal(true)
    })
  }

  it('keeps nothing of an answer that breaks off', async () => {
    async function* cut(): AsyncIterable<Uint8Array> {
      yield multipart([rootPart(), documentPart(Buffer.alloc(200_000))]).subarray(0, 150_000)
      throw failing('ECONNRESET', 'aborted')
    }
    const found = await partner({ type: mtomType, body: cut() }).failure()
    expect(found).to.include({ sent: 'maybe' })
    expect(found.message).to.include('the connection was broken off')
    expect(place.left()).to.deep.equal([])
  })

  it('says so when the answer finds no room here', async () => {
    const full = {
      receive: () => ({
        write: () => {
          throw new SpoolFull('full')
        },
        end: () => Promise.reject(),
        abort: async () => {},
      }),
    }
    const { call } = partner({ type: mtomType, body: [multipart([rootPart(), documentPart('x')])] })
    expect(await call({ spool: full }).catch(found => found)).to.be.instanceOf(SpoolFull)
  })
})
