// Whether a submission is taken on: held against what was sent before and what is kept under the same ids, again in the very
// commit that keeps it. What is still under way is waited for, in bounds. The table of submissions sent again is in
// docs/decisions/0040-sending-again.md.
import type { Finding } from '../metadata/model.js'
import { quoted } from '../metadata/words.js'
import { isoOf } from '../ports/clock.js'
import type { Trace } from '../server/actor.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import { refusal, refusedFor } from './answers.js'
import { contentDiffers } from './content-rules.js'
import { ContentUnreachable } from './content-store.js'
import type { RepositoryContext } from './context.js'
import type { Asked, Facts, KeptSubmission, NewSubmission, Places } from './document-store.js'
import { pairs, type ReceivedSubmission } from './received-documents.js'

/** A submission at the door. */
export interface Candidate {
  /** Of the submission, should it be taken on. */
  id: string
  received: ReceivedSubmission
  digest: string
  partner: string
  messageID: string | undefined
  trace: Trace
  /** Its wsse:Security, as it came. */
  security: string | undefined
  /** What is wrong with it by itself. */
  findings: Finding[]
  /** As it is to be kept; asked for once. */
  submission(): NewSubmission | Promise<NewSubmission>
}

/** What is kept now, registering; or the answer of one that is not taken on. */
export type Admission = { submission: NewSubmission; placingMs: number } | { answer: RegistryResponse }

/**
 * Kept durably, as `registering`, when it gives a submission; with an answer nothing was kept. What is under way under the same ids is waited for
 * until `deadlineMs` (monotonic, and later by what placing took), then answered as busy. [ITI TF-2:3.41.4.1.3]
 */
export async function admit(candidate: Candidate, deadlineMs: number, context: RepositoryContext): Promise<Admission> {
  const { documents, closing, ports } = context
  const asked = askedOf(candidate)
  const judge = (facts: Facts) => standingOf(candidate, facts, context)
  let placed: (NewSubmission & { places: Places }) | undefined
  let placingMs = 0
  let waitedFor: string | undefined
  try {
    for (let found = judge(await documents.facts(asked)); ; found = judge(await documents.facts(asked))) {
      // Settled between two looks: whoever has waited for the outcome gets it all the same.
      if (waitedFor !== undefined && found?.kind !== 'same under way') {
        const outcome = (await documents.submission(waitedFor))?.answer
        if (outcome !== undefined) return { answer: outcome }
      }
      if (found === undefined) {
        const beganMs = ports.clock.monotonicMs()
        placed ??= await place(await candidate.submission(), context)
        // What the bytes take to their place is not taken from the time in which the registry has to answer.
        placingMs += ports.clock.monotonicMs() - beganMs
        const submission = placed
        found = await documents.begin(submission, asked, judge)
        if (found === undefined) {
          placed = undefined
          return { submission, placingMs }
        }
      }
      if (found.kind === 'answer') return { answer: found.response }
      const remainingMs = deadlineMs + placingMs - ports.clock.monotonicMs()
      if (remainingMs <= 0 || closing.aborted) return { answer: busy(found, candidate) }
      const outcome = await outcomeOf(found.submissionId, remainingMs, context)
      if (found.kind !== 'same under way') continue
      if (outcome !== undefined) return { answer: outcome }
      waitedFor = found.submissionId
    }
  } catch (problem) {
    if (problem instanceof ContentUnreachable) return { answer: unreachable(candidate) }
    throw problem
  } finally {
    if (placed !== undefined) await documents.unplace(placed.places)
  }
}

/** What another process is at work on is announced nowhere here, and what was announced a moment ago not again: so it is looked for. */
const lookAgainMs = 250

async function outcomeOf(
  submissionId: string,
  remainingMs: number,
  { documents, settlements, closing }: RepositoryContext,
): Promise<RegistryResponse | undefined> {
  const heard = await settlements.outcome(submissionId, Math.min(remainingMs, lookAgainMs), closing)
  return heard ?? (await documents.submission(submissionId))?.answer
}

async function place(submission: NewSubmission, { documents }: RepositoryContext) {
  return { places: await documents.place(submission.documents), ...submission }
}

type Standing = { kind: 'answer'; response: RegistryResponse } | UnderWay
interface UnderWay {
  kind: 'same under way' | 'other content under way'
  submissionId: string
  uniqueId?: string
}

/** How a submission stands to what is there; undefined where it may be kept. */
function standingOf(candidate: Candidate, facts: Facts, context: RepositoryContext): Standing | undefined {
  // What breaks a rule is never what was taken in before, though it may say the same of the same bytes.
  const isWhole = candidate.findings.length === 0
  const removedMs = isWhole ? facts.removedMs : undefined
  // What was sent before its documents were removed stands for nothing any more.
  const before = (isWhole ? facts.sentBefore : []).filter(
    earlier => removedMs === undefined || earlier.receivedMs > removedMs,
  )
  const answered = before.find(earlier => answersAgain(earlier, candidate, context))
  if (answered?.answer !== undefined) return { kind: 'answer', response: answered.answer }
  const same = before.find(earlier => earlier.state === 'registering')
  if (same !== undefined) return { kind: 'same under way', submissionId: same.id }
  if (removedMs !== undefined && isInWindow(removedMs, context)) {
    const findings = [removedFinding(candidate, removedMs)]
    return { kind: 'answer', response: refusedFor(findings, candidate.trace.traceId) }
  }
  return contentStanding(candidate, facts, context)
}

