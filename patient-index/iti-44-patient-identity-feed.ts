// ITI-44 Patient Identity Feed HL7 V3, as the Patient Identifier Cross-reference Manager takes it. ITI TF-2 §3.44.4.1.3, §3.44.4.2.3.
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
import type { PatientIndexContext } from './context.js'
import { feedFaults } from './feed-faults.js'
import { follow } from './following.js'
import type { LinkProblem } from './linking.js'

export const servePatientRecordAdded = served('add', patientRecordAdded)
export const servePatientRecordRevised = served('revise', patientRecordRevised)
export const servePatientDuplicatesResolved = served('merge', patientDuplicatesResolved)

function served(event: FeedEvent, contract: Transaction<PatientRecord, FeedAcknowledgement>) {
  return serve(contract, async (request, context: PatientIndexContext, exchange) => {
    const { store, outbox, ports } = context
    const creationTime = dtmOf(ports.clock.now())
    const accepted = { ...acknowledged(request, 'CA'), creationTime }
    const refused = (lines: string[]): FeedAcknowledgement => {
      const detail = [...lines, `(trace ${exchange.trace.traceId})`].join('\n')
      return { ...acknowledged(request, 'CE', detail), creationTime }
    }
    const { contradictions = [], sensitive = [], strangeRoots = [], subsumedIds = [] } = request
    const patientIds = namedBy(request, context.nationalAuthority)
    const broken = [
      ...contradictions,
      ...strangeRoots.map(root => `patient/id@root: expected an OID, found "${root}" [ITI TF-3: Table 4.2.3.1.7-2]`),
      ...idFormProblems({ patientIds, subsumedIds }).map(inWords),
    ]
    if (broken.length > 0) return refused(broken.slice(0, mostTold))
    const faults = feedFaults({ event, patientIds, sensitive }, context)
    if (faults.length > 0) return refused(faults.map(inWords))
    return store.write(() => {
      const problems = follow(event, { ...request, patientIds }, exchange.partner.name, context)
      if (problems.length > 0) return refused(problems.slice(0, mostTold).map(inWords))
      outbox.insert(exchange.auditRecords(accepted))
      return accepted
    })
  })
}

const mostTold = 20

function inWords({ text, clause }: Pick<LinkProblem, 'text' | 'clause'>): string {
  return `${text} [${clause}]`
}
