// The two systems of an exchange about patients, as its audit record names them. ITI TF-2 §3.8.5.1, §3.9.5.1, §3.44.5.1.
import type { ActiveParticipant, AuditedExchange } from '../atna-audit/message.js'
import { roles } from '../atna-audit/vocabulary.js'
import type { Hl7Header } from '../hl7v2/message.js'

/** UserID of who sends or asks, and of who receives or answers. */
export interface UserIDs {
  source: string
  destination: string
}

/** In HL7 v2: facility and application of either side. [ITI TF-2:3.8.5.1, 3.9.5.1] */
export function userIDsOf(header: Hl7Header | undefined): UserIDs {
  return {
    source: `${header?.sendingFacility ?? ''}|${header?.sendingApplication ?? ''}`,
    destination: `${header?.receivingFacility ?? ''}|${header?.receivingApplication ?? ''}`,
  }
}

/** Of the own side the process is known, of the other its name. [ITI TF-2:3.44.5.1] */
export function systemsOf(exchange: AuditedExchange<unknown, unknown>, userIDs: UserIDs): ActiveParticipant[] {
  const weAsk = exchange.side === 'initiator'
  const here = { alternativeUserID: String(exchange.processId), networkAccessPointID: exchange.hostName }
  const there = { networkAccessPointID: exchange.partner.address }
  const asker = weAsk ? here : { ...there, userName: exchange.partner.name }
  return [
    { userID: userIDs.source, ...asker, userIsRequestor: true, roleIDCode: roles.source },
    { userID: userIDs.destination, ...(weAsk ? there : here), userIsRequestor: false, roleIDCode: roles.destination },
  ]
}
