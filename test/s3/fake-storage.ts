// An object storage that is played and can be told to misbehave: over real HTTP on the loopback address, or in a simulated world.
import { createHash } from 'node:crypto'
import { systemNetwork } from '../../ports/network/system-network.js'
import type { HttpReply, HttpRequest, HttpServer } from '../../ports/network.js'
import { escapeXml } from '../../soap/xml.js'

/** What happens to one request instead of what should. */
export type Fault =
  | { status: number; code?: string; headers?: Record<string, string> }
  /** The connection breaks without an answer; `stored` says whether that happened after the work was done. */
  | { breaks: 'before' | 'after' }
  /** So many bytes of the body, then the connection breaks. */
  | { truncatedAt: number }
  /** Headers that are changed in an answer that is otherwise right. */
  | { headers: Record<string, string | undefined> }
  /** No answer comes. */
  | { silent: true }
  /** A byte of the body every so many milliseconds. */
  | { dripsEveryMs: number }
  | { body: string; status?: number }

export interface Seen {
  method: string
  path: string
  query: Record<string, string>
  headers: Readonly<Record<string, string | undefined>>
  bytes: number
}

export interface PlayedStorage {
  objects: Map<string, Buffer>
  uploads: Map<string, { key: string; parts: Map<number, Buffer> }>
  seen: Seen[]
  /** For the next requests that fit, one after another. */
  next(fits: (request: Seen) => boolean, ...faults: Fault[]): void
  /** No request goes wrong any more. */
  forget(): void
  /** What it keeps under a key stays when that is deleted. */
  keepsVersions: boolean
  versions: { key: string; versionId: string }[]
  /** Objects of one page of a list. */
  pageLength: number
  answer(request: HttpRequest, reply: HttpReply): Promise<void>
}

export interface FakeStorage extends PlayedStorage {
  endpoint: string
  close(): Promise<void>
}

const bucketPath = '/bucket/'

export async function aStorage(): Promise<FakeStorage> {
  const storage = aPlayedStorage()
  const server: HttpServer = await systemNetwork.serveHttp(
    { host: '127.0.0.1', port: 0 },
    (request, reply) => void storage.answer(request, reply).catch(() => reply.abort()),
  )
  return Object.assign(storage, { endpoint: `http://127.0.0.1:${server.port}`, close: () => server.close(0) })
}

