// What administrators reach of the audit repository beside the records themselves: below /audit/admin, as at every actor.

import { servicePaths } from '../../config/defaults.js'
import type { HttpReply, HttpRequest } from '../../ports/network.js'
import type { Ports } from '../../ports/ports.js'
import type { Partner } from '../../server/actor.js'
import { type AdminResource, answerAdmin, resourceAt } from '../../server/administration/resources.js'
import type { Log } from '../../server/log.js'
import { auditActor } from './serve-search.js'
import type { AuditRepository } from './service-parts.js'

export interface AuditAdministration {
  repository: Pick<AuditRepository, 'record' | 'handleHttp'>
  /** `https://localhost:8443` */
  origin: string
  resources: readonly AdminResource[]
  ports: Ports
  log: Pick<Log, 'error'>
}

export function answerAudit(
  request: HttpRequest,
  reply: HttpReply,
  partner: Partner,
  { repository, origin, resources, ports, log }: AuditAdministration,
): Promise<void> {
  const [path = '/', search = ''] = request.url.split('?', 2)
  const below = path.startsWith(`${servicePaths.atnaAudit}/`) ? path.slice(servicePaths.atnaAudit.length) : ''
  const around = {
    actor: auditActor,
    base: `${origin}${servicePaths.atnaAudit}`,
    ports,
    log,
    record: repository.record,
    resources,
  }
  return resourceAt(below, around) === undefined
    ? repository.handleHttp(request, reply, partner)
    : answerAdmin(request, reply, partner, { path: below, search }, around)
}
