// The section of the patient index.
import { z } from 'zod'
import { explain, mllp, outbox, replies, service } from './service-config.js'
import { homeCommunityId, milliseconds, oid, path, port } from './values.js'

/** Who is told of the persons of a patient index. */
const registryTold = z.strictObject({
  /** Stable name: what waits for it is kept under it. */
  name: z.string().min(1),
  url: z.string().url(),
})

/** The Unique Person Identification (UPI) of the Central Compensation Office, which gives EPR-SPIDs. */
const upi = z.strictObject({
  /** Its service of eCH-0213. */
  management: z.string().url(),
  /** Its service of eCH-0214. */
  query: z.string().url(),
  /** As sedex knows this community. */
  senderId: z.string().min(1).max(100),
  /** What is shown to it; without it the certificate of the patient index. */
  tls: z.strictObject({ key: path, cert: path, ca: path }).optional(),
  timeoutMs: milliseconds.default(20_000),
  /** Folder in which a sedex client lays its broadcasts. */
  inbox: path.optional(),
  /** For development: what answers in its place. */
  standIn: z.strictObject({ port, database: path }).optional(),
})

const consumerTold = z.strictObject({
  ...registryTold.shape,
  /** By ITI-46 at https://, by ITI-10 at mllps://host:port or, on this machine, mllp://. */
  url: z
    .string()
    .regex(
      /^(?:https:\/\/\S+|mllps?:\/\/[^\s/?#@\\]+:\d{1,5}\/?)$/,
      'must be https://, or mllps:// with a host and a port',
    ),
  domains: z.array(oid).default([]),
  /** What a consumer of ITI-10 is called in MSH-5 and MSH-6; its name without them. */
  application: z.string().min(1).max(227).optional(),
  facility: z.string().min(1).max(227).optional(),
})

export const patientIndexConfig = z.strictObject({
  ...service,
  replies,
  explain,
  audit: outbox,
  homeCommunityId,
  /** OID of the authority whose ids this index gives: that of the affinity domain (XAD-PID). */
  assigningAuthority: oid,
  /** Assigning authorities of the sources whose patients are taken; an empty list takes all. */
  sources: z.array(oid).default([]),
  /** Document registries that follow by ITI-44. */
  registries: z.array(registryTold).default([]),
  mllp,
  /** Consumers that are notified, and the domains whose ids they want; all without any. */
  consumers: z.array(consumerTold).default([]),
  /** A demographics query that more persons fit is told none of them, and what else to ask for. */
  mostHits: z.int().min(1).max(1_000).default(100),
  /** Whether other communities may ask for people by the national number alone. */
  nationalIdsOnly: z.boolean().default(false),
  /** Where it is one, ITI-56 is answered: which communities have asked for a person, and by what id of theirs, is remembered for so long. */
  healthDataLocator: z.strictObject({ days: z.number().positive().default(90) }).optional(),
  /** A record without a national number, where the domain has its feed name one: taken all the same when the index is to ask for it. */
  recordsWithoutNationalId: z.enum(['refused', 'taken']).default('refused'),
  /** Where national numbers come from. */
  upi: upi.optional(),
})

export type PatientIndexConfig = z.infer<typeof patientIndexConfig>
export type UpiConfig = NonNullable<PatientIndexConfig['upi']>
