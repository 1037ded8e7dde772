// What the tables of the Technical Framework ask of each record beside the schema, as rows; and a check of a message against them.
// ITI TF-2 §3.8.5, 3.9.5, 3.10.5, 3.18.5, 3.21.5, 3.41.5, 3.42.5, 3.43.6, 3.44.5, 3.51.5, 3.56.5, 3.57.5, 3.61.5, 3.62.5, 3.63.5, 3.80.5, 3.81.5, 3.86.5, 3.92.5; IHE RAD TF-2 §4.69.5; DICOM PS3.15 §A.5.3.

import type { AuditView, ObjectView, ParticipantView } from '../../atna-audit/repository/audit-view.js'
import { readAuditMessage } from '../../atna-audit/repository/audit-view.js'
import { faultsOf } from './audit-schema.js'

/** How many there are of a successful record; of one that failed there may be fewer. */
type Count = '0' | '1' | '?' | '*' | '+'

interface TransactionRow {
  name: string
  initiator: [event: string, actions: string]
  responder: [event: string, actions: string]
  /** Which of the two roles the system has that asks. */
  asker: 'source' | 'destination'
  objects: Partial<Record<ObjectKind, Count>>
}

type ObjectKind = 'patient' | 'submissionSet' | 'query' | 'document' | 'image' | 'registryObject' | 'log'

const exported: [string, string] = ['110106', 'R']
const imported: [string, string] = ['110107', 'C']
const queried: [string, string] = ['110112', 'E']
const exportedUpdate: [string, string] = ['110106', 'U']
const importedUpdate: [string, string] = ['110107', 'U']
const accessed: [string, string] = ['110103', 'C']
const transferred: [string, string] = ['110104', 'R']
const patientDeleted: [string, string] = ['110110', 'D']
const patientFed: [string, string] = ['110110', 'CUD']
const patientRead: [string, string] = ['110110', 'R']
const patientUpdated: [string, string] = ['110110', 'U']
const ofSubmission = { patient: '?', submissionSet: '1' } as const

const transactions: Readonly<Record<string, TransactionRow>> = {
  'ITI-8': row('Patient Identity Feed', patientFed, patientFed, { patient: '+' }),
  'ITI-9': row('PIX Query', queried, queried, { patient: '*', query: '1' }),
  'ITI-10': row('PIX Update Notification', patientRead, patientUpdated, { patient: '+' }),
  'ITI-18': row('Registry Stored Query', queried, queried, { patient: '?', query: '1' }),
  'ITI-21': row('Patient Demographics Query', queried, queried, { patient: '*', query: '1' }),
  'ITI-38': row('Cross Gateway Query', queried, queried, { patient: '?', query: '1' }),
  'ITI-39': {
    ...row('Cross Gateway Retrieve', imported, exported, { patient: '?', document: '+' }),
    asker: 'destination',
  },
  'ITI-41': row('Provide and Register Document Set-b', exported, imported, ofSubmission),
  'ITI-42': row('Register Document Set-b', exported, imported, ofSubmission),
  'ITI-43': {
    ...row('Retrieve Document Set', imported, exported, { patient: '?', document: '+' }),
    asker: 'destination',
  },
  'ITI-44': row('Patient Identity Feed', patientFed, patientFed, { patient: '+' }),
  'ITI-45': row('PIX Query', queried, queried, { patient: '*', query: '1' }),
  'ITI-46': row('PIX Update Notification', patientFed, patientFed, { patient: '+' }),
  'ITI-47': row('Patient Demographics Query', queried, queried, { patient: '*', query: '1' }),
  'ITI-51': row('Multi-Patient Stored Query', queried, queried, { patient: '*', query: '1' }),
  'ITI-55': row('Cross Gateway Patient Discovery', queried, queried, { patient: '*', query: '1' }),
  'ITI-56': row('Patient Location Query', queried, queried, { patient: '?', query: '1' }),
  'ITI-57': row('Update Document Set', exportedUpdate, importedUpdate, ofSubmission),
  'ITI-61': row('Register On-Demand Document Entry', exported, imported, ofSubmission),
  'ITI-62': row('Remove Metadata', patientDeleted, patientDeleted, { patient: '?', registryObject: '+' }),
  'ITI-63': row('XCF Fetch', queried, queried, { patient: '?', query: '1', document: '*' }),
  'ITI-80': row('Cross-Gateway Document Provide', exported, imported, ofSubmission),
  'ITI-81': row('Retrieve ATNA Audit Event', ['110101', 'R'], ['110101', 'R'], { log: '1' }),
  'ITI-86': row('Remove Documents', patientDeleted, patientDeleted, { patient: '?', document: '+' }),
  'ITI-92': row('Restricted Update Document Set', exportedUpdate, importedUpdate, ofSubmission),
  'RAD-69': {
    ...row('Retrieve Imaging Document Set', accessed, transferred, { patient: '?', image: '+' }),
    asker: 'destination',
  },
  'RAD-75': {
    ...row('Cross Gateway Retrieve Imaging Document Set', accessed, transferred, { patient: '?', image: '+' }),
    asker: 'destination',
  },
}

