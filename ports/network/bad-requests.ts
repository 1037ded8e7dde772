// What is no HTTP/1.1 request, or more than a connection may bring: told in words, and the connection ended.
import type * as http from 'node:http'
import type { Duplex } from 'node:stream'
import type { ServeHttps } from '../network.js'

/** Answers to requests under way on one connection; a partner that does not wait for them gets no others (RFC 9112: 9.3.2). */
const mostPipelined = 64

interface Refusal {
  status: string
  reason: string
}

/** For so long after an answer what a sender goes on to send is read and dropped: an end with bytes unread would take the answer away. */
const lingerMs = 1_000

/** By the code of the parser's error. */
function refusalOf({ code, message }: NodeJS.ErrnoException, maxHeaderBytes: number): Refusal {
  const known: Record<string, Refusal> = {
    HPE_HEADER_OVERFLOW: {
      status: '431 Request Header Fields Too Large',
      reason: `the request line and the header lines are longer than ${maxHeaderBytes} bytes`,
    },
    HPE_CHUNK_EXTENSIONS_OVERFLOW: {
      status: '413 Payload Too Large',
      reason: 'the extensions of the chunks are longer than 16384 bytes',
    },
    ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', reason: 'the header lines were not there in time' },
  }
  const other = { status: '400 Bad Request', reason: `this is no HTTP/1.1 request (${message})` }
  return (code !== undefined && Object.hasOwn(known, code) && known[code]) || other
}

/** [RFC 9112: 2.2] Without a listener the parser's errors are answered without a word. */
export function answerBadRequests(
  server: http.Server,
  { onBadRequest }: Pick<ServeHttps, 'onBadRequest'>,
  maxHeaderBytes: number,
): void {
  const answered = new WeakSet<Duplex>()
  server.on('clientError', (problem: NodeJS.ErrnoException, socket: Duplex & { remoteAddress?: string }) => {
    // The parser says the same of each piece that comes behind.
    if (answered.has(socket)) return
    const isOurs = /^HPE_|^ERR_HTTP_REQUEST_TIMEOUT$/.test(problem.code ?? '')
    if (!isOurs || !socket.writable) return void socket.destroy()
    const { status, reason } = refusalOf(problem, maxHeaderBytes)
    const trace = onBadRequest?.({ remoteAddress: socket.remoteAddress ?? 'unknown', reason })
    // In the middle of an answer it would be taken for a part of that.
    if (isAnswering(socket)) return void socket.destroy()
    const body = `${reason}${trace === undefined ? '' : ` (trace ${trace})`}\n`
    answered.add(socket)
    socket.end(
      `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    const linger = setTimeout(() => socket.destroy(), lingerMs)
    socket.once('end', () => socket.destroy()).once('close', () => clearTimeout(linger))
  })
}

/** What node:http keeps of the answer that a connection is taking. */
function isAnswering(socket: Duplex): boolean {
  const { _httpMessage: response } = socket as { _httpMessage?: http.ServerResponse | null }
  return response?.headersSent === true
}

/** Whether a connection has one request more than it may have under way; it is told so and ended, and what it sends further is not looked at. */
export function tooManyAtOnce(): (request: http.IncomingMessage, response: http.ServerResponse) => boolean {
  const underWay = new WeakMap<object, number>()
  return ({ socket }, response) => {
    const others = underWay.get(socket) ?? 0
    if (others < mostPipelined) {
      underWay.set(socket, others + 1)
      response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1))
      return false
    }
    // Once is enough, and nothing more is taken of it when there is room again: nobody would hear the answer.
    underWay.set(socket, Number.POSITIVE_INFINITY)
    if (others === mostPipelined) {
      const body = `more than ${mostPipelined} requests are under way on one connection; wait for their answers\n`
      const headers = { connection: 'close', 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' }
      response.writeHead(503, { ...headers, 'content-length': String(body.length) }).end(body)
    }
    return true
  }
}
