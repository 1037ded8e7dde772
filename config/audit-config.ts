// The section of the audit service, with its pages for auditors.
import { z } from 'zod'
import { pageRoles } from './page-roles.js'
import { listen, service } from './service-config.js'
import { bytes, fingerprint, path, port } from './values.js'

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

export type AuditConfig = z.infer<typeof auditConfig>
export type PagesConfig = NonNullable<AuditConfig['pages']>
export type OpenIdConnectConfig = NonNullable<PagesConfig['openIdConnect']>
