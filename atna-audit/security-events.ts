// Audit records of what concerns security: refused handshakes, requests and assertions, functions for administrators, spoilt documents, a damaged log.
// ITI TF-2 Table 3.20.4.1.1.1-1, DICOM PS3.15 §A.5.3.11.
import type { RefusedHandshake } from '../ports/network.js'
import { application, type EventFacts } from './events.js'
import type { AuditCode, AuditedExchange, AuditRecord, ParticipantObject } from './message.js'
import { traceObject } from './objects.js'
import { eventIDs, eventTypes, idTypes } from './vocabulary.js'

/** A node that did not prove who it is; the door held. [ITI TF-2: Table 3.20.4.1.1.1-1, Node-Authentication-failure] */
export function handshakeRefused(refused: RefusedHandshake, facts: EventFacts): AuditRecord {
  const why = `TLS handshake refused: ${refused.reason}`
  return securityAlert(eventTypes.nodeAuthentication, facts, {
    outcome: 8,
    why,
    cause: { userID: refused.certificate ?? refused.remoteAddress, networkAccessPointID: refused.remoteAddress },
    object: { id: refused.remoteAddress, typeCode: 2, role: 13, idTypeCode: idTypes.node },
  })
}

/** More refused handshakes within a short time than are written down one by one. */
export function furtherHandshakesRefused(count: number, addresses: string[], facts: EventFacts): AuditRecord {
  return securityAlert(eventTypes.nodeAuthentication, facts, {
    outcome: 8,
    why: `${count} further TLS handshakes refused, from ${addresses.join(', ')}`,
    object: { id: facts.hostName, typeCode: 2, role: 13, idTypeCode: idTypes.node },
  })
}

/**
 * A request that no transaction can be found for: not readable, or an action that is not answered here. No event of a
 * transaction fits; what was tried is the use of a function that is not open to the caller.
 */
export function unreadableRequest(exchange: AuditedExchange<unknown, unknown>, actor: string): AuditRecord {
  const facts = { ...exchange, actor, dateTimeMs: exchange.endedMs }
  const alert = securityAlert(eventTypes.useOfRestrictedFunction, facts, {
    outcome: 8,
    why: exchange.failure ?? 'the request could not be read',
    cause: { userID: exchange.partner.name, networkAccessPointID: exchange.partner.address },
    object: { id: exchange.endpoint, typeCode: 2, role: 13, idTypeCode: idTypes.uri },
  })
  return { ...alert, objects: [...alert.objects, traceObject(exchange.traceparent)] }
}

/** An assertion that was not taken: somebody may try to be who they are not; the door held. [ITI TF-2:3.40.4.1.3, DICOM PS3.15 A.5.3.12] */
export function assertionRefused(exchange: AuditedExchange<unknown, unknown>, actor: string): AuditRecord {
  const { partner, processId, hostName, traceparent, endedMs } = exchange
  return {
    eventID: eventIDs.userAuthentication,
    eventTypeCode: eventTypes.login,
    action: 'E',
    outcome: 8,
    outcomeDescription: `assertion refused: ${exchange.failure ?? 'unknown'} (trace ${traceparent.slice(3, 35)})`,
    dateTimeMs: endedMs,
    participants: [
      // Whose it claims to be is not known to be true; who has brought it is.
      { userID: partner.name, userIsRequestor: true, networkAccessPointID: partner.address },
      { ...application({ actor, processId, hostName }), userIsRequestor: false },
    ],
    objects: [traceObject(traceparent)],
  }
}

/** Records that were signed once are missing, or were changed. [ITI TF-2: Table 3.20.4.1.1.1-1, Security Alert] */
export function auditLogDamaged(why: string, uri: string, facts: EventFacts): AuditRecord {
  return securityAlert(eventTypes.objectSecurityAttributesChanged, facts, {
    outcome: 12,
    why,
    object: { id: uri, typeCode: 2, role: 13, idTypeCode: idTypes.uri, name: 'Security Audit Log' },
  })
}

