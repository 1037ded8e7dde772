// The stand-in for the UPI: the two services of the ZAS on a port of its own beside the index, and its broadcasts in the folder where a
// sedex client would lay them. It runs in mode development alone.
import { join } from 'node:path'
import type { UpiConfig } from '../../../config/patient-index-config.js'
import { drained, type HttpReply, type HttpRequest } from '../../../ports/network.js'
import type { Ports } from '../../../ports/ports.js'
import { wholeRequest } from '../../../ports/whole-body.js'
import { opened } from '../../../server/doors.js'
import type { LiveTrust } from '../../../server/live-trust.js'
import type { Log } from '../../../server/log.js'
import type { XmlElement } from '../../../soap/xml.js'
import { openStore } from '../../../store/open-store.js'
import { broadcastXml } from '../broadcasts.js'
import { askedIn, type EchHeader, infoAnswerXml, managedXml, messageIdIn } from '../ech-messages.js'
import { bodyIn, faultXml, inEnvelope, soap11Type } from '../soap11.js'
import type { Upi } from '../upi.js'
import { openPeople, standInMigrations } from './people.js'

export interface StandIn {
  close(): Promise<void>
}

export interface StartStandIn {
  config: NonNullable<UpiConfig['standIn']>
  inbox: string | undefined
  trust: Pick<LiveTrust, 'identity' | 'refusalOf' | 'onRenewed'>
  ports: Ports
  log: Log
}

const mostBytes = 1_048_576
const senderId = 'sedex://T0-0-0'

/** On the loopback address only, over mutual TLS; all its messages say that they are tests. */
export async function startStandIn({ config, inbox, trust, ports, log }: StartStandIn): Promise<StandIn> {
  const { clock, files, randomness, network } = ports
  const store = await openStore({ path: config.database, migrations: standInMigrations }, clock, files)
  const header = (): EchHeader => ({
    ...{ senderId, messageId: randomness.uuid(), dateMs: clock.now(), isTest: true },
  })
  const people = openPeople(store, ports, async change => {
    if (inbox === undefined) return
    const told =
      'cancelled' in change
        ? { inactivations: [], cancellations: [{ spid: change.cancelled, reason: 'notMentioned' }] }
        : { inactivations: [change], cancellations: [] }
    await files.makeFolder(inbox)
    await files.replace(join(inbox, `data_${clock.now()}-${randomness.uuid()}.xml`), broadcastXml(told, header()))
  })
  const server = await opened({ host: '127.0.0.1', port: config.port }, 'patientIndex.upi.standIn.port', () =>
    network.serveHttps(
      { host: '127.0.0.1', port: config.port, tls: trust.identity, refusalOf: trust.refusalOf, idleTimeoutMs: 60_000 },
      (request, reply) => {
        serve(request, reply, people, header).catch(problem => {
          log.error({ failure: String(problem) }, 'the stand-in for the UPI could not answer')
          reply.abort()
        })
      },
    ),
  ).catch(async problem => {
    await store.close()
    throw problem
  })
  trust.onRenewed((identity, letsIn) => server.renewTls(identity, letsIn))
  log.warn({ port: server.port }, 'a stand-in for the UPI gives EPR-SPIDs that nobody knows outside of this deployment')
  return {
    async close() {
      await server.close(1_000)
      await store.close()
    },
  }
}

async function serve(request: HttpRequest, reply: HttpReply, people: Upi, header: () => EchHeader): Promise<void> {
  const answer = await contentOf(request)
    .then(content => answerTo(content, people, header))
    .catch((problem: Error) => ({ status: 500, xml: faultXml(problem.message) }))
  request.body.resume()
  const bytes = Buffer.from(inEnvelope(answer.xml))
  reply.start(answer.status, { 'content-type': soap11Type, 'content-length': String(bytes.length) })
  if (!reply.stream.write(bytes)) await drained(reply.stream)
  reply.stream.end()
}

async function contentOf(request: HttpRequest): Promise<XmlElement> {
  const bytes = await wholeRequest(request, mostBytes, () => new Error(`a request may have ${mostBytes} bytes`))
  if (request.method !== 'POST') throw new Error('requests are sent by POST')
  return bodyIn(bytes)
}

async function answerTo(
  content: XmlElement,
  people: Upi,
  header: () => EchHeader,
): Promise<{ status: number; xml: string }> {
  const asked = askedIn(content)
  if (asked === undefined) throw new Error('the request asks neither for a person nor to do anything with a number')
  const back = { ...header(), referenceMessageId: messageIdIn(content) }
  if (asked.action === 'info') {
    return { status: 200, xml: infoAnswerXml(asked.pid, await people.info(asked.pid), back) }
  }
  return { status: 200, xml: managedXml(await people.manage(asked), back) }
}
