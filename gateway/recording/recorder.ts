// Records what goes to one peer and comes from it, for a while and in memory alone; what is handed out has other values in it, and
// the real ones are forgotten then. Nothing real is ever written to a disk. docs/decisions/0333
import { Readable } from 'node:stream'
import type { Clock, Timer } from '../../ports/clock.js'
import type { ClientTls, HttpAnswer, HttpCall, HttpClient, Network } from '../../ports/network.js'
import type { Randomness } from '../../ports/randomness.js'
import { fixtureOf, type PeerFixture, type RecordedExchange } from './fixture.js'

export interface Recorder {
  /** Begins anew; what was recorded before is forgotten. */
  begin(asked: { urls: readonly string[]; exchanges: number; seconds: number }): void
  /** Undefined where nothing is being recorded. */
  readonly state: { exchanges: number; isOver: boolean } | undefined
  /** Ends it and forgets what was real. */
  end(): PeerFixture | undefined
  /** The network with a recorder in it. */
  tapped(network: Network): Network
  /** The same for a client of that network that is answered by requests of the other side: each belongs to what it was asked. */
  tappedElsewhere(client: HttpClient): HttpClient
}

interface Recording {
  urls: ReadonlySet<string>
  most: number
  untilMs: number
  bytes: number
  exchanges: RecordedExchange[]
  timer: Timer
}

/** Of one recording; an exchange that would make it more is left out. */
const mostBytes = 32 * 1024 * 1024
/** Somebody has to come for it. */
const keptMs = 60_000

/** What came on the connection of a request whose answer may come elsewhere. */
interface OnConnection {
  answer?: HttpAnswer
}

/** One recording at a time, of one peer's addresses; it is forgotten when its time is over, or with the process. */
export function openRecorder({ clock, randomness }: { clock: Clock; randomness: Randomness }): Recorder {
  let recording: Recording | undefined
  const answeredElsewhere = new WeakMap<HttpCall, OnConnection>()

  function forget(): void {
    recording?.timer.cancel()
    recording = undefined
  }

  function isOpenFor(url: string): Recording | undefined {
    if (recording === undefined || !recording.urls.has(url) || isOver(recording)) return undefined
    return recording
  }

  const isOver = ({ exchanges, most, untilMs }: Recording) => exchanges.length >= most || clock.monotonicMs() >= untilMs

  async function connectedCall(client: HttpClient, call: HttpCall): Promise<HttpAnswer> {
    const connection = answeredElsewhere.get(call)
    if (connection === undefined) return recordedCall(client, call)
    connection.answer = await client.call(call)
    return connection.answer
  }

  async function recordedCall(client: HttpClient, call: HttpCall, connection?: OnConnection): Promise<HttpAnswer> {
    const into = isOpenFor(call.url)
    if (into === undefined) return client.call(call)
    const beganMs = clock.monotonicMs()
    const request = collecting()
    const exchange: RecordedExchange = {
      ...{ tookMs: 0, answer: undefined },
      request: { contentType: headerIn(call.headers, 'content-type'), bytes: Buffer.alloc(0) },
    }
    const keep = (answer: RecordedExchange['answer'], size: number) => {
      exchange.request.bytes = request.bytes()
      exchange.answer = answer
      if (connection?.answer !== undefined) exchange.acknowledged = connection.answer.status
      exchange.tookMs = Math.round(clock.monotonicMs() - beganMs)
      into.bytes += size + exchange.request.bytes.length
      if (recording === into && !isOver(into) && !request.isTooLong() && into.bytes <= mostBytes)
        into.exchanges.push(exchange)
    }
    try {
      const passed = { ...call, body: request.through(call.body ?? []) }
      if (connection !== undefined) answeredElsewhere.set(passed, connection)
      const answer = await client.call(passed)
      // On the connection all the same.
      if (connection?.answer === answer) delete connection.answer
      const heard = collecting()
      async function* teed(): AsyncGenerator<Uint8Array> {
        yield* heard.through(answer.body)
        if (heard.isTooLong()) return
        const bytes = heard.bytes()
        keep({ status: answer.status, contentType: answer.headers['content-type'] ?? '', bytes }, bytes.length)
      }
      return { status: answer.status, headers: answer.headers, body: Readable.from(teed()) }
    } catch (problem) {
      keep(undefined, 0)
      throw problem
    }
  }

  return {
    begin({ urls, exchanges, seconds }) {
      forget()
      const timer = clock.after(seconds * 1_000 + keptMs, forget, { idle: true })
      const untilMs = clock.monotonicMs() + seconds * 1_000
      recording = { urls: new Set(urls), most: exchanges, untilMs, bytes: 0, exchanges: [], timer }
    },
    get state() {
      return recording && { exchanges: recording.exchanges.length, isOver: isOver(recording) }
    },
    end() {
      const real = recording?.exchanges
      forget()
      return real && fixtureOf(real, randomness)
    },
    tapped(network) {
      return { ...network, httpClient: (tls?: ClientTls) => calling(network.httpClient(tls), connectedCall) }
    },
    tappedElsewhere: client => calling(client, (through, call) => recordedCall(through, call, {})),
  }
}

function calling(client: HttpClient, by: (client: HttpClient, call: HttpCall) => Promise<HttpAnswer>): HttpClient {
  return {
    call: call => by(client, call),
    renewTls: identity => client.renewTls(identity),
    close: () => client.close(),
  }
}

function headerIn(headers: Readonly<Record<string, string>>, name: string): string {
  return Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1] ?? ''
}

/** A copy of what passes, as long as it is not too long to be kept. */
function collecting() {
  let pieces: Buffer[] = []
  let bytes = 0
  return {
    async *through(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const piece of body) {
        bytes += piece.byteLength
        if (bytes <= mostBytes) pieces.push(Buffer.from(piece))
        else pieces = []
        yield piece
      }
    },
    bytes: () => Buffer.concat(pieces),
    isTooLong: () => bytes > mostBytes,
  }
}