export interface RestrictedFunctionUse {
  /** What the function does, in words: `list refused handshakes`. */
  does: string
  uri: string
  by: { name: string; address: string }
  /** 0 when it was done, 4 when it could not be, 8 when it was refused. */
  outcome: 0 | 4 | 8
  why: string | undefined
}

/** A function that is open to administrators only was used, or was not opened. [DICOM PS3.15 A.5.3.11] */
export function restrictedFunctionUsed(use: RestrictedFunctionUse, facts: EventFacts): AuditRecord {
  const { does, uri, by, outcome, why } = use
  return {
    eventID: eventIDs.securityAlert,
    eventTypeCode: eventTypes.useOfRestrictedFunction,
    action: 'E',
    outcome,
    outcomeDescription: why,
    dateTimeMs: facts.dateTimeMs,
    participants: [
      { ...application(facts), roleIDCode: undefined },
      { userID: by.name, userIsRequestor: false, networkAccessPointID: by.address },
    ],
    objects: [
      {
        id: uri,
        typeCode: 2,
        role: 13,
        idTypeCode: idTypes.uri,
        details: [{ type: 'Alert Description', value: why ?? does }],
      },
    ],
  }
}

/** Other certificates or other partners hold from now on. [DICOM PS3.15 A.5.3.11] */
export function securityConfigurationChanged(what: string, uri: string, facts: EventFacts): AuditRecord {
  return securityAlert(eventTypes.securityConfiguration, facts, {
    outcome: 0,
    why: what,
    object: { id: uri, typeCode: 2, role: 13, idTypeCode: idTypes.uri },
  })
}

export interface SpoiltDocument {
  documentUniqueId: string
  /** What does not agree, in words. */
  why: string
  /** Of the exchange in which it was found, when there was one. */
  traceparent?: string
}

/** Stored bytes are no longer those that were stored: the protection of what we keep may have failed. */
export function documentSpoilt({ documentUniqueId, why, traceparent }: SpoiltDocument, facts: EventFacts): AuditRecord {
  const alert = securityAlert(eventTypes.objectSecurityAttributesChanged, facts, {
    outcome: 12,
    why,
    object: { id: documentUniqueId, typeCode: 2, role: 3, idTypeCode: idTypes.reportNumber },
  })
  return traceparent === undefined ? alert : { ...alert, objects: [...alert.objects, traceObject(traceparent)] }
}

export interface FalseAnswer {
  /** Of the community that gave it. */
  homeCommunityId: string
  why: string
  traceparent: string
}

/** Another community has answered with what nobody asked it for; nothing of it was handed on. */
export function falseAnswer({ homeCommunityId, why, traceparent }: FalseAnswer, facts: EventFacts): AuditRecord {
  const alert = securityAlert(eventTypes.objectSecurityAttributesChanged, facts, {
    outcome: 8,
    why,
    object: { id: homeCommunityId, typeCode: 3, role: 7, idTypeCode: idTypes.uri },
  })
  return { ...alert, objects: [...alert.objects, traceObject(traceparent)] }
}

interface Alert {
  /** 0: it is told, no more; 4 and 8: the defence worked; 12: it may have failed. [DICOM PS3.15 A.5.3.11] */
  outcome: 0 | 4 | 8 | 12
  why: string
  cause?: { userID: string; networkAccessPointID: string }
  object: ParticipantObject
}

/** We report; whoever caused it is never the requestor. [DICOM PS3.15 A.5.3.11] */
function securityAlert(eventTypeCode: AuditCode, facts: EventFacts, alert: Alert): AuditRecord {
  const cause = alert.cause === undefined ? [] : [{ ...alert.cause, userIsRequestor: false }]
  return {
    eventID: eventIDs.securityAlert,
    eventTypeCode,
    action: 'E',
    outcome: alert.outcome,
    outcomeDescription: alert.why,
    dateTimeMs: facts.dateTimeMs,
    participants: [{ ...application(facts), roleIDCode: undefined }, ...cause],
    objects: [{ ...alert.object, details: [{ type: 'Alert Description', value: alert.why }] }],
  }
}
