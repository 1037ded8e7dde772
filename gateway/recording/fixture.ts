// Recorded traffic as a fixture: every message in the form in which it came, with other values in it. docs/decisions/0333
import { createHash } from 'node:crypto'
import type { Randomness } from '../../ports/randomness.js'
import { decodedXml } from '../../soap/xml/encoding.js'
import { anonymousXml } from './anonymous-xml.js'
import { openPseudonyms, type Pseudonyms } from './pseudonyms.js'

/** As it went over the wire. */
export interface RecordedMessage {
  contentType: string
  bytes: Buffer
}

export interface RecordedExchange {
  /** Milliseconds until the answer had come whole. */
  tookMs: number
  request: RecordedMessage
  /** The status on the connection of the request, where the answer came by a request of its own. */
  acknowledged?: number
  /** Undefined where none came. */
  answer: (RecordedMessage & { status: number }) | undefined
}

export interface FixtureMessage {
  contentType: string
  base64: string
}

export interface PeerFixture {
  carnetPeerFixture: 1
  exchanges: {
    tookMs: number
    request: FixtureMessage
    acknowledged?: number
    answer?: FixtureMessage & { status: number }
  }[]
}

/**
 * One recording has one set of stand-ins: an id or a digest that comes again, in whatever message, is replaced by the same. What was not answered
 * has no `answer`.
 */
export function fixtureOf(exchanges: readonly RecordedExchange[], randomness: Randomness): PeerFixture {
  const pseudonyms = openPseudonyms(randomness)
  const standIn = standIns(randomness.bytes(32))
  const messages = exchanges.flatMap(({ request, answer }) => (answer === undefined ? [request] : [request, answer]))
  // An entry tells the digest of a document that may come much later.
  for (const message of messages)
    for (const bytes of documentsIn(message)) noteDigests(bytes, standIn(bytes), pseudonyms)
  return {
    carnetPeerFixture: 1,
    exchanges: exchanges.map(({ tookMs, request, acknowledged, answer }) => ({
      tookMs,
      request: anonymous(request, pseudonyms, standIn),
      ...(acknowledged === undefined ? {} : { acknowledged }),
      ...(answer === undefined ? {} : { answer: { status: answer.status, ...anonymous(answer, pseudonyms, standIn) } }),
    })),
  }
}

type StandIn = (document: Buffer) => Buffer

function anonymous(message: RecordedMessage, pseudonyms: Pseudonyms, standIn: StandIn): FixtureMessage {
  const boundary = boundaryOf(message.contentType)
  const document = (base64: string) => standIn(Buffer.from(base64, 'base64')).toString('base64')
  const xml = (text: string) => anonymousXml(text, { pseudonyms, document })
  const envelope = (bytes: Buffer) => {
    const { text, written } = characters(bytes)
    return written(xml(text))
  }
  if (boundary === undefined) {
    return { contentType: keptType(message.contentType), base64: envelope(message.bytes).toString('base64') }
  }
  const parts = partsOf(message.bytes, boundary).map(({ head, body, isXml, isBase64 }) => {
    const named = head.replace(
      /^(Content-ID:\s*<)([^>]*)(>)/im,
      (_, before, id, after) => before + pseudonyms.contentId(id) + after,
    )
    const replaced = isXml ? envelope(body) : standIn(body)
    const content = isBase64 ? Buffer.from(replaced.toString('base64')) : replaced
    return Buffer.concat([
      Buffer.from(`--${standInBoundary}\r\n${named}\r\n\r\n`, 'latin1'),
      content,
      Buffer.from('\r\n'),
    ])
  })
  const bytes = Buffer.concat([...parts, Buffer.from(`--${standInBoundary}--\r\n`)])
  const start = /\bstart="?<([^>"]*)>"?/i.exec(message.contentType)?.[1]
  const type = keptType(message.contentType).replace(
    /(\bboundary\s*=\s*"?)[^";\s]+/i,
    (_, before) => before + standInBoundary,
  )
  const contentType = start === undefined ? type : type.replace(start, pseudonyms.contentId(start))
  return { contentType, base64: bytes.toString('base64') }
}

const standInBoundary = 'boundary-of-peer'

function boundaryOf(contentType: string): string | undefined {
  if (!/^\s*multipart\//i.test(contentType)) return undefined
  return /\bboundary="([^"]+)"/i.exec(contentType)?.[1] ?? /\bboundary=([^\s;"]+)/i.exec(contentType)?.[1]
}

