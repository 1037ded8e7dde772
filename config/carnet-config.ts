// What a deployment says of itself: carnet.json, a section per service, checked before anything starts.
import { z } from 'zod'
import { pageRoles } from './page-roles.js'
import { peerRoles } from './peer-roles.js'

const port = z.int().min(0).max(65535)
const oid = z.string().regex(/^(?=.{3,64}$)[0-2](?:\.(?:0|[1-9][0-9]*))+$/, 'must be an OID such as 2.25.1')
const homeCommunityId = z
  .string()
  .regex(/^urn:oid:(?=.{3,64}$)[0-2](?:\.(?:0|[1-9][0-9]*))+$/, 'must be urn:oid: and an OID')
const bytes = z.int().min(1)
const milliseconds = z.int().min(1)
/** Paths are read relative to the folder of the config file. */
const path = z.string().min(1)

const listen = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port,
  /** What partners call us, for the WSDL and for audit records. */
  publicName: z.string().default('localhost'),
})

/** PEM files: our key and certificate, and whose certificates we accept. All are read again when they change. */
const tls = z.strictObject({
  key: path,
  cert: path,
  /** CAs whose certificates we accept. */
  ca: path,
  /** CAs of partners; a file that is not there is an empty one. */
  partners: path.default('certs/partners.pem'),
  /** Certificate revocation lists of these CAs; a file that is not there is an empty one. */
  crl: path.default('certs/crl.pem'),
})

