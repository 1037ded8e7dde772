// Documents that pass a gateway while they come: what whoever asked sees of them, and of what goes wrong under way.
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import type { AuditRecord } from '../../../atna-audit/message.js'
import type { GatewayContext } from '../../../gateway/context.js'
import { ofDocuments } from '../../../gateway/documents/retrieval.js'
import { retrievedFromAll } from '../../../gateway/iti-43-retrieve-document-set.js'
import { openOnward } from '../../../gateway/onward.js'
import type { Clock } from '../../../ports/clock.js'
import type { HttpClient, TlsIdentity } from '../../../ports/network.js'
import { systemPorts } from '../../../ports/ports.js'
import { openCaller } from '../../../server/caller.js'
import { traceOf } from '../../../server/trace.js'
import type { MessageForm } from '../../../soap/message.js'
import { openSpool } from '../../../soap/spool.js'
import { writeMessage } from '../../../soap/write-message.js'
import { retrieveDocumentSetResponse } from '../../../transactions/retrieve-codec.js'
import type {
  DocumentRequest,
  RetrieveDocumentSetResponse,
  RetrievedDocument,
} from '../../../transactions/xds-messages.js'
import { until } from '../../house/waiting.js'
import { collected, folder } from '../../soap/wire.js'
import { aGateway, bern, document, entry, fromHospital, named, ours, vaud } from '../a-gateway.js'

const place = folder()
after(() => place.remove())

const [bernUrl, vaudUrl, repositoryUrl] = ['https://bern/retrieve', 'https://vaud/retrieve', 'https://repository']
const long = Buffer.alloc(600_000, 'long ').toString()
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')

/** An answer as it goes over the wire. */
const answering = (...documents: RetrievedDocument[]) => answeringIn('MTOM', documents)

async function answeringIn(form: MessageForm, documents: RetrievedDocument[]): Promise<Buffer> {
  const body = retrieveDocumentSetResponse.encode({ status: 'Success', errors: [], documents })
  const randomness = { ...systemPorts.randomness, uuid: () => '00000000-0000-4000-8000-000000000000' }
  const { pieces } = writeMessage({ form, action: 'urn:test:Answer', body }, randomness)
  return collected(pieces)
}

const contentType =
  'multipart/related; type="application/xop+xml"; boundary="carnet-00000000-0000-4000-8000-000000000000"; ' +
  'start="<envelope@carnet>"; start-info="application/soap+xml"'

/** A gateway whose partners answer what the test writes to their connections. */
function aStreamingGateway({
  timeoutMs = 10_000,
  oneDocumentPerRequest = false,
  type = contentType,
  clock = systemPorts.clock,
} = {}) {
  const waiting = new Map<string, PassThrough[]>()
  const traceparents: string[] = []
  const audited: AuditRecord[] = []
  const whenOver: (() => void)[] = []
  const linesTo = (url: string): PassThrough[] => {
    const lines = waiting.get(url) ?? Array.from({ length: 3 }, () => new PassThrough())
    waiting.set(url, lines)
    return lines
  }
  const client: HttpClient = {
    async call({ url, headers, body: request, signal }) {
      await collected(request ?? [])
      traceparents.push(headers.traceparent ?? '')
      const body = linesTo(url).shift() ?? new PassThrough()
      signal?.addEventListener('abort', () => body.destroy(new Error('aborted')))
      return { status: 200, headers: { 'content-type': type }, body }
    },
    renewTls() {},
    close() {},
  }
  const ports = { ...systemPorts, clock, network: { ...systemPorts.network, httpClient: () => client } }
  const outbox = { append: async (records: AuditRecord[]) => void audited.push(...records) }
  const onward = openOnward({
    ...{ ports, outbox, spool: openSpool({ ...systemPorts, folder: place.path }) },
    caller: openCaller({ tls: {} as TlsIdentity, ports, folder: place.path }),
  })
  const { config } = aGateway({}).context
  const communities = config.communities.map(each => ({ ...each, retrieveTimeoutMs: timeoutMs, oneDocumentPerRequest }))
  const context: GatewayContext = { ...aGateway({}, { communities }).context, outbox, onward }
  const trace = traceOf(undefined, systemPorts.randomness)
  const exchange = { ...fromHospital(), trace, afterwards: (work: () => void) => void whenOver.push(work) }
  return {
    ...{ context, audited, traceparents, trace },
    /** The connections of its next requests. */
    linesTo: (url: string) => [...linesTo(url)] as [PassThrough, PassThrough, PassThrough],
    lineTo: (url: string) => linesTo(url)[0] as PassThrough,
    retrieve: (...documents: DocumentRequest[]) =>
      retrievedFromAll(documents, { context, exchange, retrieval: ofDocuments }),
    isOver: () => whenOver.forEach(work => void work()),
    underWay: () => context.communities.all.map(({ state }) => state.underWay),
    failures: () => context.communities.all.map(({ state }) => state.failures),
  }
}

