// Which process is which: the name of a service and what starts it.
import { openAuditorPages } from '../atna-audit/pages/service.js'
import { startAuditRepository } from '../atna-audit/repository/service.js'
import type { CarnetConfig } from '../config/carnet-config.js'
import { startGateway } from '../gateway/service.js'
import { startPatientIndex } from '../patient-index/service.js'
import type { Ports } from '../ports/ports.js'
import { startRegistry } from '../registry/service.js'
import { startRepository } from '../repository/service.js'
import type { RunningService, ServiceName } from '../server/service.js'

const services: Record<ServiceName, (config: CarnetConfig, ports: Ports) => Promise<RunningService>> = {
  registry: startRegistry,
  repository: startRepository,
  'patient-index': startPatientIndex,
  gateway: startGateway,
  'atna-audit': (config, ports) => startAuditRepository(config, ports, openAuditorPages),
}

/** Resolves when the service answers its partners. @throws CannotStart with one sentence that says what to do. */
export function runService(name: ServiceName, config: CarnetConfig, ports: Ports): Promise<RunningService> {
  return services[name](config, ports)
}