const httpsUrl = z
  .string()
  .regex(/^https:\/\/[^\s/?#@\\]+(?:\/[^\s#\\]*)?$/, 'must be https://, a host and perhaps a path')

/** One certificate. */
const pem = z
  .string()
  .max(65_536)
  .regex(
    /^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/,
    'must be one certificate in PEM',
  )

const fingerprint = z
  .string()
  .regex(/^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/, 'must be a SHA-256 fingerprint, upper case hex with colons')

const peer = z.strictObject({
  /** Stable name; resubmissions are recognised by it. */
  name: z.string().min(1),
  /** The certificate is this peer's when its common name or its fingerprint is listed here. */
  commonNames: z.array(z.string().min(1)).default([]),
  fingerprints: z.array(fingerprint).default([]),
  roles: z.array(z.enum(peerRoles)).min(1),
  /** Answers in this form whatever the form of the request. */
  answerForm: z.enum(['MTOM', 'plain']).optional(),
  /** Where this peer may have answers sent by wsa:ReplyTo and wsa:FaultTo: URLs that hold with all paths below them. */
  replyTo: z
    .array(z.string().regex(/^https:\/\/[^\s/?#@\\]+(?:\/[^\s?#\\]*)?$/, 'must be https://, a host and perhaps a path'))
    .default([]),
})

/** Bounds of one process; what goes over them is refused with a clear answer. */
const limits = z
  .strictObject({
    /** An envelope with all that is inline in it; nobody else is served while it is parsed. */
    envelopeBytes: bytes.default(16 * 1024 * 1024),
    /** Elements of an envelope: they, not bytes of base64, are what parsing and judging cost. docs/decisions/0152 */
    elements: z.int().min(1000).default(250_000),
    /** A document inside the envelope as base64 (decoded); larger ones must come as MTOM attachments. */
    inlineDocumentBytes: bytes.default(8 * 1024 * 1024),
    attachmentBytes: bytes.default(4 * 1024 * 1024 * 1024),
    attachments: z.int().min(1).default(1000),
    /** Bytes on the disk of requests that are under way, all together. */
    spooledBytes: bytes.default(16 * 1024 * 1024 * 1024),
    /** Requests under way; one more is answered Busy. */
    requestsInFlight: z.int().min(1).default(256),
    /** Audit records that wait for the audit service; with more, requests are answered Busy until it is back. */
    auditQueue: z.int().min(1).default(1_000_000),
    /** With less room on its disks nothing is added any more: the rest is for the audit of queries and retrievals. */
    leastFreeBytes: bytes.default(64 * 1024 * 1024),
    /** A connection on which nothing moves for this long is ended. */
    idleMs: milliseconds.default(30_000),
    /** Connections of one certificate; a further one is refused. */
    connectionsPerPeer: z.int().min(1).default(512),
  })
  .prefault({})

/** Answers that are sent to a wsa:ReplyTo, while they wait for their partner; bounds for each partner. */
const replies = z
  .strictObject({
    /** With so many the next request that wants one is refused: wsa:EndpointUnavailable. */
    waiting: z.int().min(1).default(100),
    /** Of answers on the disk, documents included. */
    megabytes: z.int().min(1).default(256),
    /** For how long one is tried. */
    minutes: z.number().positive().default(10),
  })
  .prefault({})

/** What is remembered of exchanges, sealed, for `carnet explain`. */
const explain = z
  .strictObject({
    keep: z.enum(['refused', 'all', 'none']).default('refused'),
    days: z.number().positive().default(7),
    megabytes: z.int().min(1).default(64),
  })
  .prefault({})

/** Health and metrics, in clear and for whoever asks: another address than the loopback one is for networks of one's own. */
const health = z.strictObject({ host: z.string().default('127.0.0.1'), port })

const outbox = z.strictObject({
  /** The audit service's syslog door. */
  host: z.string().default('localhost'),
  port,
})

const resubmission = z.enum(['strict', 'replay'])

const xuaUse = z.enum(['required', 'optional', 'off'])

/** Transactions that carry the assertion of a user. [ITI TF-2:3.40] */
export const xuaTransactions = [
  'ITI-18',
  'ITI-38',
  'ITI-39',
  'ITI-41',
  'ITI-42',
  'ITI-43',
  'ITI-51',
  'ITI-57',
  'ITI-61',
  'ITI-62',
  'ITI-86',
  'ITI-92',
  'RAD-69',
  'RAD-75',
] as const

const xuaIssuer = z.strictObject({
  /** As the Issuer of its assertions names it. */
  issuer: z.string().min(1).max(1024),
  /** PEM files; each may hold several certificates, the next one beside the present one. */
  certificates: z.array(path).min(1),
})

/** The assertions of users: whose are believed, and for how long. [ITI TF-2:3.40] */
export const xuaConfig = z
  .strictObject({
    /** What is asked of the claims: the framework's alone, or the Swiss EPR's. */
    rules: z.enum(['ihe', 'ch-epr']).default('ihe'),
    issuers: z.array(xuaIssuer).default([]),
    /** Further issuers in the same form, read again when they or their certificates change; it need not be there. */
    issuersFile: path.default('xua-issuers.json'),
    /** One of these has to be named where an assertion is meant for somebody; the URL of the service itself is another. */
    audiences: z.array(z.string().min(1)).default(['urn:e-health-suisse:token-audience:all-communities']),
    /** What the Recipient of a SubjectConfirmation may be; anything while the list is empty. */
    recipients: z.array(z.string().min(1)).default([]),
    /** How a subject may be confirmed; one that says nothing of it counts as bearer. */
    confirmations: z
      .array(z.enum(['bearer', 'holder-of-key']))
      .min(1)
      .default(['bearer', 'holder-of-key']),
    /** How far the clock of an issuer may be from ours. */
    clockSkewSeconds: z.int().min(0).max(300).default(30),
    /** An assertion that is to hold for longer is refused. */
    longestMinutes: z.int().min(1).default(1_440),
    /** Whether each assertion is taken once, or only those that ask for it (OneTimeUse). */
    oneTimeUse: z.enum(['asked', 'always']).default('asked'),
    /** How long after its end an assertion may still come from a repository, which tries again when a registry was away. */
    handedOnHours: z.number().min(0).default(24),
    /** Communities whose users are let in; all while the list is empty. */
    homeCommunities: z.array(z.string().startsWith('urn:oid:')).default([]),
  })
  .prefault({})

/** Of one endpoint; what the affinity domain asks for where nothing is said. */
const xuaOfService = {
  xua: xuaUse.default('off'),
  /** Where it is otherwise for single transactions: `{ "ITI-42": "optional" }`. */
  xuaByTransaction: z.partialRecord(z.enum(xuaTransactions), xuaUse).default({}),
}

/** Whether what is done with documents is written down for their patients too, beside what auditors read. [CH:ATC] */
const patientTrail = z.boolean().default(false)

/** Processes of this machine that share the doors of a service: so many, or one for each processor. */
const workers = z.union([z.literal('auto'), z.int().min(1).max(256)])

const service = {
  listen,
  tls,
  health,
  /** Database file; of registry and repository also postgres:// and a database on a server. */
  database: path,
  /** For what is under way and what is remembered beside the database; without it the folder of the database file. */
  folder: path.optional(),
  /** File for the log, one JSON object a line; standard output without it. */
  log: path.optional(),
  limits,
}

/** Doors of HL7 v2: the patient identity feed (ITI-8), and of a patient index its queries (ITI-9, ITI-21). */
const mllp = z
  .strictObject({
    /** MLLP without TLS, on the loopback address only; without it there is no such door. */
    port: port.optional(),
    /** MLLP over TLS with both certificates. */
    tls: z.strictObject({ host: z.string().default('127.0.0.1'), port }).optional(),
    /** OIDs of the assigning authorities that senders name by a namespace alone. [ITI TF-2:3.8.4.1.4] */
    namespaces: z.record(z.string().min(1), oid).default({}),
    /** Of messages without MSH-18. */
    characterSet: z.enum(['ASCII', '8859/1', 'UNICODE UTF-8']).default('UNICODE UTF-8'),
    maxMessageBytes: bytes.default(1_048_576),
    /** A message that has begun must have ended after so long. */
    messageMs: milliseconds.default(30_000),
    /** A connection without messages for so long is ended. */
    idleMs: milliseconds.default(3_600_000),
    connections: z.int().min(1).default(256),
  })
  .prefault({})

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
const objectStorage = z.strictObject({
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
})

/** A database on a server. */
const server = {
  /** File with the password, so that it does not stand here. */
  passwordFile: path.optional(),
  /** CAs of the server, PEM; needed unless it is on the loopback address. */
  ca: path.optional(),
  /** Of each process to the server, and to each replica. */
  connections: z.int().min(2).max(1000).default(10),
}

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

/** Who may sign in to the auditor's pages, and as what. */
const reader = z.strictObject({
  /** Stands in the audit records of what was looked at. */
  name: z.string().min(1),
  roles: z.array(z.enum(pageRoles)).min(1),
  /** The certificate of a browser is this person's when its common name (of our own CA) or its fingerprint is listed here. */
  commonNames: z.array(z.string().min(1)).default([]),
  fingerprints: z.array(fingerprint).default([]),
  /** What the identity provider calls this person (`sub`). */
  subjects: z.array(z.string().min(1)).default([]),
})

/** An identity provider whose word counts for sign-in. */
const openIdConnect = z.strictObject({
  /** As it names itself; its metadata are found below it. */
  issuer: z.string().regex(/^https:\/\/[^\s?#@\\]+$/, 'must be https:// and a host, without a query'),
  /** What the button says. */
  label: z.string().min(1).max(60).default('OpenID Connect'),
  clientId: z.string().min(1),
  /** File with the secret; without it the client is a public one, which PKCE protects. */
  clientSecretFile: path.optional(),
  /** CAs whose certificates we accept there; those that Node knows without it. */
  ca: path.optional(),
  scope: z.string().min(1).default('openid profile'),
  /** Claim of the ID token that says what somebody is. */
  rolesClaim: z.string().min(1).default('roles'),
  /** Role here by value of that claim; people in `readers` have theirs besides. */
  roles: z.record(z.string().min(1), z.enum(pageRoles)).default({}),
})

/** Pages for auditors, in a browser. */
const pages = z.strictObject({
  listen,
  readers: z.array(reader).default([]),
  openIdConnect: openIdConnect.optional(),
  /** In which times are shown. */
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be the name of a time zone such as Europe/Zurich')
    .default('Europe/Zurich'),
  /** Without a click for so long one is signed out. */
  idleMinutes: z.number().positive().max(480).default(30),
  /** What the watch lists take for unusual. */
  unusual: z
    .strictObject({
      nightFromHour: z.int().min(0).max(23).default(22),
      nightToHour: z.int().min(0).max(23).default(6),
      /** Of one person within one day. */
      patientsOfOnePerson: z.int().min(2).default(20),
    })
    .prefault({}),
})

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

export const auditConfig = z.strictObject({
  ...service,
  /** Without it there are no pages. */
  pages: pages.optional(),
  /** RFC 5425: syslog over TLS. */
  syslog: z.strictObject({
    host: z.string().default('127.0.0.1'),
    port,
    maxMessageBytes: bytes.default(16 * 1024 * 1024),
    /** RFC 5426: for senders that cannot do better. Anybody can write there, and nothing says what was lost on the way. */
    udp: z.strictObject({ host: z.string().default('127.0.0.1'), port }).optional(),
  }),
  /** When the tree of the audit records is signed: after so many records, and after so long when any have come. */
  chain: z
    .strictObject({
      everyRecords: z.int().min(1).default(10_000),
      everyMinutes: z.number().positive().default(5),
    })
    .prefault({}),
  /** Which records go after how long; without rules all stay. docs/decisions/0297 */
  retention: z
    .strictObject({
      /** What the law asks for: no rule may be shorter. */
      leastDays: z.int().min(0).default(3_653),
      /** The first that is for a record counts. */
      rules: z
        .array(
          z.strictObject({
            /** Codes of the EventTypeCode or, where there is none, of the EventID; without them all. */
            types: z.array(z.string().min(1)).min(1).optional(),
            /** Since it was received. */
            days: z.int().min(1),
          }),
        )
        .max(100)
        .default([]),
      everyHours: z.number().positive().max(500).default(24),
    })
    .prefault({}),
})

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
  /** A record without a national number, where the domain has its feed name one: taken all the same when the index is to ask for it. */
  recordsWithoutNationalId: z.enum(['refused', 'taken']).default('refused'),
  /** Where national numbers come from. */
  upi: upi.optional(),
})

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
  name: z.string().min(1),
  homeCommunityId,
  /** Where it answers ITI-38. */
  query: z.string().url(),
  /** Where it answers ITI-39. */
  retrieve: z.string().url(),
  /** Where it answers RAD-75; without it where it answers ITI-39. */
  imaging: z.string().url().optional(),
  /** Where it answers ITI-55; without it our patient ids are its own. */
  discovery: z.string().url().optional(),
  /** Authority whose patient ids it answers with; any but the national one without it. */
  patientDomain: oid.optional(),
  /** It has so long for an answer to ITI-38 or ITI-55; with more it is named as silent. */
  timeoutMs: milliseconds.default(10_000),
  /** And so long for documents. */
  retrieveTimeoutMs: milliseconds.default(300_000),
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
        /** Where its images are asked for (RAD-69); without it where its documents are. */
        imaging: z.string().url().optional(),
      }),
    )
    .default([]),
  /** Who knows more of our patients than their ids; without it others are asked by the id alone. */
  patientIndex: z.strictObject(asked).optional(),
  /** Whether others are asked for a patient by the national number alone. */
  nationalIdsOnly: z.boolean().default(false),
  /** For how long the id that another community has for a patient is taken for granted. */
  correlationMinutes: z.number().positive().default(60),
  communities: z.array(community).default([]),
  /** Further communities in the same form, written by `carnet community add` and read again when it changes; it need not be there. */
  communitiesFile: path.default('communities.json'),
})

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

