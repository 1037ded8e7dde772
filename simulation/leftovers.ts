// What lies on the disk of the repository, and on the object storage, once all is calm and it has been started anew: every document that it
// has a row of, none of those that were removed, and nothing else. docs/decisions/0120, 0122.
import type { PlacesAnswer } from '../repository/administration/moving-resources.js'
import { nameOf } from './doing.js'
import type { Keeper } from './keeper.js'
import { keptCertainty, type Ledger } from './ledger.js'
import type { World } from './world.js'

/** So much of a document is in no other. */
const leastBytes = 64

export async function nothingIsLeft({ machines, storage }: World, keeper: Keeper, { documents, faults }: Ledger) {
  const files = machines.repository.contents().filter(({ path }) => !path.includes('/incoming/'))
  const objects = storage?.contents() ?? []
  for (const document of documents) {
    const isGone = keptCertainty(document) === 'absent' && document.removal.bytes === 'acknowledged' && !document.isSeen
    if (!isGone || document.bytes.length < leastBytes) continue
    const found = [...files, ...objects].find(({ bytes }) => bytes.includes(document.bytes.subarray(0, leastBytes)))
    if (found !== undefined) faults.push(`document ${nameOf(document)}: it was removed, and ${found.path} has it still`)
  }
  const told = await keeper.ask<PlacesAnswer>('repository', 'documents/places', {})
  if (told?.status !== 200) return void faults.push('the repository does not say where its documents are')
  const rowsAt = (place: string) =>
    told.answer.places.reduce((sum, each) => sum + (each.place.startsWith(place) ? each.documents : 0), 0)
  const kept = { file: files, s3: objects }
  for (const [place, all] of Object.entries(kept)) {
    // Beside them stand segments, and the mark of the place.
    const count = all.filter(({ path }) => /\/[0-9a-f]{2}\/[0-9a-f-]{36}$/.test(path)).length
    if (count !== rowsAt(place)) faults.push(`documents are ${count} times at ${place}, of ${rowsAt(place)} rows`)
  }
}
