// The door of the pages, beside those of the audit service: its process and its database, so that no record leaves them.
import type { CarnetConfig } from '../../config/carnet-config.js'
import { pageRoles } from '../../config/page-roles.js'
import { openIdConnect } from '../../pages/openid-connect.js'
import { openSessions, usualBounds } from '../../pages/sessions.js'
import type { Ports } from '../../ports/ports.js'
import { AdminProblem, type AdminResource } from '../../server/administration/resources.js'
import { opened } from '../../server/doors.js'
import type { Service } from '../../server/service.js'
import type { AuditRepository } from '../repository/service-parts.js'
import { openAttempts } from './attempts.js'
import { neighboursOf } from './neighbours.js'
import { gatewayMetricsUrl } from './other-communities.js'
import type { Person } from './roles.js'
import { servePages } from './serve.js'
import { openSignInLinks, type SignInLinks } from './sign-in-links.js'
import { openSources } from './sources.js'
import type { House } from './visit.js'

export interface AuditorPages {
  /** For administrators, beside those of the audit service. */
  resources: readonly AdminResource[]
  close(graceMs: number): Promise<void>
}

/** Browsers keep some open each. */
const mostConnections = 256

/** Undefined where the deployment has no pages. */
export async function openAuditorPages(
  config: CarnetConfig,
  service: Service,
  repository: AuditRepository,
): Promise<AuditorPages | undefined> {
  const { pages } = config.atnaAudit
  if (pages === undefined) return undefined
  const { ports, log, trust } = service
  const { clock, network, randomness } = ports
  const origin = `https://${pages.listen.publicName}:${pages.listen.port}`
  const isDevelopment = config.mode === 'development'
  const openId = await openIdOf(config, origin, ports)
  const house: House = {
    store: repository.store,
    chain: repository.chain,
    verification: repository.verification,
    ports,
    config: pages,
    origin,
    record: repository.record,
    log,
    sessions: openSessions<Person>(ports, { ...usualBounds, idleMs: pages.idleMinutes * 60_000 }),
    links: openSignInLinks(clock, randomness),
    attempts: openAttempts(clock),
    openId,
    sources: openSources({ store: repository.store, clock }, problem =>
      log.error({ reason: String(problem) }, 'the sources of records could not be followed'),
    ),
    isDevelopment,
    isOurs: certificate => trust.isOurs(certificate) && trust.refusalOf(certificate) === undefined,
    neighbours: neighboursOf(config),
    gatewayMetrics: gatewayMetricsUrl(config),
  }
  const door = await opened(pages.listen, 'atnaAudit.pages.listen.port', () =>
    network.serveHttps(
      {
        ...pages.listen,
        tls: trust.identity,
        withoutCertificates: true,
        connections: mostConnections,
        idleTimeoutMs: service.section.limits.idleMs,
      },
      (request, reply) => {
        servePages(request, reply, house).catch(problem => {
          log.error({ failure: problem instanceof Error ? problem.stack : String(problem) }, 'unforeseen failure')
          reply.abort()
        })
      },
    ),
  )
  trust.onRenewed((identity, letsIn) => door.renewTls(identity, letsIn))
  return {
    resources: [linkResource(house.links, origin, isDevelopment)],
    async close(graceMs) {
      await door.close(graceMs)
      house.sources.close()
      openId?.close()
    },
  }
}

async function openIdOf({ atnaAudit }: CarnetConfig, origin: string, { files, ...ports }: Ports) {
  const { openIdConnect: asked } = atnaAudit.pages ?? {}
  if (asked === undefined) return undefined
  const { issuer, clientId, clientSecretFile, ca, scope } = asked
  const clientSecret =
    clientSecretFile === undefined ? undefined : String(await files.readFile(clientSecretFile)).trim()
  return openIdConnect(
    {
      issuer,
      clientId,
      scope,
      redirectUri: `${origin}/sign-in/openid/callback`,
      ...(clientSecret !== undefined && { clientSecret }),
      ...(ca !== undefined && { ca: await files.readFile(ca) }),
    },
    ports,
  )
}

/** `{"url": …}` of a new link; with `{"role": "support"}` for that role. */
function linkResource(links: SignInLinks, origin: string, isDevelopment: boolean): AdminResource {
  return {
    path: '/admin/sign-in-links',
    method: 'POST',
    does: 'make a one-time link to the auditor’s pages',
    async answer({ body, partner }) {
      if (!isDevelopment)
        throw new AdminProblem(409, 'one-time links are made in mode development only; list readers instead')
      const { role } = (body ?? {}) as { role?: unknown }
      const chosen = pageRoles.find(one => one === role)
      if (role !== undefined && chosen === undefined)
        throw new AdminProblem(400, `role is one of ${pageRoles.join(', ')}`)
      const roles = chosen === undefined ? (['auditor', 'security-officer'] as const) : [chosen]
      const token = links.make({ name: `${partner.name} (link)`, roles })
      return { url: `${origin}/sign-in/link?link=${token}` }
    },
  }
}