function askedOf({ partner, digest, received }: Candidate): Asked {
  const { submissionSets, documentEntries } = received.submission
  const documentUniqueIds = new Set(documentEntries.flatMap(({ uniqueId }) => uniqueId ?? []))
  return { partner, digest, setUniqueId: submissionSets[0]?.uniqueId, documentUniqueIds: [...documentUniqueIds] }
}

/** The first answer is given again to the very same message, and in replay mode to the same submission. */
function answersAgain(
  earlier: KeptSubmission,
  { messageID }: Candidate,
  { config, ports }: RepositoryContext,
): boolean {
  if (earlier.state !== 'registered' || earlier.settledMs === undefined) return false
  if (messageID !== undefined && earlier.messageID === messageID) return true
  return isInWindow(earlier.settledMs, { config, ports })
}

function isInWindow(sinceMs: number, { config, ports }: Pick<RepositoryContext, 'config' | 'ports'>): boolean {
  const windowMs = config.resubmissionWindowDays * 86_400_000
  return config.resubmission === 'replay' && ports.clock.now() - sinceMs <= windowMs
}

/** A late retry never brings back what was erased. docs/decisions/0122 */
function removedFinding({ received }: Candidate, removedMs: number): Finding {
  return {
    code: 'XDSDuplicateUniqueIdInRegistry',
    object: `SubmissionSet ${received.submission.submissionSets[0]?.entryUUID}`,
    attribute: 'uniqueId',
    rule: 'ITI TF-2:3.86.4.1.3',
    expected: 'a submission whose documents were not removed before',
    found: `one whose documents were removed at ${isoOf(removedMs)}`,
  }
}

/** One uniqueId, one content. What is registered decides at once; what may yet be refused has to be waited for. */
function contentStanding(candidate: Candidate, facts: Facts, context: RepositoryContext): Standing | undefined {
  const { received, findings, trace } = candidate
  const broken = [...findings]
  let underWay: UnderWay | undefined
  for (const [entry, document] of pairs(received)) {
    const kept = entry.uniqueId === undefined ? undefined : facts.copies.get(entry.uniqueId)
    if (kept === undefined) continue
    const differences = contentDiffers(entry, document, kept)
    if (kept.state === 'registered') broken.push(...differences)
    else if (differences.length > 0)
      underWay ??= { kind: 'other content under way', submissionId: kept.submissionId, uniqueId: kept.uniqueId }
  }
  broken.push(...setInUse(candidate, broken.length > 0, facts, context))
  return broken.length > 0 ? { kind: 'answer', response: refusedFor(broken, trace.traceId) } : underWay
}

/**
 * The registry knows every submission as ours and could take that of another partner for the first one sent again: with
 * replay it is refused here. Otherwise the registry says so itself, unless it is not going to be asked. [ITI TF-2:3.42.4.1.3.3.7]
 */
function setInUse(
  { received, partner }: Candidate,
  isRefused: boolean,
  { ofSet }: Facts,
  { config }: RepositoryContext,
): Finding[] {
  const [set] = received.submission.submissionSets
  const uniqueId = set?.uniqueId
  if (set === undefined || uniqueId === undefined) return []
  const kept = ofSet.filter(({ state }) => state === 'registered')
  const isAnothers = config.resubmission === 'replay' && kept.some(earlier => earlier.partner !== partner)
  if (kept.length === 0 || !(isRefused || isAnothers)) return []
  return [
    {
      code: 'XDSDuplicateUniqueIdInRegistry',
      object: `SubmissionSet ${set.entryUUID}`,
      attribute: 'uniqueId',
      rule: 'ITI TF-2:3.42.4.1.3.3.7',
      expected: 'a uniqueId that no other submission has',
      found: quoted(uniqueId),
    },
  ]
}

function unreachable({ trace: { traceId } }: Candidate): RegistryResponse {
  return refusal(
    'XDSRepositoryError',
    'the storage of the documents cannot be reached, and nothing was kept; sending this again later is safe',
    traceId,
  )
}

function busy({ kind, uniqueId }: UnderWay, { trace: { traceId } }: Candidate): RegistryResponse {
  return kind === 'same under way'
    ? refusal(
        'XDSRegistryBusy',
        'the same submission is under way and its outcome not yet known; sending it again later is safe',
        traceId,
      )
    : refusal(
        'XDSRepositoryBusy',
        `another content is being registered under uniqueId ${uniqueId}; send this again later`,
        traceId,
      )
}
