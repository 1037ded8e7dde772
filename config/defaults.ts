// The first carnet.json of a deployment, and which port each service has above a base.
import { type Randomness, uuidOid } from '../ports/randomness.js'

export const defaultPortBase = 8440

/** RFC 5425 names it; the one port that does not follow the base unless a base is asked for. */
const syslogTlsPort = 6514

export interface ServicePorts {
  registry: number
  repository: number
  atnaAudit: number
  registryHealth: number
  repositoryHealth: number
  atnaAuditHealth: number
  syslog: number
}

export function portsAbove(base: number): ServicePorts {
  return {
    registry: base + 1,
    repository: base + 2,
    atnaAudit: base + 3,
    registryHealth: base + 11,
    repositoryHealth: base + 12,
    atnaAuditHealth: base + 13,
    syslog: base + 14,
  }
}

/** Paths of the services below the host name. */
export const servicePaths = { registry: '/registry', repository: '/repository', atnaAudit: '/audit' }

/** As it is written to carnet.json: what an operator will want to see and change; all else has defaults. */
export function firstConfig(randomness: Randomness): object {
  const ports = { ...portsAbove(defaultPortBase), syslog: syslogTlsPort }
  const homeCommunityId = `urn:oid:${uuidOid(randomness)}`
  const audit = { host: 'localhost', port: ports.syslog }
  return {
    mode: 'development',
    profile: 'ihe',
    logLevel: 'info',
    auditEnterpriseSiteID: uuidOid(randomness),
    peers: [
      { name: 'hospital', commonNames: ['hospital'], roles: ['source', 'consumer'] },
      { name: 'admin', commonNames: ['admin'], roles: ['admin', 'multi-patient', 'feed', 'source', 'consumer'] },
      { name: 'repository', commonNames: ['repository'], roles: ['repository'] },
      { name: 'registry', commonNames: ['registry'], roles: ['registry'] },
    ],
    registry: {
      ...service('registry', ports.registry, ports.registryHealth),
      audit,
      homeCommunityId,
      assigningAuthorities: [],
      acceptUnknownPatients: false,
      multiPatientQueries: true,
    },
    repository: {
      ...service('repository', ports.repository, ports.repositoryHealth),
      documents: 'documents',
      audit,
      repositoryUniqueId: uuidOid(randomness),
      homeCommunityId,
      registry: { url: `https://localhost:${ports.registry}${servicePaths.registry}` },
    },
    atnaAudit: {
      ...service('audit', ports.atnaAudit, ports.atnaAuditHealth),
      syslog: { host: '127.0.0.1', port: ports.syslog },
    },
  }
}

function service(name: string, port: number, healthPort: number): object {
  return {
    listen: { host: '127.0.0.1', port, publicName: 'localhost' },
    tls: { key: `certs/${name}.key`, cert: `certs/${name}.pem`, ca: 'certs/ca.pem' },
    health: { port: healthPort },
    database: `${name}.sqlite`,
    log: `log/${name}.log`,
  }
}
