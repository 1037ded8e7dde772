// Files beside carnet.json that hold a list in a form of its own and are read again while the services run.
import type { z } from 'zod'
import { type Files, readIfThere } from '../ports/files.js'
import { inWords } from './faults.js'

/** In words, with the path of the file. */
export class ListFileProblem extends Error {}

/** No file is an empty list. @throws ListFileProblem */
export async function readListFile<Item>(
  path: string,
  form: z.ZodType<Item[]>,
  { files }: { files: Files },
): Promise<Item[]> {
  const text = await readIfThere(files, path)
  if (text === undefined) return []
  let written: unknown
  try {
    written = JSON.parse(String(text))
  } catch (problem) {
    throw new ListFileProblem(`${path} is not JSON: ${(problem as Error).message}`)
  }
  const outcome = form.safeParse(written)
  if (outcome.success) return outcome.data
  throw new ListFileProblem(`${path} cannot be used: ${inWords(outcome.error).join('; ')}`)
}
