// The network between simulated machines: who listens where, what calls and connections meet on their way.
import type { Duplex } from 'node:stream'
import type {
  Connection,
  HttpAnswer,
  HttpCall,
  HttpReply,
  HttpRequest,
  HttpServer,
  Network,
  PeerCertificate,
  ServeHttps,
} from '../ports/network.js'
import { drained } from '../ports/network.js'
import type { Boot } from './boot.js'
import type { Chance } from './chance.js'
import { type Fate, type Link, openLink, pipe, reset, streamPair } from './link.js'
import type { Timeline } from './timeline.js'

export interface Internet {
  /** As the processes of one machine see it. */
  of(boot: Boot, certificate: string): Network
  /** So many of a hundred connections come to a bad end, or are slow. */
  badness: number
  /** What is newly sent to this machine gets lost. */
  outOfReach: string | undefined
}

type Serve = { http?: Answer; stream?: (connection: Connection) => void; boot: Boot; links: Set<Link>; idleMs: number }
type Answer = (request: HttpRequest, reply: HttpReply) => void

export function openInternet(timeline: Timeline, chance: Chance): Internet {
  const listening = new Map<number, Serve>()

  const internet: Internet = {
    badness: 0,
    outOfReach: undefined,
    of: (boot, certificate) => networkOf(boot, certificate),
  }
  return internet

  function fate(server: string): Fate {
    const good: Fate = { leastMs: 0.2, mostMs: 5, endsAfterBytes: Number.POSITIVE_INFINITY, end: 'cut' }
    if (server === internet.outOfReach) return { ...good, endsAfterBytes: 0, end: 'silent' }
    if (!chance.percent(internet.badness)) return good
    const kind = chance.whole(0, 3)
    if (kind === 0) return { ...good, leastMs: 50, mostMs: 3_000 }
    // Messages are some kB; both their ends are as likely as any place between.
    const endsAfterBytes = Math.floor(10 ** (chance.fraction() * 5.5))
    return { ...good, endsAfterBytes, end: kind === 1 ? 'silent' : 'cut' }
  }

  function networkOf(boot: Boot, certificate: string): Network {
    function listen(port: number, serve: Omit<Serve, 'boot' | 'links'>): HttpServer {
      if (listening.has(port)) throw Object.assign(new Error(`port ${port} is taken`), { code: 'EADDRINUSE' })
      const links = new Set<Link>()
      listening.set(port, { ...serve, boot, links })
      // By then another process of the machine may listen there.
      const leave = () => {
        if (listening.get(port)?.boot === boot) listening.delete(port)
      }
      boot.onEnd(leave)
      return {
        port,
        renewTls() {},
        async close(graceMs) {
          leave()
          const cut = () => {
            for (const link of links) link.cut()
          }
          const open = () => [...links].some(link => !link.isOver)
          const endMs = timeline.nowMs + graceMs
          while (open() && timeline.nowMs < endMs) await new Promise<void>(resolve => timeline.at(20, '', resolve))
          if (!boot.alive) return boot.never()
          cut()
        },
      }
    }

    /** @throws ECONNREFUSED where nobody listens */
    function dial(port: number): { link: Link; server: Serve } {
      const server = listening.get(port)
      if (server === undefined || !server.boot.alive)
        throw Object.assign(new Error(`nobody listens on ${port}`), { code: 'ECONNREFUSED', syscall: 'connect' })
      const link = openLink({ client: boot, server: server.boot }, fate(server.boot.host), timeline, chance)
      server.links.add(link)
      link.onCut(() => server.links.delete(link))
      endWhenIdle(link, server.idleMs, timeline)
      return { link, server }
    }

    return {
      serveHttps: async (options: ServeHttps, http) =>
        listen(options.port, { http, idleMs: options.idleTimeoutMs ?? 60_000 }),
      serveHttp: async (_, __) => ({ port: 0, renewTls() {}, close: () => Promise.resolve() }),
      httpClient: () => ({
        call: call => (boot.alive ? callOver(call, boot, certificate, dial, timeline) : boot.never()),
        renewTls() {},
        close() {},
      }),
      serveTls: async (options, stream) => listen(options.port, { stream, idleMs: Number.POSITIVE_INFINITY }),
      serveTcp: async (options, stream) => listen(options.port, { stream, idleMs: Number.POSITIVE_INFINITY }),
      receiveUdp: () => {
        throw new Error('nobody sends datagrams here')
      },
      connectTls: ({ port, protocols, timeoutMs }) =>
        connect({ port, protocol: protocols?.[0], timeoutMs, certificate }, boot, dial, timeline),
      shownCertificate: () => Promise.reject(new Error('nobody asks for a certificate here')),
      socket: () => {
        throw new Error('nobody speaks to a database server here')
      },
      connectTcp: ({ port, timeoutMs }) => connect({ port, timeoutMs }, boot, dial, timeline),
    }
  }
}

type Dial = (port: number) => { link: Link; server: Serve }

