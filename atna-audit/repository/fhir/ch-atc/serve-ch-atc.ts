// The Patient Audit Record Repository: what was done with their documents, told to patients and those who stand for them.
// CH:ATC, Retrieve ATNA Audit Event [ITI-81].
import type { HttpRequest } from '../../../../ports/network.js'
import type { Partner } from '../../../../server/actor.js'
import { auditedUserOf } from '../../../../server/audited-user.js'
import { SoapFault } from '../../../../soap/fault.js'
import type { Claims } from '../../../../xua/claims.js'
import { auditLogRetrieved } from '../../../log-events.js'
import type { AuditedUser } from '../../../message.js'
import { patientEvent, patientEventTypes } from '../../../patient-events.js'
import { firstRecords } from '../../find-records.js'
import { type FhirAnswer, FhirProblem } from '../fhir-http.js'
import { readEventSearch } from '../iti-81-parameters.js'
import { pageOf, searchset } from '../iti-81-search.js'
import { type Asked, type FhirContext, fhirServer, ok, type Route, type ServeFhir } from '../serve-fhir.js'
import { storedEvent } from '../stored-event.js'
import { idsOfPatient } from './patient-aliases.js'
import { type DocumentDetails, isForPatients, nationalIdSystem, patientView } from './patient-view.js'

export const patientPath = '/audit/ch-atc'

/** @throws SoapFault when the assertion does not hold */
export type ClaimsOf = (assertion: string, request: HttpRequest, partner: Partner) => Claims | Promise<Claims>

export interface PatientAuditContext extends FhirContext {
  /** OID of this community. */
  site: string | undefined
  claimsOf: ClaimsOf | undefined
}

export function patientAuditServer(context: PatientAuditContext): ServeFhir {
  const routes: readonly Route[] = [{ method: 'GET', path: /^\/AuditEvent$/, answer: asked => search(asked, context) }]
  return fhirServer(context, patientPath, routes)
}

/** [CH:ATC ITI-81, Additional ATNA Search Parameters] */
const notUsed = ['address', 'patient.identifier', 'source', 'source.identifier', 'type', 'outcome']
const allTypes = [
  ...Object.values(patientEventTypes).map(([code]) => code),
  ...['CREATE', 'UPDATE', 'REMOVE'].map(what => `ATC_POL_${what}_AUT_PART_AL`),
  ...['DEF_CONFLEVEL', 'DIS_EMER_USE', 'ENA_EMER_USE', 'INCL_BLACKLIST', 'EXL_BLACKLIST'].map(
    what => `ATC_POL_${what}`,
  ),
  'ATC_HPD_GROUP_ENTRY_NOTIFY',
]

async function search(asked: Asked, context: PatientAuditContext): Promise<FhirAnswer> {
  const { store, base, site, ports } = context
  const eprSpid = patientAsked(asked.query)
  const rest = new URLSearchParams(asked.query)
  rest.delete('entity.identifier')
  const read = readEventSearch(rest)
  const reader = await readerOf(asked, eprSpid, context)
  await note(asked, eprSpid, reader, context)
  if (reader.refusal !== undefined) throw reader.refusal
  const patient = await idsOfPatient(store, cxOf(eprSpid), ports.clock)
  const narrow = { ...read.narrow, patient, type: read.narrow.type ?? allTypes }
  const page = pageOf(store, { ...read, narrow, matches: [isForPatients, ...read.matches] }, ports.clock)
  const shown = { eprSpid, site, detailsOf: knownDetails(context) }
  const events = await Promise.all(page.events.map(event => patientView(event, shown)))
  const profile = 'http://fhir.ch/ig/ch-epr-fhir/StructureDefinition/CH-ATC.ITI-81.Response'
  return ok(searchset({ events, next: page.next }, { base, asked: asked.query, profile }))
}

function patientAsked(query: URLSearchParams): string {
  const misplaced = notUsed.find(name => query.has(name))
  if (misplaced !== undefined)
    throw new FhirProblem(
      400,
      'not-supported',
      `${misplaced} is not used here [CH:ATC ITI-81]; entity.identifier names the patient`,
    )
  const given = query.getAll('entity.identifier')
  const [, eprSpid] = new RegExp(`^${nationalIdSystem.replaceAll('.', '\\.')}\\|(\\d{18})$`).exec(given[0] ?? '') ?? []
  if (eprSpid !== undefined && given.length === 1) return eprSpid
  const found = given.length === 0 ? 'nothing' : given.join(' and ').slice(0, 100)
  throw new FhirProblem(
    400,
    'required',
    `entity.identifier is ${found}; expected ${nationalIdSystem}| and the EPR-SPID, 18 digits`,
  )
}

