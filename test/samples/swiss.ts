// A valid submission of the Swiss EPR with ids of its own each time. A test takes it and changes one thing.
import type { DocumentEntry, Submission, SubmissionSet } from '../../metadata/model.js'
import { aCode, anAuthor, aSubmission, type SubmissionChanges } from './submission.js'

export const originalProviderRole = 'urn:e-health-suisse:2020:originalProviderRole'
export const deletionStatus = 'urn:e-health-suisse:2019:deletionStatus'
export const roleOf = (code: string) => `${code}^^^&2.16.756.5.30.1.127.3.10.6&ISO`

export interface SwissChanges extends SubmissionChanges {
  documentEntry?: Partial<DocumentEntry>
  submissionSet?: Partial<SubmissionSet>
  /** Slots of the entry by name; undefined takes one away. */
  slots?: Readonly<Record<string, string[] | undefined>>
}

export function aSwissSubmission({ slots = {}, ...changes }: SwissChanges = {}): Submission {
  const extra = { [originalProviderRole]: [roleOf('HCP')], ...slots }
  const author = [anAuthor({ authorRole: [roleOf('HCP')] })]
  return aSubmission({
    ...changes,
    submissionSet: { author, ...changes.submissionSet },
    documentEntry: {
      author,
      classCode: aCode('422735006', 'Summary clinical document'),
      typeCode: aCode('373942005', 'Discharge summary'),
      extraMetadata: Object.entries(extra).flatMap(([name, values]) =>
        values === undefined ? [] : [{ name, values }],
      ),
      ...changes.documentEntry,
    },
  })
}
