// The section of the Document Repository.
import { z } from 'zod'
import { explain, outbox, patientTrail, replies, resubmission, server, service, workers } from './service-config.js'
import { bytes, homeCommunityId, milliseconds, oid, path } from './values.js'
import { xuaOfService } from './xua-config.js'

const onDemandType = z.strictObject({
  /** Stands behind the OID in the uniqueId of an entry of this type, as in `2.25.1^summary`. */
  name: z.string().regex(/^[a-z0-9-]{1,16}$/, 'must be 1 to 16 small letters, digits and hyphens'),
  /** JavaScript module whose default export makes the document; without it the built-in one of that name. */
  module: path.optional(),
  /** Whether what was made is kept and registered as a snapshot. [ITI TF-2:3.43.4.2.3] */
  persist: z.boolean().default(true),
})

/** Documents that are made when they are retrieved. */
const onDemand = z
  .strictObject({
    types: z.array(onDemandType).default([{ name: 'summary', persist: true }]),
    /** How long making one may take. */
    timeoutMs: milliseconds.default(10_000),
    maxBytes: bytes.default(16 * 1024 * 1024),
    /** Documents being made at once; one more is answered Busy. */
    atOnce: z.int().min(1).default(4),
  })
  .prefault({})

/** Where buckets are, for `documents` that begin with s3:// and for those that once did. */
export const objectStorage = z.strictObject({
  /** With a port where it is not 443; http:// on this machine only. */
  endpoint: z.string().regex(/^https?:\/\/[^\s/?#@\\]+$/, 'must be https:// and a host, without a path'),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, 'must be the name of a region such as us-east-1')
    .default('us-east-1'),
  /** Whether the bucket stands in the path (most makes) and not in the name of the host (Amazon). */
  pathStyle: z.boolean().default(true),
  /** JSON file with accessKeyId, secretAccessKey and perhaps sessionToken; read again when they are refused. */
  credentials: path,
  /** CAs whose certificates we accept there; those that Node knows without it. */
  ca: path.optional(),
  /** Who encrypts there: nobody that we ask, the storage with its own keys, or with one of its key management. */
  encryption: z.enum(['none', 'AES256', 'aws:kms']).default('none'),
  /** Of `aws:kms`; the default key of the bucket without it. */
  kmsKey: z
    .string()
    .regex(/^[!-~]{1,2048}$/, 'must be the id of a key')
    .optional(),
  /** Silence of the storage for so long ends a try. */
  timeoutMs: milliseconds.default(10_000),
  /** All tries of one request together: a small document, or a part of a large one. */
  patienceMs: milliseconds.default(20_000),
  /** Documents below a MiB that were read lately stay on this machine, encrypted, up to so many bytes. */
  readCache: z
    .strictObject({
      bytes: bytes.default(1024 ** 3),
      /** A folder "read-cache" is made in it; where documents arrive without it. */
      folder: path.optional(),
    })
    .optional(),
})

/** Of documents at rest; one of `keys` and `module`. */
const encryption = z.strictObject({
  /** JSON file with key-encryption keys. */
  keys: path.optional(),
  /** JavaScript module in front of a key management. */
  module: path.optional(),
  /** Whether new documents are encrypted; those that are stay readable. */
  newDocuments: z.boolean().default(true),
})

export const repositoryConfig = z.strictObject({
  ...service,
  ...xuaOfService,
  patientTrail,
  replies,
  explain,
  audit: outbox,
  postgres: z.strictObject(server).prefault({}),
  workers: workers.optional(),
  repositoryUniqueId: oid,
  homeCommunityId: homeCommunityId.optional(),
  /** Folder of the documents and of those still arriving; or s3://bucket/prefix. */
  documents: path.regex(
    /^(?!s3:)|^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){0,5}$/,
    'must be a folder, or s3:// with a bucket and perhaps a prefix of letters, digits, ".", "_" and "-"',
  ),
  /** With documents on S3: folder of those still arriving, and of those not yet moved; `documents` beside the database without it. */
  documentsFolder: path.optional(),
  objectStorage: objectStorage.optional(),
  encryption: encryption.optional(),
  registry: z.strictObject({
    url: z.string().url(),
    /** How long one ITI-41 waits for the registry's word, resending meanwhile. */
    timeoutMs: milliseconds.default(20_000),
  }),
  resubmission: resubmission.default('strict'),
  resubmissionWindowDays: z.number().positive().default(7),
  /** What becomes of an ITI-43 for a document that no query of the registry tells: to refuse it, the registry is asked each time. */
  untoldDocuments: z.enum(['given', 'refused']).default('given'),
  onDemand,
})

export type RepositoryConfig = z.infer<typeof repositoryConfig>
export type EncryptionConfig = NonNullable<RepositoryConfig['encryption']>
export type ObjectStorageConfig = NonNullable<RepositoryConfig['objectStorage']>
export type OnDemandTypeConfig = RepositoryConfig['onDemand']['types'][number]
