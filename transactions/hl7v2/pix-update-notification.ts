// ITI-10 PIX Update Notification: ADT^A31 tells a consumer which ids are together now. ITI TF-2 §3.10.
import type { AuditedExchange, AuditRecord } from '../../atna-audit/message.js'
import { transactionType } from '../../atna-audit/vocabulary.js'
import { usualDelimiters } from '../../hl7v2/delimiters.js'
import { escaped, type Hl7Identifier } from '../../hl7v2/fields.js'
import { identifierField, segmentOf } from '../../hl7v2/writing.js'
import { feedRecord } from '../patient-feed-audit.js'
import { cxAsSent } from './identifiers.js'

/** Who a system is in MSH: its application and its facility. */
export interface NamedSystem {
  application: string
  facility: string
}

export interface UpdateNotification {
  controlId: string
  /** YYYYMMDDhhmmss in UTC. */
  time: string
  sender: NamedSystem
  receiver: NamedSystem
  /** Those of one authority behind one another. */
  patientIds: readonly Hl7Identifier[]
}

/** [ITI TF-2: Table 3.10-1, ITI TF-2:3.10.4.1.2] */
export function updateNotificationMessage(notification: UpdateNotification): Buffer {
  const { controlId, time, sender, receiver, patientIds } = notification
  const { field, component, repetition, escaping, subcomponent } = usualDelimiters
  const text = (plain: string) => escaped(plain, usualDelimiters)
  const header = [
    'MSH',
    `${component}${repetition}${escaping}${subcomponent}`,
    ...[sender.application, sender.facility, receiver.application, receiver.facility].map(text),
    ...[`${time}+0000`, '', ['ADT', 'A31', 'ADT_A05'].join(component), controlId, 'P', '2.5'],
    ...['', '', '', '', '', 'UNICODE UTF-8'],
  ].join(field)
  const ids = patientIds.map(id => identifierField(id, usualDelimiters)).join(repetition)
  const lines = [
    header,
    segmentOf('EVN', { 1: 'A31', 2: `${time}+0000` }, usualDelimiters),
    // Names may differ between domains: a space says that none is told. [ITI TF-2:3.10.4.1.2.3]
    segmentOf('PID', { 3: ids, 5: ' ' }, usualDelimiters),
    segmentOf('PV1', { 2: 'N' }, usualDelimiters),
  ]
  return Buffer.from(lines.map(line => `${line}\r`).join(''))
}

/** As the manager writes it: each id with the control id of the message. [ITI TF-2:3.10.5.1.1] */
export function auditUpdateNotification(
  { sender, receiver, controlId, patientIds }: UpdateNotification,
  exchange: AuditedExchange<unknown, unknown>,
): AuditRecord {
  const feed = {
    ...{ type: transactionType('ITI-10', 'PIX Update Notification'), event: 'revise' as const, exchange },
    ...{ details: [{ type: 'MSH-10', value: controlId }], patientIds: [], refusal: exchange.failure },
    userIDs: {
      source: `${sender.facility}|${sender.application}`,
      destination: `${receiver.facility}|${receiver.application}`,
    },
  }
  return feedRecord({ ...feed, subsumedIds: [] }, 'R', patientIds.map(cxAsSent))
}
