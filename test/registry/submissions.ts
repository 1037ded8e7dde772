// Submissions that need more than the sample has: relations and Folders.
import type { Association, Folder, Submission } from '../../metadata/model.js'
import { anAssociation, aSubmission } from '../samples/submission.js'

/** The sample, its entry related to another. */
export function replacing(target: string, associationType: string = 'RPLC'): Submission {
  const submission = aSubmission()
  const sourceObject = submission.documentEntries[0]?.entryUUID ?? ''
  submission.associations.push(anAssociation({ associationType, sourceObject, targetObject: target }))
  return submission
}

/** A new Folder and how it holds an entry that is registered. */
export function aFolderHolding(folder: Folder, holds: Association): Submission {
  const submission = aSubmission({ documentEntries: [], folders: [folder], associations: [holds] })
  submission.associations.push(heldBySet(submission, holds.entryUUID))
  return submission
}

/** A HasMember from the SubmissionSet. */
export function heldBySet(submission: Submission, targetObject: string): Association {
  return anAssociation({ sourceObject: submission.submissionSets[0]?.entryUUID ?? '', targetObject })
}
