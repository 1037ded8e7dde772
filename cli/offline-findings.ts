// What a registry would find in a submission before it looks into its database, and which rules would have to. ITI TF-2 §3.42.4.1.3.
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import type { SubmittedBy } from '../metadata/attribute.js'
import { checkAttributes } from '../metadata/check.js'
import type { Finding, Submission } from '../metadata/model.js'
import { domainRules } from '../registry/rules/domain-rules.js'
import { findingsOf, type Rule } from '../registry/rules/rule.js'
import { onDemandRules, submissionRules } from '../registry/rules/submission-rules.js'
import { notSavedWarnings } from '../registry/saved-metadata.js'
import type { Facts } from '../registry/store.js'

export interface Offline {
  /** In the order in which a registry reports them. */
  findings: Finding[]
  /** Clauses of the rules that asked for something registered: what they say depends on it. */
  notJudged: string[]
}

/** What an update breaks depends on what it updates. */
export type JudgedOffline = Exclude<SubmittedBy, 'ITI-57' | 'ITI-92'>

const rulesOf: Readonly<Record<JudgedOffline, readonly Rule[]>> = {
  'ITI-41': submissionRules,
  'ITI-42': submissionRules,
  'ITI-61': onDemandRules,
}

export function offlineFindings(submission: Submission, transaction: JudgedOffline, domain: AffinityDomain): Finding[] {
  return judgedOffline(submission, transaction, domain).findings
}

export function judgedOffline(submission: Submission, transaction: JudgedOffline, domain: AffinityDomain): Offline {
  const attributes = [
    ...submission.findings,
    ...checkAttributes(submission, transaction, domain.tables),
    ...notSavedWarnings(submission, domain),
  ]
  const asking = new Set<string>()
  const rules = [...rulesOf[transaction], ...domainRules(domain)].map(({ clause, breaches }): Rule => {
    const facts = watched(factsOfNobody(submission), () => asking.add(clause))
    return { clause, breaches: submitted => breaches(submitted, facts) }
  })
  const findings = findingsOf(rules, submission, factsOfNobody(submission), attributes)
  return { findings: findings.filter(finding => !mayBeRegistered(finding)), notJudged: [...asking] }
}

/** Every patient is taken to be known, nothing to be registered. */
function factsOfNobody({ submissionSets, documentEntries, folders }: Submission): Facts {
  const patientIds = [...submissionSets, ...documentEntries, ...folders].map(({ patientId }) => patientId ?? '')
  return {
    patients: new Map(patientIds.map(id => [id, id])),
    endedPatients: new Set(),
    assigningAuthorities: () => [],
    objects: new Map(),
    uniqueIds: new Map(),
    latestVersions: new Map(),
    relations: new Set(),
    earlier: undefined,
    removed: undefined,
  }
}

/** Tells when somebody looks at them. */
function watched(facts: Facts, onLook: () => void): Facts {
  return new Proxy(facts, {
    get(target, name) {
      onLook()
      return Reflect.get(target, name) as unknown
    },
  })
}

// A symbolic id that nothing in the submission has is wrong anywhere; a UUID may be that of a registered object.
function mayBeRegistered({ code, found }: Finding): boolean {
  return code === 'UnresolvedReferenceException' && found.includes('urn:uuid:')
}
