// Messages of HL7 v3 written by hand, as another make's systems would send and answer them: nothing here knows Carnet's codecs.
import { randomUUID } from 'node:crypto'

export interface Somebody {
  /** Extension and root of each id. */
  ids: [extension: string, root: string][]
  family: string
  given: string
  gender?: 'F' | 'M'
  born?: string
}

const header = (
  name: string,
  ack: 'AL' | 'NE',
  home?: string,
): string => `<id root="2.999.51" extension="${randomUUID()}"/>
  <creationTime value="20260101120000"/>
  <interactionId root="2.16.840.1.113883.1.6" extension="${name}"/>
  <processingCode code="T"/><processingModeCode code="T"/><acceptAckCode code="${ack}"/>
  <receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE"><id root="2.999.52"/></device></receiver>
  <sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE"><id root="2.999.51"/>${home === undefined ? '' : agent(home)}</device></sender>`

const agent = (home: string) =>
  `<asAgent classCode="AGNT"><representedOrganization classCode="ORG" determinerCode="INSTANCE"><id root="${home}"/></representedOrganization></asAgent>`

const message = (name: string, ack: 'AL' | 'NE', content: string, home?: string) =>
  `<${name} xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ITSVersion="XML_1.0">
  ${header(name, ack, home)}
  ${content}
</${name}>`

const act = (trigger: string, content: string) =>
  `<controlActProcess classCode="CACT" moodCode="EVN"><code code="${trigger}" codeSystem="2.16.840.1.113883.1.18"/>${content}</controlActProcess>`

const idsXml = ({ ids }: Pick<Somebody, 'ids'>) =>
  ids.map(([extension, root]) => `<id root="${root}" extension="${extension}"/>`).join('')

const personXml = ({ family, given, gender, born }: Somebody) =>
  `<patientPerson classCode="PSN" determinerCode="INSTANCE"><name><family>${family}</family><given>${given}</given></name>` +
  (gender === undefined ? '' : `<administrativeGenderCode code="${gender}"/>`) +
  `${born === undefined ? '' : `<birthTime value="${born}"/>`}</patientPerson>`

const provider = ({ ids }: Pick<Somebody, 'ids'>) =>
  `<providerOrganization classCode="ORG" determinerCode="INSTANCE">${ids.map(([, root]) => `<id root="${root}"/>`).join('')}` +
  '<contactParty classCode="CON"/></providerOrganization>'

const custodian = (root: string, code = '') =>
  `<custodian typeCode="CST"><assignedEntity classCode="ASSIGNED"><id root="${root}"/>${code}</assignedEntity></custodian>`

/** ITI-44: added, or revised. */
export function feed(event: 'add' | 'revise', somebody: Somebody): string {
  return registration(event === 'add' ? '201301' : '201302', somebody, '')
}

/** ITI-44: one id takes the place of another. */
export function duplicatesResolved(survivor: Somebody, [extension, root]: [string, string]): string {
  const prior = `<priorRegisteredRole classCode="PAT"><id root="${root}" extension="${extension}"/></priorRegisteredRole>`
  const replacement = `<replacementOf typeCode="RPLC"><priorRegistration classCode="REG" moodCode="EVN"><statusCode code="obsolete"/><subject1 typeCode="SBJ">${prior}</subject1></priorRegistration></replacementOf>`
  return registration('201304', survivor, replacement)
}

function registration(number: string, somebody: Somebody, replacement: string): string {
  const patient = `<patient classCode="PAT">${idsXml(somebody)}<statusCode code="active"/>${personXml(somebody)}${provider(somebody)}</patient>`
  const event = `<registrationEvent classCode="REG" moodCode="EVN"><statusCode code="active"/><subject1 typeCode="SBJ">${patient}</subject1>${custodian('2.999.51')}${replacement}</registrationEvent>`
  const subject = `<subject typeCode="SUBJ" contextConductionInd="false">${event}</subject>`
  return message(`PRPA_IN${number}UV02`, 'AL', act(`PRPA_TE${number}UV02`, subject))
}

/** ITI-45. */
export function idsElsewhere(extension: string, root: string, dataSource?: string): string {
  const source =
    dataSource === undefined
      ? ''
      : `<dataSource><value root="${dataSource}"/><semanticsText>DataSource.id</semanticsText></dataSource>`
  const list = `<parameterList>${source}<patientIdentifier><value root="${root}" extension="${extension}"/><semanticsText>Patient.id</semanticsText></patientIdentifier></parameterList>`
  return message('PRPA_IN201309UV02', 'AL', act('PRPA_TE201309UV02', byParameter(list, '')))
}

export interface LookedFor {
  family?: string
  given?: string
  born?: string
  id?: [extension: string, root: string]
  initialQuantity?: number
  /** Of the community that asks, where it is one. */
  home?: string
  /** Whose ids it knows people by: one of these may be the id. */
  authority?: string
}

