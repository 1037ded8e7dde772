// A DICOM instance on its way in: spooled, read, kept durably under its SOP Instance UID. What is the same is there already; what is
// another content under that UID is refused. docs/decisions/0340.
import { createHash } from 'node:crypto'
import { DicomProblem, dicomHeadBytes } from '../../dicom/data-set.js'
import { type DicomInstance, instanceIn } from '../../dicom/instance.js'
import { orderedUuid } from '../../ports/randomness.js'
import { AdminProblem } from '../../server/administration/resources.js'
import { traceOf } from '../../server/trace.js'
import type { Spooled } from '../../soap/message.js'
import type { RepositoryContext } from '../context.js'
import type { Asked, Facts, KeptAtOnce } from '../document-store.js'
import { factsText, instanceId } from './instance-row.js'

export interface NewInstance {
  content: Spooled
  /** CX. */
  patientId: string
  /** The one that is about to be submitted. */
  manifestUniqueId?: string | undefined
  partner: string
}

export interface TakenInstance extends DicomInstance {
  sizeBytes: number
  sha256: string
  /** Whether it was not here before. */
  isNew: boolean
}

/** Durable when it resolves. The same bytes again change nothing (`isNew` false). @throws AdminProblem for what is no DICOM instance, or is another one under this UID */
export async function takeInstance(given: NewInstance, context: RepositoryContext): Promise<TakenInstance> {
  const { documents } = context
  const instance = await readInstance(given.content)
  const { sizeBytes, sha256 } = given.content
  const asked = askedOf(instance, given)
  const standing = (facts: Facts) => standingOf(instance, given, facts)
  const before = standing(await documents.facts(asked))
  if (before !== undefined) return { ...instance, sizeBytes, sha256, isNew: isAgain(before) }
  const submission = submissionOf(instance, given, asked.digest, context)
  const places = await documents.place(submission.documents)
  let isKept = false
  try {
    const meanwhile = await documents.begin({ ...submission, places }, asked, standing)
    isKept = meanwhile === undefined
    return { ...instance, sizeBytes, sha256, isNew: meanwhile === undefined || isAgain(meanwhile) }
  } finally {
    if (!isKept) await documents.unplace(places)
  }
}

/** @throws AdminProblem with the element that is missing or wrong. */
async function readInstance(content: Spooled): Promise<DicomInstance> {
  try {
    return instanceIn(await headOf(content))
  } catch (problem) {
    if (!(problem instanceof DicomProblem)) throw problem
    throw new AdminProblem(400, `this is no DICOM instance that can be kept: ${problem.message} [DICOM PS3.10: 7.1]`)
  }
}

async function headOf({ bytes, open }: Spooled): Promise<Buffer> {
  if (bytes !== undefined) return bytes
  const head: Uint8Array[] = []
  let length = 0
  for await (const piece of open?.() ?? []) {
    head.push(piece.subarray(0, dicomHeadBytes - length))
    length += head.at(-1)?.length ?? 0
    if (length >= dicomHeadBytes) break
  }
  return Buffer.concat(head)
}

/** Without a problem it is there already. */
interface Standing {
  problem?: string
}

/** Under one SOP Instance UID there is one content, of one patient. */
function standingOf({ sopInstanceUID }: DicomInstance, given: NewInstance, { copies }: Facts): Standing | undefined {
  const kept = copies.get(instanceId(sopInstanceUID))
  if (kept === undefined) return undefined
  if (kept.sha256 !== given.content.sha256) {
    return { problem: `another content is kept under the SOP Instance UID ${sopInstanceUID}` }
  }
  if (kept.patientId === given.patientId) return {}
  return { problem: `the instance ${sopInstanceUID} is kept as one of another patient` }
}

/** False, for it is not new. @throws AdminProblem where it is not the same either. */
function isAgain({ problem }: Standing): false {
  if (problem === undefined) return false
  throw new AdminProblem(409, `${problem}; nothing was changed`)
}

function askedOf({ sopInstanceUID }: DicomInstance, { partner, content, patientId }: NewInstance): Asked {
  const digest = createHash('sha256').update(`${sopInstanceUID}\n${content.sha256}\n${patientId}`).digest('hex')
  const id = instanceId(sopInstanceUID)
  return { partner, digest, setUniqueId: id, documentUniqueIds: [id] }
}

function submissionOf(
  instance: DicomInstance,
  { content, patientId, partner, manifestUniqueId }: NewInstance,
  digest: string,
  { ports: { clock, randomness } }: RepositoryContext,
): KeptAtOnce {
  const id = () => orderedUuid(clock.now(), randomness)
  const uniqueId = instanceId(instance.sopInstanceUID)
  const document = {
    ...{ id: id(), uniqueId, entryUUID: '', patientId },
    ...{ mimeType: 'application/dicom', content, instance: factsText(instance, manifestUniqueId) },
  }
  return {
    ...{ id: id(), uniqueId, partner, messageID: undefined, digest },
    ...{ traceparent: traceOf(undefined, randomness).traceparent, documents: [document] },
    answer: { status: 'Success', errors: [] },
  }
}
