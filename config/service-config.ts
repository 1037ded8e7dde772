// What the sections of several services have in common.
import { z } from 'zod'
import { bytes, hostName, milliseconds, oid, path, port } from './values.js'

export const listen = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port,
  /** What partners call us, for the WSDL and for audit records. */
  publicName: hostName.default('localhost'),
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
    /** What long envelopes (more than 256 KiB) of requests under way have of the memory, all together. */
    envelopesInMemoryBytes: bytes.default(256 * 1024 * 1024),
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
export const replies = z
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
export const explain = z
  .strictObject({
    keep: z.enum(['refused', 'all', 'none']).default('refused'),
    days: z.number().positive().default(7),
    megabytes: z.int().min(1).default(64),
  })
  .prefault({})

/** Health and metrics, in clear and for whoever asks: another address than the loopback one is for networks of one's own. */
const health = z.strictObject({ host: z.string().default('127.0.0.1'), port })

export const outbox = z.strictObject({
  /** The audit service's syslog door. */
  host: z.string().default('localhost'),
  port,
})

export const resubmission = z.enum(['strict', 'replay'])

/** Whether what is done with documents is written down for their patients too, beside what auditors read. [CH:ATC] */
export const patientTrail = z.boolean().default(false)

/** Processes of this machine that share the doors of a service: so many, or one for each processor. */
export const workers = z.union([z.literal('auto'), z.int().min(1).max(256)])

export const service = {
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
export const mllp = z
  .strictObject({
    /** MLLP without TLS, on the loopback address only; without it there is no such door. */
    port: port.optional(),
    /** MLLP over TLS with both certificates. */
    tls: z.strictObject({ host: z.string().default('127.0.0.1'), port }).optional(),
    /** OIDs of the assigning authorities that senders name by a namespace alone. [ITI TF-2:3.8.4.1.4] */
    namespaces: z.record(z.string().min(1), oid).default({}),
    /** Of messages without MSH-18. */
    characterSet: z.enum(['ASCII', '8859/1', '8859/15', 'UNICODE UTF-8']).default('UNICODE UTF-8'),
    maxMessageBytes: bytes.default(1_048_576),
    /** A message that has begun must have ended after so long. */
    messageMs: milliseconds.default(30_000),
    /** A connection without messages for so long is ended. */
    idleMs: milliseconds.default(3_600_000),
    connections: z.int().min(1).default(256),
  })
  .prefault({})

/** A database on a server. */
export const server = {
  /** File with the password, so that it does not stand here. */
  passwordFile: path.optional(),
  /** CAs of the server, PEM; needed unless it is on the loopback address. */
  ca: path.optional(),
  /** Of each process to the server, and to each replica. */
  connections: z.int().min(2).max(1000).default(10),
}

export type Limits = z.infer<typeof limits>
export type RepliesConfig = z.infer<typeof replies>
export type ExplainConfig = z.infer<typeof explain>
export type MllpConfig = z.infer<typeof mllp>
export type TlsFiles = z.infer<typeof tls>
