// A community that says 202 and answers by requests of its own, over mutual TLS: what it sends there, when, and by whose certificate, is the test's.
import { issueCa, issueLeaf, newKey } from '../../../certs/issue.js'
import type { GatewayContext } from '../../../gateway/context.js'
import { openAnswersDoor } from '../../../gateway/later/answers-door.js'
import type { HttpServer, TlsIdentity } from '../../../ports/network.js'
import { systemPorts } from '../../../ports/ports.js'
import { answerHttp } from '../../../server/answer-http.js'
import type { Endpoint } from '../../../server/endpoint.js'
import type { Surroundings } from '../../../server/exchange.js'
import { silentLog } from '../../server/silent-log.js'

export interface Question {
  action: string
  messageID: string
  replyTo: string
  body: Buffer
}

export interface AsynchronousCommunity {
  url: string
  /** The next question that it was asked. */
  next(): Promise<Question>
  /** Each question from now on goes there; without it to next(). Those before are forgotten. */
  hands(take?: (question: Question) => void): void
  /** What it says on the connection from now on, in the place of 202. */
  says(status: number, contentType?: string, body?: string): void
  close(): Promise<void>
}

const { network, randomness } = systemPorts

/** By the common name of each, all of one CA. */
export async function identities<Name extends string>(...names: Name[]): Promise<Record<Name, TlsIdentity>> {
  const now = Date.now()
  const validity = { fromMs: now - 60_000, toMs: now + 3_600_000 }
  const caKey = await newKey()
  const ca = issueCa(caKey, 'CA', validity, randomness)
  const all = names.map(async (commonName): Promise<[Name, TlsIdentity]> => {
    const key = await newKey()
    const request = { commonName, names: ['localhost'], usages: ['serverAuth', 'clientAuth'] as const }
    return [commonName, { ...issueLeaf(key, request, ca, validity, randomness), ca: ca.cert }]
  })
  return Object.fromEntries(await Promise.all(all)) as Record<Name, TlsIdentity>
}

export async function anAsynchronousCommunity(tls: TlsIdentity): Promise<AsynchronousCommunity> {
  const asked: Question[] = []
  const waiting: ((question: Question) => void)[] = []
  let take: ((question: Question) => void) | undefined
  let said: [status: number, headers: Record<string, string>, body: string] = [202, { 'content-length': '0' }, '']
  const server = await network.serveHttps({ host: '127.0.0.1', port: 0, tls }, async (request, reply) => {
    const body = Buffer.concat(await request.body.toArray())
    const [status, headers, text] = said
    reply.start(status, headers)
    reply.stream.end(text)
    const message = body.toString('latin1')
    const value = (name: string) => new RegExp(`:${name}\\b[^>]*>(?:<a:Address>)?([^<]*)`).exec(message)?.[1] ?? ''
    const question = { action: value('Action'), messageID: value('MessageID'), replyTo: value('ReplyTo'), body }
    const taker = take ?? waiting.shift()
    if (taker === undefined) asked.push(question)
    else taker(question)
  })
  return {
    url: `https://localhost:${server.port}/gateway`,
    next: async () => asked.shift() ?? new Promise(resolve => waiting.push(resolve)),
    hands(to) {
      take = to
      asked.length = 0
    },
    says(status, contentType, body = '') {
      const length = { 'content-length': String(Buffer.byteLength(body)) }
      said = [status, contentType === undefined ? length : { ...length, 'content-type': contentType }, body]
    },
    close: () => server.close(0),
  }
}

const counting = { taken() {}, refused() {} }

export interface PlayedDoor {
  /** Of the gateway behind it. */
  url: string
  opens(context: GatewayContext): void
  close(): Promise<void>
}

/** The door of a gateway, where partners are called what their certificates say and have the role of gateways. */
export async function aDoor(tls: TlsIdentity): Promise<PlayedDoor> {
  let behind: GatewayContext | undefined
  const server: HttpServer = await network.serveHttps({ host: '127.0.0.1', port: 0, tls }, (request, reply) => {
    if (behind === undefined) return reply.abort()
    const endpoint = {
      ...{
        path: '/gateway',
        origin: 'https://localhost',
        answers: openAnswersDoor(behind, counting),
        admin: { resources: [] },
      },
      identify: () => ({ name: request.peer?.commonName, roles: new Set(['gateway']), address: request.remoteAddress }),
    }
    const around = { ports: systemPorts, log: silentLog } as unknown as Surroundings
    void answerHttp(request, reply, endpoint as unknown as Endpoint<GatewayContext>, around)
  })
  return {
    url: `https://localhost:${server.port}/gateway`,
    opens(context) {
      behind = context
    },
    close: () => server.close(0),
  }
}
