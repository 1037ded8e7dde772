// The section of the Document Registry.
import { z } from 'zod'
import {
  explain,
  mllp,
  outbox,
  patientTrail,
  replies,
  resubmission,
  server,
  service,
  workers,
} from './service-config.js'
import { homeCommunityId, milliseconds, oid } from './values.js'
import { xuaOfService } from './xua-config.js'

const postgres = z
  .strictObject({
    ...server,
    /** Copies that follow the server: queries of partners who only read go there. */
    readReplicas: z.array(z.string()).default([]),
    /** A copy that is further behind than this is not asked. */
    staleMs: milliseconds.default(2_000),
  })
  .prefault({})

export const registryConfig = z.strictObject({
  ...service,
  ...xuaOfService,
  patientTrail,
  postgres,
  workers: workers.optional(),
  replies,
  explain,
  audit: outbox,
  homeCommunityId: homeCommunityId.optional(),
  mllp,
  /** Assigning authorities whose patients are ours; an empty list takes all. */
  assigningAuthorities: z.array(oid).default([]),
  acceptUnknownPatients: z.boolean().default(false),
  resubmission: resubmission.default('strict'),
  resubmissionWindowDays: z.number().positive().default(7),
  /** A query for a patient nobody has announced: an empty result, or XDSUnknownPatientId. [ITI TF-2:3.18.4.1.3] */
  unknownPatientQuery: z.enum(['empty', 'error']).default('empty'),
  /** What GetDocuments by uniqueId returns where no $MetadataLevel 2 is asked for. */
  versionsByUniqueId: z.enum(['latest', 'all']).default('latest'),
  /** Whether ITI-57 may update an object whose latest version is Deprecated; ITI-92 always may. [ITI TF-2:3.57.4.1.3.3.1.3] */
  updateDeprecated: z.boolean().default(false),
  /** A LeafClass answer with more objects than this is XDSTooManyResults. */
  maxResults: z.int().min(1).default(25_000),
  /** Whether ITI-51 is answered, to partners with the role multi-patient. */
  multiPatientQueries: z.boolean().default(false),
})

export type RegistryConfig = z.infer<typeof registryConfig>
export type PostgresConfig = RegistryConfig['postgres']
