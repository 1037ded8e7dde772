// Each quirk of a peer, on the way there and on the way back: what is sent to it, and what the gateway takes its answer for.
import { expect } from 'chai'
import { gatewayConfig } from '../../../config/gateway-config.js'
import type { Peer } from '../../../gateway/communities/quirks.js'
import { openOnward } from '../../../gateway/onward.js'
import { systemPorts } from '../../../ports/ports.js'
import type { Caller, CallOptions } from '../../../server/caller.js'
import { traceOf } from '../../../server/trace.js'
import { openSpool } from '../../../soap/spool.js'
import { crossGatewayQuery, crossGatewayRetrieve } from '../../../transactions/communities/xca.js'
import { crossGatewayDocumentProvide } from '../../../transactions/communities/xcdr.js'
import { bern, document, documentsFor, entry, named, told, vaud } from '../a-gateway.js'

type Quirks = Peer['quirks']
const url = 'https://bern/query'

/** A gateway towards one peer: what it sends, and what becomes of what comes back. */
function towards(quirks: Partial<Quirks>, answer: unknown = told()) {
  const sent: { request: unknown; options: CallOptions; by: string }[] = []
  const discarded: string[] = []
  const content = { discard: async () => void discarded.push('content') }
  const message = { addressing: {}, attachments: new Map([['1', { content }]]) }
  const callerAs = (by: string) => {
    const call = async (_: unknown, request: unknown, options: CallOptions) => {
      sent.push({ request, options, by })
      return { response: answer, message }
    }
    const receive = async (...asked: Parameters<typeof call>) => {
      const arriving = { ended: Promise.resolve(), keep: async () => {} }
      return { ...(await call(...asked)), ...arriving, discard: async () => void discarded.push('answer') }
    }
    return { call, receive } as unknown as Caller
  }
  const peer: Peer = { name: 'bern', homeCommunityId: bern, asynchronous: false, quirks: { ...usual(), ...quirks } }
  const onward = openOnward({
    caller: callerAs('the usual'),
    sha1Caller: () => callerAs('the one for SHA-1'),
    peerAt: at => (at === url ? peer : undefined),
    spool: openSpool({ ...systemPorts, folder: '', inMemoryBytes: 65_536 }),
    ports: systemPorts,
    outbox: { append: async () => {} },
  })
  const because = {
    trace: traceOf(undefined, systemPorts.randomness),
    claims: undefined,
    security: () => '<wsse:Security/>',
  }
  const query = { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', returnType: 'LeafClass', slots: [], home: bern }
  return {
    sent,
    discarded,
    query: (at = url) =>
      onward.askForObjects(crossGatewayQuery, query, { url: at, timeoutMs: 1_000, homeCommunityId: bern }, because),
    provide: () => onward.ask(crossGatewayDocumentProvide, documentsFor([bern]), { url, timeoutMs: 1_000 }, because),
    retrieve: () =>
      onward
        .receive(crossGatewayRetrieve, { documents: [named('1', bern)] }, { url, timeoutMs: 1_000 }, because)
        .then(({ response }) => response),
  }
}

function usual(): Quirks {
  const shape = gatewayConfig.shape.communities.parse([
    { name: 'bern', homeCommunityId: bern, query: url, retrieve: url },
  ])
  return shape[0]!.quirks
}

describe('the quirks of a peer', () => {
  it('are none unless they are said: it is sent what the framework says', async () => {
    const peer = towards({})
    await peer.query()
    const [{ request, options, by } = { request: {}, options: undefined, by: '' }] = peer.sent
    expect(by).to.equal('the usual')
    expect(request).to.include({ home: bern })
    expect(options?.headers).to.deep.equal(['<wsse:Security/>'])
    expect(options?.headerShape).to.equal(undefined)
  })

  const sentHeaders: [why: string, quirks: Partial<Quirks>, expected: object][] = [
    [
      'SOAP headers that it stumbles over',
      { withoutHeaders: ['ReplyTo', 'To'] },
      { headers: ['<wsse:Security/>'], headerShape: { without: ['ReplyTo', 'To'] } },
    ],
    [
      'the assertion, where it takes none',
      { withoutHeaders: ['Security'] },
      { headers: [], headerShape: { without: [] } },
    ],
    ['mustUnderstand', { mustUnderstand: false }, { headerShape: { mustUnderstand: false } }],
    ['the order of headers', { headerOrder: 'security' }, { headerShape: { furtherFirst: true } }],
    [
      'several of them at once',
      { headerOrder: 'security', withoutHeaders: ['To'], mustUnderstand: false },
      { headerShape: { furtherFirst: true, without: ['To'], mustUnderstand: false } },
    ],
  ]
  for (const [why, quirks, expected] of sentHeaders) {
    it(`have a say in what it is sent: ${why}`, async () => {
      const peer = towards(quirks)
      await peer.query()
      expect(peer.sent[0]?.options).to.deep.include(expected)
    })
  }

  it('are those of its address: nobody else is sent anything unusual', async () => {
    const peer = towards({ withoutHeaders: ['Security'], homeCommunityIds: 'bare', sha1Certificates: 'taken' })
    await peer.query('https://registry')
    expect(peer.sent[0]?.request).to.include({ home: bern })
    expect(peer.sent[0]?.options.headers).to.have.length(1)
    expect(peer.sent[0]?.by).to.equal('the usual')
  })

  it('let its certificates count though they are signed with SHA-1', async () => {
    const peer = towards({ sha1Certificates: 'taken' })
    await peer.query()
    expect(peer.sent[0]?.by).to.equal('the one for SHA-1')
  })

  it('write homeCommunityId without urn:oid: for it, and read it so [ITI TF-2:3.38.4.1.2, 3.39.4.1.2]', async () => {
    const bare = bern.replace('urn:oid:', '')
    const asked = towards({ homeCommunityIds: 'bare' }, told(entry('a', { home: bare })))
    expect((await asked.query()).objects.map(({ home }) => home)).to.deep.equal([bern])
    expect(asked.sent[0]?.request).to.include({ home: bare })
    const answer = { status: 'Success', errors: [], documents: [document(named('1', bare))] }
    const retrieved = towards({ homeCommunityIds: 'bare' }, answer)
    expect((await retrieved.retrieve()).documents[0]?.homeCommunityId).to.equal(bern)
    expect(retrieved.sent[0]?.request).to.deep.include({ documents: [named('1', bare)] })
  })

  it('are none where a peer writes urn:oid: in capitals, which is the same [RFC 8141:3.1]', async () => {
    const capital = bern.replace('urn:oid:', 'URN:OID:')
    const asked = towards({ missingHome: 'refused' }, told(entry('a', { home: capital }), entry('b', { home: bern })))
    expect((await asked.query()).objects.map(({ home }) => home)).to.deep.equal([bern, bern])
    const answer = { status: 'Success', errors: [], documents: [document(named('1', capital))] }
    expect((await towards({}, answer).retrieve()).documents[0]?.homeCommunityId).to.equal(bern)
  })

  it('write the community that documents are for without urn:oid: [ITI TF-2:3.80.4.1.2]', async () => {
    const peer = towards({ homeCommunityIds: 'bare', withoutHeaders: ['Security'] }, { status: 'Success', errors: [] })
    await peer.provide()
    expect(peer.sent[0]?.request).to.deep.include({ homes: [bern.replace('urn:oid:', '')] })
  })

  it('write repositoryUniqueId with urn:oid: for it, and read it so [ITI TF-2:3.39.4.1.2]', async () => {
    const answer = { status: 'Success', errors: [], documents: [document(named('1', bern, 'urn:oid:2.999.20'))] }
    const peer = towards({ repositoryUniqueIds: 'urn:oid' }, answer)
    expect((await peer.retrieve()).documents[0]?.repositoryUniqueId).to.equal('2.999.20')
    expect(peer.sent[0]?.request).to.deep.include({ documents: [named('1', bern, 'urn:oid:2.999.20')] })
  })

  it('let objects pass that name no community, unless that is to be refused [ITI TF-2:3.38.4.1.3, 3.39.4.1.3]', async () => {
    const answer = told(entry('a', { home: vaud }), entry('b'))
    expect((await towards({}, answer).query()).objects).to.have.length(2)
    const refusal = await towards({ missingHome: 'refused' }, answer)
      .query()
      .catch(problem => problem)
    expect(String(refusal)).to.contain('its answer names no community for urn:uuid:b')
    const documents = { status: 'Success', errors: [], documents: [document(named('1'))] }
    const peer = towards({ missingHome: 'refused' }, documents)
    expect(String(await peer.retrieve().catch(problem => problem))).to.contain('names no community for 1')
    // Of what is refused nothing stays on the disk.
    expect(peer.discarded).to.deep.equal(['content', 'answer'])
  })
})
