// What is imported, one submission after another, wherever it comes from.
import { createHash } from 'node:crypto'
import type { Submission } from '../../metadata/model.js'
import type { FileToSend } from '../documents/read-file.js'

export interface ImportItem {
  /** The same for the same thing, in every run. */
  key: string
  /** For people: `line 17`, `disc4/IHE_XDM/SUBSET01`. */
  name: string
  /** @throws Failure, when it cannot be made a submission of. */
  read(): Promise<ImportedSubmission>
}

export interface ImportedSubmission {
  submission: Submission
  /** In the order of the DocumentEntries. */
  files: FileToSend[]
}

/** 32 hex digits: the same item has the same key in each run, so that the journal knows what is done. */
export function keyOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