function row(
  name: string,
  initiator: [string, string],
  responder: [string, string],
  objects: TransactionRow['objects'],
): TransactionRow {
  return { name, initiator, responder, asker: 'source', objects }
}

/** EventTypeCode, event, action, outcomes of what is no transaction. */
const otherEvents: readonly [type: string | undefined, event: string, action: string, outcomes: string][] = [
  ['110120', '110100', 'E', '0'],
  ['110121', '110100', 'E', '0'],
  ['110122', '110114', 'E', '0 4 8'],
  ['110123', '110114', 'E', '0 4 8'],
  ['110126', '110113', 'E', '4 8 12'],
  ['110129', '110113', 'E', '0 4 8'],
  ['110132', '110113', 'E', '0 4 8'],
  ['110133', '110113', 'E', '0 4 8 12'],
  ['110134', '110113', 'E', '0 4 8 12'],
  ['110135', '110113', 'E', '0 4 8 12'],
  ['110136', '110113', 'E', '0 4 8 12'],
  ['110137', '110113', 'E', '0 4 8 12'],
  [undefined, '110101', 'R', '0 4 8'],
  // An administrator who takes a merge back. [docs/decisions/0100]
  [undefined, '110110', 'C', '0'],
  [undefined, '110110', 'U', '0'],
  // Somebody at a registration desk who looks at records. [docs/decisions/0374]
  [undefined, '110110', 'R', '0'],
]

interface ObjectRow {
  is(object: ObjectView): boolean
  idType: readonly [code: string, system: string]
  details?: readonly string[]
  more?(object: ObjectView): string | undefined
}

const objectRows: Readonly<Record<ObjectKind, ObjectRow>> = {
  patient: {
    is: of('1', '1'),
    idType: ['2', 'RFC-3881'],
    more: ({ id = '' }) => (id.trim() === '' ? 'a patient without an id' : undefined),
  },
  submissionSet: { is: of('2', '20'), idType: ['urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd', 'IHE XDS Metadata'] },
  query: {
    is: of('2', '24'),
    idType: ['', 'IHE Transactions'],
    more: ({ query }) => (query === undefined ? 'a query without its text' : undefined),
  },
  document: {
    is: object => of('2', '3')(object) && object.idType?.code === '9',
    idType: ['9', 'RFC-3881'],
    details: ['Repository Unique Id'],
  },
  image: {
    is: object => of('2', '3')(object) && object.idType?.code === '110180',
    idType: ['110180', 'DCM'],
    details: ['ihe:DocumentUniqueId', 'Series Instance Unique Id', 'Repository Unique Id'],
    more: ({ id, name }) => (name === id ? undefined : 'a study without a name'),
  },
  registryObject: {
    is: object => of('2', '3')(object) && !['9', '110180'].includes(object.idType?.code ?? ''),
    idType: ['urn:ihe:iti:2017:ObjectRef', 'IHE XDS Metadata'],
  },
  log: {
    is: of('2', '13'),
    idType: ['12', 'RFC-3881'],
    more: ({ name }) => (name === 'Security Audit Log' ? undefined : 'the log has another name'),
  },
}

