// Of what media type a file is: by its first bytes, by what its text begins with, and last by its name.
import { extname } from 'node:path'

interface Signature {
  mimeType: string
  at: number
  bytes: Buffer
}

const signatures: Signature[] = [
  { mimeType: 'application/pdf', at: 0, bytes: Buffer.from('%PDF-') },
  { mimeType: 'image/png', at: 0, bytes: Buffer.from('89504e470d0a1a0a', 'hex') },
  { mimeType: 'image/jpeg', at: 0, bytes: Buffer.from('ffd8ff', 'hex') },
  { mimeType: 'image/gif', at: 0, bytes: Buffer.from('GIF87a') },
  { mimeType: 'image/gif', at: 0, bytes: Buffer.from('GIF89a') },
  { mimeType: 'image/tiff', at: 0, bytes: Buffer.from('49492a00', 'hex') },
  { mimeType: 'image/tiff', at: 0, bytes: Buffer.from('4d4d002a', 'hex') },
  { mimeType: 'image/jp2', at: 0, bytes: Buffer.from('0000000c6a5020200d0a870a', 'hex') },
  { mimeType: 'application/dicom', at: 128, bytes: Buffer.from('DICM') },
  { mimeType: 'application/zip', at: 0, bytes: Buffer.from('504b0304', 'hex') },
  { mimeType: 'audio/mpeg', at: 0, bytes: Buffer.from('ID3') },
  { mimeType: 'video/mp4', at: 4, bytes: Buffer.from('ftyp') },
]

const byName: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.json': 'application/json',
  '.mp3': 'audio/mpeg',
  '.mpg': 'video/mpeg',
  '.mpeg': 'video/mpeg',
  '.rtf': 'text/rtf',
  '.txt': 'text/plain',
  '.xml': 'text/xml',
}

/** `head` is the beginning of the file, a few kilobytes at most. */
export function mimeTypeOf(name: string, head: Buffer): string {
  return (
    signatures.find(({ at, bytes }) => head.subarray(at, at + bytes.length).equals(bytes))?.mimeType ??
    textual(head) ??
    byName[extname(name).toLowerCase()] ??
    (isText(head) ? 'text/plain' : 'application/octet-stream')
  )
}

function textual(head: Buffer): string | undefined {
  const text = asText(head)
    .replace(/^\uFEFF/, '')
    .trimStart()
  if (/^<!doctype html|^<html/i.test(text)) return 'text/html'
  if (/^<(\?xml|!--|[A-Za-z_])/.test(text)) {
    return /xmlns\s*=\s*["']http:\/\/hl7\.org\/fhir["']/.test(text) ? 'application/fhir+xml' : 'text/xml'
  }
  if (/^[{[]\s*(?:["{[\]}]|$)/.test(text)) {
    return /"resourceType"\s*:/.test(text) ? 'application/fhir+json' : 'application/json'
  }
  return undefined
}

function asText(head: Buffer): string {
  if (head.subarray(0, 2).equals(Buffer.from('fffe', 'hex'))) return head.toString('utf16le')
  return head.toString('utf8')
}

// The last bytes may be part of a character that was cut.
function isText(head: Buffer): boolean {
  const text = head.toString('utf8').replace(/\uFFFD{1,3}$/, '')
  return head.length > 0 && !text.includes('\uFFFD') && !text.includes('\0')
}
