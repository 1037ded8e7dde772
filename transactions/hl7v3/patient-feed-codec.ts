// The messages of ITI-44 and their answer MCCI_IN000002UV01, as much of HL7 v3 as a registry needs. ITI TF-2 §3.44.4, Appendix O.1.
import { isOid } from '../../metadata/data-types.js'
import { SoapFault } from '../../soap/fault.js'
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, escapeXml, type XmlElement } from '../../soap/xml.js'
import { isTold, nobody } from '../person.js'
import { expectElement } from '../registry-response-codec.js'
import type { Codec } from '../transaction.js'
import type { FeedAcknowledgement, FeedEvent, PatientRecord, SensitiveElement } from '../xds-messages.js'
import {
  cxsAt,
  cxsOf,
  descendants,
  idXml,
  inDomain,
  instanceIdentifier,
  messageIdOf,
  mostOfId,
  requiredId,
  routeOf,
  uuidFrom,
  wrapperXml,
} from './message.js'
import { personIn, personXml } from './person-codec.js'

interface Interaction {
  /** Name of the element, and of the interaction. */
  name: string
  /** What made the sender speak. */
  trigger: string
}

export const interactions: Readonly<Record<FeedEvent, Interaction>> = {
  add: { name: 'PRPA_IN201301UV02', trigger: 'PRPA_TE201301UV02' },
  revise: { name: 'PRPA_IN201302UV02', trigger: 'PRPA_TE201302UV02' },
  merge: { name: 'PRPA_IN201304UV02', trigger: 'PRPA_TE201304UV02' },
}

const registration = ['controlActProcess', 'subject', 'registrationEvent']
const patient = [...registration, 'subject1', 'patient']
const priorRole = [...registration, 'replacementOf', 'priorRegistration', 'subject1', 'priorRegisteredRole']

const sensitiveElements: readonly SensitiveElement[] = [
  'religiousAffiliationCode',
  'raceCode',
  'ethnicGroupCode',
  'personalRelationship',
]

/** Ids without a root or an extension name nobody and are left out. [ITI TF-2:3.44.4.1.2, 3.44.4.2.2] */
export function patientRecordRequest(event: FeedEvent): Codec<PatientRecord> {
  const element = { namespace: namespaces.hl7v3, name: interactions[event].name }
  return {
    element,
    decode(body) {
      expectElement(body, element)
      const persons = descendants(body, [...patient, 'patientPerson'])
      const contradictions = contradictionsIn(body, event)
      const otherIds = cxsOf(persons.flatMap(person => descendants(person, ['asOtherIDs', 'id'])))
      const ids = [...descendants(body, [...patient, 'id']), ...descendants(body, [...priorRole, 'id'])]
      const strangeRoots = ids.flatMap(strangeRoot).slice(0, mostTold)
      const sensitive = sensitiveElements.filter(name => persons.some(person => isSaid(person, name)))
      return {
        messageId: messageIdOf(body),
        patientIds: cxsAt(body, [...patient, 'id']),
        ...(event === 'merge' ? { subsumedIds: cxsAt(body, [...priorRole, 'id']) } : {}),
        ...(otherIds.length > 0 ? { otherIds } : {}),
        ...(contradictions.length > 0 ? { contradictions } : {}),
        ...(sensitive.length > 0 ? { sensitive } : {}),
        ...(strangeRoots.length > 0 ? { strangeRoots } : {}),
        ...personOf(persons),
        ...routeOf(body),
      }
    },
    encode: record => ({ xml: [recordXml(event, record)] }),
  }
}

/** Of a message that is refused. */
const mostTold = 20

/** A domain has an OID: by another root an id would be kept that nobody can ask for. [ITI TF-3: Table 4.2.3.1.7-2] */
function strangeRoot(id: XmlElement): string[] {
  const { root, extension = '' } = inDomain(id)
  const isSaid = attributeOf(id, 'nullFlavor') === undefined && root !== '' && extension !== ''
  return isSaid && !isOid(root) ? [root.slice(0, mostOfId)] : []
}

/** Of the one patient; a message about several is refused. */
function personOf([element]: XmlElement[]): Pick<PatientRecord, 'person'> {
  if (element === undefined) return {}
  const person = personIn(element)
  return isTold(person) ? { person } : {}
}

/** Each is said once more where it cannot be left out: what is absent contradicts nothing. */
function contradictionsIn(body: XmlElement, event: FeedEvent): string[] {
  const { name } = interactions[event]
  const value = (element: string, attribute: string) =>
    descendants(body, [element]).map(each => attributeOf(each, attribute)?.trim() ?? '')
  const found: string[] = []
  // The body says which interaction it is, and so does the id. [ITI TF-2: Appendix O.1.1]
  const named = value('interactionId', 'extension').find(extension => extension !== '' && extension !== name)
  if (named !== undefined) {
    found.push(`interactionId: expected ${name}, found ${quoted(named)} [ITI TF-2: Appendix O.1.1]`)
  }
  const code = value('processingCode', 'code').find(each => each !== '' && !/^[PTD]$/.test(each))
  if (code !== undefined) {
    found.push(`processingCode: expected P, T or D, found ${quoted(code)} [ITI TF-2: Appendix O.1.1]`)
  }
  const id = childOf(body, namespaces.hl7v3, 'id')
  const long = (['root', 'extension'] as const).find(part => ((id && attributeOf(id, part)) ?? '').length > mostOfId)
  if (long !== undefined) {
    const text = `id@${long}: expected at most ${mostOfId} characters, found ${(id && attributeOf(id, long))?.length}`
    found.push(`${text} [ITI TF-2: Appendix O.1.1]`)
  }
  const patients = Math.max(descendants(body, registration).length, descendants(body, patient).length)
  if (patients > 1) {
    found.push(`patient: expected one, a message for each, found ${patients} [ITI TF-2:3.44.4.1.2]`)
  }
  // To take the patient and pass over the replacement would be half of what was meant.
  if (event !== 'merge' && descendants(body, [...registration, 'replacementOf']).length > 0) {
    found.push(`replacementOf: expected in ${interactions.merge.name} alone, found in ${name} [ITI TF-2:3.44.4.2.2]`)
  }
  return found
}

