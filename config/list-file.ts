// Files beside carnet.json that hold a list in a form of its own and are read again while the services run.
import type { z } from 'zod'
import { type Files, readIfThere } from '../ports/files.js'
import { inWords } from './faults.js'

/** No file is an empty list. @throws Error in words */
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
    throw new Error(`${path} is not JSON: ${(problem as Error).message}`)
  }
  const outcome = form.safeParse(written)
  if (outcome.success) return outcome.data
  throw new Error(`${path} cannot be used: ${inWords(outcome.error).join('; ')}`)
}
