// ITI-8 Patient Identity Feed in HL7 v2, as the Patient Identifier Cross-reference Manager takes it. ITI TF-2 §3.8.4.1.3, §3.8.4.2.3.
import type { FeedFault } from '../affinity/feed-rules.js'
import type { Hl7Error } from '../hl7v2/errors.js'
import { serveHl7 } from '../server/hl7v2/exchange.js'
import { contradictionIn, cxAsSent, cxIn } from '../transactions/hl7v2/identifiers.js'
import {
  type AdtMessage,
  isOfIds,
  patientIdentityFeed,
  placesInAdt,
} from '../transactions/hl7v2/patient-identity-feed.js'
import { personInPid } from '../transactions/hl7v2/person-segment.js'
import { idFormProblems } from '../transactions/patient-id-form.js'
import { isTold, nobody } from '../transactions/person.js'
import type { SensitiveElement } from '../transactions/xds-messages.js'
import type { PatientIndexContext } from './context.js'
import { feedFaults } from './feed-faults.js'
import { follow } from './following.js'
import type { LinkProblem } from './linking.js'

export const servePatientIdentityFeedV2 = serveHl7(
  patientIdentityFeed,
  async (message, context: PatientIndexContext, exchange) => {
    const broken = [...formErrors(message), ...contradictions(message, context)]
    if (broken.length > 0) return { errors: broken }
    const told = inOurWords(message, context)
    const event = message.event === 'update' ? 'revise' : message.event
    const faults = feedFaults({ event, patientIds: told.patientIds, sensitive: message.sensitive }, context)
    if (faults.length > 0) return { errors: faults.map(errorOfRule) }
    return context.store.write(() => {
      const problems = follow(event, told, exchange.partner.name, context)
      if (problems.length > 0) return { errors: problems.map(errorOf) }
      context.outbox.insert(exchange.auditRecords({ errors: [] }))
      return { errors: [] }
    })
  },
)

type Field = 'patientIds' | 'subsumedIds'

function inOurWords({ header, pid, ...ids }: AdtMessage, { config }: PatientIndexContext) {
  // Where a message names no authority, the one source there is is meant.
  const usual = config.sources.length === 1 ? config.sources[0] : undefined
  const known = (field: Field) => ids[field].flatMap(id => cxIn(id, config.mllp.namespaces, usual) ?? [])
  const person = pid === undefined ? nobody : personInPid(pid, header)
  return {
    patientIds: known('patientIds'),
    subsumedIds: known('subsumedIds'),
    person: isTold(person) ? person : undefined,
  }
}

function formErrors({ patientIds, subsumedIds }: AdtMessage): Hl7Error[] {
  const sent = { patientIds: patientIds.map(cxAsSent), subsumedIds: subsumedIds.map(cxAsSent) }
  return idFormProblems(sent).map(({ kind, at, text, clause }) => ({
    ...{ condition: kind === 'tooLong' ? '104' : '102', at: placesInAdt[at], text, clause },
  }))
}

/** [HL7 v2.5.1: 2.A.36] */
function contradictions(ids: Pick<AdtMessage, Field>, { config }: PatientIndexContext): Hl7Error[] {
  return (['patientIds', 'subsumedIds'] as const).flatMap(field =>
    ids[field].flatMap((id): Hl7Error[] => {
      const text = contradictionIn(id, config.mllp.namespaces)
      return text === undefined
        ? []
        : [{ condition: '102', at: placesInAdt[field], text, clause: 'HL7 v2.5.1: 2.A.36' }]
    }),
  )
}

function errorOfRule({ kind, at, text, clause }: FeedFault<SensitiveElement>): Hl7Error {
  return { condition: isOfIds(at) ? conditions[kind] : '102', at: placesInAdt[at], text, clause }
}

function errorOf({ text, clause, fault, at }: LinkProblem): Hl7Error {
  return { condition: conditions[fault ?? 'unknown'], at: placesInAdt[at ?? 'patientIds'], text, clause }
}

const conditions = { missing: '101', unknown: '204', wrong: '205' } as const