function of(type: string, role: string) {
  return (object: ObjectView) => object.typeCode === type && object.role === role
}

const isTrace = of('4', '26')
const trailSystem = '2.16.756.5.30.1.127.3.10.7'

/** What is wrong with a record that a service of ours has written; nothing when it keeps to schema and table. */
export function recordFaults(message: string): string[] {
  const schema = faultsOf(message)
  if (schema.length > 0) return schema
  const view = readAuditMessage(Buffer.from(message))
  const [type] = view.types
  const row = type?.system === 'IHE Transactions' ? transactions[type.code] : undefined
  const faults = [
    ...(view.types.length > 1 ? ['more than one EventTypeCode'] : []),
    ...(view.outcome !== 0 && view.description === undefined ? ['a failure without a description'] : []),
    ...(view.sourceID?.startsWith('carnet-') === true ? [] : ['an AuditSourceID of somebody else']),
    ...userFaults(view),
    ...(row !== undefined && type !== undefined
      ? transactionFaults(view, row, type.code)
      : type?.system === trailSystem
        ? trailFaults(view)
        : otherFaults(view)),
  ]
  return faults.map(fault => `${type?.code ?? view.event?.code}: ${fault}`)
}

function transactionFaults(view: AuditView, row: TransactionRow, code: string): string[] {
  const faults: string[] = []
  const add = (isFault: boolean, fault: string) => {
    if (isFault) faults.push(fault)
  }
  add(view.types[0]?.text !== row.name, `the name is ${view.types[0]?.text}`)
  const [source, ...moreSources] = withRole(view, '110153')
  const [destination, ...moreDestinations] = withRole(view, '110152')
  if (source === undefined || destination === undefined) return ['Source or Destination is missing']
  add(moreSources.length + moreDestinations.length > 0, 'Source or Destination stands twice')
  const [asking, answering] = row.asker === 'source' ? [source, destination] : [destination, source]
  // Of the two sides the one knows its process that has written the record.
  const isInitiator = asking.alternativeUserID !== undefined
  add(isInitiator === (answering.alternativeUserID !== undefined), 'not exactly one side has a process id')
  const [event, actions] = isInitiator ? row.initiator : row.responder
  add(view.event?.code !== event, `the event is ${view.event?.code} instead of ${event}`)
  add(!actions.includes(view.action ?? '-'), `the action is ${view.action} instead of ${actions}`)
  add(answering.isRequestor === true, 'who answers is the requestor')
  add(source.networkAccessPointID === undefined || destination.networkAccessPointID === undefined, 'no access point')
  add(view.objects.filter(isTrace).length !== 1, 'not one trace')
  const kinds = Object.keys(objectRows) as ObjectKind[]
  for (const kind of kinds) faults.push(...objectFaults(view, kind, row.objects[kind] ?? '0', code))
  const known = (object: ObjectView) => isTrace(object) || kinds.some(kind => objectRows[kind].is(object))
  add(!view.objects.every(known), 'an object that the table does not have')
  return faults
}