interface Part {
  head: string
  /** Decoded. */
  body: Buffer
  isXml: boolean
  isBase64: boolean
}

/** In the encoding of XML that the bytes are in; whatever they are else, each byte is a character, so that none escapes. */
function characters(bytes: Buffer): { text: string; written(text: string): Buffer } {
  try {
    const { text, encoding } = decodedXml(bytes)
    if (encoding === 'utf-8') return { text, written: changed => Buffer.from(changed) }
    const mark = '\ufeff'
    const littleEndian = (changed: string) => Buffer.from(mark + changed, 'utf16le')
    return {
      text,
      written: changed => (encoding === 'utf-16le' ? littleEndian(changed) : littleEndian(changed).swap16()),
    }
  } catch {
    return { text: bytes.toString('latin1'), written: changed => Buffer.from(changed, 'latin1') }
  }
}

/** `name` is what a file was called; others are not known to be harmless. */
const keptParameters = /^(?:type|charset|boundary|start|start-info|action)$/i

function keptType(line: string): string {
  return line.replace(/;\s*([^\s=;"]+)\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^;"]*)/g, (parameter, name) =>
    keptParameters.test(name) ? parameter : '',
  )
}

/** Others may say what a file was called. */
const keptHeaders = /^Content-(?:Type|ID|Transfer-Encoding):/i

/** The first is the envelope. [MTOM: 3.2] */
function partsOf(bytes: Buffer, boundary: string): Part[] {
  const mark = Buffer.from(`--${boundary}`)
  const parts: Part[] = []
  for (let at = bytes.indexOf(mark); at >= 0; ) {
    const begins = at + mark.length
    if (bytes.subarray(begins, begins + 2).toString() === '--') break
    const next = bytes.indexOf(mark, begins)
    if (next < 0) break
    const part = bytes.subarray(bytes.indexOf('\n', begins) + 1, next)
    const blank = /\r?\n\r?\n/.exec(part.subarray(0, 65_536).toString('latin1'))
    if (blank !== null) {
      const lines = part
        .subarray(0, blank.index)
        .toString('latin1')
        .replace(/\r?\n[ \t]+/g, ' ')
        .split(/\r?\n/)
      const kept = lines.filter(line => keptHeaders.test(line))
      const head = kept.map(line => (/^Content-Type:/i.test(line) ? keptType(line) : line)).join('\r\n')
      const sent = withoutLastLineEnd(part.subarray(blank.index + blank[0].length))
      const isBase64 = /^Content-Transfer-Encoding:\s*base64/im.test(head)
      const body = isBase64 ? Buffer.from(sent.toString('latin1'), 'base64') : sent
      parts.push({ head, body, isBase64, isXml: parts.length === 0 })
    }
    at = next
  }
  return parts
}

function withoutLastLineEnd(body: Buffer): Buffer {
  const end = body.at(-1) === 10 ? body.length - (body.at(-2) === 13 ? 2 : 1) : body.length
  return body.subarray(0, end)
}

/** Documents of a message, attached or inline. */
function documentsIn({ contentType, bytes }: RecordedMessage): Buffer[] {
  const boundary = boundaryOf(contentType)
  const parts = boundary === undefined ? [] : partsOf(bytes, boundary)
  const envelope = boundary === undefined ? bytes : (parts.find(({ isXml }) => isXml)?.body ?? Buffer.alloc(0))
  const inline = [...characters(envelope).text.matchAll(/<(?:[^\s<>/:]+:)?Document(?:\s[^<>]*)?>([A-Za-z0-9+/=\s]+)</g)]
  return [
    ...parts.filter(({ isXml }) => !isXml).map(({ body }) => body),
    ...inline.map(([, base64 = '']) => Buffer.from(base64, 'base64')),
  ]
}

const filler = Buffer.from('A document stood here. ')

/** As long as the real one, and the same for the same; what tells two of one length apart says nothing of them. */
function standIns(salt: Buffer): StandIn {
  return document => {
    const standIn = Buffer.alloc(document.length, filler)
    const mark = createHash('sha256').update(salt).update(document).digest('hex')
    standIn.write(mark.slice(0, 16), 'latin1')
    return standIn
  }
}

function noteDigests(document: Buffer, standIn: Buffer, pseudonyms: Pseudonyms): void {
  for (const algorithm of ['sha1', 'sha256'] as const) {
    const of = (bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex')
    pseudonyms.digest(of(document), of(standIn))
  }
}
