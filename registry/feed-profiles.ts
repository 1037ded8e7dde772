// What a domain asks of its patient identity feed beyond the Technical Framework: a row for each profile.
import type { CarnetConfig } from '../config/carnet-config.js'
import type { SensitiveElement } from '../transactions/xds-messages.js'
import type { FeedMessage, FeedProblem } from './patient-feed.js'
import { assigningAuthorityOf } from './patient-id.js'

export interface FeedProfile {
  /** OID of the authority whose ids name patients nationwide; kept beside our own, never as one of them. */
  nationalAuthority?: string
  rules: readonly FeedRule[]
}

type FeedRule = (message: FeedMessage) => FeedProblem[]

/** Of the EPR-SPID. */
export const eprSpidAuthority = '2.16.756.5.30.1.127.3.10.3'

const annex = 'EPR annex 5.1:1.7.1'

export const feedProfiles: Readonly<Record<CarnetConfig['profile'], FeedProfile>> = {
  ihe: { rules: [] },
  'ch-epr': { nationalAuthority: eprSpidAuthority, rules: [namesPatientTwice, keepsSensitiveBack] },
}

/** [EPR annex 5.1:1.7.1] */
function namesPatientTwice({ event, patientIds }: FeedMessage): FeedProblem[] {
  // A merge names the ids that it is about and need not name others.
  if (event === 'merge') return []
  const isNational = (id: string) => assigningAuthorityOf(id) === eprSpidAuthority
  const missing = (text: string): FeedProblem => ({ kind: 'missing', at: 'patientIds', clause: annex, text })
  return [
    ...(patientIds.some(isNational) ? [] : [missing(`the EPR-SPID of the patient (${eprSpidAuthority}) is missing`)]),
    ...(patientIds.some(id => !isNational(id)) ? [] : [missing('a patient id beside the EPR-SPID is missing')]),
  ]
}

/** [EPR annex 5.1:1.7.1] */
function keepsSensitiveBack({ sensitive }: FeedMessage): FeedProblem[] {
  return sensitive.map((at: SensitiveElement) => ({ kind: 'wrong', at, clause: annex, text: `${at} may not be sent` }))
}
