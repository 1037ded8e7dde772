// A large document in and out, streamed by the client too, and how the memory of each service grows meanwhile.
import { createHash, randomUUID } from 'node:crypto'
import { request } from 'node:https'
import { memoryOf } from './cost.js'
import { type Deployment, type Identity, pause, type ServiceName } from './deployment.js'
import { startBareServer } from './measure.js'
import { freshOid, provideAndRegister, retrieve } from './messages.js'

export interface LargeMeasured {
  sizeBytes: number
  inSeconds: number
  outSeconds: number
  /** The same bytes to a bare server and back, with the same digests. */
  bareInSeconds: number
  bareOutSeconds: number
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
  const growthBytes = watched.stop()
  progress(`${sizeBytes / 1_048_576} MiB to a bare server and back`)
  const bare = await bareCopy(carnet, sizeBytes)
  return { sizeBytes, ...times, ...bare, growthBytes, faults: [...faults, ...times.faults] }
}

export interface ManyMeasured {
  count: number
  sizeBytes: number
  inSeconds: number
  outSeconds: number
  growthBytes: Partial<Record<ServiceName, number>>
  faults: string[]
}

/** So many documents in at a time, then all of them out at a time. */
export async function measureMany(
  carnet: Deployment,
  { count, sizeBytes }: { count: number; sizeBytes: number },
  progress: (line: string) => void,
): Promise<ManyMeasured> {
  const faults = (await inAndOut(carnet, 1_048_576)).faults
  await pause(2_000)
  const watched = watchMemory(carnet)
  const uniqueIds = Array.from({ length: count }, () => freshOid())
  const started = performance.now()
  progress(`${count} documents of ${sizeBytes / 1_000_000} MB in`)
  await Promise.all(
    uniqueIds.map(async id =>
      faults.push(
        ...(await taken(
          carnet,
          submission(id, sizeBytes, () => {}),
        )),
      ),
    ),
  )
  const inside = performance.now()
  progress(`${count} documents of ${sizeBytes / 1_000_000} MB out`)
  await Promise.all(
    uniqueIds.map(async id => {
      const back = await handedOut(carnet, id)
      let bytes = 0
      for await (const piece of back) bytes += piece.length
      if (bytes < sizeBytes) faults.push(`only ${bytes} bytes of a document of ${sizeBytes} came back`)
    }),
  )
  const [inSeconds, outSeconds] = [(inside - started) / 1000, (performance.now() - inside) / 1000]
  return { count, sizeBytes, inSeconds, outSeconds, growthBytes: watched.stop(), faults }
}

export async function taken(carnet: Deployment, document: Streamed): Promise<string[]> {
  const answer = await streamed(carnet.urls.repository, carnet.client, document)
  let text = ''
  for await (const piece of answer) text += piece
  return /status="[^"]*:Success"/.test(text) ? [] : [`not taken: ${text.slice(0, 500)}`]
}

function handedOut(carnet: Deployment, uniqueId: string): Promise<AsyncIterable<Buffer>> {
  const { contentType, body } = retrieve(carnet.repositoryUniqueId, [uniqueId])
  return streamed(carnet.urls.repository, carnet.client, { contentType, pieces: [body] })
}

async function bareCopy(
  carnet: Deployment,
  sizeBytes: number,
): Promise<Pick<LargeMeasured, 'bareInSeconds' | 'bareOutSeconds'>> {
  const bare = await startBareServer(carnet, {})
  try {
    const url = `${bare.origin}/copy`
    const started = performance.now()
    const sent = createHash('sha256')
    const { pieces } = submission(freshOid(), sizeBytes, piece => sent.update(piece))
    for await (const _ of await streamed(url, carnet.client, { contentType: 'application/octet-stream', pieces }));
    const inside = performance.now()
    const back = createHash('sha256')
    for await (const piece of await streamed(url, carnet.client, { pieces: [], method: 'GET' })) back.update(piece)
    return { bareInSeconds: (inside - started) / 1000, bareOutSeconds: (performance.now() - inside) / 1000 }
  } finally {
    bare.process.disconnect()
  }
}

async function inAndOut(
  carnet: Deployment,
  sizeBytes: number,
): Promise<{ inSeconds: number; outSeconds: number; faults: string[] }> {
  const uniqueId = freshOid()
  const faults: string[] = []
  const started = performance.now()
  const sent = createHash('sha256')
  faults.push(
    ...(await taken(
      carnet,
      submission(uniqueId, sizeBytes, piece => sent.update(piece)),
    )),
  )
  const inside = performance.now()
  const received = await documentIn(await handedOut(carnet, uniqueId), sizeBytes)
  if (received !== sent.digest('hex')) faults.push('what came back is not what was sent')
  return { inSeconds: (inside - started) / 1000, outSeconds: (performance.now() - inside) / 1000, faults }
}

export interface Streamed {
  method?: 'GET' | 'POST'
  contentType?: string
  pieces: Iterable<Buffer>
}

/** An ITI-41 whose document is made piece by piece. */
export function submission(uniqueId: string, sizeBytes: number, seen: (piece: Buffer) => void): Streamed {
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
export async function documentIn(answer: AsyncIterable<Buffer>, sizeBytes: number): Promise<string> {
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

export function streamed(
  url: string,
  tls: Identity,
  { method = 'POST', contentType, pieces }: Streamed,
): Promise<AsyncIterable<Buffer>> {
  const headers = contentType === undefined ? {} : { 'content-type': contentType }
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, ...tls }, resolve)
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
