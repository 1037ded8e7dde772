// Records as a network of hospitals would write them, from a seed: patients, persons, documents and traces with the repetition of real
// life, four records to a transaction, the newest at a fixed time.
import { createHash } from 'node:crypto'

export interface Written {
  frame: Buffer
  eventMs: number
  /** AuditSourceID. */
  source: string
}

/** The last record of all. */
export const endMs = Date.UTC(2026, 10, 25)
/** A busy community: some hundred thousand records a day. */
const perSecond = 1.3

const patients = 100_000
const persons = 5_000

const timeAt = (n: number, total: number): number => Math.round(endMs - ((total - n) * 1000) / perSecond)

/** Of both ends of two exchanges. */
export const recordsOfTransaction = 4

/** The n-th of `total`. */
export function recordAt(n: number, total: number): Written {
  const transaction = Math.floor(n / recordsOfTransaction)
  const side = n % recordsOfTransaction
  const eventMs = timeAt(n, total)
  const { random, trace } = drawn(transaction)
  const kind = kinds[random(0) % kinds.length] ?? kinds[0]
  const patient = patientOf(random(1))
  const person = random(2) % persons
  const source = ['carnet-registry', 'carnet-repository', `portal-${person % 40}`, 'carnet-registry'][side] ?? ''
  const failed = random(3) % 100 === 0
  const purpose = random(4) % 200 === 0 ? 'EMER' : 'NORM'
  const role = ['HCP', 'HCP', 'HCP', 'ASS', 'PAT', 'REP'][random(5) % 6] ?? 'HCP'
  const time = new Date(eventMs).toISOString()
  const header = `<85>1 ${time.slice(0, -1)}${String(n % 1000).padStart(3, '0')}Z node-${person % 40}.hospital.example ${source} 4711 IHE+RFC-3881 - `
  return { frame: Buffer.from(header + message()), eventMs, source }

  function message(): string {
    return (
      `<AuditMessage><EventIdentification EventActionCode="${kind.action}" EventDateTime="${time}" EventOutcomeIndicator="${failed ? 8 : 0}">` +
      `<EventID csd-code="${kind.event[0]}" codeSystemName="DCM" originalText="${kind.event[1]}"/>` +
      `<EventTypeCode csd-code="${kind.type[0]}" codeSystemName="IHE Transactions" originalText="${kind.type[1]}"/>` +
      `<PurposeOfUse csd-code="${purpose}" codeSystemName="2.16.756.5.30.1.127.3.10.5" originalText="Purpose"/></EventIdentification>` +
      `<ActiveParticipant UserID="http://www.w3.org/2005/08/addressing/anonymous" UserName="portal-${person % 40}" UserIsRequestor="true" NetworkAccessPointID="10.1.${person % 40}.${random(6) % 250}" NetworkAccessPointTypeCode="2"><RoleIDCode csd-code="110153" codeSystemName="DCM" originalText="Source Role ID"/></ActiveParticipant>` +
      `<ActiveParticipant UserID="https://epd.example:8441/${source}" AlternativeUserID="4711" UserIsRequestor="false" NetworkAccessPointID="epd.example" NetworkAccessPointTypeCode="1"><RoleIDCode csd-code="110152" codeSystemName="DCM" originalText="Destination Role ID"/></ActiveParticipant>` +
      `<ActiveParticipant UserID="${personId(person)}" UserName="${personName(person)}" UserIsRequestor="true"><RoleIDCode csd-code="${role}" codeSystemName="2.16.756.5.30.1.127.3.10.6" originalText="Role"/></ActiveParticipant>` +
      `<AuditSourceIdentification AuditEnterpriseSiteID="2.999.${person % 12}" AuditSourceID="${source}"><AuditSourceTypeCode csd-code="4" codeSystemName="DCM" originalText="Application server process"/></AuditSourceIdentification>` +
      `<ParticipantObjectIdentification ParticipantObjectID="${patientId(patient).replaceAll('&', '&amp;')}" ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1"><ParticipantObjectIDTypeCode csd-code="2" codeSystemName="RFC-3881" originalText="Patient Number"/></ParticipantObjectIdentification>` +
      object() +
      `<ParticipantObjectIdentification ParticipantObjectID="00-${trace.slice(0, 32)}-${trace.slice(32, 48)}-01" ParticipantObjectTypeCode="4" ParticipantObjectTypeCodeRole="26"><ParticipantObjectIDTypeCode csd-code="traceparent" codeSystemName="e-health-suisse" originalText="traceparent"/></ParticipantObjectIdentification></AuditMessage>`
    )
  }

  function object(): string {
    if (kind.type[0] !== 'ITI-18') {
      return `<ParticipantObjectIdentification ParticipantObjectID="${documentId(random(7) % 1_000_000)}" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="3"><ParticipantObjectIDTypeCode csd-code="9" codeSystemName="RFC-3881" originalText="Report Number"/><ParticipantObjectDetail type="Repository Unique Id" value="Mi4yNS4x"/></ParticipantObjectIdentification>`
    }
    const query = `<AdhocQueryRequest xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"><ResponseOption returnComposedObjects="true" returnType="LeafClass"/><AdhocQuery xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0" id="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"><Slot name="$XDSDocumentEntryPatientId"><ValueList><Value>'${patientId(patient)}'</Value></ValueList></Slot><Slot name="$XDSDocumentEntryStatus"><ValueList><Value>('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')</Value></ValueList></Slot></AdhocQuery></AdhocQueryRequest>`
    return `<ParticipantObjectIdentification ParticipantObjectID="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="24"><ParticipantObjectIDTypeCode csd-code="ITI-18" codeSystemName="IHE Transactions" originalText="Registry Stored Query"/><ParticipantObjectQuery>${Buffer.from(query).toString('base64')}</ParticipantObjectQuery><ParticipantObjectDetail type="QueryEncoding" value="VVRGLTg="/></ParticipantObjectIdentification>`
  }
}

