// A registry with its MLLP doors open on real sockets, and a sender.
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { AuditRecord } from '../../atna-audit/message.js'
import type { PeerRole } from '../../config/peer-roles.js'
import { type RegistryConfig, registryConfig } from '../../config/registry-config.js'
import { mllpFramed } from '../../hl7v2/mllp.js'
import type { RefusedHandshake, TlsIdentity } from '../../ports/network.js'
import { systemPorts } from '../../ports/ports.js'
import { documentRegistryOverMllp } from '../../registry/actor.js'
import type { Story } from '../../server/explanations/story.js'
import { type MllpService, openMllp } from '../../server/hl7v2/mllp-service.js'
import { openBudget } from '../../server/limits.js'
import { certificates } from '../atna-audit/loopback.js'
import { aRegistry, type TestRegistry } from './a-registry.js'

export interface FedRegistry {
  registry: TestRegistry
  feed: MllpService
  records(): Promise<AuditRecord[]>
  /** Of exchanges, as metrics count them. */
  counted: string[]
  logged: string[]
  /** Of those that were refused. */
  remembered: Story[]
  refused: RefusedHandshake[]
  /** Of holders of a certificate. */
  roles: Set<PeerRole>
  close(): Promise<void>
}

const settings = registryConfig.shape.mllp.parse({ port: 0, tls: { port: 0 } })

export async function aFedRegistry(
  config: Partial<RegistryConfig> = {},
  options: { profile?: 'ihe' | 'ch-epr'; requestsInFlight?: number; mllp?: Partial<typeof settings> } = {},
): Promise<FedRegistry> {
  const mllp = { ...settings, ...options.mllp }
  const registry = await aRegistry({ ...config, mllp }, options.profile)
  const { service } = await certificates()
  const counted: string[] = []
  const logged: string[] = []
  const remembered: Story[] = []
  const refused: RefusedHandshake[] = []
  const roles = new Set<PeerRole>(['feed'])
  const log = (facts: object, message: string) => void logged.push(`${message} ${JSON.stringify(facts)}`)
  const feed = await openMllp(
    {
      ports: systemPorts,
      log: { debug: log, info: log, warn: log, error: log } as never,
      metrics: {
        exchange: (transaction: string, outcome: string) => void counted.push(`${transaction} ${outcome}`),
        refusedHandshake: () => {},
        gauge: () => {},
      } as never,
      trust: { identity: service, refusalOf: () => undefined, onRenewed: () => {} } as never,
      section: registry.context.config,
      budget: openBudget({ requestsInFlight: options.requestsInFlight ?? 256, spooledBytes: 1, auditQueue: 1_000 }),
      identify: (peer, address) => ({ name: peer?.commonName ?? '', roles, address }),
    },
    mllp,
    {
      ...{ name: 'Document Registry', section: 'registry', loopbackRoles: ['feed'] },
      served: documentRegistryOverMllp,
      context: registry.context,
      outbox: { append: registry.engine.append },
      explanations: {
        rememberIfWanted: ({ isRefused, story }) => void (isRefused && remembered.push(story())),
      },
    },
    handshake => void refused.push(handshake),
  )
  return {
    ...{ registry, feed, counted, logged, remembered, refused, roles },
    async records() {
      const rows = await registry.sql<{ record: string }>('SELECT record FROM test_outbox ORDER BY number')
      return rows.map(({ record }) => JSON.parse(record) as AuditRecord)
    },
    async close() {
      await feed.close(0)
      await registry.close()
    },
  }
}

export interface Sender {
  socket: Socket
  /** Frames the message and waits for its acknowledgement. */
  send(message: string | Buffer): Promise<string>
  /** Bytes as they are. */
  write(bytes: string | Buffer): void
  /** The next acknowledgement; undefined when the connection has ended without one. */
  next(): Promise<string | undefined>
  end(): void
}

export async function aSender(fed: Pick<FedRegistry, 'feed'>, identity?: TlsIdentity): Promise<Sender> {
  const { plain = 0, tls = 0 } = fed.feed.ports
  const socket =
    identity === undefined
      ? connect(plain, '127.0.0.1')
      : connectTls({ ...identity, port: tls, host: '127.0.0.1', servername: 'localhost' })
  await new Promise<void>((resolve, reject) => {
    socket.once(identity === undefined ? 'connect' : 'secureConnect', () => resolve())
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  return senderOver(socket)
}

function senderOver(socket: Socket): Sender {
  const next = acknowledgementsOn(socket)
  return {
    socket,
    async send(message) {
      socket.write(mllpFramed(Buffer.from(message as string)))
      return (await next()) ?? ''
    },
    write: bytes => void socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    next,
    end: () => void socket.destroy(),
  }
}

function acknowledgementsOn(stream: Duplex): () => Promise<string | undefined> {
  let received = ''
  let hasEnded = false
  let wake = () => {}
  stream.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1')
    wake()
  })
  stream.on('close', () => {
    hasEnded = true
    wake()
  })
  return async () => {
    for (;;) {
      const end = received.indexOf('\x1c\r')
      if (end >= 0) {
        const message = received.slice(1, end)
        received = received.slice(end + 2)
        return Buffer.from(message, 'latin1').toString('utf8')
      }
      if (hasEnded) return undefined
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
}

/** MSA-1 of an acknowledgement. */
export function codeIn(acknowledgement: string | undefined): string {
  return /\rMSA.(\w\w)/.exec(acknowledgement ?? '')?.[1] ?? 'none'
}