function objectFaults({ objects, outcome }: AuditView, kind: ObjectKind, count: Count, code: string): string[] {
  const { is, idType, details = [], more } = objectRows[kind]
  const found = objects.filter(is)
  const [least, most] = bounds[count]
  // What a request that failed was about may not be known.
  const faults = found.length > most || (found.length < least && outcome === 0) ? [`${found.length} of ${kind}`] : []
  for (const object of found) {
    const [type, system] = idType
    if (object.idType?.system !== system || object.idType.code !== (type === '' ? code : type)) {
      faults.push(`${kind} has the id type ${object.idType?.code}`)
    }
    const told = object.details.map(detail => detail.type)
    faults.push(...details.filter(detail => !told.includes(detail)).map(detail => `${kind} has no ${detail}`))
    const fault = more?.(object)
    if (fault !== undefined) faults.push(fault)
  }
  return faults
}

const bounds: Record<Count, [least: number, most: number]> = {
  '0': [0, 0],
  '1': [1, 1],
  '?': [0, 1],
  '*': [0, 1_000],
  '+': [1, 1_000],
}

/** alias<user@issuer>, the person by name and role, whoever acts for them; and what for. [ITI TF-2:3.40.4.2] */
function userFaults({ participants, purposes, types }: AuditView): string[] {
  const qualified = participants.findIndex(({ userName = '' }) => /<.*@.*>$/.test(userName))
  if (qualified < 0) {
    const isTrail = types[0]?.system === trailSystem
    return purposes.length > 0 && !isTrail ? ['a purpose of use of nobody'] : []
  }
  const [first, second, third, ...more] = participants.slice(qualified)
  return [
    ...(second?.userID === first?.userID ? [] : ['the two forms of a user have two ids']),
    ...(second === undefined || hasRole(second) ? [] : ['a user without a role']),
    ...(third === undefined || ['ASS', 'TCU'].includes(third.roles[0]?.code ?? '') ? [] : ['an unknown third person']),
    ...(more.length === 0 ? [] : ['more than three forms of a user']),
    ...(participants.filter(({ isRequestor }) => isRequestor === true).length === 1 ? [] : ['not one requestor']),
  ]
}

/** [CH:ATC Table 5] */
function trailFaults({ event, outcome, participants, objects }: AuditView): string[] {
  const isPerson = ({ roles, userName }: ParticipantView) =>
    userName !== undefined && roles.length === 1 && roles[0]?.system?.startsWith('2.16.756.5.30.1.127.3.10.') === true
  return [
    ...(event?.code === '110106' && outcome === 0 ? [] : ['another event']),
    ...(participants.every(isPerson) ? [] : ['a participant that is neither person nor group']),
    ...(participants.filter(({ isRequestor }) => isRequestor === true).length === 1 ? [] : ['not one initiator']),
    ...(objects.filter(objectRows.patient.is).length === 1 ? [] : ['not one patient']),
    ...(objects.filter(objectRows.document.is).length <= 1 ? [] : ['several documents']),
    ...(objects.filter(isTrace).length === 1 ? [] : ['not one trace']),
  ]
}

function otherFaults({ event, types, action, outcome, participants, objects }: AuditView): string[] {
  const known = otherEvents.find(([type, code, of]) => type === types[0]?.code && code === event?.code && of === action)
  if (known === undefined) return [`an unknown event ${event?.code} ${types[0]?.code} ${action}`]
  const [, code, , outcomes] = known
  const isAlert = code === '110113'
  const described = objects.filter(({ details }) => details.some(({ type }) => type === 'Alert Description'))
  return [
    ...(outcomes.split(' ').includes(String(outcome)) ? [] : [`the outcome ${outcome}`]),
    ...(isAlert && described.length !== 1 ? ['an alert without its description'] : []),
    ...(isAlert && participants.slice(1).some(({ isRequestor }) => isRequestor === true) ? ['a cause that asks'] : []),
    ...(code === '110101' && objects.filter(objectRows.log.is).length !== 1 ? ['not one log'] : []),
  ]
}

function withRole({ participants }: AuditView, code: string): ParticipantView[] {
  return participants.filter(({ roles }) => roles.some(role => role.system === 'DCM' && role.code === code))
}

function hasRole({ roles }: ParticipantView): boolean {
  return roles.length === 1
}
