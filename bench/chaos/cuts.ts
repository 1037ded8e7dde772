// A connection that breaks after so many bytes of an MTOM message, on its way there or back.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:tls'
import { faultsOf, recordsOf } from '../after-the-kills.js'
import { type Deployment, pause } from '../deployment.js'
import { answerReader, httpRequest } from '../http-connection.js'
import { freshOid, type Message, provideAndRegister, retrieve } from '../messages.js'
import { ask, type Submitted } from '../submitters.js'
import { openRelay } from './relay.js'
import type { Result } from './results-table.js'

export type Places = number | 'every byte'

export async function cutRequests(carnet: Deployment, places: Places): Promise<Result> {
  const { length } = aSubmission(carnet).wire
  const cutAt = placesOf(length, places)
  const sent: Submitted[] = []
  await eightAtATime(cutAt, async bytes => {
    const { submitted, wire } = aSubmission(carnet)
    sent.push(submitted)
    await sendAndCut(carnet, wire, bytes)
  })
  const faults = await untilSettled(carnet, sent)
  const seen = `an ITI-41 of ${length} bytes, cut ${stepOf(cutAt)}; of each document all or nothing is there`
  return { tried: cutAt.length, faults, seen }
}

/** Of what comes back for an ITI-41, as it goes over the wire in TLS: whoever was cut off does not know what became of his document. */
export async function cutAnswers(carnet: Deployment, places: Places): Promise<Result> {
  const { said } = await receiveAndCut(carnet, aSubmission(carnet).wire, Number.POSITIVE_INFINITY)
  // Answers differ by some bytes.
  const cutAt = placesOf(said + 16, places)
  const sent: Submitted[] = []
  let whole = 0
  await eightAtATime(cutAt, async bytes => {
    const { submitted, wire } = aSubmission(carnet)
    sent.push(submitted)
    const { isWhole } = await receiveAndCut(carnet, wire, bytes)
    if (isWhole) submitted.outcome = 'acknowledged'
    whole += Number(isWhole)
  })
  const faults = await untilSettled(carnet, sent)
  const seen = `the answer to an ITI-41, ${said} bytes in TLS, cut ${stepOf(cutAt)}, ${whole} times behind its end; of each document all or nothing is there`
  return { tried: cutAt.length, faults, seen }
}

/** Of the MTOM package that answers an ITI-43: the document stays, and each try is written down once. */
export async function cutDocuments(carnet: Deployment, places: Places): Promise<Result> {
  const { submitted } = aSubmission(carnet)
  await ask(carnet, carnet.urls.repository, submitted.message)
  const asked = () => aRequest(carnet, retrieve(carnet.repositoryUniqueId, [submitted.uniqueId]))
  const { said } = await receiveAndCut(carnet, asked().wire, Number.POSITIVE_INFINITY)
  const cutAt = placesOf(said + 16, places)
  const traceIds: string[] = []
  let whole = 0
  await eightAtATime(cutAt, async bytes => {
    const { wire, traceId } = asked()
    traceIds.push(traceId)
    whole += Number((await receiveAndCut(carnet, wire, bytes)).isWhole)
  })
  const faults = await faultsOf(carnet, { ...submitted, outcome: 'acknowledged' })
  const deadline = performance.now() + 60_000
  await eightAtATime(traceIds, async traceId => {
    const fault = await auditFault(carnet, traceId, deadline)
    if (fault !== undefined) faults.push(fault)
  })
  const seen = `the answer to an ITI-43, ${said} bytes in TLS, cut ${stepOf(cutAt)}, ${whole} times behind its end; the document is there as it was, and each try in the audit once`
  return { tried: cutAt.length, faults, seen }
}

function placesOf(length: number, places: Places): number[] {
  const step = places === 'every byte' ? 1 : Math.max(1, Math.floor(length / places))
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step)
}

const stepOf = ([, second = 1]: readonly number[]) => `at each ${second === 1 ? 'byte' : `${second}th`}`

function aSubmission(carnet: Deployment): { submitted: Submitted; wire: Buffer } {
  const bytes = randomBytes(2_000)
  const uniqueId = freshOid()
  const patientId = 'CUTS^^^&2.999.1&ISO'
  const message = provideAndRegister({ uniqueId, patientId, mimeType: 'application/octet-stream' }, bytes)
  const { wire, traceId } = aRequest(carnet, message)
  return { submitted: { uniqueId, patientId, message, bytes, traceId, outcome: 'unknown', why: 'cut' }, wire }
}

function aRequest({ urls }: Deployment, message: Message): { wire: Buffer; traceId: string } {
  const traceId = randomBytes(16).toString('hex')
  const headers = { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` }
  return { traceId, wire: httpRequest('POST', new URL(urls.repository), { ...message, headers }) }
}

const patienceMs = 30_000

function sendAndCut({ urls, client }: Deployment, wire: Buffer, bytes: number): Promise<void> {
  const { hostname, port } = new URL(urls.repository)
  return new Promise((resolve, reject) => {
    const socket = connect({ ...client, host: hostname, port: Number(port), servername: hostname })
    socket.setTimeout(patienceMs, () => reject(new Error(`nothing moved for 30 s after ${bytes} bytes`)))
    socket.once('secureConnect', () => socket.write(wire.subarray(0, bytes), () => socket.destroy()))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve())
  })
}

/** The wire breaks after so many bytes that come back once the request is on its way. */
async function receiveAndCut(
  { urls, client }: Deployment,
  wire: Buffer,
  bytes: number,
): Promise<{ isWhole: boolean; said: number }> {
  const { hostname, port } = new URL(urls.repository)
  const relay = await openRelay(Number(port))
  // What TLS sends of its own behind the handshake is over when this is answered.
  const first = httpRequest('GET', new URL(`${urls.repository}?wsdl`), {})
  let read = answerReader()
  try {
    return await new Promise((resolve, reject) => {
      let [isBegun, isWhole] = [false, false]
      const socket = connect({ ...client, host: '127.0.0.1', port: relay.port, servername: hostname })
      socket.setTimeout(patienceMs, () => reject(new Error(`nothing moved for 30 s, cut after ${bytes} bytes back`)))
      socket.once('secureConnect', () => socket.write(first))
      socket.on('data', piece => {
        if (read(piece) === undefined) return
        isWhole = isBegun
        if (isWhole) return void socket.destroy()
        isBegun = true
        read = answerReader()
        relay.breakAfter(bytes)
        socket.write(wire)
      })
      socket.on('error', () => socket.destroy())
      socket.on('close', () => resolve({ isWhole, said: relay.said }))
    })
  } finally {
    relay.close()
  }
}

async function untilSettled(carnet: Deployment, sent: Submitted[]): Promise<string[]> {
  for (const deadline = performance.now() + 60_000; ; await pause(2_000)) {
    const faults: string[] = []
    await eightAtATime(sent, async one => void faults.push(...(await faultsOf(carnet, one))))
    if (faults.length === 0 || performance.now() > deadline) return faults
  }
}

async function auditFault(carnet: Deployment, traceId: string, deadline: number): Promise<string | undefined> {
  for (;;) {
    const records = (await recordsOf(carnet, traceId)).filter(({ type }) => type?.code === 'ITI-43')
    if (records.length === 1) return undefined
    if (records.length > 1 || performance.now() > deadline)
      return `${records.length} audit records of an ITI-43 that was cut (trace ${traceId})`
    await pause(500)
  }
}

async function eightAtATime<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items]
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: 8 }, lane))
}
