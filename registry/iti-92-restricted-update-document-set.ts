// ITI-92 Restricted Update Document Set, as the Document Registry answers it. ITI TF-2 §3.92.4.1.3.
import { serve } from '../server/actor.js'
import { restrictedUpdateDocumentSet } from '../transactions/metadata-update.js'
import type { RegistryContext } from './context.js'
import { tooManyUpdates } from './rules/update-requests.js'
import {
  codeOfUpdate,
  repeatedUpdateRules,
  restrictedUpdateCodes,
  restrictedUpdateRules,
} from './rules/update-rules.js'
import type { SubmissionKind } from './submission-kind.js'
import { registered } from './submission-road.js'
import { updated } from './updated.js'

export const serveRestrictedUpdateDocumentSet = serve(
  restrictedUpdateDocumentSet,
  (submission, context: RegistryContext, exchange) =>
    registered(submission, restrictedUpdate(context), context, exchange),
)

function restrictedUpdate({ domain }: RegistryContext): SubmissionKind {
  return {
    transaction: 'ITI-92',
    rules: restrictedUpdateRules(domain),
    rulesWhenSentAgain: repeatedUpdateRules,
    updates: true,
    tooMuch: tooManyUpdates,
    codeOf: codeOfUpdate(restrictedUpdateCodes),
    changes: updated,
  }
}
