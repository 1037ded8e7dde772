// What a registry would find in a submission before it looks into its database, and which rules would have to. ITI TF-2 §3.42.4.1.3.
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import type { SubmittedBy } from '../../metadata/attribute.js'
import { checkAttributes } from '../../metadata/check.js'
import type { Finding, Submission } from '../../metadata/model.js'
import { domainRules } from '../../registry/rules/domain-rules.js'
import { findingsOf, type Rule } from '../../registry/rules/rule.js'
import { onDemandRules, submissionRules } from '../../registry/rules/submission-rules.js'
import {
  codeOfUpdate,
  restrictedUpdateCodes,
  restrictedUpdateRules,
  updateCodes,
  updateRules,
} from '../../registry/rules/update-rules.js'
import { notSavedWarnings } from '../../registry/saved-metadata.js'
import type { Facts } from '../../registry/store/facts.js'

export interface Offline {
  /** In the order in which a registry reports them. */
  findings: Finding[]
  /** Clauses of the rules that asked for something registered: what they say depends on it. */
  notJudged: string[]
}

interface Row {
  rules(domain: AffinityDomain): readonly Rule[]
  /** Under which code the transaction tells what is wrong with an attribute. */
  codeOf?(finding: Finding): Finding['code']
  /** It speaks of what is registered: a rule that looks there says only half without. */
  updates?: true
}

const rows: Readonly<Record<SubmittedBy, Row>> = {
  'ITI-41': { rules: () => submissionRules },
  'ITI-42': { rules: () => submissionRules },
  'ITI-61': { rules: () => onDemandRules },
  'ITI-57': {
    rules: domain => updateRules({ updateDeprecated: false }, domain),
    codeOf: codeOfUpdate(updateCodes),
    updates: true,
  },
  'ITI-92': { rules: restrictedUpdateRules, codeOf: codeOfUpdate(restrictedUpdateCodes), updates: true },
}

export function offlineFindings(submission: Submission, transaction: SubmittedBy, domain: AffinityDomain): Finding[] {
  return judgedOffline(submission, transaction, domain).findings
}

export function judgedOffline(submission: Submission, transaction: SubmittedBy, domain: AffinityDomain): Offline {
  const { rules, codeOf = ({ code }) => code, updates } = rows[transaction]
  const attributes = [
    ...submission.findings,
    ...checkAttributes(submission, transaction, domain.tables),
    ...notSavedWarnings(submission, domain),
  ].map(finding => ({ ...finding, code: codeOf(finding) }))
  const asking = new Set<string>()
  const judging = [...rules(domain), ...domainRules(domain)].map(({ clause, breaches }): Rule => {
    return {
      clause,
      breaches(submitted) {
        let looked = false
        const facts = watched(factsOfNobody(submission), () => {
          looked = true
        })
        const found = breaches(submitted, facts)
        if (looked) asking.add(clause)
        return looked && updates === true ? found.filter(isSaidOfTheMessage) : found
      },
    }
  })
  const findings = findingsOf(judging, submission, factsOfNobody(submission), attributes)
  return { findings: findings.filter(finding => !mayBeRegistered(finding)), notJudged: [...asking] }
}

/** What is missing is missing whatever is registered; that something is not found is no finding of ours. */
function isSaidOfTheMessage({ attribute = '', found }: Pick<Finding, 'attribute' | 'found'>): boolean {
  return found === 'nothing' || !ofRegistered.has(attribute)
}

const ofRegistered: ReadonlySet<string> = new Set([
  'logicalID',
  'previousVersion',
  'patientId',
  'sourceObject',
  'targetObject',
  'originalStatus',
])

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
    reapproved: new Map(),
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
