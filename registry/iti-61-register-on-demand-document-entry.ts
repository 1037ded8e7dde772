// ITI-61 Register On-Demand Document Entry, as the Document Registry answers it. ITI TF-2 §3.61.4.1.3.
import { serve } from '../server/actor.js'
import { registerOnDemandDocumentEntry } from '../transactions/xds.js'
import type { RegistryContext } from './context.js'
import { registration } from './iti-42-register-document-set.js'
import { onDemandRules } from './rules/submission-rules.js'
import type { SubmissionKind } from './submission-kind.js'
import { registered } from './submission-road.js'

export const serveRegisterOnDemandDocumentEntry = serve(
  registerOnDemandDocumentEntry,
  (submission, context: RegistryContext, exchange) => registered(submission, onDemandRegistration, context, exchange),
)

const onDemandRegistration: SubmissionKind = { ...registration, transaction: 'ITI-61', rules: onDemandRules }
