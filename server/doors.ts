// The doors that every service has: mutual TLS for partners, and health and metrics.
import type { HttpReply, HttpRequest, RefusedHandshake } from '../ports/network.js'
import { CannotOpen } from '../store/failures.js'
import { inSentence } from './actor-database.js'
import { answerHealth, type Check } from './health.js'
import { CannotStart, type Service } from './service.js'
import { answerParent } from './worker-health.js'

/** Opens the mutual-TLS door and the one for health and metrics, on the loopback address unless the settings say otherwise. */
export async function openDoors(
  service: Service,
  doors: {
    answer(request: HttpRequest, reply: HttpReply): void
    checks(): Promise<Check[]>
    onRefusedHandshake(refused: RefusedHandshake): void
  },
): Promise<{ drain(atMostMs: number): Promise<void>; close(graceMs: number): Promise<void> }> {
  const { section, ports, metrics, log, trust } = service
  const main = await opened(section.listen, 'listen.port', () =>
    ports.network.serveHttps(
      {
        ...section.listen,
        tls: trust.identity,
        refusalOf: trust.refusalOf,
        idleTimeoutMs: section.limits.idleMs,
        connectionsPerPeer: section.limits.connectionsPerPeer,
        onRefusedHandshake(refused) {
          metrics.refusedHandshake()
          log.warn({ ...refused }, 'TLS handshake refused')
          doors.onRefusedHandshake(refused)
        },
        onBadRequest(bad) {
          const trace = ports.randomness.bytes(16).toString('hex')
          log.warn({ ...bad, trace }, 'a request could not be read')
          return trace
        },
      },
      doors.answer,
    ),
  )
  trust.onRenewed((identity, letsIn) => main.renewTls(identity, letsIn))
  const checks = async () => [
    ...(await doors.checks()),
    ...trust.checks(),
    ...(service.assertions?.checks() ?? []),
    ...(await service.changes.checks()),
    ...service.handles.checks(),
  ]
  metrics.gauges('xds_check_ok', 'What /readyz looks at: 1 where it finds nothing', 'check', async () =>
    (await checks()).map(({ name, ok }) => [name, Number(ok)]),
  )
  metrics.gauges(
    'xds_check_warns',
    'What /readyz tells though it fails nothing: 1 where somebody has to look',
    'check',
    async () => (await checks()).filter(({ warns }) => warns).map(({ name }) => [name, 1]),
  )
  // Of a worker its parent asks, and answers for all.
  if (section.worker !== undefined) answerParent(ports.processes, checks, metrics)
  const health = await (section.worker === undefined
    ? opened(section.health, 'health.port', () =>
        ports.network.serveHttp(section.health, (request, reply) => {
          answerHealth(request, reply, checks, metrics).catch(() => reply.abort())
        }),
      )
    : { close: async () => {} })
  return {
    drain: async atMostMs => main.drain?.(atMostMs),
    async close(graceMs) {
      await Promise.all([main.close(graceMs), health.close(0)])
    },
  }
}

/** Opens a door, or says in one sentence why it stays shut. */
export async function opened<Door>(
  at: { host: string; port: number },
  setting: string,
  open: () => Promise<Door>,
): Promise<Door> {
  try {
    return await open()
  } catch (problem) {
    if (problem instanceof CannotOpen) throw new CannotStart(`${inSentence(problem.message)}.`)
    const { code, message } = problem as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new CannotStart(
        `Port ${at.port} on ${at.host} is in use by another program; end that one, set "${setting}" to a free port, or start with -- --port-base to move them all.`,
      )
    }
    if (code === 'EACCES')
      throw new CannotStart(
        `Port ${at.port} on ${at.host} may not be opened by this user; set "${setting}" to one above 1023.`,
      )
    throw new CannotStart(
      `No server could be opened on ${at.host}:${at.port} (${message}); check "${setting}" and "tls".`,
    )
  }
}

/** Not ready while nothing can be written, whether a restart is needed or the server comes back by itself. */
export function databaseCheck({ broken, held }: { broken: string | undefined; held?: string | undefined }): Check {
  const why = broken ?? held
  return { name: 'database', ok: why === undefined, reason: why ?? 'the database takes what is written' }
}

/** Records waiting for the audit service: some are normal, many mean that it has been away for long. */
const longQueue = 100_000

/** Not ready while so many wait that the audit service has to be looked after. */
export function auditQueueCheck(depth: number): Check {
  return { name: 'audit queue', ok: depth < longQueue, reason: `${depth} audit records wait for the audit service` }
}
