// Messages as bytes for the tests of this room, and a place to read them into.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../ports/clock.js'
import { systemFiles } from '../../ports/files.js'
import { systemRandomness } from '../../ports/randomness.js'
import { SoapFault } from '../../soap/fault.js'
import type { Attachment, SoapMessage, Spooled } from '../../soap/message.js'
import { type MessageLimits, readMessage } from '../../soap/read-message.js'
import { type OpenSpool, openSpool } from '../../soap/spool.js'
import type { QName } from '../../soap/xml.js'

export const soap12 = 'http://www.w3.org/2003/05/soap-envelope'
export const wsa = 'http://www.w3.org/2005/08/addressing'
export const action = 'urn:ihe:iti:2007:RetrieveDocumentSet'

export const limits: MessageLimits = {
  envelopeBytes: 1_000_000,
  inlineDocumentBytes: 300_000,
  attachmentBytes: 10_000_000,
  attachments: 20,
}

export const addressingHeaders = `<a:Action s:mustUnderstand="1">${action}</a:Action><a:MessageID>urn:uuid:1</a:MessageID>`

/** Where `s` is SOAP 1.2 and `a` is WS-Addressing. */
export function envelope(body = '<b xmlns="urn:test"/>', headers = addressingHeaders): string {
  return `<s:Envelope xmlns:s="${soap12}" xmlns:a="${wsa}"><s:Header>${headers}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
}

export interface Part {
  headers: string[]
  body: string | Buffer
}

export interface Multipart {
  boundary?: string
  lineBreak?: string
  preamble?: string
  epilogue?: string
}

export function multipart(parts: Part[], options: Multipart = {}): Buffer {
  const { boundary = 'b', lineBreak = '\r\n', preamble = '', epilogue = '' } = options
  const pieces = parts.flatMap(({ headers, body }, index) => [
    `${index === 0 ? preamble : lineBreak}--${boundary}${lineBreak}`,
    ...headers.map(header => header + lineBreak),
    lineBreak,
    body,
  ])
  const end = `${lineBreak}--${boundary}--${lineBreak}${epilogue}`
  return Buffer.concat(
    [...pieces, end].map(piece => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)),
  )
}

export function rootPart(xml = envelope(), id = 'root@test'): Part {
  return {
    headers: [
      'Content-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"',
      'Content-Transfer-Encoding: binary',
      `Content-ID: <${id}>`,
    ],
    body: xml,
  }
}

export function documentPart(body: string | Buffer, id = 'document@test', ...more: string[]): Part {
  return { headers: ['Content-Type: text/plain', `Content-ID: <${id}>`, ...more], body }
}

export const mtomType =
  'multipart/related; type="application/xop+xml"; boundary="b"; start="<root@test>"; start-info="application/soap+xml"'
export const plainType = 'application/soap+xml; charset=utf-8'

export interface Reading extends Partial<MessageLimits> {
  headers?: Record<string, string | undefined>
  spool?: Partial<OpenSpool>
  clock?: Pick<Clock, 'endOfTurn'>
  understood?: readonly QName[]
}

/** Chunks are read as they are given. */
export function read(
  contentType: string | undefined,
  chunks: (string | Uint8Array)[],
  reading: Reading = {},
): Promise<SoapMessage> {
  const { headers, spool, clock, understood, ...bounds } = reading
  return readMessage(
    { headers: { 'content-type': contentType, ...headers }, body: streamOf(chunks) },
    {
      limits: { ...limits, ...bounds },
      understood,
      spool: openSpool({ files: systemFiles, randomness: systemRandomness, folder: tmpdir(), ...spool }),
      ...(clock === undefined ? {} : { ports: { clock } }),
    },
  )
}

export async function* streamOf(chunks: Iterable<string | Uint8Array>): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

/** The fault that a reading ends with. */
export async function faultOf(reading: Promise<unknown>): Promise<SoapFault> {
  try {
    await reading
  } catch (problem) {
    if (problem instanceof SoapFault) return problem
    throw problem
  }
  throw new Error('there was no fault')
}

export function attachmentsOf(message: SoapMessage): [string, string][] {
  return [...message.attachments.values()].map(({ contentId, content }: Attachment) => [
    contentId,
    content.bytes?.toString('latin1') ?? '(in a file)',
  ])
}

export async function bytesIn(content: Spooled): Promise<Buffer> {
  return collected(content.open?.() ?? [])
}

/** A folder for one test; `left` tells what it holds. */
export function folder(): { path: string; left(): string[]; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'carnet-soap-'))
  return { path, left: () => readdirSync(path), remove: () => rmSync(path, { recursive: true, force: true }) }
}

export async function collected(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}
