// What an object storage did not do, and what that means to us.
import type { HttpAnswer } from '../ports/network.js'
import { wholeBody } from '../ports/whole-body.js'
import { parseXml, type XmlElement } from '../soap/xml.js'

export type ProblemKind =
  /** Nobody answers, or not as a storage does: another time it may. */
  | 'away'
  /** It has no room. */
  | 'full'
  /** There is no such object. */
  | 'missing'
  /** It said no, and will say so again: rights, names, settings. */
  | 'refused'

/** `kind` is what it means to whoever asked, `message` a sentence that names what was not done. */
export class S3Problem extends Error {
  override readonly name = 'S3Problem'
  readonly kind: ProblemKind
  /** As the storage names it, `NoSuchKey`; or that of the connection, `ECONNREFUSED`. */
  readonly code: string
  readonly status: number | undefined
  /** The same request may succeed in a moment. */
  readonly isPassing: boolean

  constructor(kind: ProblemKind, message: string, { code = '', status, isPassing = false, cause }: Particulars = {}) {
    super(message, { cause })
    this.kind = kind
    this.code = code
    this.status = status
    this.isPassing = isPassing
  }
}

interface Particulars {
  code?: string
  status?: number
  isPassing?: boolean
  cause?: unknown
}

const fullCodes = ['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull', 'StorageFull', 'EntityTooLarge']
/** Sent again they may pass: what got lost on the way, a clock that is put right, credentials that are read again. */
const passingCodes = [
  'BadDigest',
  'IncompleteBody',
  'InternalError',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'ServiceUnavailable',
  'SlowDown',
  'XAmzContentSHA256Mismatch',
  'OperationAborted',
]
export const credentialCodes: readonly string[] = [
  'ExpiredToken',
  'InvalidToken',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
]

const mostErrorBytes = 65_536

/** Reads an answer that is none of the good ones to its end. */
export async function problemIn(answer: HttpAnswer, does: string): Promise<S3Problem> {
  const body = await startOf(answer)
  const { code, message } = errorIn(body)
  // A page of somebody between us and the storage says nothing of the object.
  if (answer.status === 404 && code === '' && body.length > 0) return noStorage(answer.status, does)
  return problemOf({ status: answer.status, code, message }, does)
}

/** A proxy, a page to log in, something else at this address: what it says is believed of nothing. */
function noStorage(status: number, does: string): S3Problem {
  return new S3Problem('away', `the object storage did not ${does}: what answers (HTTP ${status}) is none`, { status })
}

/** What is kept has an ETag, and no object of ours is a page of HTML. @throws S3Problem where a success is not that of a storage */
export function assertStorage({ status, headers }: HttpAnswer, { method, key, does }: Asked): void {
  if (status > 299) return
  const isPage = /^text\/html/i.test(headers['content-type'] ?? '')
  if (isPage || (method === 'PUT' && key !== '' && headers.etag === undefined)) throw noStorage(status, does)
}

interface Asked {
  method: string
  key: string
  does: string
}

/** `does` is a verb with its object, as in `keep a/b`. A 404 without a code is that of a HEAD, and means that the object is not there. */
export function problemOf(
  { status, code, message }: { status: number; code: string; message: string },
  does: string,
): S3Problem {
  const words = `the object storage did not ${does}: HTTP ${status}${[code, message].map(part => part && ` ${part}`).join('')}`
  if (fullCodes.includes(code) || status === 507) return new S3Problem('full', words, { code, status })
  // Of a HEAD there is no code.
  if (code === 'NoSuchKey' || code === 'NoSuchVersion' || (status === 404 && code === '')) {
    return new S3Problem('missing', words, { code, status })
  }
  const isPassing = passingCodes.includes(code) || status === 429 || status === 408 || (status >= 500 && status !== 501)
  return new S3Problem(isPassing ? 'away' : 'refused', words, { code, status, isPassing })
}

/** The error document, as far as it can be read. [S3 API: Error Responses] */
function errorIn(body: Buffer): { code: string; message: string } {
  const root = rootIn(body)
  return root?.name === 'Error' ? errorOf(root) : { code: '', message: '' }
}

export function errorOf(error: XmlElement): { code: string; message: string } {
  return { code: textOf(error, 'Code'), message: textOf(error, 'Message').slice(0, 300) }
}

/** Some makes leave the namespace away. */
export function rootIn(body: Buffer): XmlElement | undefined {
  try {
    return parseXml(body, { totalBytes: body.length, elements: 20_000 })
  } catch {
    return undefined
  }
}

export function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter(child => child.name === name)
}

/** Empty where there is no such child. */
export function textOf(element: XmlElement, name: string): string {
  return childrenNamed(element, name)[0]?.text.trim() ?? ''
}

/** The whole of a short answer. @throws S3Problem when it is longer than such an answer can be. */
export function shortBody(answer: HttpAnswer, mostBytes: number, does: string): Promise<Buffer> {
  const why = `the answer of the object storage to "${does}" does not end`
  return wholeBody(answer.body, mostBytes, () => new S3Problem('refused', why))
}

async function startOf(answer: HttpAnswer): Promise<Buffer> {
  try {
    return await shortBody(answer, mostErrorBytes, 'error')
  } catch {
    // The status has to do.
    return Buffer.alloc(0)
  }
}