interface Kind {
  type: readonly [string, string]
  event: readonly [string, string]
  action: string
}

const kinds: readonly [Kind, ...Kind[]] = [
  { type: ['ITI-18', 'Registry Stored Query'], event: ['110112', 'Query'], action: 'E' },
  { type: ['ITI-18', 'Registry Stored Query'], event: ['110112', 'Query'], action: 'E' },
  { type: ['ITI-43', 'Retrieve Document Set'], event: ['110106', 'Export'], action: 'R' },
  { type: ['ITI-41', 'Provide and Register Document Set-b'], event: ['110107', 'Import'], action: 'C' },
]

/** One patient in a hundred has half of all records. */
function patientOf(random: number): number {
  return random % 2 === 0 ? (random >>> 1) % (patients / 100) : (random >>> 1) % patients
}

export const patientId = (patient: number) =>
  `7613${String(patient).padStart(14, '0')}^^^&2.16.756.5.30.1.127.3.10.3&ISO`
export const personId = (person: number) => `76010${String(person).padStart(8, '0')}`
export const personName = (person: number) => `Dr. ${given[person % given.length]} ${family(person)}`
export const documentId = (document: number) => `2.25.${10 ** 12 + document * 7919}`
export const traceOf = (transaction: number) =>
  createHash('sha256').update(`trace ${transaction}`).digest('hex').slice(0, 32)

const given = ['Anna', 'Beat', 'Chiara', 'Daniel', 'Élodie', 'Franz', 'Giulia', 'Hans', 'Irène', 'Jürg']
const family = (person: number) => `Muster${(person * 7) % 1_000}`

interface Drawn {
  transaction: number
  random(at: number): number
  trace: string
}

let last: Drawn | undefined

/** What depends on the transaction alone; its records are asked for one after the other. */
function drawn(transaction: number): Drawn {
  if (last?.transaction === transaction) return last
  const digest = createHash('sha256').update(`transaction ${transaction}`).digest()
  const trace = createHash('sha256').update(`trace ${transaction}`).digest('hex')
  last = { transaction, random: at => digest.readUInt32BE(4 * at), trace }
  return last
}
