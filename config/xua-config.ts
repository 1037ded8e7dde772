// The assertions of users: where they are wanted, whose are believed. [ITI TF-2:3.40]
import { z } from 'zod'
import { path } from './values.js'

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
  'ITI-63',
  'ITI-80',
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
export const xuaOfService = {
  xua: xuaUse.default('off'),
  /** Where it is otherwise for single transactions: `{ "ITI-42": "optional" }`. */
  xuaByTransaction: z.partialRecord(z.enum(xuaTransactions), xuaUse).default({}),
}

/** What stands in the issuers file. */
export const issuersFile = z.array(xuaIssuer)

export type XuaConfig = z.infer<typeof xuaConfig>
export type XuaIssuer = XuaConfig['issuers'][number]
