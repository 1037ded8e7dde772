// What the files of an affinity domain's folder may say; what they mean stands in affinity/. docs/AFFINITY-DOMAINS.md
import { z } from 'zod'
import { oid } from './values.js'

const name = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be of lower case letters, digits and hyphens')
/** `DocumentEntry.classCode`, `DocumentEntry.author.authorRole`, or `DocumentEntry.urn:…` for a Slot of extra metadata. */
const attribute = z
  .string()
  .regex(/^(?:DocumentEntry|SubmissionSet|Folder|Association)\.\S+$/, 'must be as DocumentEntry.classCode')
const transaction = z.enum(['ITI-41', 'ITI-42', 'ITI-57', 'ITI-61', 'ITI-92'])
const pattern = z.string().refine(isPattern, 'must be a regular expression')
/** What is broken at `warn` is told with a Success. */
const level = z.enum(['error', 'warn', 'off'])

const rule = z.strictObject({
  level: level.optional(),
  /** Clause tag, as `CH-EPR annex 3`. */
  clause: z.string().min(1).optional(),
  /** Why nobody can say that this is the rule, where no source was within reach. */
  unsourced: z.string().min(1).optional(),
  /** Absent where the rule is one of those that are written in TypeScript, known by its id. */
  attribute: attribute.optional(),
  /** All of them when absent. */
  on: z.array(transaction).min(1).optional(),
  required: z.boolean().optional(),
  forbidden: z.boolean().optional(),
  /** An update leaves it as it was in the version before. */
  unchangeable: z.boolean().optional(),
  atMost: z.int().min(1).optional(),
  /** In characters, in the place of the framework's. */
  maxLength: z.int().min(1).optional(),
  values: z.array(z.string().min(1)).min(1).optional(),
  pattern: pattern.optional(),
  /** What the pattern asks for, in words. */
  expected: z.string().min(1).optional(),
  /** Assigning authorities that an id may not be of. */
  notOfAuthorities: z.array(oid).min(1).optional(),
})

/** `"off"` alone is short for a row that changes the level of an inherited one. */
const ruleOrLevel = z.preprocess(value => (typeof value === 'string' ? { level: value } : value), rule)

/** code^display^codingScheme, as on the command line. */
const writtenCode = z.string().regex(/^[^^]+\^[^^]*\^[^^]+$/, 'must be code^display^codingScheme')

/** What a source of ours fills in where neither the user nor the document says it: `carnet submit`. */
const submitting = z.strictObject({
  class: writtenCode.optional(),
  type: writtenCode.optional(),
  format: writtenCode.optional(),
  facility: writtenCode.optional(),
  practice: writtenCode.optional(),
  confidentiality: writtenCode.optional(),
  contentType: writtenCode.optional(),
  language: z.string().min(1).optional(),
  /** XCN. */
  author: z.string().min(1).optional(),
  /** Of who submits; `{role}` stands for it below. */
  role: z.string().min(1).optional(),
  authorRole: z.string().min(1).optional(),
  /** Slots of extra metadata. */
  slots: z.record(attribute, z.string().min(1)).optional(),
  /** Codes of the domain for those that documents carry, which are written `code^^codingScheme`. */
  translations: z.record(z.string(), writtenCode).optional(),
})

export const domainFile = z.strictObject({
  name,
  /** In words, for people. */
  title: z.string().min(1).optional(),
  /** A domain of ours by name, or the path of a folder, whose files hold where this one says nothing. */
  extends: z.string().min(1).optional(),
  /** Defaults of carnet.json under this domain. */
  settings: z
    .strictObject({
      registry: z.record(z.string(), z.unknown()).optional(),
      repository: z.record(z.string(), z.unknown()).optional(),
      xua: z.record(z.string(), z.unknown()).optional(),
      patientIndex: z.record(z.string(), z.unknown()).optional(),
      gateway: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
  /** What of the assertions of users is asked of an endpoint in mode production, and may not be set otherwise there. */
  assertionsInProduction: z.literal('required').optional(),
  /** Settings of carnet.json without which the domain cannot be served. */
  needs: z.array(z.enum(['registry.homeCommunityId', 'registry.assigningAuthorities'])).optional(),
  /** OID of the authority whose ids name patients nationwide. */
  nationalAuthority: oid.optional(),
  limitedMetadata: z.enum(['allowed', 'refused']).optional(),
  /** What is not saved is told by a warning; Slots that a rule or a code set names are saved all the same. */
  extraMetadata: z.enum(['saved', 'not-saved']).optional(),
  /** DocumentEntries with one of these values in this Slot are found by no query. */
  hiddenFromQueries: z
    .strictObject({ attribute, values: z.array(z.string().min(1)).min(1), clause: z.string().min(1) })
    .optional(),
  rules: z.record(name, ruleOrLevel).optional(),
  submitting: submitting.optional(),
})

/** codes/NAME.json: the only codes that an attribute may have. */
export const codeSetFile = z.strictObject({
  attribute,
  title: z.string().min(1).optional(),
  oid: oid.optional(),
  version: z.string().min(1).optional(),
  source: z.string().min(1).optional(),
  clause: z.string().min(1).optional(),
  level: level.optional(),
  /** How the value of a Slot or of a part of an author is written: `HCP^^^&OID&ISO`, or the code alone. */
  written: z.enum(['coded', 'plain']).optional(),
  /** What becomes of a text that is no code, where codes are written `HCP^^^&OID&ISO`. */
  freeText: level.optional(),
  codes: z
    .array(
      z.strictObject({
        code: z.string().min(1),
        codingScheme: z.string().min(1).optional(),
        /** By language; `en` at the least. */
        names: z.record(z.string(), z.string().min(1)),
      }),
    )
    .min(1),
})

/** class-type-pairs.json: the typeCodes that go with each classCode, by code. */
export const pairsFile = z.strictObject({
  clause: z.string().min(1),
  source: z.string().min(1).optional(),
  pairs: z.record(z.string(), z.array(z.string().min(1)).min(1)),
})

export type DomainFile = z.infer<typeof domainFile>
export type RuleFile = z.infer<typeof rule>
export type CodeSetFile = z.infer<typeof codeSetFile>
export type PairsFile = z.infer<typeof pairsFile>
export type Level = z.infer<typeof level>
export type SubmittingFile = z.infer<typeof submitting>

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u').source !== ''
  } catch {
    return false
  }
}
