// ITI-42 Register Document Set-b, as the Document Registry answers it. ITI TF-2 §3.42.4.1.3.
import { serve } from '../server/actor.js'
import { registerDocumentSet } from '../transactions/xds.js'
import type { RegistryContext } from './context.js'
import { effectsOf } from './effects.js'
import { registrable } from './registrable.js'
import { submissionRules } from './rules/submission-rules.js'
import type { SubmissionKind } from './submission-kind.js'
import { registered } from './submission-road.js'

export const serveRegisterDocumentSet = serve(registerDocumentSet, (submission, context: RegistryContext, exchange) =>
  registered(submission, registration, context, exchange),
)

export const registration: SubmissionKind = {
  transaction: 'ITI-42',
  rules: submissionRules,
  kept: registrable,
  changes: (kept, facts, { newUuid }) => ({ kept, effects: effectsOf(kept, facts, newUuid) }),
}
