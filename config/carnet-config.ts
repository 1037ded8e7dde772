// What a deployment says of itself: carnet.json, a section per service, checked before anything starts.
import { z } from 'zod'
import { auditConfig } from './audit-config.js'
import { gatewayConfig } from './gateway-config.js'
import { patientIndexConfig } from './patient-index-config.js'
import { peer } from './peer-config.js'
import { registryConfig } from './registry-config.js'
import { repositoryConfig } from './repository-config.js'
import { workers } from './service-config.js'
import { oid, path } from './values.js'
import { xuaConfig } from './xua-config.js'

export const carnetConfig = z.strictObject({
  /** In development any certificate of our own CA may submit, query, retrieve and feed; in production only `peers`. */
  mode: z.enum(['development', 'production']),
  /** Affinity domain: `ihe`, `ch-epr`, or the path of a folder of the deployment's own. */
  profile: z.string().min(1).default('ihe'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** Whether spans are given to OpenTelemetry; who collects them is said by the SDK that is loaded beside. */
  openTelemetry: z.boolean().default(false),
  /** Of registry and repository each, where their databases are on a server. */
  workers: workers.optional(),
  /** Shown in every audit record. */
  auditEnterpriseSiteID: oid.optional(),
  peers: z.array(peer).default([]),
  /** Further peers in the same form, written by `carnet certs trust` and read again when it changes; it need not be there. */
  partnersFile: path.default('partners.json'),
  xua: xuaConfig,
  registry: registryConfig,
  repository: repositoryConfig,
  atnaAudit: auditConfig,
  /** Patient index; there is none without it. */
  patientIndex: patientIndexConfig.optional(),
  /** Gateway to other communities; there is none without it. */
  gateway: gatewayConfig.optional(),
})

/** carnet.json as it was checked: defaults filled in, paths absolute, frozen (load.ts). */
export type CarnetConfig = z.infer<typeof carnetConfig>