export type CarnetConfig = z.infer<typeof carnetConfig>
export type RegistryConfig = CarnetConfig['registry']
export type RepositoryConfig = CarnetConfig['repository']
export type EncryptionConfig = NonNullable<RepositoryConfig['encryption']>
export type ObjectStorageConfig = NonNullable<RepositoryConfig['objectStorage']>
export type OnDemandTypeConfig = RepositoryConfig['onDemand']['types'][number]
export type AuditConfig = CarnetConfig['atnaAudit']
export type GatewayConfig = NonNullable<CarnetConfig['gateway']>
export type CommunityConfig = GatewayConfig['communities'][number]
export type CommunityQuirks = CommunityConfig['quirks']
/** What stands in the communities file. */
export const communitiesFile = z.array(community)
/** What a community tells others of itself, in a file. */
export const communityDescription = z.strictObject({
  /** Of this form. */
  carnetCommunity: z.literal(1),
  /** For people. */
  name: z.string().min(1).max(100),
  homeCommunityId,
  query: httpsUrl,
  retrieve: httpsUrl,
  discovery: httpsUrl.optional(),
  patientDomain: oid.optional(),
  /** CAs that have issued its certificates, PEM. */
  authorities: z.array(pem).min(1).max(16),
  /** Certificates with which its gateway asks others, PEM. */
  certificates: z.array(pem).min(1).max(16),
  /** Whose assertions its users bring. */
  issuers: z
    .array(z.strictObject({ issuer: z.string().min(1).max(1024), certificates: z.array(pem).min(1).max(8) }))
    .max(16)
    .default([]),
})
export type CommunityDescription = z.infer<typeof communityDescription>
export type PatientIndexConfig = NonNullable<CarnetConfig['patientIndex']>
export type UpiConfig = NonNullable<PatientIndexConfig['upi']>
export type PagesConfig = NonNullable<AuditConfig['pages']>
export type OpenIdConnectConfig = NonNullable<PagesConfig['openIdConnect']>
/** What stands in the partners file. */
export const partnersFile = z.array(peer)
export type PeerConfig = CarnetConfig['peers'][number]
export type Limits = RegistryConfig['limits']
export type ExplainConfig = RegistryConfig['explain']
export type XuaConfig = CarnetConfig['xua']
/** What stands in the issuers file. */
export const issuersFile = z.array(xuaIssuer)
export type XuaIssuer = XuaConfig['issuers'][number]
export type RepliesConfig = RegistryConfig['replies']
export type PostgresConfig = RegistryConfig['postgres']
export type MllpConfig = RegistryConfig['mllp']
export type TlsFiles = RegistryConfig['tls']