function quoted(text: string): string {
  return `"${text.slice(0, 60)}"`
}

function isSaid(person: XmlElement, name: string): boolean {
  return childrenOf(person, namespaces.hl7v3, name).some(child => attributeOf(child, 'nullFlavor') === undefined)
}

function recordXml(event: FeedEvent, record: PatientRecord): string {
  const { name, trigger } = interactions[event]
  const ids = record.patientIds.map(requiredId)
  const roots = [...new Set(ids.map(id => id.root))]
  return [
    `<${name} xmlns="${namespaces.hl7v3}" ITSVersion="XML_1.0">`,
    wrapperXml(name, record, 'AL'),
    '<controlActProcess classCode="CACT" moodCode="EVN">',
    `<code code="${trigger}" codeSystem="2.16.840.1.113883.1.18"/>`,
    '<subject typeCode="SUBJ" contextConductionInd="false"><registrationEvent classCode="REG" moodCode="EVN">',
    '<statusCode code="active"/><subject1 typeCode="SBJ"><patient classCode="PAT">',
    ...ids.map(idXml),
    '<statusCode code="active"/><patientPerson classCode="PSN" determinerCode="INSTANCE">',
    `${personXml(record.person ?? nobody)}</patientPerson>`,
    `<providerOrganization classCode="ORG" determinerCode="INSTANCE">${roots.map(root => idXml({ root })).join('')}`,
    '<contactParty classCode="CON" nullFlavor="NA"/></providerOrganization></patient></subject1>',
    '<custodian typeCode="CST"><assignedEntity classCode="ASSIGNED">',
    record.sender === undefined ? '<id nullFlavor="NI"/>' : idXml({ root: record.sender }),
    `</assignedEntity></custodian>${(record.subsumedIds ?? []).map(replacementXml).join('')}`,
    `</registrationEvent></subject></controlActProcess></${name}>`,
  ].join('')
}

/** [ITI TF-2:3.44.4.2.2] */
function replacementXml(subsumed: string): string {
  return (
    '<replacementOf typeCode="RPLC"><priorRegistration classCode="REG" moodCode="EVN"><statusCode code="obsolete"/>' +
    `<subject1 typeCode="SBJ"><priorRegisteredRole classCode="PAT">${idXml(requiredId(subsumed))}</priorRegisteredRole>` +
    '</subject1></priorRegistration></replacementOf>'
  )
}

/** MCCI_IN000002UV01. [ITI TF-2: Appendix O.1.2] */
export const feedAcknowledgement: Codec<FeedAcknowledgement> = {
  element: { namespace: namespaces.hl7v3, name: 'MCCI_IN000002UV01' },
  decode(body) {
    expectElement(body, feedAcknowledgement.element)
    const acknowledgement = descendants(body, ['acknowledgement'])[0]
    const code = acknowledgement && childOf(acknowledgement, namespaces.hl7v3, 'typeCode')
    const typeCode = typeCodes.get((code && attributeOf(code, 'code')) ?? '')
    if (acknowledgement === undefined || typeCode === undefined) {
      throw new SoapFault('Sender', 'MCCI_IN000002UV01 holds no acknowledgement with a typeCode that says yes or no')
    }
    const [target] = descendants(acknowledgement, ['targetMessage', 'id'])
    const details = descendants(acknowledgement, ['acknowledgementDetail', 'text']).map(text => text.text.trim())
    return {
      typeCode,
      targetMessageId: target === undefined ? { root: '' } : instanceIdentifier(target),
      ...(details.length === 0 ? {} : { detail: details.join('\n') }),
      messageId: messageIdOf(body),
      ...routeOf(body),
    }
  },
  encode(answer) {
    const { typeCode, targetMessageId, detail } = answer
    const details =
      detail === undefined
        ? ''
        : `<acknowledgementDetail typeCode="${typeCode === 'CA' ? 'I' : 'E'}"><text>${escapeXml(detail)}</text></acknowledgementDetail>`
    const messageId = answer.messageId ?? { root: uuidFrom(JSON.stringify([typeCode, targetMessageId])) }
    const xml =
      `<MCCI_IN000002UV01 xmlns="${namespaces.hl7v3}" ITSVersion="XML_1.0">` +
      wrapperXml('MCCI_IN000002UV01', { ...answer, messageId }, 'NE') +
      `<acknowledgement><typeCode code="${typeCode}"/><targetMessage>${idXml(targetMessageId)}</targetMessage>` +
      `${details}</acknowledgement></MCCI_IN000002UV01>`
    return { xml: [xml] }
  },
}

/** Some receivers answer in the application's words instead of the transport's; they mean the same to us. */
const typeCodes = new Map<string, FeedAcknowledgement['typeCode']>([
  ...(['CA', 'CE', 'CR'] as const).map(code => [code, code] as const),
  ['AA', 'CA'],
  ['AE', 'CE'],
  ['AR', 'CR'],
])
