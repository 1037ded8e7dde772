// What a community tells others of itself: the file that `carnet community describe` writes and `carnet community add` reads.

import { inWords } from './faults.js'
import { type CommunityDescription, communityDescription } from './gateway-config.js'

/** @throws Error in words */
export function readDescription(text: string, from: string): CommunityDescription {
  let written: unknown
  try {
    written = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw new Error(`${from} is not JSON`)
  }
  const outcome = communityDescription.safeParse(written)
  if (outcome.success) return outcome.data
  throw new Error(`${from} describes no community: ${inWords(outcome.error, 'part of a description').join('; ')}`)
}