export function aPlayedStorage(): PlayedStorage {
  // A clock of its own: a second for each object.
  const madeAt = new Map<string, Date>()
  const put = (key: string, bytes: Buffer) => {
    storage.objects.set(key, bytes)
    madeAt.set(key, new Date(Date.UTC(2026, 0) + ++made * 1_000))
  }
  const plans: { fits(request: Seen): boolean; faults: Fault[] }[] = []
  let made = 0
  const storage: PlayedStorage = {
    objects: new Map(),
    uploads: new Map(),
    seen: [],
    keepsVersions: false,
    versions: [],
    pageLength: 1_000,
    next: (fits, ...faults) => void plans.push({ fits, faults }),
    forget: () => void plans.splice(0),
    answer,
  }

  async function answer(request: HttpRequest, reply: HttpReply): Promise<void> {
    const url = new URL(request.url, 'http://x')
    const pieces: Buffer[] = []
    for await (const piece of request.body) pieces.push(piece as Buffer)
    const body = Buffer.concat(pieces)
    const seen: Seen = {
      method: request.method,
      path: decodeURIComponent(url.pathname),
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      bytes: body.length,
    }
    storage.seen.push(seen)
    const plan = plans.find(each => each.faults.length > 0 && each.fits(seen))
    const fault = plan?.faults.shift()
    if (fault !== undefined && 'breaks' in fault && fault.breaks === 'before') return reply.abort()
    if (fault !== undefined && 'silent' in fault) return
    if (fault !== undefined && 'status' in fault && !('body' in fault)) {
      return send(reply, { status: fault.status, headers: fault.headers, body: errorBody(fault.code) }, seen)
    }
    if (fault !== undefined && 'body' in fault) {
      return send(reply, { status: fault.status ?? 200, body: Buffer.from(fault.body) }, seen)
    }
    const good = work(seen, body)
    if (fault === undefined) return send(reply, good, seen)
    if ('breaks' in fault) return reply.abort()
    if ('headers' in fault) return send(reply, { ...good, headers: { ...good.headers, ...fault.headers } }, seen)
    const bytes = good.body ?? Buffer.alloc(0)
    reply.start(good.status, { ...(good.headers as Record<string, string>), 'content-length': String(bytes.length) })
    if ('truncatedAt' in fault) {
      reply.stream.write(bytes.subarray(0, fault.truncatedAt), () => reply.abort())
    } else {
      const drip = setInterval(() => reply.stream.write('x'), fault.dripsEveryMs)
      reply.stream.on('close', () => clearInterval(drip))
    }
  }

  function work(seen: Seen, body: Buffer): Answer {
    const { method, query, headers } = seen
    const key = seen.path.slice(bucketPath.length)
    if (!seen.path.startsWith('/bucket')) return { status: 404, body: errorBody('NoSuchBucket') }
    if (headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex')) {
      return { status: 400, body: errorBody('XAmzContentSHA256Mismatch') }
    }
    if (key === '') return lists(query)
    if ('uploads' in query) {
      const id = `upload-${++made}`
      storage.uploads.set(id, { key, parts: new Map() })
      return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
    }
    if ('uploadId' in query) return ofUpload(method, query, key, body)
    if (method === 'PUT') {
      put(key, body)
      if (storage.keepsVersions) storage.versions.push({ key, versionId: `v${++made}` })
      return { status: 200, headers: checksums(body) }
    }
    if (method === 'DELETE') return removed(key, query)
    const object = storage.objects.get(key)
    if (object === undefined) return { status: 404, body: method === 'HEAD' ? undefined : errorBody('NoSuchKey') }
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '')
    const modified = madeAt.get(key)?.toUTCString()
    if (range === null)
      return { status: 200, body: object, headers: modified === undefined ? {} : { 'last-modified': modified } }
    const [from, to] = [Number(range[1]), Math.min(Number(range[2]), object.length - 1)]
    if (from >= object.length) return { status: 416, body: errorBody('InvalidRange') }
    const part = object.subarray(from, to + 1)
    return { status: 206, headers: { 'content-range': `bytes ${from}-${to}/${object.length}` }, body: part }
  }

  function ofUpload(method: string, query: Record<string, string>, key: string, body: Buffer): Answer {
    const upload = storage.uploads.get(query.uploadId ?? '')
    if (upload === undefined) return { status: 404, body: errorBody('NoSuchUpload') }
    if (method === 'PUT') {
      upload.parts.set(Number(query.partNumber), body)
      return { status: 200, headers: checksums(body) }
    }
    storage.uploads.delete(query.uploadId ?? '')
    if (method === 'DELETE') return { status: 204 }
    const named = [...String(body).matchAll(/<PartNumber>(\d+)</g)].map(([, number]) => Number(number))
    put(key, Buffer.concat(named.map(number => upload.parts.get(number) ?? Buffer.alloc(0))))
    return xml('<CompleteMultipartUploadResult/>')
  }

  function removed(key: string, { versionId }: Record<string, string>): Answer {
    storage.objects.delete(key)
    if (!storage.keepsVersions) return { status: 204 }
    if (versionId !== undefined) {
      storage.versions = storage.versions.filter(each => each.versionId !== versionId)
      return { status: 204, headers: { 'x-amz-version-id': versionId } }
    }
    storage.versions.push({ key, versionId: `marker-${++made}` })
    return { status: 204, headers: { 'x-amz-delete-marker': 'true' } }
  }

  function lists(query: Record<string, string>): Answer {
    const prefix = query.prefix ?? ''
    if ('versions' in query) {
      const all = storage.versions.filter(({ key }) => key.startsWith(prefix))
      const rows = all.map(({ key, versionId }) => {
        const name = versionId.startsWith('marker') ? 'DeleteMarker' : 'Version'
        return `<${name}><Key>${encodeURIComponent(key)}</Key><VersionId>${versionId}</VersionId></${name}>`
      })
      return xml(`<ListVersionsResult>${rows.join('')}</ListVersionsResult>`)
    }
    if ('uploads' in query) {
      const all = [...storage.uploads].filter(([, { key }]) => key.startsWith(prefix))
      const rows = all.map(([id, { key }]) => `<Upload><Key>${escapeXml(key)}</Key><UploadId>${id}</UploadId></Upload>`)
      return xml(`<ListMultipartUploadsResult>${rows.join('')}</ListMultipartUploadsResult>`)
    }
    const from = Number(query['continuation-token'] ?? 0)
    const behind = query['start-after'] ?? ''
    const all = [...storage.objects].filter(([key]) => key.startsWith(prefix) && key > behind).sort(byKey)
    if (query.delimiter !== undefined)
      return named(
        all.map(([key]) => key),
        prefix,
      )
    const page = all.slice(from, from + storage.pageLength)
    const more = from + page.length < all.length
    return xml(
      `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${more}</IsTruncated>${
        more ? `<NextContinuationToken>${from + page.length}</NextContinuationToken>` : ''
      }${page
        .map(
          ([key, bytes]) =>
            `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${bytes.length}</Size><LastModified>${madeAt.get(key)?.toISOString() ?? ''}</LastModified></Contents>`,
        )
        .join('')}</ListBucketResult>`,
    )
  }

  function named(keys: string[], prefix: string): Answer {
    const names = new Set(keys.map(key => prefix + (/^[^/]*\/?/.exec(key.slice(prefix.length))?.[0] ?? '')))
    const rows = [...names].map(name =>
      name.endsWith('/')
        ? `<CommonPrefixes><Prefix>${encodeURIComponent(name)}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${encodeURIComponent(name)}</Key><Size>1</Size></Contents>`,
    )
    return xml(`<ListBucketResult><IsTruncated>false</IsTruncated>${rows.join('')}</ListBucketResult>`)
  }

  return storage
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)

interface Answer {
  status: number
  headers?: Record<string, string | undefined> | undefined
  body?: Buffer | undefined
}

function send(reply: HttpReply, { status, headers, body }: Answer, { method }: Seen): void {
  const said = Object.entries(headers ?? {}).filter((header): header is [string, string] => header[1] !== undefined)
  reply.start(status, { ...Object.fromEntries(said), 'content-length': String(body?.length ?? 0) })
  reply.stream.end(method === 'HEAD' ? undefined : body)
}

const xml = (text: string): Answer => ({ status: 200, body: Buffer.from(`<?xml version="1.0"?>${text}`) })

function checksums(body: Buffer): Record<string, string> {
  return {
    etag: `"${createHash('md5').update(body).digest('hex')}"`,
    'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64'),
  }
}

function errorBody(code = ''): Buffer | undefined {
  return code === '' ? undefined : Buffer.from(`<Error><Code>${code}</Code><Message>as it was told</Message></Error>`)
}
