// The first carnet.json of a deployment, and which port each service has above a base.
import { dirname, join } from 'node:path'
import { type Randomness, uuidOid } from '../ports/randomness.js'

export const defaultPortBase = 8440

/** Ports that have names of their own, so that they follow the base only where one is asked for: RFC 5425, MLLP by IANA. */
const wellKnown = { syslog: 6514, mllp: 2575, mllpTls: 12_575, patientIndexMllp: 2576, patientIndexMllpTls: 12_576 }

export interface ServicePorts {
  registry: number
  repository: number
  atnaAudit: number
  gateway: number
  patientIndex: number
  pages: number
  upiStandIn: number
  registryHealth: number
  repositoryHealth: number
  atnaAuditHealth: number
  gatewayHealth: number
  patientIndexHealth: number
  syslog: number
  mllp: number
  mllpTls: number
  patientIndexMllp: number
  patientIndexMllpTls: number
}

/** Each service has a fixed distance from the base, whatever services there are, so that a port is known by its deployment's base alone. */
export function portsAbove(base: number): ServicePorts {
  return {
    registry: base + 1,
    repository: base + 2,
    atnaAudit: base + 3,
    gateway: base + 4,
    patientIndex: base + 5,
    pages: base + 6,
    upiStandIn: base + 9,
    registryHealth: base + 11,
    repositoryHealth: base + 12,
    atnaAuditHealth: base + 13,
    syslog: base + 14,
    mllp: base + 15,
    mllpTls: base + 16,
    gatewayHealth: base + 17,
    patientIndexHealth: base + 18,
    patientIndexMllp: base + 19,
    patientIndexMllpTls: base + 20,
  }
}

/** Paths of the services below the host name. */
export const servicePaths = {
  registry: '/registry',
  repository: '/repository',
  atnaAudit: '/audit',
  patientIndex: '/patient-index',
  gateway: '/gateway',
}

/** As it is written to carnet.json: what an operator will want to see and change; all else has defaults. */
export function firstConfig(randomness: Randomness): object {
  const ports = { ...portsAbove(defaultPortBase), ...wellKnown }
  const homeCommunityId = `urn:oid:${uuidOid(randomness)}`
  const repositoryUniqueId = uuidOid(randomness)
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
      { name: 'patient-index', commonNames: ['patient-index'], roles: ['feed', 'patient-administrator'] },
      { name: 'gateway', commonNames: ['gateway'], roles: ['consumer', 'source', 'gateway'] },
    ],
    xua: { issuers: [{ issuer: 'urn:carnet:development:xua', certificates: ['certs/xua-issuer.pem'] }] },
    registry: {
      ...service('registry', ports.registry, ports.registryHealth),
      audit,
      mllp: { port: ports.mllp, tls: { host: '127.0.0.1', port: ports.mllpTls } },
      homeCommunityId,
      assigningAuthorities: [],
      acceptUnknownPatients: false,
      multiPatientQueries: true,
    },
    repository: {
      ...service('repository', ports.repository, ports.repositoryHealth),
      documents: 'documents',
      audit,
      repositoryUniqueId,
      homeCommunityId,
      registry: { url: localUrl(ports.registry, servicePaths.registry) },
    },
    atnaAudit: {
      ...service('audit', ports.atnaAudit, ports.atnaAuditHealth),
      syslog: { host: '127.0.0.1', port: ports.syslog },
      pages: {
        listen: { host: '127.0.0.1', port: ports.pages, publicName: 'localhost' },
        readers: [{ name: 'admin', commonNames: ['admin'], roles: ['auditor', 'security-officer'] }],
      },
    },
    patientIndex: {
      ...service('patient-index', ports.patientIndex, ports.patientIndexHealth),
      audit,
      mllp: { port: ports.patientIndexMllp, tls: { host: '127.0.0.1', port: ports.patientIndexMllpTls } },
      homeCommunityId,
      assigningAuthority: uuidOid(randomness),
      registries: [{ name: 'registry', url: localUrl(ports.registry, servicePaths.registry) }],
    },
    gateway: {
      ...service('gateway', ports.gateway, ports.gatewayHealth),
      audit,
      homeCommunityId,
      registries: [{ url: localUrl(ports.registry, servicePaths.registry) }],
      repositories: [{ url: localUrl(ports.repository, servicePaths.repository), repositoryUniqueId }],
      patientIndex: { url: localUrl(ports.patientIndex, servicePaths.patientIndex) },
      communities: [],
    },
  }
}

/** What stands in for the UPI of a development deployment that names none, four ports above the patient index. */
export function standInUpi({ port, database }: { port: number; database: string }): object {
  const services = localUrl(port + portsAbove(0).upiStandIn - portsAbove(0).patientIndex, '/wupispid/ws')
  return {
    management: `${services}/managementService/1`,
    query: `${services}/queryService/2`,
    senderId: 'sedex://T0-CARNET-0',
    inbox: join(dirname(database), 'upi-inbox'),
    standIn: { port: Number(new URL(services).port), database: join(dirname(database), 'upi-stand-in.sqlite') },
  }
}

function localUrl(port: number, path: string): string {
  return `https://localhost:${port}${path}`
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
