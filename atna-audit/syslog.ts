// One syslog message: RFC 5424 as ITI TF-2 §3.20.4.1.2 uses it. Framing on a connection is in syslog-frames.ts.
import { isoOf } from '../ports/clock.js'

/** RFC 5425 leaves acknowledgement out; with this protocol agreed by ALPN the receiver says what it has stored. */
export const acknowledgedSyslog = 'carnet-syslog-ack/1'

export interface SyslogOrigin {
  hostName: string
  appName: string
  processId: number
}

/**
 * The message as bytes: facility 10 (security), severity 5 (notice), no structured data, no BOM.
 * The last three digits of the time count the messages of this process, so that no two of them are equal byte for byte.
 */
export function writeSyslog(origin: SyslogOrigin, timeMs: number, count: number, message: string): Buffer {
  const time = `${isoOf(timeMs).slice(0, -1)}${String(count % 1000).padStart(3, '0')}Z`
  const host = headerField(origin.hostName, 255)
  const app = headerField(origin.appName, 48)
  return Buffer.from(`<85>1 ${time} ${host} ${app} ${origin.processId} IHE+RFC-3881 - ${message}`)
}

/** Printable ASCII without blanks. [RFC 5424 §6] */
function headerField(value: string, most: number): string {
  return value.replace(/[^\x21-\x7e]/g, '_').slice(0, most) || '-'
}

/** What a frame says of itself before its message. */
export interface SyslogMessage {
  facility?: number
  severity?: number
  timestamp?: string
  hostName?: string
  appName?: string
  processId?: string
  messageId?: string
  /** What follows the header, without BOM; the whole frame when it has no header of RFC 5424. */
  message: Buffer
  /** Why the header could not be read, in words. */
  problem?: string
}

const header = /^<(\d{1,3})>1 (\S{1,64}) (\S{1,255}) (\S{1,255}) (\S{1,255}) (\S{1,255}) /
/** No header of RFC 5424 is longer, up to its structured data. */
const mostHeaderBytes = 1_200

/** Never throws: `problem` says what is wrong with the header, and `message` is then the whole frame. [RFC 5424: 6] */
export function readSyslog(frame: Buffer): SyslogMessage {
  // What came over the RESTful feed is JSON, without a header.
  if (frame[0] === brace) return { message: frame }
  const found = header.exec(frame.toString('latin1', 0, mostHeaderBytes))
  if (found === null) return { message: frame, problem: headerProblem(frame) }
  const [whole, priority, timestamp, hostName, appName, processId, messageId] = found
  const value = Number(priority)
  if (value > 191) return { message: frame, problem: `the priority <${priority}> is not within 0 to 191` }
  const fields = {
    facility: value >> 3,
    severity: value & 7,
    ...said({ timestamp, hostName, appName, processId, messageId }),
  }
  if (frame[whole.length] !== dash && frame[whole.length] !== opening) {
    const problem = 'the syslog header has no structured data, not even "-", or one field too few'
    return { ...fields, message: withoutBom(frame.subarray(whole.length)), problem }
  }
  const end = structuredDataEnd(frame, whole.length)
  if (end === undefined) return { message: frame, problem: 'the structured data of the syslog header does not end' }
  return { ...fields, message: withoutBom(frame.subarray(end)) }
}

function headerProblem(frame: Buffer): string {
  return /^<\d{1,3}>(?!\d+ )/.test(frame.toString('latin1', 0, 8))
    ? 'the syslog header is not that of RFC 5424 (an older form?)'
    : 'there is no syslog header'
}

/** Fields that hold `-` were not given. [RFC 5424 §6, NILVALUE] */
function said<Fields extends Record<string, string | undefined>>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '-')) as Partial<Fields>
}

const brace = 0x7b
const quote = 0x22
const backslash = 0x5c
const closing = 0x5d
const opening = 0x5b
const blank = 0x20
const dash = 0x2d

/** Where the message begins: behind `-` or `[id name="value"]…`, in whose values `"`, `\` and `]` are escaped. [RFC 5424 §6.3] */
function structuredDataEnd(frame: Buffer, start: number): number | undefined {
  let at = start
  if (frame[at] === dash) at += 1
  else if (frame[at] !== opening) return undefined
  while (frame[at] === opening) {
    const end = elementEnd(frame, at + 1)
    if (end === undefined) return undefined
    at = end
  }
  if (at === frame.length) return at
  return frame[at] === blank ? at + 1 : undefined
}

function elementEnd(frame: Buffer, start: number): number | undefined {
  let inside = false
  for (let at = start; at < frame.length; at += 1) {
    const byte = frame[at]
    if (byte === backslash && inside) at += 1
    else if (byte === quote) inside = !inside
    else if (byte === closing && !inside) return at + 1
  }
  return undefined
}

function withoutBom(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}
