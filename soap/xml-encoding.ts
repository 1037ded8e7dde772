// From bytes to characters: UTF-8, or UTF-16 with a byte order mark; nothing else, and nothing malformed. [XML 1.0: 4.3.3]
import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

export interface BytesDecoder {
  /** What the bytes turned out to be: utf-8, utf-16le or utf-16be. */
  readonly name: string
  write(bytes: Uint8Array): string
  end(): string
}

/** Makes the error that is thrown where bytes cannot be read. */
type Problem = (reason: string) => Error

type Decode = (bytes: Buffer, last: boolean) => string

/** Finds the encoding in the first bytes and decodes them all. */
export function textDecoder(problem: Problem): BytesDecoder {
  let decode: Decode | undefined
  let name = 'utf-8'
  let held: Buffer = Buffer.alloc(0)

  const write = (bytes: Buffer, last: boolean): string => {
    if (decode === undefined) {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes])
      if (held.length < 4 && !last) return ''
      name = encodingOf(held, problem)
      decode = name === 'utf-8' ? utf8Decoder(problem) : utf16Decoder(name, problem)
      return decode(held, last)
    }
    return decode(bytes, last)
  }
  return {
    get name() {
      return name
    },
    write: bytes => write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), false),
    end: () => write(Buffer.alloc(0), true),
  }
}

function encodingOf(start: Buffer, problem: Problem): string {
  const [first = 0x20, second = 0x20, third = 0x20, fourth = 0x20] = start
  if (first === 0xff && second === 0xfe && third === 0 && fourth === 0) throw problem('UTF-32 is not accepted')
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first === 0 || second === 0) {
    throw problem('the document is neither UTF-8 nor UTF-16 with a byte order mark')
  }
  return 'utf-8'
}

// Checking and then converting takes a third of the time of a fatal TextDecoder, which costs more than the tree does.
function utf8Decoder(problem: Problem): Decode {
  let held: Buffer = Buffer.alloc(0)
  let started = false
  return (bytes, last) => {
    const all = held.length === 0 ? bytes : Buffer.concat([held, bytes])
    const length = last ? all.length : completeLength(all)
    const complete = all.subarray(0, length)
    held = Buffer.from(all.subarray(length))
    if (!isUtf8(complete)) throw problem('the document is not valid UTF-8')
    const text = complete.toString('utf8')
    if (started || text === '') return text
    started = true
    return text.startsWith('\ufeff') ? text.slice(1) : text
  }
}

/** How many bytes remain when a character that is not yet whole is left for later. [RFC 3629: 3] */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return needed > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

function utf16Decoder(name: string, problem: Problem): Decode {
  const decoder = new TextDecoder(name, { fatal: true })
  return (bytes, last) => {
    try {
      return decoder.decode(bytes, { stream: !last })
    } catch {
      throw problem(`the document is not valid ${name.toUpperCase()}`)
    }
  }
}

/** Refuses what the XML declaration says of version and encoding when the bytes are otherwise. */
export function checkDeclaration(
  declared: { version?: string; encoding?: string },
  encoding: string | undefined,
  refuse: (reason: string) => never,
): void {
  if (declared.version !== undefined && declared.version !== '1.0') refuse(`XML ${declared.version} is not accepted`)
  if (declared.encoding === undefined || encoding === undefined) return
  const name = declared.encoding.toLowerCase()
  const agrees = name === encoding || (name === 'utf-16' && encoding.startsWith('utf-16'))
  if (!agrees) refuse(`the declared encoding ${declared.encoding} is not that of the bytes, ${encoding.toUpperCase()}`)
}