interface Reader {
  user: AuditedUser | undefined
  refusal: FhirProblem | undefined
}

/** A patient their own, a representative that of whom they stand for; an auditor's system reads whatever it may read elsewhere. */
async function readerOf(
  { request, partner }: Asked,
  eprSpid: string,
  { claimsOf }: PatientAuditContext,
): Promise<Reader> {
  const [, token] = /^(?:Bearer|IHE-SAML) +([A-Za-z0-9+/=_-]+)$/i.exec(request.headers.authorization ?? '') ?? []
  const refused = (status: 401 | 403, why: string, user?: AuditedUser): Reader => ({
    user,
    refusal: new FhirProblem(status, status === 401 ? 'login' : 'forbidden', why),
  })
  if (token === undefined) {
    if (partner.roles.has('auditor') || partner.roles.has('admin')) return { user: undefined, refusal: undefined }
    return refused(
      401,
      'a patient is known by an assertion: Authorization: Bearer and the SAML 2.0 assertion in base64',
    )
  }
  if (claimsOf === undefined) return refused(401, 'no assertions are taken here')
  try {
    const claims = await claimsOf(Buffer.from(token, 'base64').toString(), request, partner)
    const user = auditedUserOf(claims)
    const role = claims.role?.code ?? ''
    if (role !== 'PAT' && role !== 'REP')
      return refused(
        403,
        `the audit trail of a patient is for the patient and for representatives, not for the role ${role}`,
        user,
      )
    if (claims.eprSpid === eprSpid) return { user, refusal: undefined }
    return refused(403, 'the assertion is about another patient than entity.identifier', user)
  } catch (problem) {
    if (!(problem instanceof SoapFault)) throw problem
    return refused(401, problem.message)
  }
}

/** Before anything is shown: that the log was used, and, for the patient, by whom. [CH:ATC ITI-81, Security Audit Considerations] */
async function note(
  asked: Asked,
  eprSpid: string,
  { user, refusal }: Reader,
  context: PatientAuditContext,
): Promise<void> {
  const { base, ports, record } = context
  const { partner, traceparent, query } = asked
  const { pid, hostName } = ports.processes
  const dateTimeMs = ports.clock.now()
  const facts = { actor: 'Patient Audit Record Repository', processId: pid, hostName, dateTimeMs }
  const outcome = refusal === undefined ? {} : { outcome: 8 as const, outcomeDescription: refusal.message }
  const reading = {
    uri: `${base}/AuditEvent`,
    query: `AuditEvent?${query}`,
    reader: partner,
    user,
    traceparent,
    ...outcome,
  }
  const patientId = cxOf(eprSpid)
  const forPatient = { event: 'logRead', patientId, user, partner, object: undefined, traceparent, dateTimeMs } as const
  await record([auditLogRetrieved(reading, facts), ...(refusal === undefined ? [patientEvent(forPatient)] : [])])
}

/** Title and type of a document from the record of its registration, each looked up once. */
function knownDetails({ store, ports }: PatientAuditContext): DocumentDetails {
  const known = new Map<string, ReturnType<DocumentDetails>>()
  const look: DocumentDetails = async uniqueId => {
    const query = { object: uniqueId, type: [patientEventTypes.create[0], patientEventTypes.update[0]] }
    const [record] = await firstRecords(store, query, 1, ports.clock)
    const entities = (record && storedEvent(record)?.entity) ?? []
    const document = entities.find(({ what }) => what?.identifier?.value === uniqueId)
    return Object.fromEntries(
      (document?.detail ?? []).map(({ type, valueBase64Binary = '' }) => [type, valueBase64Binary]),
    )
  }
  return uniqueId => {
    const details = known.get(uniqueId) ?? look(uniqueId)
    known.set(uniqueId, details)
    return details
  }
}

function cxOf(eprSpid: string): string {
  return `${eprSpid}^^^&${nationalIdSystem.slice('urn:oid:'.length)}&ISO`
}
