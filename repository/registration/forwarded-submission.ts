// What is kept of an ITI-41, and what the registry is sent: the same metadata, completed by what only the repository knows.
import { mostErrors } from '../../metadata/errors.js'
import type { DocumentEntry, Finding, Submission } from '../../metadata/model.js'
import { readSubmission, writeSubmission } from '../../metadata/submission.js'
import type { Clock } from '../../ports/clock.js'
import type { Ports } from '../../ports/ports.js'
import { orderedUuid, type Randomness } from '../../ports/randomness.js'
import { inTurns, type Steps } from '../../ports/turns.js'
import { bytesOf, xmlReader } from '../../soap/xml.js'
import type { Candidate } from '../admission.js'
import type { RepositoryContext } from '../context.js'
import type { NewDocument, NewSubmission } from '../document-store.js'
import { pairs, type ReceivedSubmission } from '../received-documents.js'
import type { Registration } from './registry-port.js'

type TurnClock = Pick<Clock, 'endOfTurn' | 'monotonicMs'>

/** A candidate whose rules hold, as it is to be kept; a promise where it is long. */
export function newSubmission(
  candidate: Candidate,
  context: RepositoryContext,
): NewSubmission | Promise<NewSubmission> {
  return inTurns(makeSubmission(candidate, context), context.ports.clock)
}

function* makeSubmission(candidate: Candidate, { config, ports }: RepositoryContext): Steps<NewSubmission> {
  const { id, received, digest, partner, messageID, trace, security } = candidate
  const registration = yield* registrationOf(received, config.repositoryUniqueId, ports.randomness)
  return {
    id,
    uniqueId: received.submission.submissionSets[0]?.uniqueId,
    partner,
    messageID,
    digest,
    traceparent: trace.traceparent,
    itI42: Object.assign(registration, { security }),
    documents: documentsOf(received, ports),
  }
}

function* registrationOf(
  received: ReceivedSubmission,
  repositoryUniqueId: string,
  randomness: Randomness,
): Steps<Registration> {
  const submission = completed(received, repositoryUniqueId)
  const body = bytesOf(yield* writeSubmission(submission))
  return { messageID: `urn:uuid:${randomness.uuid()}`, body, submission }
}

/** repositoryUniqueId is added or replaced; hash and size are added where they are missing. [ITI TF-2:3.41.4.1.3.2] */
function completed(received: ReceivedSubmission, repositoryUniqueId: string): Submission {
  const documentEntries = pairs(received).map(
    ([entry, { content }]): DocumentEntry =>
      Object.assign({}, entry, {
        repositoryUniqueId,
        hash: entry.hash ?? content.sha1,
        size: entry.size ?? String(content.sizeBytes),
      }),
  )
  return { ...received.submission, documentEntries }
}

function documentsOf(received: ReceivedSubmission, { clock, randomness }: Ports): NewDocument[] {
  return pairs(received).map(([entry, { content }]) => ({
    id: orderedUuid(clock.now(), randomness),
    uniqueId: entry.uniqueId ?? '',
    entryUUID: entry.entryUUID,
    patientId: entry.patientId,
    mimeType: entry.mimeType,
    content,
  }))
}

/**
 * Whether the registry would find fault with all that was found here: what is written again must neither lose it nor
 * repair it, for then the registry would take what nobody has sent.
 */
export function survivesForwarding(submission: Submission, clock: TurnClock): boolean | Promise<boolean> {
  const here = submission.findings.filter(({ severity }) => severity !== 'Warning').map(keyOf)
  if (here.length === 0) return true
  // There may be more than were written down.
  if (submission.findings.length >= mostErrors) return false
  return areFoundAfter(submission, here, clock)
}

async function areFoundAfter(submission: Submission, here: readonly string[], clock: TurnClock): Promise<boolean> {
  const there = new Map<string, number>()
  for (const key of (await findingsAfter(submission, clock)).map(keyOf)) there.set(key, (there.get(key) ?? 0) + 1)
  return here.every(key => {
    const left = there.get(key) ?? 0
    there.set(key, left - 1)
    return left > 0
  })
}

/** A long one is written and read in slices: others are served meanwhile. */
async function findingsAfter(submission: Submission, clock: TurnClock): Promise<Finding[]> {
  const forwarded = bytesOf(await inTurns(writeSubmission(submission), clock))
  // It is as long as what arrived, in all that is bounded there.
  const limits = { elements: Number.POSITIVE_INFINITY, textBytes: forwarded.length, totalBytes: forwarded.length }
  const xml = xmlReader(limits)
  await xml.write(forwarded)
  const root = await xml.endInSlices(() => new Promise(resolve => clock.endOfTurn(resolve)))
  return (await inTurns(readSubmission(root), clock)).findings
}

const keyOf = ({ object, attribute, rule, found }: Finding) => JSON.stringify([object, attribute, rule, found])
