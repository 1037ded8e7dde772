// Flags that override carnet.json for one run, and the defaults that the affinity domain brings.
import { portsAbove, type ServicePorts } from './defaults.js'

/** Flags of one run, laid over carnet.json; what is undefined is left as it stands there. */
export interface Overrides {
  portBase?: number | undefined
  profile?: string | undefined
  acceptUnknownPatients?: boolean | undefined
  multiPatientQueries?: boolean | undefined
}

type Tree = { [key: string]: unknown }

/** A copy of a config (as written, known to be valid) with the flags in place of what stood there. */
export function overridden(written: object, overrides: Overrides): object {
  const config = structuredClone(written) as Tree
  if (overrides.profile !== undefined) config.profile = overrides.profile
  if (overrides.acceptUnknownPatients !== undefined) {
    ;(config.registry as Tree).acceptUnknownPatients = overrides.acceptUnknownPatients
  }
  if (overrides.multiPatientQueries !== undefined) {
    ;(config.registry as Tree).multiPatientQueries = overrides.multiPatientQueries
    if (overrides.multiPatientQueries) letConsumersAskForMany(config)
  }
  if (overrides.portBase !== undefined) movePorts(config, overrides.portBase)
  return config
}

/** The switch alone would open the query to nobody but those whom the file names for it. */
function letConsumersAskForMany(config: Tree): void {
  for (const { roles } of (config.peers ?? []) as { roles: string[] }[]) {
    if (!roles.includes('consumer') || roles.includes('gateway')) continue
    if (!roles.includes('multi-patient')) roles.push('multi-patient')
  }
}

/** The flags again, as arguments for a child. */
export function asFlags({ portBase, profile, acceptUnknownPatients, multiPatientQueries }: Overrides): string[] {
  return [
    ...(portBase === undefined ? [] : ['--port-base', String(portBase)]),
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(acceptUnknownPatients === true ? ['--accept-unknown-patients'] : []),
    ...(multiPatientQueries === true ? ['--multi-patient-queries'] : []),
  ]
}

function movePorts(config: Tree, base: number): void {
  const { registry, repository, atnaAudit } = config as { [section: string]: { [part: string]: Tree } }
  const ports = portsAbove(base)
  const former = formerPorts(config)
  registry!.listen!.port = ports.registry
  registry!.health!.port = ports.registryHealth
  registry!.audit!.port = ports.syslog
  moveMllp(registry!.mllp, { plain: ports.mllp, tls: ports.mllpTls })
  repository!.listen!.port = ports.repository
  repository!.health!.port = ports.repositoryHealth
  repository!.audit!.port = ports.syslog
  atnaAudit!.listen!.port = ports.atnaAudit
  atnaAudit!.health!.port = ports.atnaAuditHealth
  atnaAudit!.syslog!.port = ports.syslog
  // Datagrams have port numbers of their own.
  const { udp } = atnaAudit!.syslog as { udp?: Tree }
  if (udp !== undefined) udp.port = ports.syslog
  // Pages that are not there stay shut.
  if (isTree(atnaAudit!.pages?.listen)) atnaAudit!.pages.listen.port = ports.pages
  // Another vendor's service stays where it is.
  const moved = (told: Tree) => {
    const url = new URL(String(told.url))
    const place = former.get(url.port)
    if (place !== undefined) told.url = Object.assign(url, { port: String(ports[place]) }).href
  }
  moved(repository!.registry!)
  moveSection(config.patientIndex, { listen: ports.patientIndex, health: ports.patientIndexHealth }, ports, moved)
  moveUpi((config.patientIndex as { upi?: unknown } | undefined)?.upi, ports)
  if (isTree(config.patientIndex)) {
    const { mllp } = config.patientIndex as { mllp?: Tree }
    moveMllp(mllp, { plain: ports.patientIndexMllp, tls: ports.patientIndexMllpTls })
  }
  moveSection(config.gateway, { listen: ports.gateway, health: ports.gatewayHealth }, ports, moved)
}

/** A deployment need not have it. */
function moveSection(
  section: unknown,
  own: { listen: number; health: number },
  ports: ServicePorts,
  moved: (told: Tree) => void,
): void {
  if (!isTree(section)) return
  const { listen, health, audit } = section as { [part: string]: Tree }
  listen!.port = own.listen
  health!.port = own.health
  audit!.port = ports.syslog
  for (const told of [section.registries, section.repositories, section.patientIndex].flat()) {
    if (isTree(told)) moved(told)
  }
}

/** The UPI itself stays where it is; what stands in for it follows, and those that ask it. */
function moveUpi(upi: unknown, ports: ServicePorts): void {
  if (!isTree(upi) || !isTree(upi.standIn)) return
  const former = String(upi.standIn.port)
  upi.standIn.port = ports.upiStandIn
  for (const name of ['management', 'query']) {
    const url = new URL(String(upi[name]))
    if (url.port === former) upi[name] = Object.assign(url, { port: String(ports.upiStandIn) }).href
  }
}

/** Which of our services listened where. */
function formerPorts(config: Tree): Map<string, 'registry' | 'repository' | 'patientIndex'> {
  const names = ['registry', 'repository', 'patientIndex'] as const
  return new Map(
    names.flatMap(name => {
      const section = config[name] as { listen?: Tree } | undefined
      return section?.listen === undefined ? [] : [[String(section.listen.port), name] as const]
    }),
  )
}

/** Doors that are not there stay shut. */
function moveMllp(mllp: Tree | undefined, { plain, tls }: { plain: number; tls: number }): void {
  if (mllp?.port !== undefined) mllp.port = plain
  if (isTree(mllp?.tls)) mllp.tls.port = tls
}

/** What carnet.json leaves out, as the affinity domain would have it. */
export function withDefaults(value: object, defaults: Readonly<Record<string, object | undefined>>): object {
  const filled = Object.entries(value).map(([section, own]): [string, unknown] => [
    section,
    isTree(own) ? { ...defaults[section], ...own } : own,
  ])
  return Object.fromEntries(filled)
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
