// The section of the gateway, and other communities as files describe them.
import { z } from 'zod'
import { explain, outbox, replies, service } from './service-config.js'
import { addressAbove, fingerprint, homeCommunityId, httpsUrl, milliseconds, name, oid, path, pem } from './values.js'
import { xuaOfService } from './xua-config.js'

/** Somebody behind a gateway, or beside it. */
const asked = { url: z.string().url(), timeoutMs: milliseconds.default(10_000) }

/** In what a community differs from what the framework says. docs/COMMUNITIES.md */
const quirks = z
  .strictObject({
    /** SOAP headers that it stumbles over; they are not sent. */
    withoutHeaders: z.array(z.enum(['ReplyTo', 'To', 'Security'])).default([]),
    /** Whether wsa:Action says mustUnderstand. */
    mustUnderstand: z.boolean().default(true),
    /** Which headers come first. */
    headerOrder: z.enum(['addressing', 'security']).default('addressing'),
    /** Whether certificates count there that are signed with SHA-1. */
    sha1Certificates: z.enum(['refused', 'taken']).default('refused'),
    /** What becomes of objects and documents that name no community. */
    missingHome: z.enum(['filledIn', 'refused']).default('filledIn'),
    /** How it writes and reads homeCommunityId: with `urn:oid:` or without. */
    homeCommunityIds: z.enum(['urn:oid', 'bare']).default('urn:oid'),
    /** How it reads repositoryUniqueId. */
    repositoryUniqueIds: z.enum(['bare', 'urn:oid']).default('bare'),
  })
  .prefault({})

/** Another community, and what has to be known to speak with it. */
const community = z.strictObject({
  /** For people. */
  name,
  homeCommunityId,
  /** Where it answers ITI-38. */
  query: z.string().url(),
  /** Where it answers ITI-39. */
  retrieve: z.string().url(),
  /** Where it answers ITI-63; without it ITI-38 and ITI-39 are asked instead. */
  fetch: z.string().url().optional(),
  /** Where it takes documents by ITI-80; without it nobody can send it any. */
  provide: z.string().url().optional(),
  /** Where it answers RAD-75; without it where it answers ITI-39. */
  imaging: z.string().url().optional(),
  /** Where it answers ITI-55; without it our patient ids are its own. */
  discovery: z.string().url().optional(),
  /** Whether it is asked by ITI-55 in deferred mode: it acknowledges the question, and answers by a request of its own. */
  deferredDiscovery: z.boolean().default(false),
  /** Whether it is asked in the Asynchronous Web Services Exchange: it says 202 at once, and its answer comes to an address of ours. */
  asynchronous: z.boolean().default(false),
  /** Partners by whose certificates its answers come that come later; the partner of its own name without it. */
  answeredBy: z.array(z.string().min(1)).min(1).optional(),
  /** Where it answers ITI-56 as a health data locator: it is told by what id we know a patient, and tells who else does. */
  location: z.string().url().optional(),
  /** `located`: only where a health data locator names it for the patient, or does not answer. */
  asked: z.enum(['always', 'located']).default('always'),
  /** Authority whose patient ids it answers with; any but the national one without it. */
  patientDomain: oid.optional(),
  /** It has so long for an answer to ITI-38 or ITI-55; with more it is named as silent. */
  timeoutMs: milliseconds.default(10_000),
  /** And so long for documents, by ITI-39 or ITI-63. */
  retrieveTimeoutMs: milliseconds.default(300_000),
  /** And so long to take documents, by ITI-80, with a second more for each MiB of them. */
  provideTimeoutMs: milliseconds.default(60_000),
  /** One more is not sent to it. */
  requestsAtOnce: z.int().min(1).default(32),
  /** Whether it takes a single DocumentRequest in an ITI-39. */
  oneDocumentPerRequest: z.boolean().default(false),
  /** The form that it wants requests in, whatever the transaction's. */
  form: z.enum(['MTOM', 'plain']).optional(),
  quirks,
  /** SHA-256 of the CAs that came with it into `tls.partners`, so that they go with it. */
  authorities: z.array(fingerprint).default([]),
})

export const gatewayConfig = z.strictObject({
  ...service,
  ...xuaOfService,
  replies,
  explain,
  audit: outbox,
  homeCommunityId,
  /** Registries of this community. */
  registries: z.array(z.strictObject(asked)).min(1),
  /** Repositories of this community. */
  repositories: z
    .array(
      z.strictObject({
        ...asked,
        timeoutMs: milliseconds.default(300_000),
        repositoryUniqueId: oid,
        /** Where it takes documents (ITI-41) that are for this community; without it where they are asked for. */
        provide: z.string().url().optional(),
        /** Where its images are asked for (RAD-69); without it where its documents are. */
        imaging: z.string().url().optional(),
      }),
    )
    .default([]),
  /** Who knows more of our patients than their ids; without it others are asked by the id alone. */
  patientIndex: z.strictObject(asked).optional(),
  /** Whether others are asked for a patient by the national number alone. */
  nationalIdsOnly: z.boolean().default(false),
  /** Whether documents of other communities are taken (ITI-80): by the first repository with `provide`, else by the first. */
  documentsOfOthers: z.enum(['taken', 'refused']).default('taken'),
  /** For how long the id that another community has for a patient is taken for granted. */
  correlationMinutes: z.number().positive().default(60),
  /** For how long an answer is waited for that comes later (`deferredDiscovery`); whoever asked us is told before that it was not there in time. */
  deferredMinutes: z.number().positive().default(10),
  /** Where other communities reach this process, and no other, with answers that come later; without it by `listen`. */
  answersAt: addressAbove.optional(),
  communities: z.array(community).default([]),
  /** Further communities in the same form, written by `carnet community add` and read again when it changes; it need not be there. */
  communitiesFile: path.default('communities.json'),
})

/** What stands in the communities file. */
export const communitiesFile = z.array(community)

/** What a community tells others of itself, in a file. */
export const communityDescription = z.strictObject({
  /** Of this form. */
  carnetCommunity: z.literal(1),
  /** For people. */
  name,
  homeCommunityId,
  query: httpsUrl,
  retrieve: httpsUrl,
  fetch: httpsUrl.optional(),
  provide: httpsUrl.optional(),
  discovery: httpsUrl.optional(),
  location: httpsUrl.optional(),
  /** Where answers come to that come later, with all paths below it. */
  answersAt: addressAbove.optional(),
  patientDomain: oid.optional(),
  /** CAs that have issued its certificates, PEM. */
  authorities: z.array(pem).min(1).max(16),
  /** Certificates with which it asks others, PEM: of its gateway, and of its patient index, which sends deferred answers to ITI-55. */
  certificates: z.array(pem).min(1).max(16),
  /** Whose assertions its users bring. */
  issuers: z
    .array(z.strictObject({ issuer: z.string().min(1).max(1024), certificates: z.array(pem).min(1).max(8) }))
    .max(16)
    .default([]),
})

export type GatewayConfig = z.infer<typeof gatewayConfig>
export type CommunityConfig = z.infer<typeof community>
export type CommunityQuirks = CommunityConfig['quirks']
export type CommunityDescription = z.infer<typeof communityDescription>
