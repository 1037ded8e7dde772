// For administrators of an Imaging Document Source: instances are given to it and taken from it. `carnet imaging` asks. docs/decisions/0340.
import { isUid } from '../../dicom/instance.js'
import { instanceIdentifierOf } from '../../metadata/hl7.js'
import { listIn } from '../../server/administration/asked-list.js'
import { AdminProblem, type AdminRequest, type AdminResource } from '../../server/administration/resources.js'
import { ReadOnly } from '../../server/changes-door.js'
import { heldInWords } from '../../server/holds.js'
import type { Spooled } from '../../soap/message.js'
import { SpoolFull } from '../../soap/spool.js'
import { StoreFull } from '../../store/failures.js'
import { ContentUnreachable } from '../content-store.js'
import type { RepositoryContext } from '../context.js'
import type { Removed } from '../removals.js'
import { instanceId } from './instance-row.js'
import { type TakenInstance, takeInstance } from './take-instance.js'

export interface RemovedInstances {
  removed: string[]
  kept: { sopInstanceUID: string; why: string }[]
}

/** Instances come as bytes, each by itself. What is wrong with one is told in words, and nothing of it is kept. */
export function imagingResources(context: RepositoryContext): AdminResource[] {
  return [
    {
      path: '/admin/imaging/instances',
      method: 'POST',
      does: 'add a DICOM instance',
      takesBytes: true,
      answer: request => inWords(() => added(request, context)),
    },
    {
      path: '/admin/imaging/remove',
      method: 'POST',
      does: 'remove DICOM instances',
      answer: request => inWords(() => removed(listIn(request, 'sopInstanceUIDs'), context)),
    },
  ]
}

async function added(request: AdminRequest, context: RepositoryContext): Promise<TakenInstance> {
  const patientId = request.query.get('patient') ?? ''
  if (instanceIdentifierOf(patientId) === undefined || patientId.length > 256) {
    throw new AdminProblem(400, 'say whose it is: ?patient= with an id of the patient, as ID^^^&OID&ISO')
  }
  const manifestUniqueId = request.query.get('manifest') ?? undefined
  if (manifestUniqueId !== undefined && !isUid(manifestUniqueId)) {
    throw new AdminProblem(400, 'manifest is the SOP Instance UID of a manifest')
  }
  context.changes?.assertOpen('adds')
  const content = await received(request.bytes ?? [], context)
  try {
    const partner = request.partner.name
    return await takeInstance({ content, patientId, manifestUniqueId, partner }, context)
  } finally {
    await content.discard()
  }
}

async function received(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, context: RepositoryContext) {
  const most = context.config.limits.attachmentBytes
  const writer = context.spool.receive()
  try {
    let length = 0
    for await (const piece of bytes) {
      length += piece.byteLength
      if (length > most) throw new AdminProblem(413, `an instance may have ${most} bytes (limits.attachmentBytes)`)
      await writer.write(piece)
    }
    return (await writer.end()) satisfies Spooled
  } catch (problem) {
    await writer.abort()
    throw problem
  }
}

async function removed(sopInstanceUIDs: readonly string[], context: RepositoryContext): Promise<RemovedInstances> {
  context.changes?.assertOpen('removes')
  // That it was asked for is written down as every use of these doors.
  const outcomes = await context.removals.remove(sopInstanceUIDs.map(instanceId), () => [])
  const told: RemovedInstances = { removed: [], kept: [] }
  for (const sopInstanceUID of new Set(sopInstanceUIDs)) {
    const outcome = outcomes.get(instanceId(sopInstanceUID)) ?? { kind: 'unknown' }
    if (outcome.kind === 'removed') told.removed.push(sopInstanceUID)
    else told.kept.push({ sopInstanceUID, why: whyOf(outcome) })
  }
  return told
}

function whyOf(outcome: Removed): string {
  if (outcome.kind === 'held') return heldInWords(outcome.hold)
  return outcome.kind === 'unknown' ? 'there is none' : 'its bytes could not be removed; why is in the log'
}

/** What passes, and may be tried again. */
async function inWords<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (problem) {
    const passes = [SpoolFull, StoreFull, ContentUnreachable, ReadOnly].some(kind => problem instanceof kind)
    throw passes ? new AdminProblem(503, (problem as Error).message) : problem
  }
}
