// Bits that rot, and sectors written where they do not belong, on the disk of the repository and in the object storage, last of all: the
// repository starts over them, and never hands out as a document what is none.
import type { Chance } from './chance.js'
import { type Doing, nameOf } from './doing.js'
import { keptCertainty } from './ledger.js'
import { bytesOf } from './looking.js'
import type { World } from './world.js'

const sectorBytes = 512
/** Of a hundred, for each file of documents, each object, each few sectors of a segment. */
const spoilt = 40
const stretchBytes = 4_096

/** Whether anything is spoilt is for chance to say; `afterRestart` what the services have to be given. @returns how many documents were told as damaged */
export async function rotIsNoticed(
  { machines, storage, timeline }: World,
  { party, ledger, chance }: Doing,
  afterRestart: () => Promise<unknown>,
): Promise<number> {
  const files = machines.repository.contents().filter(({ path }) => holdsDocuments.test(path))
  const objects = (storage?.contents() ?? []).filter(({ path }) => holdsDocuments.test(path))
  for (const { bytes } of [...files, ...objects]) {
    for (let at = 0; at < bytes.length; at += stretchBytes)
      if (chance.percent(spoilt)) spoil(bytes.subarray(at, at + stretchBytes), chance)
  }
  timeline.note('bits rot')
  if (chance.percent(50)) {
    machines.repository.restart()
    await afterRestart()
    if (!machines.repository.isUp) ledger.faults.push('the repository does not start where documents are spoilt')
  }
  let damaged = 0
  for (const document of ledger.documents) {
    if (keptCertainty(document) !== 'there' || !document.isSeen) continue
    const bytes = await bytesOf(document, party)
    if (bytes === 'damaged') damaged += 1
    else if (bytes === null)
      ledger.faults.push(`document ${nameOf(document)}: bits have rotted, and it was never there`)
    else if (bytes !== undefined && !bytes.equals(document.bytes))
      ledger.faults.push(`document ${nameOf(document)}: bits have rotted, and other bytes were handed out`)
  }
  return damaged
}

/** Segments, and documents of a file or an object each. */
const holdsDocuments = /\/segments\/|\/[0-9a-f]{2}\/[0-9a-f-]{36}$/

function spoil(bytes: Buffer, chance: Chance): void {
  const at = chance.whole(0, bytes.length - 1)
  const sector = bytes.subarray(at - (at % sectorBytes), at - (at % sectorBytes) + sectorBytes)
  const kind = chance.whole(0, 2)
  if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.whole(0, 7))
  else if (kind === 1) sector.fill(0)
  else bytes.subarray(0, sector.length).copy(sector)
}
