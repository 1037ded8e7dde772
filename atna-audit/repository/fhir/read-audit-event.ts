// A stored AuditEvent: JSON as it was taken in.
import type { AuditEvent } from './audit-event.js'
import { resourceFaults } from './fhir-json.js'

const brace = 0x7b

/** Whether a frame is one of the FHIR feed; messages of syslog begin otherwise. */
export function isAuditEvent(frame: Uint8Array): boolean {
  return frame[0] === brace
}

/** @throws Error, in words, when it is none. */
export function readAuditEvent(frame: Uint8Array): AuditEvent {
  const value = JSON.parse(Buffer.from(frame).toString()) as AuditEvent
  const [first] = resourceFaults(value)
  if (first !== undefined) throw new Error(`the AuditEvent is not one of FHIR R4: ${first.expression} ${first.fault}`)
  if (value.resourceType !== 'AuditEvent') throw new Error(`the resource is no AuditEvent but ${value.resourceType}`)
  return value
}
