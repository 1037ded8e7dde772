// What of a submission can be done before it is held against the registry, with turns for others where it is long; what follows is one step
// in which nobody else is served. docs/decisions/0380.
import { attributeFindings } from '../metadata/check.js'
import { digestInSteps } from '../metadata/digest.js'
import { fragmentOf, type InPhrases } from '../metadata/fragment.js'
import type { Finding, Submission } from '../metadata/model.js'
import type { Steps } from '../ports/turns.js'
import type { RegistryContext } from './context.js'
import type { Registering } from './registrable.js'
import { notSavedWarnings, savedOf } from './saved-metadata.js'
import { objectsOf } from './store/commit.js'
import type { SubmissionKind } from './submission-kind.js'

/** Objects; fewer are made ready once it is known that they are wanted. */
const long = 200

/** What a submission is known by, and what is wrong with it by itself. */
export function* looksAt(
  submission: Submission,
  { transaction }: SubmissionKind,
  { domain }: RegistryContext,
): Steps<{ digest: string; found: Finding[] }> {
  const digest = yield* registeredDigest(submission)
  const found = [
    ...submission.findings,
    ...(yield* attributeFindings(submission, transaction, domain.tables)),
    ...notSavedWarnings(submission, domain),
  ]
  return { digest, found }
}

/** A repository has said what the bytes are by hash and size: another document under the same metadata is another submission. */
function registeredDigest(submission: Submission): Steps<string> {
  return digestInSteps(submission, ({ hash, size }) => `${hash?.toLowerCase()} ${size}`)
}

export interface Ready {
  kept: Submission
  fragments: InPhrases[]
}

/** A long submission as it will be kept; nothing where that cannot be known yet, or where it is refused in any case. */
export function* makesReady(
  submission: Submission,
  { kept: keptOf }: SubmissionKind,
  {
    found,
    registering,
    domain,
  }: { found: readonly Finding[]; registering: Registering } & Pick<RegistryContext, 'domain'>,
): Steps<Ready | undefined> {
  const isRefused = found.some(({ severity }) => severity !== 'Warning')
  if (keptOf === undefined || isRefused || objectsOf(submission).length < long) return undefined
  const kept = keptOf(savedOf(submission, domain), registering)
  const fragments: InPhrases[] = []
  for (const object of objectsOf(kept)) {
    fragments.push(fragmentOf(object, registering.newUuid))
    yield
  }
  return { kept, fragments }
}
