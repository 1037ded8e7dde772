// What a registry would find in a submission before it looks into its database. ITI TF-2 §3.42.4.1.3.
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import { checkAttributes } from '../metadata/check.js'
import type { Finding, Submission } from '../metadata/model.js'
import { domainRules } from '../registry/rules/domain-rules.js'
import { findingsOf } from '../registry/rules/rule.js'
import { submissionRules } from '../registry/rules/submission-rules.js'
import { notSavedWarnings } from '../registry/saved-metadata.js'
import type { Facts } from '../registry/store.js'

/** In the order in which a registry reports them. What depends on registered objects or known patients is left out. */
export function offlineFindings(
  submission: Submission,
  transaction: 'ITI-41' | 'ITI-42',
  domain: AffinityDomain,
): Finding[] {
  const attributes = [
    ...submission.findings,
    ...checkAttributes(submission, transaction, domain.tables),
    ...notSavedWarnings(submission, domain),
  ]
  return findingsOf(
    [...submissionRules, ...domainRules(domain)],
    submission,
    factsOfNobody(submission),
    attributes,
  ).filter(finding => !mayBeRegistered(finding))
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

// A symbolic id that nothing in the submission has is wrong anywhere; a UUID may be that of a registered object.
function mayBeRegistered({ code, found }: Finding): boolean {
  return code === 'UnresolvedReferenceException' && found.includes('urn:uuid:')
}