function callOver(
  call: HttpCall,
  boot: Boot,
  certificate: string,
  dial: Dial,
  timeline: Timeline,
): Promise<HttpAnswer> {
  const { hostname, port, pathname, search } = new URL(call.url)
  return new Promise((resolve, reject) => {
    if (call.signal?.aborted) return reject(aborted())
    let link: Link
    let server: Serve
    try {
      ;({ link, server } = dial(Number(port)))
    } catch (problem) {
      timeline.at(1, '', () => (boot.alive ? reject(problem) : undefined))
      return
    }
    const up = pipe(link, 'server')
    const down = pipe(link, 'client')
    let why: Error = reset()
    const give = (problem: Error) => {
      why = problem
      link.cut()
    }
    link.onCut(() => {
      const isWhole = up.readable.readableEnded
      up.readable.destroy(isWhole ? undefined : reset())
      down.writable.destroy()
      if (!boot.alive) return
      up.writable.destroy()
      reject(why)
      if (!down.readable.readableEnded) down.readable.destroy(why)
    })
    call.signal?.addEventListener('abort', () => give(aborted()), { once: true })
    const late = (ms: number) => () =>
      give(Object.assign(new Error(`no answer from ${hostname} in ${ms} ms`), { code: 'ETIMEDOUT' }))
    watchSilence(link, call.timeoutMs, timeline, late(call.timeoutMs))
    if (call.wholeMs !== undefined) {
      const timer = timeline.at(call.wholeMs, '', late(call.wholeMs))
      link.onCut(() => timer.cancel())
    }
    down.readable.on('end', () => timeline.at(0, '', () => link.cut()))

    const request: HttpRequest = {
      method: call.method,
      url: `${pathname}${search}`,
      headers: Object.fromEntries(Object.entries(call.headers).map(([name, value]) => [name.toLowerCase(), value])),
      body: up.readable,
      remoteAddress: boot.host,
      peer: shown(certificate),
    }
    const reply: HttpReply = {
      start: (status, headers) =>
        link.carry('client', 200, () => resolve({ status, headers: lowerCase(headers), body: down.readable })),
      stream: down.writable,
      abort: () => link.cut(),
    }
    link.carry('server', 400, () => server.http?.(request, reply))
    send(call, up.writable).catch(problem => give(problem))
  })
}

async function send({ body }: HttpCall, stream: import('node:stream').Writable): Promise<void> {
  for await (const piece of body ?? []) {
    if (stream.destroyed) return
    if (!stream.write(piece)) await drained(stream)
  }
  stream.end()
}

function connect(
  to: { port: number; protocol?: string; timeoutMs: number; certificate?: string },
  boot: Boot,
  dial: Dial,
  timeline: Timeline,
): Promise<Connection> {
  if (!boot.alive) return boot.never()
  return new Promise((resolve, reject) => {
    let dialled: ReturnType<Dial>
    try {
      dialled = dial(to.port)
    } catch (problem) {
      timeline.at(1, '', () => (boot.alive ? reject(problem) : undefined))
      return
    }
    const { link, server } = dialled
    const { client: mine, server: theirs } = streamPair(link)
    link.onCut(() => {
      if (server.boot.alive) endStream(theirs)
      if (boot.alive) endStream(mine)
    })
    const late = timeline.at(to.timeoutMs, '', () => {
      reject(Object.assign(new Error(`no connection in ${to.timeoutMs} ms`), { code: 'ETIMEDOUT' }))
      link.cut()
    })
    const about = { remoteAddress: boot.host, protocol: to.protocol }
    link.onCut(() => (boot.alive ? reject(reset()) : undefined))
    link.carry('server', 300, () => {
      server.stream?.({ ...about, stream: theirs, peer: shown(to.certificate) })
      link.carry('client', 300, () => {
        late.cancel()
        resolve({ ...about, stream: mine, peer: undefined })
      })
    })
  })
}

function endStream(stream: Duplex): void {
  if (!stream.destroyed) stream.destroy(stream.readableEnded ? undefined : reset())
}

/** A server ends a connection on which nothing moves. */
function endWhenIdle(link: Link, idleMs: number, timeline: Timeline): void {
  if (Number.isFinite(idleMs)) watchSilence(link, idleMs, timeline, () => link.cut())
}

function watchSilence(link: Link, mostMs: number, timeline: Timeline, isSilent: () => void): void {
  const look = () => {
    if (link.isOver) return
    const left = link.movedMs + mostMs - timeline.nowMs
    if (left <= 0) isSilent()
    else timeline.at(left, '', look)
  }
  timeline.at(mostMs, '', look)
}

function shown(commonName: string | undefined): PeerCertificate | undefined {
  if (commonName === undefined) return undefined
  return { subject: `CN=${commonName}`, commonName, fingerprint256: commonName, validTo: '' }
}

const lowerCase = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

function aborted(): Error {
  return Object.assign(new Error('The operation was aborted'), { name: 'AbortError', code: 'ABORT_ERR' })
}
