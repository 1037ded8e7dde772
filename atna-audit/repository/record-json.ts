// A stored record as people and programs read it over HTTP.
import { isoOf } from '../../ports/clock.js'
import { readSyslog } from '../syslog.js'
import {
  type AuditView,
  type CodedView,
  type ObjectView,
  type ParticipantView,
  readAuditMessage,
} from './audit-view.js'
import type { StoredRecord } from './search.js'
import { isPatient, traceIdOf } from './terms.js'

/** What can be shown of a record; of one that could not be read: when it came, from whom, why not. */
export function recordJson({ id, receivedMs, origin, problem, frame }: StoredRecord): object {
  const arrived = { id, receivedAt: isoOf(receivedMs), origin, ...(problem !== null && { problem }) }
  const { message, hostName, appName } = readSyslog(frame)
  try {
    return { ...arrived, host: hostName, application: appName, ...messageJson(readAuditMessage(message)) }
  } catch {
    return { ...arrived, host: hostName, application: appName }
  }
}

/** The message as it came, without its syslog header. */
export function messageOf({ frame }: StoredRecord): Buffer {
  return readSyslog(frame).message
}

function messageJson(view: AuditView): object {
  return {
    eventDateTime: view.dateTime,
    event: codeJson(view.event),
    type: codeJson(view.types[0]),
    action: view.action,
    outcome: view.outcome,
    description: view.description,
    purposeOfUse: view.purposes.map(codeJson),
    source: view.sourceID,
    enterpriseSite: view.enterpriseSiteID,
    participants: view.participants.map(participantJson),
    patients: view.objects.filter(isPatient).map(({ id }) => id),
    objects: view.objects.filter(object => !isPatient(object) && traceIdOf(object) === undefined).map(objectJson),
    trace: view.objects.map(traceIdOf).find(trace => trace !== undefined),
    traceparent: view.objects.find(object => traceIdOf(object) !== undefined)?.id,
  }
}

function participantJson(one: ParticipantView): object {
  return {
    userId: one.userID,
    alternativeUserId: one.alternativeUserID,
    name: one.userName,
    requestor: one.isRequestor,
    roles: one.roles.map(codeJson),
    accessPoint: one.networkAccessPointID,
  }
}

const objectTypes: Record<string, string> = { 1: 'person', 2: 'system object', 3: 'organization', 4: 'other' }

function objectJson(one: ObjectView): object {
  return {
    id: one.id,
    kind: objectTypes[one.typeCode ?? ''] ?? one.typeCode,
    role: one.role,
    idType: codeJson(one.idType),
    name: one.name,
    sensitivity: one.sensitivity,
    lifeCycle: one.lifeCycle,
    query: one.query,
    details: one.details,
  }
}

function codeJson(code: CodedView | undefined): object | undefined {
  return code && { code: code.code, system: code.system, text: code.text }
}
