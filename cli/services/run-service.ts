// Which process is which: the name of a service and what starts it. Each is loaded where it is run, and the others are not.
import type { CarnetConfig } from '../../config/carnet-config.js'
import type { Ports } from '../../ports/ports.js'
import type { RunningService, ServiceName } from '../../server/service.js'

type Start = (config: CarnetConfig, ports: Ports) => Promise<RunningService>

const services: Record<ServiceName, () => Promise<Start>> = {
  registry: async () => (await import('../../registry/service.js')).startRegistry,
  repository: async () => (await import('../../repository/service.js')).startRepository,
  'patient-index': async () => {
    const [{ startPatientIndex }, { openReviewPages }] = await Promise.all([
      import('../../patient-index/service.js'),
      import('../../patient-index/pages/serve.js'),
    ])
    return (config, ports) => startPatientIndex(config, ports, openReviewPages)
  },
  gateway: async () => (await import('../../gateway/service.js')).startGateway,
  'atna-audit': async () => {
    const [{ startAuditRepository }, { openAuditorPages }] = await Promise.all([
      import('../../atna-audit/repository/service.js'),
      import('../../atna-audit/pages/service.js'),
    ])
    return (config, ports) => startAuditRepository(config, ports, openAuditorPages)
  },
}

/** Resolves when the service answers its partners. @throws CannotStart with one sentence that says what to do. */
export async function runService(name: ServiceName, config: CarnetConfig, ports: Ports): Promise<RunningService> {
  const start = await services[name]()
  return start(config, ports)
}
