// What of a submission is kept where the affinity domain saves no extra metadata. ITI TF-3 §4.2.3.1.6, TF-2 §3.42.4.1.3.2.
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import type { Finding, RegistryObjectValue, Submission } from '../metadata/model.js'
import { quoted } from '../metadata/words.js'
import { labelsOf } from './rules/rule.js'
import { objectsOf } from './store/commit.js'

type Saving = Pick<AffinityDomain, 'extraMetadata' | 'savedSlots'>

/** The very submission where all of it is saved. */
export function savedOf(submission: Submission, domain: Saving): Submission {
  if (domain.extraMetadata === 'saved') return submission
  const saved = <Value extends RegistryObjectValue>(object: Value): Value => ({
    ...object,
    extraMetadata: object.extraMetadata.filter(({ name }) => domain.savedSlots.has(name)),
  })
  return {
    submissionSets: submission.submissionSets.map(saved),
    documentEntries: submission.documentEntries.map(saved),
    folders: submission.folders.map(saved),
    associations: submission.associations.map(saved),
    findings: submission.findings,
  }
}

/** The submission is taken, and its sender is told what is not kept. [ITI TF-2:3.42.4.1.3.2] */
export function notSavedWarnings(submission: Submission, domain: Saving): Finding[] {
  if (domain.extraMetadata === 'saved') return []
  const labels = labelsOf(submission)
  return objectsOf(submission).flatMap((object): Finding[] => {
    const names = object.extraMetadata.map(({ name }) => name).filter(name => !domain.savedSlots.has(name))
    if (names.length === 0) return []
    return [
      {
        ...{ code: 'XDSExtraMetadataNotSaved', severity: 'Warning', object: labels.get(object) ?? '' },
        rule: 'ITI TF-2:3.42.4.1.3.2',
        expected: 'no extra metadata, since this domain does not keep it',
        found: names.map(quoted).join(', '),
      },
    ]
  })
}
