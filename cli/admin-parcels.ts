// What a service hands out to administrators in parcels, written to files as it comes.
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { type Parcel, readParcels } from '../server/administration/parcels.js'
import { problemIn } from './administration.js'
import type { Facts, Place } from './backup/folder.js'
import type { Context } from './context.js'
import type { Deployment, DeploymentOptions } from './deployment.js'
import { Failure } from './failure.js'
import { ourIdentity } from './our-identity.js'

export interface ParcelSource {
  parcels(url: string, json?: unknown): AsyncGenerator<Parcel>
  /** An answer that takes its time. */
  slow<Answer>(url: string, json: unknown): Promise<Answer>
  /** Sends a file. */
  send(url: string, bytes: AsyncIterable<Uint8Array>): Promise<void>
  close(): void
}

/** A service at work says so every two seconds. */
const timeoutMs = 30_000

/** What is sent is put in its place before the answer comes. */
const sendTimeoutMs = 120_000

/** By HTTPS with the administrator's certificate; nothing is asked before a parcel is wanted. `close` ends what is under way. */
export async function openParcelSource(
  { folder }: Pick<Deployment, 'folder'>,
  options: DeploymentOptions,
  context: Context,
): Promise<ParcelSource> {
  const client = context.ports.network.httpClient(await ourIdentity(folder, 'admin', options, context))
  const source: ParcelSource = {
    async *parcels(url, json) {
      const body = json === undefined ? [] : [Buffer.from(JSON.stringify(json))]
      const method = json === undefined ? 'GET' : 'POST'
      const answer = await client.call({
        url,
        method,
        headers: { 'content-type': 'application/json' },
        body,
        timeoutMs,
      })
      if (answer.status !== 200) throw new NotHandedOut(answer.status, url, await textOf(answer.body))
      yield* readParcels(answer.body)
    },
    async slow(url, json) {
      const pieces: Buffer[] = []
      for await (const parcel of source.parcels(url, json)) if (parcel.kind === 'piece') pieces.push(parcel.bytes)
      return JSON.parse(String(Buffer.concat(pieces)))
    },
    async send(url, body) {
      const headers = { 'content-type': 'application/octet-stream' }
      const answer = await client.call({ url, method: 'POST', headers, body, timeoutMs: sendTimeoutMs })
      const said = await textOf(answer.body)
      if (answer.status !== 200) throw new NotHandedOut(answer.status, url, said)
    },
    close: () => client.close(),
  }
  return source
}

/** The service has said no; `status` is that of HTTP, 404 where a former version has nothing of the kind. */
export class NotHandedOut extends Failure {
  constructor(
    readonly status: number,
    url: string,
    said: string,
  ) {
    super('refused', `${url} was refused (HTTP ${status}): ${problemIn(said)}`)
  }
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const piece of body) if (text.length < 1_000) text += String(piece)
  return text.slice(0, 1_000)
}

/** The name of the file that begins, behind whatever is left of another; undefined at the end. @throws Failure where the service says that it cannot go on. */
export async function nextFile(parcels: AsyncGenerator<Parcel>): Promise<string | undefined> {
  for (let next = await parcels.next(); next.done !== true; next = await parcels.next()) {
    const parcel = next.value
    if (parcel.kind === 'begin') return parcel.name
    if (parcel.kind === 'absent') throw new Failure('unreachable', `The service could not hand out all: ${parcel.why}.`)
  }
  return undefined
}

/** A short file that has begun, whole. @throws Failure where it is not what was sent, or longer than anybody sends. */
export async function shortFile(parcels: AsyncGenerator<Parcel>): Promise<Buffer> {
  const pieces: Buffer[] = []
  let sizeBytes = 0
  for (let next = await parcels.next(); next.done !== true; next = await parcels.next()) {
    const parcel = next.value
    if (parcel.kind === 'absent') throw new Failure('unreachable', `The service could not hand out all: ${parcel.why}.`)
    if (parcel.kind === 'piece') {
      pieces.push(parcel.bytes)
      sizeBytes += parcel.bytes.length
    }
    if (sizeBytes > mostShortBytes) break
    if (parcel.kind !== 'end') continue
    const bytes = Buffer.concat(pieces, sizeBytes)
    if (createHash('sha256').update(bytes).digest('hex') === parcel.sha256) return bytes
    break
  }
  throw new Failure('unreachable', 'What the service handed out did not arrive as it was sent; run the command again.')
}

/** A row may be long: the answer to a submission stands in one. */
const mostShortBytes = 256 * 1024 * 1024

export type Into = Pick<Place, 'vault' | 'context'>

/** A file that arrives has its name only when it is whole and durable. */
export async function writeFileOf(
  parcels: AsyncGenerator<Parcel>,
  path: string,
  into: Into,
  watch?: (bytes: number) => void,
): Promise<Facts | (Parcel & { kind: 'absent' })> {
  const written = await receiveFile(parcels, path, into, watch)
  if (!('kind' in written)) await keepFiles([path], into.context)
  return written
}

/** Makes files durable that were received, many at once: the disk has them together sooner than one after another. */
export async function keepFiles(paths: readonly string[], { ports: { files } }: Context): Promise<void> {
  await Promise.all(paths.map(path => files.syncFile(besideOf(path))))
  await Promise.all(paths.map(path => files.rename(besideOf(path), path)))
  const folders = new Set(paths.map(path => dirname(path)))
  const above = new Set([...folders].flatMap(folder => [dirname(folder), dirname(dirname(folder))]))
  for (const folder of above) await files.syncFolder(folder)
}

export async function forgetFile(path: string, { ports: { files } }: Context): Promise<void> {
  await files.remove(besideOf(path))
}

const besideOf = (path: string) => `${path}.partial`

/**
 * Writes the file that has begun beside its place.
 * @returns the parcel that came in the place of its rest, where one did.
 */
export async function receiveFile(
  parcels: AsyncGenerator<Parcel>,
  path: string,
  { vault, context }: Into,
  watch: (bytes: number) => void = () => {},
): Promise<Facts | (Parcel & { kind: 'absent' })> {
  const { files } = context.ports
  const beside = besideOf(path)
  await files.makeFolder(dirname(path), { mode: 0o700 })
  await files.remove(beside)
  const file = await vault.create(beside)
  const digest = createHash('sha256')
  let sizeBytes = 0
  try {
    for (;;) {
      const { value: parcel, done } = await parcels.next()
      if (done === true) throw new Error('the answer ended in the middle of a file')
      if (parcel.kind === 'absent') {
        await files.remove(beside)
        return parcel
      }
      if (parcel.kind === 'begin') continue
      if (parcel.kind === 'end') {
        const sha256 = digest.digest('hex')
        if (sha256 !== parcel.sha256 || sizeBytes !== parcel.sizeBytes)
          throw new Error(`${path} did not arrive as it was sent`)
        await file.finish()
        return { sizeBytes, sha256 }
      }
      digest.update(parcel.bytes)
      sizeBytes += parcel.bytes.length
      await file.write(parcel.bytes)
      watch(sizeBytes)
    }
  } finally {
    await file.close()
  }
}
