// Communities that are asked in the Asynchronous Web Services Exchange, over mutual TLS: what they answer is taken once, of them alone and in time.
import { expect } from 'chai'
import { actionEnd, apart, type Lie, lies, liesToFetches, toldInstead } from '../../../bench/chaos/lies.js'
import { packaged } from '../../../bench/messages.js'
import { type CommunityConfig, gatewayConfig } from '../../../config/gateway-config.js'
import { openOnward } from '../../../gateway/onward.js'
import type { HttpAnswer, TlsIdentity } from '../../../ports/network.js'
import { systemPorts } from '../../../ports/ports.js'
import { type Caller, openCaller } from '../../../server/caller.js'
import { openSpool } from '../../../soap/spool.js'
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
import { documents, repository, truthTo } from '../truth/a-lying-community.js'
import {
  type AsynchronousCommunity,
  aDoor,
  anAsynchronousCommunity,
  identities,
  type PlayedDoor,
  type Question,
} from './an-asynchronous-community.js'

const [alert, failed] = ['110113', 8]
const limits = { envelopeBytes: 2 ** 20, inlineDocumentBytes: 2 ** 16, attachmentBytes: 2 ** 20, attachments: 10 }

describe('a community that is asked asynchronously', () => {
  let tls: Record<'us' | 'bern' | 'vaud', TlsIdentity>
  let far: AsynchronousCommunity
  let door: PlayedDoor
  let caller: Caller
  let gateway: TestGateway

  before(async () => {
    tls = await identities('us', 'bern', 'vaud')
    far = await anAsynchronousCommunity(tls.bern)
    door = await aDoor(tls.us)
    caller = openCaller({ tls: tls.us, ports: systemPorts, limits })
  })
  beforeEach(() => open())
  afterEach(() => {
    far.says(202)
    far.hands()
  })
  after(async () => {
    caller?.close()
    await far?.close()
    await door?.close()
  })

  function open(changes: Partial<CommunityConfig> = {}): void {
    const { url } = far
    const [community] = gatewayConfig.shape.communities.parse([
      {
        ...{ name: 'bern', homeCommunityId: bern, query: url, retrieve: url, fetch: url, provide: url },
        ...{ asynchronous: true, timeoutMs: 5_000, retrieveTimeoutMs: 5_000, ...changes },
      },
    ])
    const spool = openSpool({ ...systemPorts, folder: '', inMemoryBytes: Number.MAX_SAFE_INTEGER })
    const born = known(id('1')).patients?.map(each => ({ ...each, person: { ...each.person, birthTime: '19710304' } }))
    gateway = aGateway(
      {
        'https://registry': () => told(entry('a', { patientId: id('b', '2.999.80') })),
        'https://index': () => ({ ...known(), patients: born }),
      },
      { patientIndex: { url: 'https://index', timeoutMs: 1_000 }, communities: [community!], answersAt: door.url },
      (outbox, answers) =>
        openOnward({
          ...{ caller, spool, ports: systemPorts, outbox, answers },
          peerAt: at => (at === url ? community : undefined),
        }),
    )
    door.opens(gateway.context)
  }

  const query = () => gateway.query(aboutPatient(id('b', '2.999.80')))
  const retrieve = () =>
    gateway.retrieve(...documents.map(({ documentUniqueId }) => named(documentUniqueId, bern, repository)))
  const truth = () => documents.map(({ documentUniqueId, bytes }) => [documentUniqueId, String(bytes)])
  const alerts = () => gateway.audited.filter(({ eventID }) => eventID[0] === alert)
  const codes = async (answer: Promise<{ errors: { errorCode: string }[] }>) =>
    (await answer).errors.map(({ errorCode }) => errorCode)

  /** What was asked of one who answers nothing: with more time where not even the question has arrived in it. */
  async function askedInVain(
    setting: 'timeoutMs' | 'provideTimeoutMs',
    ask: () => Promise<{ errors: { errorCode: string }[] }>,
  ): Promise<Question> {
    const asked: Question[] = []
    for (let timeMs = 150; asked.length === 0; timeMs *= 2) {
      open({ [setting]: timeMs })
      far.hands(question => void asked.push(question))
      expect(await codes(ask())).to.deep.equal(['XDSUnavailableCommunity'])
    }
    far.hands()
    return asked[0]!
  }

  /** By whose certificate, to which address: what is said to the answer. */
  async function answer(
    { replyTo, ...asked }: Question,
    { by = tls.bern, change = text => text }: { by?: TlsIdentity; change?(text: string): string } = {},
  ): Promise<{ status: number; text: string }> {
    const { contentType, body } = truthTo(asked)
    const bytes = Buffer.from(change(body.toString('latin1')), 'latin1')
    return post(replyTo, contentType, [bytes], by)
  }

  async function post(
    url: string,
    contentType: string,
    body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    by: TlsIdentity,
  ) {
    const client = systemPorts.network.httpClient(by)
    const headers = { 'content-type': contentType }
    const said = await client.call({ url, method: 'POST', headers, body, timeoutMs: 5_000 })
    return { status: said.status, text: await textIn(said).finally(() => client.close()) }
  }

  it('says 202, and its answers to each transaction come by requests of their own [ITI TF-2:3.38.1, 3.39.1, 3.55.1, ITI TF-1: 29.2]', async () => {
    open({ discovery: far.url })
    const found = gateway.query(aboutPatient(id('1')))
    for (const action of ['PRPA_IN201305UV02:CrossGatewayPatientDiscovery', 'CrossGatewayQuery']) {
      const question = await far.next()
      expect(question.action).to.match(new RegExp(`${action}$`))
      expect(question.replyTo).to.match(new RegExp(`^${door.url}/answers/[-0-9a-f]{36}$`))
      expect(await answer(question)).to.deep.equal({ status: 202, text: '' })
    }
    expect((await found).objects).to.have.length(3)
    const retrieved = retrieve()
    expect((await answer(await far.next())).status).to.equal(202)
    expect(await textsOf((await retrieved).documents)).to.deep.equal(truth())
    const fetched = gateway.fetch({ ...classOf(id('1')), home: bern })
    expect((await answer(await far.next())).status).to.equal(202)
    expect(await textsOf((await fetched).documents)).to.deep.equal(truth())
    expect(gateway.context.awaited.size).to.equal(0)
  })

  it('takes documents so, once, and says later whether it has [ITI TF-2:3.80.4.1.3]', async () => {
    const provided = gateway.provide(documentsFor([bern], { patientId: id('b', '2.999.80') }))
    const question = await far.next()
    expect(question.action).to.match(/CrossGatewayDocumentProvide$/)
    expect(String(question.body)).to.contain(`<xdr:homeCommunityId>${bern}<`)
    expect((await answer(question)).status).to.equal(202)
    expect(await provided).to.deep.equal({ status: 'Success', errors: [] })
    const late = await askedInVain('provideTimeoutMs', () =>
      gateway.provide(documentsFor([bern], { patientId: id('b', '2.999.80') })),
    )
    await refused(late, 'there was no answer within')
  })

  it('is written down with the address that it was to answer at [ITI TF-2:3.38.5.1]', async () => {
    const found = query()
    const question = await far.next()
    await answer(question)
    await found
    const records = gateway.audited.filter(({ participants }) => participants[0]?.userID === question.replyTo)
    expect(records.map(({ outcome }) => outcome)).to.deep.equal([0])
    expect(alerts()).to.deep.equal([])
  })

  it('answers in vain when its time is over [ITI TF-2: Appendix V.3]', async () => {
    await refused(await askedInVain('timeoutMs', query), 'there was no answer within')
  })

  it('is believed once [ITI TF-2: Appendix V.3]', async () => {
    const found = query()
    const question = await far.next()
    expect((await answer(question)).status).to.equal(202)
    expect((await found).objects).to.have.length(3)
    await refused(question, 'it has been answered')
  })

  it('answers for itself: by the certificate of another community nothing is taken, and the true answer is still waited for [ITI TF-2:3.19]', async () => {
    const found = query()
    const question = await far.next()
    await refused(question, 'and this one comes from', tls.vaud)
    expect((await answer(question)).status).to.equal(202)
    expect((await found).objects).to.have.length(3)
  })

  it('is told where nobody waits at an address [ITI TF-2: Appendix V.3]', async () => {
    const question = { action: 'CrossGatewayQuery', messageID: 'urn:uuid:1', body: Buffer.alloc(0) }
    await refused({ ...question, replyTo: `${door.url}/answers/never-asked` }, 'nobody waits for an answer')
    expect(gateway.context.communities.named(bern)?.state.refused).to.equal(1)
  })

  for (const [what, change] of [
    ['another message', (text: string) => text.replace(/<a:RelatesTo>[^<]*/, '<a:RelatesTo>urn:uuid:another')],
    ['no message', (text: string) => text.replace(/<a:RelatesTo>[^<]*<\/a:RelatesTo>/, '')],
  ] as const) {
    it(`has answered nothing where its answer relates to ${what} [WS-Addressing 1.0 Core: 3.4]`, async () => {
      for (const ask of [query, retrieve]) {
        open()
        const asked = ask()
        const said = await answer(await far.next(), { change })
        expect([said.status, said.text]).to.satisfy(
          ([status, text]: [number, string]) => status === 400 && text.includes('it was asked by the message'),
        )
        expect(new Set(await codes(asked))).to.deep.equal(new Set(['XDSUnavailableCommunity']))
        expect(alerts().map(({ outcome }) => outcome)).to.deep.equal([failed])
      }
    })
  }

  it('is told of what is too large in its answer [ITI TF-2: Appendix V.3]', async () => {
    const found = query()
    const change = (text: string) => text.replace('</s:Header>', `<x>${'x'.repeat(2 ** 21)}</x></s:Header>`)
    const said = await answer(await far.next(), { change })
    expect(said.status).to.equal(400)
    expect(said.text).to.contain('the answer is not taken')
    expect(await codes(found)).to.deep.equal(['XDSUnavailableCommunity'])
    expect(gateway.audited.some(({ outcome }) => outcome === failed)).to.equal(true)
  })

  it('gives long documents that pass on while they come, and breaks off for whoever asked where it breaks off or is too large [ITI TF-2:3.39.4.1.3]', async () => {
    for (const [sizeBytes, rest, status] of [
      [600_000, 'whole', 202],
      [600_000, 'cut', undefined],
      [2 ** 21, 'whole', 400],
    ] as const) {
      open()
      const retrieved = retrieve()
      const { replyTo, ...question } = await far.next()
      const bytes = Buffer.alloc(sizeBytes, 'long ')
      const parts = documents.map((_, index) => ({ contentId: `${index}@far`, contentType: 'text/plain', bytes }))
      const { contentType, body } = packaged(apart(truthTo(question)).envelope, parts)
      let goOn = () => {}
      const until = new Promise<void>(resolve => {
        goOn = resolve
      })
      async function* pieces() {
        yield body.subarray(0, 400_000)
        await until
        if (rest === 'cut') throw new Error('cut')
        yield body.subarray(400_000)
      }
      const posted = post(replyTo, contentType, pieces(), tls.bern).catch(() => undefined)
      const given = (await retrieved).documents
      expect(given).to.have.length(2)
      // Some of it is here before the other side has sent the rest.
      const [first] = given as [RetrievedDocument]
      const taking = (first.open() as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
      expect(Buffer.from((await taking.next()).value).toString('utf8', 0, 5)).to.equal('long ')
      goOn()
      const taken = await (async () => {
        let count = 0
        for await (const piece of { [Symbol.asyncIterator]: () => taking }) count += piece.byteLength
        for await (const piece of given[1]?.open() ?? []) count += piece.byteLength
        return count
      })().catch(() => 'broken off')
      if (status === 202) expect(taken).to.be.above(sizeBytes)
      else expect(taken).to.equal('broken off')
      expect((await posted)?.status).to.equal(status)
      expect(gateway.audited.some(({ outcome }) => outcome === failed)).to.equal(status !== 202)
      expect(gateway.context.awaited.size).to.equal(0)
    }
  })

  it('is as good as silent where its answer is cut in the middle, and no part of it is taken [ITI TF-2:3.38.4.1.3]', async () => {
    for (const ask of [query, retrieve]) {
      open()
      const asked = ask()
      const { replyTo, ...question } = await far.next()
      const { contentType, body } = truthTo(question)
      async function* cut() {
        yield body.subarray(0, body.length / 2)
        await systemPorts.clock.sleep(50)
        throw new Error('cut')
      }
      const broken = await post(replyTo, contentType, cut(), tls.bern).catch(problem => problem)
      expect(broken).to.be.instanceOf(Error)
      expect(new Set(await codes(asked))).to.deep.equal(new Set(['XDSUnavailableCommunity']))
      expect(gateway.audited.some(({ outcome }) => outcome === failed)).to.equal(true)
      expect(gateway.context.awaited.size).to.equal(0)
    }
  })

  it('may answer by a fault, there or here [WS-Addressing 1.0 SOAP Binding: 6]', async () => {
    const fault = (text: string) =>
      text.replace(
        /<s:Body>.*<\/s:Body>/s,
        '<s:Body><s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang="en">not today</s:Text></s:Reason></s:Fault></s:Body>',
      )
    const there = query()
    expect((await answer(await far.next(), { change: fault })).status).to.equal(202)
    expect((await there).errors[0]?.codeContext).to.contain('not today')
    const asked = { action: 'CrossGatewayQuery', body: Buffer.alloc(0) }
    far.says(500, 'application/soap+xml', fault(truthTo(asked).body.toString()))
    expect((await query()).errors[0]?.codeContext).to.contain('not today')
    await far.next()
    expect(gateway.context.awaited.size).to.equal(0)
  })

  it('may say 200 and nothing, or nothing worth reading in its 202', async () => {
    for (const [status, contentType, body] of [
      [200, undefined, ''],
      [202, 'application/soap+xml', '<s:Envelope/>'],
    ] as const) {
      far.says(status, contentType, body)
      const found = query()
      expect((await answer(await far.next())).status).to.equal(202)
      expect((await found).objects).to.have.length(3)
    }
  })

  for (const to of ['ITI-38', 'ITI-39', 'ITI-55', 'ITI-63'] as const) {
    it(`is believed none of its lies, as if it were asked otherwise (${to}) [ITI TF-2:3.38.4.1.3, 3.39.4.1.3, 3.55.4.2.3, 3.63.4.1.3]`, async () => {
      const ask = {
        'ITI-38': async () => (await gateway.query(aboutPatient(id('1')))).objects.slice(1),
        'ITI-39': async () => {
          await gateway.query(aboutPatient(id('1')))
          return textsOf((await retrieve()).documents)
        },
        'ITI-55': async () => (await gateway.query(aboutPatient(id('1')))).objects.slice(1),
        'ITI-63': async () => textsOf((await gateway.fetch({ ...classOf(id('1')), home: bern })).documents),
      }[to]
      for (const lie of [...lies, ...liesToFetches].filter(each => each.to === to)) {
        open({ discovery: far.url })
        far.hands(question => void tells(question, lie).catch(() => {}))
        const found = await ask().catch(() => [])
        expect(found, lie.name).to.deep.equal([])
        expect(
          gateway.audited.some(({ outcome }) => outcome !== 0),
          lie.name,
        ).to.equal(true)
        expect(gateway.context.awaited.size, lie.name).to.equal(0)
      }
    })
  }

  const earlier = { action: '', body: Buffer.from('<MessageID>urn:uuid:an-earlier-one</MessageID>') }

  async function tells(question: Question, lie: Lie): Promise<void> {
    const truthful = truthTo(question)
    const isAboutIt = question.action.endsWith(actionEnd(lie))
    const { contentType, body } = isAboutIt
      ? toldInstead(lie, truthful, apart(truthTo({ ...earlier, action: question.action })))
      : truthful
    await post(question.replyTo, contentType, [body], tls.bern)
  }

  async function refused(question: Question, why: string, by = tls.bern): Promise<void> {
    const before = alerts().length
    const { status, text } = await answer(question, { by })
    expect([status, text]).to.satisfy(([code, words]: [number, string]) => code === 400 && words.includes(why), text)
    expect(
      alerts()
        .slice(before)
        .map(({ outcome }) => outcome),
    ).to.deep.equal([failed])
  }
})

async function textIn({ body }: HttpAnswer): Promise<string> {
  return Buffer.concat(await body.toArray()).toString()
}

function textsOf(retrieved: readonly RetrievedDocument[]): Promise<[string, string][]> {
  return Promise.all(
    retrieved.map(async (document): Promise<[string, string]> => {
      const pieces: Uint8Array[] = []
      for await (const piece of document.open()) pieces.push(piece)
      return [document.documentUniqueId, Buffer.concat(pieces).toString()]
    }),
  )
}
