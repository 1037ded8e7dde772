// How the bytes of a part are written: as they are, as base64 or as quoted-printable; decoded as they come. [RFC 2045: 6]
import { senderFault } from './fault.js'

export interface TransferDecoder {
  /** @throws SoapFault */
  write(bytes: Buffer): Buffer
  /** @throws SoapFault */
  end(): Buffer
}

const asTheyAre: TransferDecoder = { write: bytes => bytes, end: () => Buffer.alloc(0) }

const decoders: Record<string, () => TransferDecoder> = {
  '': () => asTheyAre,
  binary: () => asTheyAre,
  '8bit': () => asTheyAre,
  '7bit': () => asTheyAre,
  base64: base64Decoder,
  'quoted-printable': quotedPrintableDecoder,
}

/** White space and case of the name do not count. The decoder has a state: one for each part. @throws SoapFault Sender for an encoding that is none of ours */
export function transferDecoder(encoding: string): TransferDecoder {
  const name = encoding.trim().toLowerCase()
  const open = Object.hasOwn(decoders, name) ? decoders[name] : undefined
  if (open === undefined) throw senderFault(`the Content-Transfer-Encoding ${name.slice(0, 50)} is not accepted`)
  return open()
}

/** The bytes of base64 text, white space allowed; undefined where it is not base64. [RFC 4648: 4] */
export function decodeBase64(text: string): Buffer | undefined {
  const dense = /\s/.test(text) ? text.replace(/\s+/g, '') : text
  const padding = dense.endsWith('==') ? 2 : dense.endsWith('=') ? 1 : 0
  const firstWrong = dense.search(/[^A-Za-z0-9+/]/)
  if (dense.length % 4 !== 0 || (firstWrong >= 0 && firstWrong < dense.length - padding)) return undefined
  return Buffer.from(dense, 'base64')
}

/** A cid without its percent-encoding, undone only where it is well-formed: a stray % is a character like others. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function base64Decoder(): TransferDecoder {
  let held = ''
  let ended = false
  const decode = (text: string): Buffer => {
    const bytes = ended && text !== '' ? undefined : decodeBase64(text)
    if (bytes === undefined) throw senderFault('a part is labelled base64 but is not')
    ended ||= text.endsWith('=')
    return bytes
  }
  return {
    write(bytes) {
      const text = held + bytes.toString('latin1').replace(/\s+/g, '')
      const whole = text.length - (text.length % 4)
      held = text.slice(whole)
      return decode(text.slice(0, whole))
    },
    end: () => decode(held),
  }
}

const lineBytes = 65_536

function quotedPrintableDecoder(): TransferDecoder {
  let held = ''
  return {
    write(bytes) {
      const lines = (held + bytes.toString('latin1')).split('\n')
      held = lines.pop() ?? ''
      if (held.length > lineBytes) throw senderFault('a quoted-printable part has a line that is too long')
      return Buffer.from(lines.map(line => decodedLine(line, '\n')).join(''), 'latin1')
    },
    end: () => Buffer.from(decodedLine(held, ''), 'latin1'),
  }
}

function decodedLine(line: string, lineFeed: string): string {
  const lineBreak = lineFeed !== '' && line.endsWith('\r') ? '\r\n' : lineFeed
  const text = withoutBlanksAtEnd(line)
  const soft = text.endsWith('=')
  const decoded = (soft ? text.slice(0, -1) : text).replace(/=(..?)?/g, (found, digits: string | undefined) => {
    if (digits === undefined || !/^[0-9A-Fa-f]{2}$/.test(digits)) {
      throw senderFault(`a part is labelled quoted-printable but has ${found}`)
    }
    return String.fromCharCode(Number.parseInt(digits, 16))
  })
  return soft ? decoded : decoded + lineBreak
}

// Blanks before the end of a line were added on the way. [RFC 2045: 6.7]
function withoutBlanksAtEnd(line: string): string {
  let end = line.length
  while (end > 0 && ' \t\r'.includes(line[end - 1] as string)) end -= 1
  return line.slice(0, end)
}
