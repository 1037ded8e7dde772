// ITI-57 Update Document Set, as the Document Registry answers it. ITI TF-2 §3.57.4.1.3.
import { serve } from '../server/actor.js'
import { updateDocumentSet } from '../transactions/metadata-update.js'
import type { RegistryContext } from './context.js'
import { tooManyUpdates } from './rules/update-requests.js'
import { codeOfUpdate, repeatedUpdateRules, updateCodes, updateRules } from './rules/update-rules.js'
import type { SubmissionKind } from './submission-kind.js'
import { registered } from './submission-road.js'
import { updated } from './updated.js'

export const serveUpdateDocumentSet = serve(updateDocumentSet, (submission, context: RegistryContext, exchange) =>
  registered(submission, update(context), context, exchange),
)

function update({ config, domain }: RegistryContext): SubmissionKind {
  return {
    transaction: 'ITI-57',
    rules: updateRules(config, domain),
    rulesWhenSentAgain: repeatedUpdateRules,
    updates: true,
    tooMuch: tooManyUpdates,
    codeOf: codeOfUpdate(updateCodes),
    changes: updated,
  }
}
