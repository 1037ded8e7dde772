// Opens the MLLP doors that a deployment wants: plain on the loopback address, and over TLS with both certificates.
import type { PeerRole } from '../../config/peer-roles.js'
import type { MllpConfig } from '../../config/service-config.js'
import type { HttpServer, RefusedHandshake } from '../../ports/network.js'
import type { Partner } from '../actor.js'
import { opened } from '../doors.js'
import type { Check } from '../health.js'
import type { Service } from '../service.js'
import { hl7Exchange, type ServedAtDoor } from './exchange.js'
import { openMllpDoors } from './mllp-door.js'
import type { Hl7Surroundings } from './surroundings.js'

export interface MllpService {
  /** Where it listens. */
  readonly ports: { plain: number | undefined; tls: number | undefined }
  checks(): Check[]
  close(graceMs: number): Promise<void>
}

const loopback = '127.0.0.1'

/** Both doors, one or none, as `config` has them. `onRefusedHandshake` hears of partners whom TLS has refused. */
export async function openMllp<Context>(
  service: Pick<Service, 'ports' | 'log' | 'metrics' | 'trust' | 'section' | 'budget' | 'identify'> &
    Partial<Pick<Service, 'changes' | 'tracing'>>,
  config: MllpConfig,
  actor: {
    name: string
    /** Of carnet.json. */
    section: string
    /** Of a partner on this machine, who shows no certificate. */
    loopbackRoles: readonly PeerRole[]
    served: ServedAtDoor<Context>
    context: Context
    outbox: Hl7Surroundings['outbox']
    explanations?: Hl7Surroundings['explanations']
  },
  onRefusedHandshake: (refused: RefusedHandshake) => void,
): Promise<MllpService> {
  const { ports, log, metrics, trust, section } = service
  const { outbox, explanations } = actor
  const loopbackPartner: Omit<Partner, 'address'> = { name: 'loopback', roles: new Set(actor.loopbackRoles) }
  const { changes } = service
  const around = {
    actor: actor.name,
    characterSet: config.characterSet,
    ports,
    log,
    metrics,
    outbox,
    explanations,
    changes,
    tracing: service.tracing,
  }
  const doors = openMllpDoors({
    bounds: config,
    clock: ports.clock,
    log,
    budget: service.budget,
    identify: ({ peer, remoteAddress }) =>
      peer === undefined ? { ...loopbackPartner, address: remoteAddress } : service.identify(peer, remoteAddress),
    answer: arrived => hl7Exchange(arrived, actor.served, actor.context, around),
  })
  metrics.gauge('hl7_mllp_connections', 'Connections of MLLP senders', () => doors.connections)
  const { port, tls } = config
  const plain = port === undefined ? undefined : await openPlain({ host: loopback, port })
  const secured = tls === undefined ? undefined : await openSecured(tls)
  const servers = [plain, secured].filter(server => server !== undefined)

  function openPlain(at: { host: string; port: number }): Promise<HttpServer> {
    return opened(at, `${actor.section}.mllp.port`, () =>
      ports.network.serveTcp(at, connection => doors.serve(connection, `mllp://localhost:${at.port}`)),
    )
  }

  async function openSecured(at: { host: string; port: number }): Promise<HttpServer> {
    const endpoint = `mllps://${section.listen.publicName}:${at.port}`
    const options = {
      ...at,
      tls: trust.identity,
      refusalOf: trust.refusalOf,
      onRefusedHandshake(refused: RefusedHandshake) {
        metrics.refusedHandshake()
        log.warn({ ...refused, peer: refused.peer?.subject }, 'TLS handshake refused')
        onRefusedHandshake(refused)
      },
    }
    const server = await opened(at, `${actor.section}.mllp.tls.port`, () =>
      ports.network.serveTls(options, connection => doors.serve(connection, endpoint)),
    )
    trust.onRenewed((identity, letsIn) => server.renewTls(identity, letsIn))
    return server
  }

  return {
    ports: { plain: plain?.port, tls: secured?.port },
    checks: () =>
      servers.length === 0
        ? []
        : [{ name: 'patient feed', ok: true, reason: `${doors.connections} MLLP connections are open` }],
    async close(graceMs) {
      doors.close()
      await Promise.all(servers.map(server => server.close(graceMs)))
    },
  }
}
