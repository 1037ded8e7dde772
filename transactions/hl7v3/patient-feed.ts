// ITI-44 Patient Identity Feed HL7 v3: how a registry hears of the patients of its affinity domain. ITI TF-2 §3.44, Appendix O.
import { instanceIdentifierOf } from '../../metadata/hl7.js'
import type { RegistryError } from '../../metadata/model.js'
import { auditPatientFeed } from '../patient-feed-audit.js'
import { type Transaction, transaction } from '../transaction.js'
import type { FeedAcknowledgement, FeedEvent, PatientRecord } from '../xds-messages.js'
import { isOursToMend } from './message.js'
import { feedAcknowledgement, interactions, patientRecordRequest } from './patient-feed-codec.js'

/** Patient Registry Record Added: ids that are known from now on. [ITI TF-2:3.44.4.1] */
export const patientRecordAdded = feed('add')

/** Patient Registry Record Revised: ids may have come to those that were known. [ITI TF-2:3.44.4.1] */
export const patientRecordRevised = feed('revise')

/** Patient Registry Duplicates Resolved: two that were one, and the id that stays. [ITI TF-2:3.44.4.2] */
export const patientDuplicatesResolved = feed('merge')

function feed(event: FeedEvent): Transaction<PatientRecord, FeedAcknowledgement> {
  return transaction({
    id: 'ITI-44',
    changes: 'adds',
    name: 'Patient Identity Feed HL7 V3',
    action: `urn:hl7-org:v3:${interactions[event].name}`,
    responseAction: 'urn:hl7-org:v3:MCCI_IN000002UV01',
    mtom: false,
    roles: ['feed', 'admin'],
    request: patientRecordRequest(event),
    response: feedAcknowledgement,
    refused,
    audit: exchange => auditPatientFeed(event, exchange),
  })
}

/** The ids of the patient, and the national number wherever it stands. [EPR annex 5.1:1.7.1] */
export function namedBy(
  { patientIds, otherIds = [] }: Pick<PatientRecord, 'patientIds' | 'otherIds'>,
  nationalAuthority: string | undefined,
): string[] {
  const isNational = (id: string) => instanceIdentifierOf(id)?.root === nationalAuthority
  return [...patientIds, ...otherIds.filter(id => isNational(id) && !patientIds.includes(id))]
}

/** The acknowledgement of a message, from its receiver to its sender. [ITI TF-2:3.44.4.1.3, Appendix O.1.2] */
export function acknowledged(
  request: PatientRecord,
  typeCode: FeedAcknowledgement['typeCode'],
  detail?: string,
): FeedAcknowledgement {
  const { messageId, sender, receiver } = request
  return {
    ...{ typeCode, targetMessageId: messageId },
    ...(detail === undefined ? {} : { detail }),
    ...(sender === undefined ? {} : { receiver: sender }),
    ...(receiver === undefined ? {} : { sender: receiver }),
  }
}

/** CE says that the message is wrong, CR that the receiver could not work. [ITI TF-2: Appendix O.1.2] */
function refused(errors: RegistryError[], request: PatientRecord | undefined): FeedAcknowledgement {
  const typeCode = isOursToMend(errors) ? 'CR' : 'CE'
  const detail = errors.map(({ errorCode, codeContext }) => `${errorCode}: ${codeContext}`).join('\n')
  return acknowledged(request ?? { messageId: { root: '' }, patientIds: [] }, typeCode, detail)
}
