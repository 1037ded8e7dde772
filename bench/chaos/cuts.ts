// A connection that breaks after so many bytes of an MTOM message, on its way there or back.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:tls'
import { faultsOf } from '../after-the-kills.js'
import type { Result } from '../chaos.js'
import { type Deployment, pause } from '../deployment.js'
import { httpRequest } from '../http-connection.js'
import { freshOid, provideAndRegister } from '../messages.js'
import type { Submitted } from '../submitters.js'

export type Cut = 'request' | 'answer'

export async function cutConnections(
  carnet: Deployment,
  direction: Cut,
  places: number | 'every byte',
): Promise<Result> {
  const length = direction === 'request' ? aSubmission(carnet).wire.length : 1_800
  const step = places === 'every byte' ? 1 : Math.max(1, Math.floor(length / places))
  const sent: Submitted[] = []
  const cutAt = Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step)
  let whole = 0
  await eightAtATime(cutAt, async bytes => {
    const { submitted, wire } = aSubmission(carnet)
    sent.push(submitted)
    if (await sendAndCut(carnet, wire, { direction, bytes })) whole += 1
  })
  const faults = await untilSettled(carnet, sent)
  const seen = `${length} bytes, cut at each ${step === 1 ? 'byte' : `${step}th`}; ${whole} times all was over before the cut; of each document all or nothing is there`
  return { tried: cutAt.length, faults, seen }
}

function aSubmission(carnet: Deployment): { submitted: Submitted; wire: Buffer } {
  const bytes = randomBytes(2_000)
  const uniqueId = freshOid()
  const patientId = 'CUTS^^^&2.999.1&ISO'
  const message = provideAndRegister({ uniqueId, patientId, mimeType: 'application/octet-stream' }, bytes)
  const traceId = randomBytes(16).toString('hex')
  const headers = { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` }
  const wire = httpRequest('POST', new URL(carnet.urls.repository), { ...message, headers })
  return { submitted: { uniqueId, patientId, message, bytes, traceId, outcome: 'unknown', why: 'cut' }, wire }
}

/** @returns whether the answer was there before the cut */
function sendAndCut(
  { urls, client }: Deployment,
  wire: Buffer,
  { direction, bytes }: { direction: Cut; bytes: number },
): Promise<boolean> {
  const { hostname, port } = new URL(urls.repository)
  return new Promise((resolve, reject) => {
    const socket = connect({ ...client, host: hostname, port: Number(port), servername: hostname })
    let received = 0
    socket.setTimeout(30_000, () => reject(new Error(`nothing moved for 30 s after ${bytes} bytes`)))
    socket.once('secureConnect', () => {
      if (direction === 'answer') socket.write(wire)
      else socket.write(wire.subarray(0, bytes), () => socket.destroy())
    })
    socket.on('data', (piece: Buffer) => {
      received += piece.length
      if (direction === 'answer' && received >= bytes) socket.destroy()
    })
    socket.on('error', () => socket.destroy())
    // An answer that is shorter than the place of the cut: the connection is ours to end.
    const patience = setTimeout(() => socket.destroy(), 5_000)
    socket.on('close', () => {
      clearTimeout(patience)
      resolve(direction === 'answer' && received < bytes)
    })
  })
}

async function untilSettled(carnet: Deployment, sent: Submitted[]): Promise<string[]> {
  for (const deadline = performance.now() + 60_000; ; await pause(2_000)) {
    const faults: string[] = []
    await eightAtATime(sent, async one => void faults.push(...(await faultsOf(carnet, one))))
    if (faults.length === 0 || performance.now() > deadline) return faults
  }
}

export async function eightAtATime<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items]
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: 8 }, lane))
}
