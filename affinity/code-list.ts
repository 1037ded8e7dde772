// A list of codes that somebody else has published, on its way into a domain.
import type { CodeSetFile } from '../config/domain-schema.js'

export type ListedCode = CodeSetFile['codes'][number]

export interface CodeList {
  /** As `DocumentEntry.classCode`; undefined where the file does not say what it is for. */
  attribute: string | undefined
  /** As the file calls it. */
  called: string
  codes: ListedCode[]
  oid?: string
  version?: string
  /** What could not be taken, with why. */
  leftOut: string[]
}

/** What cannot be read, in one sentence. */
export class CodeListProblem extends Error {}
