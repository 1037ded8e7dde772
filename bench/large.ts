// A large document in and out, streamed by the client too, and how the memory of each service grows meanwhile.
import { createHash, randomUUID } from 'node:crypto'
import { request } from 'node:https'
import { memoryOf } from './cost.js'
import type { Deployment, Identity, ServiceName } from './deployment.js'
import { freshOid, provideAndRegister, retrieve } from './messages.js'

export interface LargeMeasured {
  sizeBytes: number
  inSeconds: number
  outSeconds: number
  /** Highest resident memory during both, above what it was before. */
  growthBytes: Partial<Record<ServiceName, number>>
  /** What was wrong; empty when all was right. */
  faults: string[]
}

export async function measureLarge(
  carnet: Deployment,
  sizeBytes: number,
  progress: (line: string) => void,
): Promise<LargeMeasured> {
  const faults: string[] = []
  // One small document first: code that is loaded at its first use is no growth.
  faults.push(...(await inAndOut(carnet, 1_048_576)).faults)
  const watched = watchMemory(carnet)
  progress(`${sizeBytes / 1_048_576} MiB in and out`)
  const times = await inAndOut(carnet, sizeBytes)
  return { sizeBytes, ...times, growthBytes: watched.stop(), faults: [...faults, ...times.faults] }
}

async function inAndOut(
  carnet: Deployment,
  sizeBytes: number,
): Promise<{ inSeconds: number; outSeconds: number; faults: string[] }> {
  const uniqueId = freshOid()
  const faults: string[] = []
  const started = performance.now()
  const sent = createHash('sha256')
  const answer = await streamed(
    carnet.urls.repository,
    carnet.client,
    submission(uniqueId, sizeBytes, piece => sent.update(piece)),
  )
  let text = ''
  for await (const piece of answer) text += piece
  if (!/status="[^"]*:Success"/.test(text)) faults.push(`not taken: ${text.slice(0, 500)}`)
  const taken = performance.now()

  const message = retrieve(carnet.repositoryUniqueId, [uniqueId])
  const back = await streamed(carnet.urls.repository, carnet.client, {
    contentType: message.contentType,
    pieces: [message.body],
  })
  const received = await documentIn(back, sizeBytes)
  if (received !== sent.digest('hex')) faults.push('what came back is not what was sent')
  return { inSeconds: (taken - started) / 1000, outSeconds: (performance.now() - taken) / 1000, faults }
}

interface Streamed {
  contentType: string
  pieces: Iterable<Buffer>
}

/** An ITI-41 whose document is made piece by piece. */
function submission(uniqueId: string, sizeBytes: number, seen: (piece: Buffer) => void): Streamed {
  const mark = Buffer.from(`document ${randomUUID()}`)
  const frame = provideAndRegister(
    { uniqueId, patientId: 'LARGE^^^&2.999.1&ISO', mimeType: 'application/octet-stream' },
    mark,
  )
  const at = frame.body.indexOf(mark)
  return {
    contentType: frame.contentType,
    pieces: (function* () {
      yield frame.body.subarray(0, at)
      for (let done = 0; done < sizeBytes; ) {
        const piece = Buffer.alloc(Math.min(262_144, sizeBytes - done), `${uniqueId} at ${done}. `)
        seen(piece)
        yield piece
        done += piece.length
      }
      yield frame.body.subarray(at + mark.length)
    })(),
  }
}

/** SHA-256 of the first `sizeBytes` of the part with the document; the part begins behind the second head of the package. */
async function documentIn(answer: AsyncIterable<Buffer>, sizeBytes: number): Promise<string> {
  const hash = createHash('sha256')
  let head = Buffer.alloc(0)
  let left = sizeBytes
  let inside = false
  for await (const piece of answer) {
    let rest = piece
    if (!inside) {
      head = Buffer.concat([head, piece])
      const from = documentStart(head)
      if (from === undefined) continue
      inside = true
      rest = head.subarray(from)
    }
    hash.update(rest.subarray(0, left))
    left -= Math.min(left, rest.length)
  }
  return left === 0 ? hash.digest('hex') : `${left} bytes are missing`
}

function documentStart(bytes: Buffer): number | undefined {
  const envelopeEnd = /<\/[\w:]*Envelope>/.exec(bytes.toString('latin1'))
  if (envelopeEnd === null) return undefined
  const headEnd = bytes.indexOf('\r\n\r\n', envelopeEnd.index)
  return headEnd < 0 ? undefined : headEnd + 4
}

function streamed(url: string, tls: Identity, { contentType, pieces }: Streamed): Promise<AsyncIterable<Buffer>> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', headers: { 'content-type': contentType }, ...tls }, resolve)
    call.once('error', reject)
    const iterator = pieces[Symbol.iterator]()
    const more = () => {
      for (;;) {
        const { value, done } = iterator.next()
        if (done === true) return void call.end()
        if (!call.write(value)) return void call.once('drain', more)
      }
    }
    more()
  })
}

function watchMemory(carnet: Deployment): { stop(): Partial<Record<ServiceName, number>> } {
  const services = Object.entries(carnet.pids()) as [ServiceName, number][]
  const before = new Map(services.map(([name, pid]) => [name, memoryOf(pid).nowBytes]))
  const highest = new Map(before)
  const look = () => {
    for (const [name, pid] of services) highest.set(name, Math.max(highest.get(name) ?? 0, memoryOf(pid).nowBytes))
  }
  const timer = setInterval(look, 20)
  return {
    stop() {
      clearInterval(timer)
      look()
      return Object.fromEntries(services.map(([name]) => [name, (highest.get(name) ?? 0) - (before.get(name) ?? 0)]))
    },
  }
}
