// A community that lies across a real connection: nothing of it reaches whoever asks, and each lie is written down. What a network does
// besides is tried by `npm run chaos -- --only communities`.
import type { Socket } from 'node:net'
import { expect } from 'chai'
import { type Lie, lies, liesOfReceipt, liesToFetches } from '../../../bench/chaos/lies.js'
import { gatewayConfig } from '../../../config/gateway-config.js'
import { openOnward } from '../../../gateway/onward.js'
import { systemPorts } from '../../../ports/ports.js'
import { type Caller, openCaller } from '../../../server/caller.js'
import { openSpool, type Spool } from '../../../soap/spool.js'
import type { RetrievedDocument } from '../../../transactions/xds-messages.js'
import {
  aboutPatient,
  aGateway,
  bern,
  classOf,
  documentsFor,
  entry,
  id,
  known,
  named,
  type TestGateway,
  told,
} from '../a-gateway.js'
import { aLyingCommunity, type LyingCommunity, repository } from './a-lying-community.js'

describe('a community that lies', () => {
  let far: LyingCommunity
  let caller: Caller
  let spool: Spool
  let gateway: TestGateway

  before(async () => {
    far = await aLyingCommunity()
    const limits = { envelopeBytes: 2 ** 20, inlineDocumentBytes: 2 ** 16, attachmentBytes: 2 ** 20, attachments: 10 }
    spool = openSpool({ ...systemPorts, folder: '', inMemoryBytes: Number.MAX_SAFE_INTEGER })
    caller = openCaller({ tls: far.tls, ports: systemPorts, limits })
  })
  beforeEach(() => {
    const { url } = far
    const addresses = { query: url, retrieve: url, discovery: url, fetch: url, provide: url }
    const community = { name: 'bern', homeCommunityId: bern, ...addresses }
    const born = known(id('1')).patients?.map(each => ({ ...each, person: { ...each.person, birthTime: '19710304' } }))
    gateway = aGateway(
      {
        'https://registry': () => told(entry('a')),
        'https://index': () => ({ ...known(), patients: born }),
      },
      {
        patientIndex: { url: 'https://index', timeoutMs: 1_000 },
        communities: gatewayConfig.shape.communities.parse([
          { ...community, timeoutMs: 5_000, retrieveTimeoutMs: 5_000, requestsAtOnce: 4 },
        ]),
      },
      outbox => openOnward({ caller, spool, ports: systemPorts, outbox }),
    )
  })
  afterEach(() => far.tells())
  after(async () => {
    caller?.close()
    await far?.close()
  })

  const query = () => gateway.query(aboutPatient(id('1')))
  const found = async () => (await query()).objects.map(({ home, id: uuid }) => [home, uuid.length > 0])
  /** The bytes by name; rejects where a document breaks off. */
  async function fetched(): Promise<[string, string][]> {
    const { documents } = await gateway.retrieve(
      ...far.documents.map(({ documentUniqueId }) => named(documentUniqueId, bern, repository)),
    )
    return textsOf(documents)
  }
  async function fetchedAtOnce(): Promise<[string, string][]> {
    const { documents } = await gateway.fetch({ ...classOf(id('1')), home: bern })
    return textsOf(documents)
  }
  const truth = () => far.documents.map(({ documentUniqueId, bytes }) => [documentUniqueId, String(bytes)])

  it('is believed while it tells the truth', async () => {
    expect(await found()).to.have.length(3)
    expect(await fetched()).to.deep.equal(truth())
    expect(await fetchedAtOnce()).to.deep.equal(truth())
    expect(await gateway.provide(documentsFor([bern]))).to.deep.equal({ status: 'Success', errors: [] })
    expect(gateway.audited.filter(({ outcome }) => outcome !== 0)).to.deep.equal([])
  })

  const about = (to: Lie['to'][]) => lies.filter(lie => to.includes(lie.to))

  for (const lie of about(['ITI-38', 'ITI-55'])) {
    it(`tells nobody of ${lie.name} (${lie.to}) [ITI TF-2:3.38.4.1.3, 3.55.4.2.3]`, async () => {
      far.tells(lie)
      const { status, errors, objects } = await query()
      expect(objects.map(({ id: uuid }) => uuid)).to.deep.equal(['urn:uuid:a'])
      expect([status, errors.map(({ errorCode }) => errorCode)]).to.deep.equal([
        'PartialSuccess',
        ['XDSUnavailableCommunity'],
      ])
      expect(gateway.audited.some(({ outcome }) => outcome !== 0)).to.equal(true)
    })
  }

  for (const lie of about(['ITI-39'])) {
    it(`gives nobody ${lie.name} (${lie.to}) [ITI TF-2:3.39.4.1.3]`, async () => {
      await query()
      gateway.audited.length = 0
      far.tells(lie)
      const given = await fetched().catch(() => 'broken off')
      if (given !== 'broken off') expect(given).to.deep.equal([])
      expect(gateway.audited.some(({ outcome }) => outcome !== 0)).to.equal(true)
    })
  }

  for (const lie of liesOfReceipt) {
    it(`takes ${lie.name} for no receipt (${lie.to}) [ITI TF-2:3.80.4.2.2]`, async () => {
      far.tells(lie)
      const { status, errors } = await gateway.provide(documentsFor([bern]))
      expect([status, errors.map(({ errorCode }) => errorCode)]).to.deep.equal(['Failure', ['XDSUnavailableCommunity']])
      expect(errors[0]?.codeContext).to.contain('it may have taken them all the same')
      expect(gateway.audited.some(({ outcome }) => outcome !== 0)).to.equal(true)
    })
  }

  for (const [what, end] of [
    ['breaks off', (socket: Socket) => void socket.destroy()],
    ['is silent', () => {}],
    [
      'stops in the middle of its answer',
      (socket: Socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n<'),
    ],
  ] as const) {
    it(`takes no document for kept where it ${what}, and sends none twice [ITI TF-2:3.80.4.1.3]`, async () => {
      const [bernAsItIs] = gateway.context.communities.all
      let times = 0
      far.does({
        to: 'CrossGatewayDocumentProvide',
        async atAnswer(_, socket) {
          times += 1
          end(socket)
        },
      })
      let said: string[] = []
      // With more time where not even the documents have arrived in it.
      for (let provideTimeoutMs = 300; times === 0; provideTimeoutMs *= 2) {
        gateway.context.communities.replace([{ ...bernAsItIs!, provideTimeoutMs }])
        const { errors } = await gateway.provide(documentsFor([bern]))
        expect(errors.map(({ errorCode }) => errorCode)).to.deep.equal(['XDSUnavailableCommunity'])
        said = errors.map(({ codeContext }) => codeContext)
      }
      expect(said[0]).to.contain('it may have taken them all the same')
      expect([times, gateway.audited.map(({ outcome }) => outcome).slice(-1)]).to.deep.equal([1, [8]])
    })
  }

  for (const lie of liesToFetches) {
    it(`gives nobody ${lie.name} (${lie.to}) [ITI TF-2:3.63.4.1.3]`, async () => {
      far.tells(lie)
      const given = await fetchedAtOnce().catch(() => 'broken off')
      if (given !== 'broken off') expect(given).to.deep.equal([])
      expect(gateway.audited.some(({ outcome }) => outcome !== 0)).to.equal(true)
    })
  }
})

function textsOf(documents: readonly RetrievedDocument[]): Promise<[string, string][]> {
  return Promise.all(
    documents.map(async (document): Promise<[string, string]> => {
      const pieces: Uint8Array[] = []
      for await (const piece of document.open()) pieces.push(piece)
      return [document.documentUniqueId, Buffer.concat(pieces).toString()]
    }),
  )
}