function piecesOf(document: RetrievedDocument | undefined): AsyncIterator<Uint8Array> {
  if (document === undefined) throw new Error('there is no document')
  return (document.open() as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
}

async function textOf(document: RetrievedDocument | undefined): Promise<string> {
  return (await collected(document?.open() ?? [])).toString()
}

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (problem: Error) => problem.message,
  )
const outcomes = (audited: AuditRecord[]) => audited.map(({ eventID, outcome }) => [eventID[0], outcome])
const codesOf = ({ errors }: RetrieveDocumentSetResponse) => errors.map(({ errorCode }) => errorCode)
const settled = () => new Promise(resolve => setTimeout(resolve, 20))
/** What is found when all is done, on however busy a machine. */
async function eventually(found: () => unknown, wanted: unknown): Promise<void> {
  await until(() => JSON.stringify(found()) === JSON.stringify(wanted)).catch(() => {})
  expect(found()).to.deep.equal(wanted)
}
const [imported, alert] = ['110107', '110113']

/** A clock on which time passes when the test says so. */
function playedTime() {
  let nowMs = 0
  const timers = new Set<{ atMs: number; work(): void }>()
  const clock: Clock = {
    ...systemPorts.clock,
    monotonicMs: () => nowMs,
    after(delayMs, work) {
      const timer = { atMs: nowMs + delayMs, work }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
  }
  function passes(ms: number): void {
    nowMs += ms
    const due = [...timers].filter(({ atMs }) => atMs <= nowMs)
    for (const timer of due) {
      timers.delete(timer)
      timer.work()
    }
  }
  return { clock, passes }
}

describe('a document that passes the gateway', () => {
  it('reaches whoever asked before the other side has sent its end [ITI TF-2:3.39.4.1.3]', async () => {
    const gateway = aStreamingGateway()
    const line = gateway.lineTo(bernUrl)
    const bytes = await answering(document(named('1', bern), long))
    line.write(bytes.subarray(0, 400_000))
    const { status, documents } = await gateway.retrieve(named('1', bern))
    expect([status, documents[0]?.homeCommunityId, documents[0]?.sizeBytes]).to.deep.equal(['Success', bern, undefined])
    const pieces = piecesOf(documents[0])
    const { value: first } = await pieces.next()
    expect(long.startsWith(Buffer.from(first).toString())).to.equal(true)
    line.end(bytes.subarray(400_000))
    const rest = await collected({ [Symbol.asyncIterator]: () => pieces })
    expect(Buffer.concat([first, rest]).toString() === long).to.equal(true)
    gateway.isOver()
    await eventually(() => [outcomes(gateway.audited), gateway.underWay()], [[[imported, 0]], [0, 0]])
    expect(readdirSync(place.path)).to.deep.equal([])
  })

  it('waits for the envelopes of all who are asked, and comes in the order of the answer [ITI TF-2:3.39.4.1.2]', async () => {
    const gateway = aStreamingGateway()
    const late = gateway.lineTo(bernUrl)
    gateway.lineTo(vaudUrl).end(await answering(document(named('1', vaud), long)))
    gateway.lineTo(repositoryUrl).end(await answering(document(named('3'), 'short')))
    const answer = gateway.retrieve(named('1', vaud), named('2', bern), named('3'))
    expect(await Promise.race([answer, settled()])).to.equal(undefined)
    late.end(await answering(document(named('2', bern), `${long}!`)))
    const { documents } = await answer
    expect(documents.map(({ homeCommunityId }) => homeCommunityId)).to.deep.equal([vaud, bern, ours])
    const texts: string[] = []
    for (const each of documents) texts.push(await textOf(each))
    expect(texts.map((text, index) => text === [long, `${long}!`, 'short'][index])).to.deep.equal([true, true, true])
  })

  it('is asked for under the same trace, by a parent-id of its own each time [ITI TF-2:3.39.4.1.2]', async () => {
    const gateway = aStreamingGateway()
    gateway.lineTo(bernUrl).end(await answering(document(named('1', bern))))
    gateway.lineTo(repositoryUrl).end(await answering(document(named('2'))))
    await gateway.retrieve(named('1', bern), named('2'))
    const { traceId, traceparent } = gateway.trace
    expect(gateway.traceparents.map(each => each.slice(3, 35))).to.deep.equal([traceId, traceId])
    expect(new Set([traceparent, ...gateway.traceparents]).size).to.equal(3)
  })

  it('breaks off for whoever asked where it breaks off on the other side, and both are written down [ITI TF-2:3.39.5]', async () => {
    const gateway = aStreamingGateway()
    const line = gateway.lineTo(bernUrl)
    line.write((await answering(document(named('1', bern), long))).subarray(0, 500_000))
    const { documents } = await gateway.retrieve(named('1', bern))
    const taken = problemOf(textOf(documents[0]))
    line.destroy(new Error('read ECONNRESET'))
    expect(await taken).to.contain('ECONNRESET')
    const records = [
      [imported, 0],
      [imported, 8],
    ]
    await eventually(() => outcomes(gateway.audited), records)
    await eventually(() => [...gateway.failures(), ...gateway.underWay()], [1, 0, 0, 0])
  })

  it('is an error in the answer where it breaks off before any of that has left [ITI TF-2:3.39.4.1.3]', async () => {
    const gateway = aStreamingGateway()
    gateway.lineTo(bernUrl).end((await answering(document(named('1', bern), long))).subarray(0, 100_000))
    gateway.lineTo(repositoryUrl).end(await answering(document(named('2'))))
    const answer = await gateway.retrieve(named('1', bern), named('2'))
    expect([answer.status, codesOf(answer)]).to.deep.equal(['PartialSuccess', ['XDSUnavailableCommunity']])
  })

  it('is held against its entry to the last byte, and audited as a lie when it is another [ITI TF-3:4.2.3.2.12]', async () => {
    const lies: [why: string, hash: string, size: number][] = [
      ['its hash is', sha1('other'), 600_000],
      ['it has 600000 bytes, and 700000', sha1(long), 700_000],
      ['it has more than the 500000 bytes', sha1(long), 500_000],
    ]
    for (const [why, hash, size] of lies) {
      const gateway = aStreamingGateway()
      gateway.context.told.remember(bern, [entry('b', { home: bern, document: { uniqueId: '1', hash, size } })])
      gateway.lineTo(bernUrl).end(await answering(document(named('1', bern), long)))
      const { documents } = await gateway.retrieve(named('1', bern))
      let taken = 0
      const problem = await problemOf(
        (async () => {
          for await (const piece of documents[0]?.open() ?? []) taken += piece.byteLength
        })(),
      )
      expect(problem, why).to.contain(why)
      expect(taken, why).to.be.within(0, 599_999)
      expect(outcomes(gateway.audited), why).to.deep.include([alert, 8])
    }
  })

  it('is refused as an error where all of it is there and is another [ITI TF-3:4.2.3.2.12]', async () => {
    const gateway = aStreamingGateway()
    const told = { uniqueId: '1', hash: sha1('other'), size: 5 }
    gateway.context.told.remember(bern, [entry('b', { home: bern, document: told })])
    gateway.lineTo(bernUrl).end(await answering(document(named('1', bern), 'short')))
    const answer = await gateway.retrieve(named('1', bern))
    expect([answer.status, codesOf(answer)]).to.deep.equal(['Failure', ['XDSUnavailableCommunity']])
    expect(outcomes(gateway.audited)).to.deep.include([alert, 8])
  })

  it('is what its entry tells, and then has the length that it tells', async () => {
    const gateway = aStreamingGateway()
    const told = { uniqueId: '1', hash: sha1(long).toUpperCase(), size: 600_000 }
    gateway.context.told.remember(bern, [entry('b', { home: bern, document: told })])
    gateway.lineTo(bernUrl).end(await answering(document(named('1', bern), long)))
    const { documents } = await gateway.retrieve(named('1', bern))
    expect(documents[0]?.sizeBytes).to.equal(600_000)
    expect((await textOf(documents[0])) === long).to.equal(true)
  })

  it('is not waited for longer than its community has [ITI TF-2:3.39.4.1.3]', async () => {
    const { clock, passes } = playedTime()
    const gateway = aStreamingGateway({ timeoutMs: 100, clock })
    const line = gateway.lineTo(bernUrl)
    const bytes = await answering(document(named('1', bern), long))
    line.write(bytes.subarray(0, 500_000))
    const { documents } = await gateway.retrieve(named('1', bern))
    const pieces = piecesOf(documents[0])
    await pieces.next()
    let problem: string | undefined
    void problemOf(collected({ [Symbol.asyncIterator]: () => pieces })).then(words => {
      problem = words
    })
    await until(() => {
      passes(40)
      return problem !== undefined
    })
    expect(problem).to.contain('there was no answer within 100 ms')
  })

  it('is let go on both sides when whoever asked goes away, and nobody is to blame', async () => {
    const gateway = aStreamingGateway()
    const line = gateway.lineTo(bernUrl)
    line.write((await answering(document(named('1', bern), long))).subarray(0, 500_000))
    await gateway.retrieve(named('1', bern))
    expect(gateway.underWay()).to.deep.equal([1, 0])
    gateway.isOver()
    await eventually(() => [line.destroyed, gateway.underWay(), gateway.failures()], [true, [0, 0], [0, 0]])
    const records = [
      [imported, 0],
      [imported, 8],
    ]
    await eventually(() => outcomes(gateway.audited), records)
    expect(readdirSync(place.path)).to.deep.equal([])
  })

  it('is taken from an envelope too, where a community speaks no MTOM, and held against its entry [ITI TF-2: Appendix V.3]', async () => {
    for (const hash of [sha1(long), sha1('other')]) {
      const gateway = aStreamingGateway({ type: 'application/soap+xml; charset=UTF-8' })
      gateway.context.told.remember(bern, [entry('b', { home: bern, document: { uniqueId: '1', hash } })])
      gateway.lineTo(bernUrl).end(await answeringIn('plain', [document(named('1', bern), long)]))
      const answer = await gateway.retrieve(named('1', bern))
      const isTrue = hash === sha1(long)
      expect([answer.documents.length, codesOf(answer)]).to.deep.equal(
        isTrue ? [1, []] : [0, ['XDSUnavailableCommunity']],
      )
      if (isTrue) expect((await textOf(answer.documents[0])) === long).to.equal(true)
    }
  })

  it('is taken in before the next is asked for where a community wants them one by one', async () => {
    const gateway = aStreamingGateway({ oneDocumentPerRequest: true })
    const [first, second] = gateway.linesTo(bernUrl)
    const answer = gateway.retrieve(named('1', bern), named('2', bern))
    await settled()
    expect(gateway.traceparents).to.have.length(1)
    first.end(await answering(document(named('1', bern), long)))
    await eventually(() => gateway.traceparents.length, 2)
    second.end(await answering(document(named('2', bern), 'short')))
    const { documents } = await answer
    expect([(await textOf(documents[0])) === long, await textOf(documents[1])]).to.deep.equal([true, 'short'])
    expect(readdirSync(place.path)).to.deep.equal([])
  })
})
