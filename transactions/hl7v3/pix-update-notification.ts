// ITI-46 PIXV3 Update Notification: a consumer hears which ids are together now. ITI TF-2 §3.46.

import { transactionType } from '../../atna-audit/vocabulary.js'
import { auditPatientFeed } from '../patient-feed-audit.js'
import { patientRecordRevised } from './patient-feed.js'

/** In the words of a revision, from the manager to its consumer. [ITI TF-2:3.46.4.1.2] */
export const pixUpdateNotification: typeof patientRecordRevised = {
  ...patientRecordRevised,
  id: 'ITI-46',
  name: 'PIX Update Notification',
  audit: exchange =>
    auditPatientFeed('revise', exchange).map(record => ({
      ...record,
      eventTypeCode: transactionType('ITI-46', 'PIX Update Notification'),
    })),
}
