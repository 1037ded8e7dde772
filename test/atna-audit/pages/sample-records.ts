// Audit records of a small hospital's day, made up: submissions, queries and retrievals with persons, an emergency, refusals.
import type { ActiveParticipant, AuditCode, AuditRecord, ParticipantObject } from '../../../atna-audit/message.js'
import { eventIDs, idTypes, roles, transactionType } from '../../../atna-audit/vocabulary.js'

export const aPatient = '761337610000000002^^^&2.16.756.5.30.1.127.3.10.3&ISO'
export const anotherPatient = 'DEMO-2^^^&2.999.1&ISO'
export const aDocument = '2.999.42.1'

export interface SampleAccess {
  kind?: 'ITI-41' | 'ITI-42' | 'ITI-18' | 'ITI-43' | 'ITI-80'
  side?: 'asking' | 'answering'
  at: number
  person?: { id: string; name: string; role: string }
  purpose?: string
  patient?: string
  document?: string | undefined
  outcome?: AuditRecord['outcome']
  why?: string
  trace?: string
  system?: string
}

const names = {
  'ITI-41': 'Provide and Register Document Set-b',
  'ITI-42': 'Register Document Set-b',
  'ITI-18': 'Registry Stored Query',
  'ITI-43': 'Retrieve Document Set',
  'ITI-80': 'Cross-Gateway Document Provide',
}

export const huber = { id: '7601000000001', name: 'Dr. Anna Huber', role: 'HCP' }
export const rossi = { id: '7601000000002', name: 'Dr. Marco Rossi', role: 'HCP' }

export function sampleAccess(access: SampleAccess): AuditRecord {
  const {
    kind = 'ITI-43',
    side = 'answering',
    at,
    person,
    purpose = 'NORM',
    outcome = 0,
    system = 'Clinic North',
  } = access
  const { patient = aPatient, document = aDocument, why, trace = '0af7651916cd43dd8448eb211c80319c' } = access
  const isRetrieval = kind === 'ITI-43'
  const sends = (side === 'asking') !== isRetrieval
  const event = kind === 'ITI-18' ? eventIDs.query : sends ? eventIDs.export : eventIDs.import
  const asker: ActiveParticipant = {
    userID: 'http://www.w3.org/2005/08/addressing/anonymous',
    userName: system,
    ...(side === 'asking' && { alternativeUserID: '815' }),
    userIsRequestor: person === undefined,
    roleIDCode: isRetrieval ? roles.destination : roles.source,
    networkAccessPointID: '192.0.2.17',
  }
  const answerer: ActiveParticipant = {
    userID: `https://carnet.example.org/${kind === 'ITI-18' || kind === 'ITI-42' ? 'registry' : 'repository'}`,
    ...(side === 'answering' && { alternativeUserID: '4711' }),
    userIsRequestor: false,
    roleIDCode: isRetrieval ? roles.source : roles.destination,
    networkAccessPointID: 'carnet.example.org',
  }
  const objects: ParticipantObject[] = [
    { id: patient, typeCode: 1, role: 1, idTypeCode: idTypes.patientNumber },
    ...(kind === 'ITI-18'
      ? [
          {
            id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
            typeCode: 2 as const,
            role: 24,
            idTypeCode: transactionType(kind, names[kind]),
            query: Buffer.from(
              `<AdhocQueryRequest><Slot name="$XDSDocumentEntryPatientId">'${patient}'</Slot></AdhocQueryRequest>`,
            ),
          },
        ]
      : [{ id: document, typeCode: 2 as const, role: 3, idTypeCode: idTypes.reportNumber }]),
    { id: `00-${trace}-b7ad6b7169203331-01`, typeCode: 4, role: 26, idTypeCode: idTypes.traceparent },
  ]
  return {
    eventID: event,
    eventTypeCode: transactionType(kind, names[kind]),
    action: kind === 'ITI-18' ? 'E' : sends ? 'R' : 'C',
    outcome,
    ...(why !== undefined && { outcomeDescription: why }),
    purposesOfUse: [codeOf(purpose, '2.16.756.5.30.1.127.3.10.5', purpose)],
    dateTimeMs: at,
    participants: [asker, answerer, ...(person === undefined ? [] : [humanOf(person)])],
    objects,
  }
}

function humanOf({ id, name, role }: { id: string; name: string; role: string }): ActiveParticipant {
  return {
    userID: id,
    userName: name,
    userIsRequestor: true,
    roleIDCode: codeOf(role, '2.16.756.5.30.1.127.3.10.6', role),
  }
}

function codeOf(code: string, system: string, text: string): AuditCode {
  return [code, system, text]
}

/** A day until `now`. */
export function aDay(now: number): AuditRecord[] {
  const minute = 60_000
  const t = (name: string) => name.padEnd(32, '0')
  return [
    sampleAccess({ kind: 'ITI-41', side: 'asking', at: now - 300 * minute, person: huber, trace: t('a1') }),
    sampleAccess({ kind: 'ITI-41', at: now - 300 * minute, person: huber, trace: t('a1') }),
    sampleAccess({
      kind: 'ITI-42',
      side: 'asking',
      at: now - 300 * minute,
      person: huber,
      trace: t('a1'),
      system: 'Repository',
    }),
    sampleAccess({ kind: 'ITI-42', at: now - 300 * minute, person: huber, trace: t('a1'), system: 'Repository' }),
    sampleAccess({ kind: 'ITI-18', at: now - 240 * minute, person: huber, trace: t('a2') }),
    sampleAccess({ kind: 'ITI-43', side: 'asking', at: now - 239 * minute, person: huber, trace: t('a3') }),
    sampleAccess({
      at: now - 239 * minute,
      person: huber,
      trace: t('a3'),
      outcome: 8,
      why: 'the document is not there',
    }),
    sampleAccess({ at: now - 120 * minute, person: rossi, purpose: 'EMER', trace: t('a4'), system: 'Emergency Ward' }),
    sampleAccess({
      kind: 'ITI-18',
      at: now - 60 * minute,
      person: rossi,
      trace: t('a5'),
      outcome: 8,
      why: 'the assertion is of another patient',
      patient: anotherPatient,
      system: 'Emergency Ward',
    }),
    sampleAccess({ at: now - 30 * minute, trace: t('a6'), patient: anotherPatient, document: '2.999.42.2' }),
  ]
}
