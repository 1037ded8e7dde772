// What an endpoint says of itself to a browser and to curl.
import { createHash } from 'node:crypto'
import { Readable, Writable } from 'node:stream'
import { expect } from 'chai'
import { XmlDocument } from 'libxml2-wasm'
import type { HttpRequest, PeerCertificate } from '../../../ports/network.js'
import { actor, type Partner, serve } from '../../../server/actor.js'
import { describe as describeEndpoint } from '../../../server/description/describe.js'
import type { Endpoint } from '../../../server/endpoint.js'
import { registerDocumentSet, registryStoredQuery } from '../../../transactions/xds.js'

const limits = { envelopeBytes: 16_777_216, inlineDocumentBytes: 1_500, attachmentBytes: 4_294_967_296, attachments: 7 }
const peer: PeerCertificate = {
  subject: 'CN=<script>alert(1)</script>,O="Ward" & Sons',
  commonName: 'ward',
  fingerprint256: 'AA:BB',
  validTo: 'Nov 23 06:00:00 2036 GMT',
}

async function get(accept: string | undefined, { search = '', partner = {} as Partial<Partner> } = {}) {
  let status = 0
  let headers: Record<string, string> = {}
  const pieces: Buffer[] = []
  const stream = new Writable({
    write(piece, _, done) {
      pieces.push(Buffer.from(piece))
      done()
    },
  })
  const reply = {
    stream,
    abort() {},
    start(given: number, all: Record<string, string>) {
      status = given
      headers = all
    },
  }
  const never = () => Promise.reject(new Error('not asked for'))
  const endpoint = {
    actor: actor('Document Registry', [serve(registerDocumentSet, never), serve(registryStoredQuery, never)]),
    origin: 'https://localhost:8441',
    identify: () => ({ name: 'ward', roles: new Set(['consumer']), address: '10.0.0.1', ...partner }),
    wsdl: async (location: string) => Buffer.from(`<wsdl at="${location}"/>`),
    schema: async () => undefined,
  } as unknown as Endpoint<object>
  const request = { method: 'GET', url: '', headers: { accept }, body: Readable.from([]), remoteAddress: '', peer }
  await describeEndpoint(request as HttpRequest, reply, { path: '/registry', search }, endpoint, { limits })
  const body = Buffer.concat(pieces)
  expect(headers['content-length']).to.equal(String(body.length))
  return { status, headers, text: String(body) }
}

describe('the description of an endpoint', () => {
  it('tells curl what is taken, how, within which limits, and who it is', async () => {
    const { status, headers, text } = await get('*/*')
    expect(status).to.equal(200)
    expect(headers['content-type']).to.equal('text/plain; charset=utf-8')
    expect(text)
      .to.contain('ITI-18  Registry Stored Query\n')
      .and.to.contain('urn:ihe:iti:2007:RegistryStoredQuery  with AdhocQueryRequest')
      .and.to.contain('ITI-42  Register Document Set-b  (not from you: it takes the role repository')
      .and.to.contain('https://localhost:8441/registry?wsdl')
      .and.to.contain('--data-binary @request.xml https://localhost:8441/registry\n')
      .and.to.contain('16 MiB')
      .and.to.contain('1.5 KiB')
      .and.to.contain('4 GiB, and 7 of them')
      .and.to.match(/partner +ward/)
      .and.to.match(/roles +consumer/)
      .and.to.match(/SHA-256 +AA:BB/)
      .and.to.match(/replies to +the connection only/)
  })

  it('shows a browser a page with the same', async () => {
    const { headers, text } = await get('text/html,application/xhtml+xml;q=0.9,*/*;q=0.8')
    expect(headers['content-type']).to.equal('text/html; charset=utf-8')
    expect(text)
      .to.contain('<code>urn:ihe:iti:2007:RegistryStoredQuery</code>')
      .and.to.contain('refused: it takes the role repository')
      .and.to.contain('<a href="?wsdl">')
      .and.to.contain('<code>AA:BB</code>')
    expect(headers['cache-control']).to.equal('no-store')
    expect(headers.vary).to.equal('accept')
  })

  it('runs nothing, loads nothing, and takes nothing of a certificate for markup', async () => {
    const { headers, text } = await get('text/html')
    expect(text).not.to.match(/<script|<img|<link|style=|https?:\/\/(?!localhost)/)
    expect(text).to.match(/CN=&lt;script(?:&gt;|>)alert\(1\)&lt;\/script(?:&gt;|>),O=(?:&quot;|")Ward/)
    const [, style = ''] = /<style>([^<]*)<\/style>/.exec(text) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    const policy = headers['content-security-policy'] ?? ''
    expect(policy).to.contain("default-src 'none'").and.to.contain(`style-src 'sha256-${hash}'`)
    expect(policy).to.contain("frame-ancestors 'none'").and.to.contain("form-action 'none'")
  })

  it('is a sound document', async () => {
    const { text } = await get('text/html')
    const asXml = text.replace('<!doctype html>', '').replace(/<(meta [^>]*|br)>/g, '<$1/>')
    using document = XmlDocument.fromString(asXml)
    expect(document.root.name).to.equal('html')
  })

  it('says that a partner without a role will be refused, and where replies may go', async () => {
    const { text } = await get(undefined, { partner: { roles: new Set(), replyTo: ['https://ward.test/replies'] } })
    expect(text).to.match(/roles +none: every transaction will be refused/)
    expect(text).to.contain('the connection, https://ward.test/replies')
  })

  it('gives the WSDL to whoever asks for it, whatever he accepts', async () => {
    const { headers, text } = await get('text/html', { search: 'WSDL' })
    expect(headers['content-type']).to.equal('text/xml; charset=utf-8')
    expect(text).to.equal('<wsdl at="https://localhost:8441/registry"/>')
    expect((await get('text/html', { search: 'xsd=none.xsd' })).status).to.equal(404)
  })
})
