// The partners file: peers that were added while the services run, in the form that `peers` of carnet.json has.
import { type Files, readIfThere } from '../ports/files.js'
import { type PeerConfig, partnersFile } from './carnet-config.js'
import { inWords } from './faults.js'

/** No file is no partner. @throws Error in words */
export async function readPartners(path: string, { files }: { files: Files }): Promise<PeerConfig[]> {
  const text = await readIfThere(files, path)
  if (text === undefined) return []
  let written: unknown
  try {
    written = JSON.parse(String(text))
  } catch (problem) {
    throw new Error(`${path} is not JSON: ${(problem as Error).message}`)
  }
  const outcome = partnersFile.safeParse(written)
  if (outcome.success) return outcome.data
  throw new Error(`${path} cannot be used: ${inWords(outcome.error).join('; ')}`)
}
