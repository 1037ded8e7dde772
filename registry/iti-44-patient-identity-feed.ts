// ITI-44 Patient Identity Feed HL7 V3, as the Document Registry takes it. ITI TF-2 §3.44.4.1.4, §3.44.4.2.4.
import { dtmOf } from '../ports/clock.js'
import { serve } from '../server/actor.js'
import {
  acknowledged,
  namedBy,
  patientDuplicatesResolved,
  patientRecordAdded,
  patientRecordRevised,
} from '../transactions/hl7v3/patient-feed.js'
import { idFormProblems } from '../transactions/patient-id-form.js'
import type { Transaction } from '../transactions/transaction.js'
import type { FeedAcknowledgement, FeedEvent, PatientRecord } from '../transactions/xds-messages.js'
import type { RegistryContext } from './context.js'
import { followFeed, inWords } from './patient-feed.js'

export const servePatientRecordAdded = served('add', patientRecordAdded)
export const servePatientRecordRevised = served('revise', patientRecordRevised)
export const servePatientDuplicatesResolved = served('merge', patientDuplicatesResolved)

function served(event: FeedEvent, contract: Transaction<PatientRecord, FeedAcknowledgement>) {
  return serve(contract, async (request, context: RegistryContext, exchange) => {
    const creationTime = dtmOf(context.ports.clock.now())
    const accepted = { ...acknowledged(request, 'CA'), creationTime }
    const { subsumedIds = [], sensitive = [], contradictions = [] } = request
    const patientIds = namedBy(request, context.feedProfile.nationalAuthority)
    const trace = `(trace ${exchange.trace.traceId})`
    const refused = (detail: string) => ({ ...acknowledged(request, 'CE', `${detail}\n${trace}`), creationTime })
    if (contradictions.length > 0) {
      return refused([...contradictions, inWords(idFormProblems({ patientIds, subsumedIds }))].join('\n').trim())
    }
    const problems = await followFeed({ event, patientIds, subsumedIds, sensitive }, context, () =>
      context.outbox.insert(exchange.auditRecords(accepted)),
    )
    if (problems.length === 0) return accepted
    exchange.uncommitted?.()
    return refused(inWords(problems))
  })
}