/** ITI-47, and ITI-55 where a community asks. */
export function whoIs({ family, given, born, id, initialQuantity, home, authority }: LookedFor): string {
  const parameter = (name: string, value: string, semantics: string) =>
    `<${name}>${value}<semanticsText>${semantics}</semanticsText></${name}>`
  const parts = [
    born === undefined
      ? ''
      : parameter('livingSubjectBirthTime', `<value value="${born}"/>`, 'LivingSubject.birthTime'),
    id === undefined
      ? ''
      : parameter('livingSubjectId', `<value root="${id[1]}" extension="${id[0]}"/>`, 'LivingSubject.id'),
    family === undefined
      ? ''
      : parameter(
          'livingSubjectName',
          `<value><family>${family}</family>${given === undefined ? '' : `<given>${given}</given>`}</value>`,
          'LivingSubject.name',
        ),
  ]
  const quantity =
    initialQuantity === undefined
      ? ''
      : `<initialQuantity value="${initialQuantity}"/><initialQuantityCode code="RD" codeSystem="2.16.840.1.113883.5.1112"/>`
  const query = byParameter(
    `<parameterList>${parts.join('')}</parameterList>`,
    quantity,
    '<responseModalityCode code="R"/>',
  )
  const author =
    authority === undefined
      ? ''
      : `<authorOrPerformer typeCode="AUT"><assignedDevice classCode="ASSIGNED"><id root="${authority}"/></assignedDevice></authorOrPerformer>`
  return message('PRPA_IN201305UV02', 'AL', act('PRPA_TE201305UV02', author + query), home)
}

function byParameter(list: string, quantity: string, modality = ''): string {
  return `<queryByParameter><queryId root="2.999.51" extension="${randomUUID()}"/><statusCode code="new"/>${modality}<responsePriorityCode code="I"/>${quantity}${list}</queryByParameter>`
}

/** ITI-56. */
export function whereIs([extension, root]: [extension: string, root: string]): string {
  return `<PatientLocationQueryRequest xmlns="urn:ihe:iti:xcpd:2009"><RequestedPatientId root="${root}" extension="${extension}"/></PatientLocationQueryRequest>`
}

// ---- answers, as templates: {messageId}, {queryId} and {query} are those of the request ----------------------------------

/** To ITI-44 and ITI-46. */
export function acknowledgement(typeCode: 'CA' | 'CE' | 'AA'): string {
  return message('MCCI_IN000002UV01', 'NE', acknowledged(typeCode))
}

function acknowledged(typeCode: string): string {
  return `<acknowledgement><typeCode code="${typeCode}"/><targetMessage><id {messageId}/></targetMessage></acknowledgement>`
}

const queryAck = (code: 'OK' | 'NF', counts = '') =>
  `<queryAck><queryId {queryId}/><statusCode code="deliveredResponse"/><queryResponseCode code="${code}"/>${counts}</queryAck>{query}`

/** To ITI-56. */
export function itIsAt(home: string, [extension, root]: [extension: string, root: string]): string {
  const id = `root="${root}" extension="${extension}"`
  return `<PatientLocationQueryResponse xmlns="urn:ihe:iti:xcpd:2009"><PatientLocationResponse><HomeCommunityId>${home}</HomeCommunityId><CorrespondingPatientId ${id}/><RequestedPatientId ${id}/></PatientLocationResponse></PatientLocationQueryResponse>`
}

/** To ITI-45. */
export function idsAre(ids: Somebody['ids']): string {
  const patient = `<patient classCode="PAT">${idsXml({ ids })}<statusCode code="active"/><patientPerson classCode="PSN" determinerCode="INSTANCE"><name nullFlavor="NA"/></patientPerson></patient>`
  return found('PRPA_IN201310UV02', 'PRPA_TE201310UV02', patient, custodian('2.999.52'), '')
}

/** To ITI-47. */
export function itIs(somebody: Somebody): string {
  const patient = `<patient classCode="PAT">${idsXml(somebody)}<statusCode code="active"/>${personXml(somebody)}${provider(somebody)}${fits}</patient>`
  return found('PRPA_IN201306UV02', 'PRPA_TE201306UV02', patient, custodian('2.999.52'), one)
}

/** To ITI-55. */
export function knownAs(somebody: Somebody, home: string): string {
  const code = '<code code="NotHealthDataLocator" codeSystem="1.3.6.1.4.1.19376.1.2.27.2"/>'
  const patient = `<patient classCode="PAT">${idsXml(somebody)}<statusCode code="active"/>${personXml(somebody)}${provider(somebody)}${fits}</patient>`
  return found('PRPA_IN201306UV02', 'PRPA_TE201306UV02', patient, custodian(home, code), one, home)
}

/** To ITI-47 and ITI-55. */
export function nobodyFits(home?: string): string {
  const counts =
    '<resultTotalQuantity value="0"/><resultCurrentQuantity value="0"/><resultRemainingQuantity value="0"/>'
  return message(
    'PRPA_IN201306UV02',
    'NE',
    acknowledged('AA') + act('PRPA_TE201306UV02', queryAck('NF', home === undefined ? counts : '')),
    home,
  )
}

const fits =
  '<subjectOf1><queryMatchObservation classCode="COND" moodCode="EVN"><code code="IHE_PDQ"/><value xsi:type="INT" value="100"/></queryMatchObservation></subjectOf1>'
const one = '<resultTotalQuantity value="1"/><resultCurrentQuantity value="1"/><resultRemainingQuantity value="0"/>'

function found(name: string, trigger: string, patient: string, keptBy: string, counts: string, home?: string): string {
  const event = `<registrationEvent classCode="REG" moodCode="EVN"><id nullFlavor="NA"/><statusCode code="active"/><subject1 typeCode="SBJ">${patient}</subject1>${keptBy}</registrationEvent>`
  const subject = `<subject typeCode="SUBJ" contextConductionInd="false">${event}</subject>`
  return message(name, 'NE', acknowledged('AA') + act(trigger, subject + queryAck('OK', counts)), home)
}
