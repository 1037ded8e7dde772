// PRPA_IN201306UV02 answers who fits: ITI-47 and, between communities, ITI-55. ITI TF-2 §3.47.4.2.2, §3.55.4.2.2.
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, type XmlElement } from '../../soap/xml.js'
import { nobody, type Person } from '../person.js'
import { expectElement } from '../registry-response-codec.js'
import type { Codec } from '../transaction.js'
import { cxsOf, descendants, idXml, inDomain, requiredId } from './message.js'
import { personIn, personXml } from './person-codec.js'
import { custodianXml } from './pix-query-codec.js'
import { type Counts, codeOf, countsOf, type QueryAnswer, queryAnswerOf, queryAnswerXml } from './query.js'

export interface FoundPatient {
  /** As CX. */
  patientIds: string[]
  /** Those that are no ids of a health domain, as a national number. */
  otherIds: string[]
  person: Person
  /** How well it fits, of 100. */
  degree: number
}

export interface DemographicsAnswer extends QueryAnswer {
  patients: FoundPatient[]
  counts?: Counts
  /** OID of whoever answers: of the community, between communities. */
  custodian?: string
  /** Whether it answers ITI-56. [ITI TF-2:3.55.4.2.2.5] */
  isLocator?: boolean
  /** What the asker should say besides, by the codes of the framework. [ITI TF-2:3.55.4.2.2.6] */
  moreWanted?: string[]
  /** Between communities, why there is no answer. */
  unavailable?: Unavailable
}

/** [ITI TF-2: Table 3.55.4.2.2.7-1] */
export type Unavailable = 'AnswerNotAvailable' | 'ResponderBusy' | 'InternalError'

const answers = { name: 'PRPA_IN201306UV02', trigger: 'PRPA_TE201306UV02' }

export const demographicsAnswer: Codec<DemographicsAnswer> = answerCodec({})

/** Between communities each hit says whose it is, and whether that community locates data elsewhere. [ITI TF-2:3.55.4.2.2.4, 3.55.4.2.2.5] */
export const discoveryAnswer: Codec<DemographicsAnswer> = answerCodec({ saysLocator: true })

const [isLocator, isNoLocator] = ['SupportsHealthDataLocator', 'NotHealthDataLocator']

function locatorXml(answer: DemographicsAnswer): string {
  const code = answer.isLocator === true ? isLocator : isNoLocator
  return `<code code="${code}" codeSystem="1.3.6.1.4.1.19376.1.2.27.2"/>`
}

function answerCodec({ saysLocator = false }: { saysLocator?: boolean }): Codec<DemographicsAnswer> {
  const element = { namespace: namespaces.hl7v3, name: answers.name }
  return {
    element,
    decode(body) {
      expectElement(body, element)
      const events = descendants(body, ['controlActProcess', 'subject', 'registrationEvent'])
      const counts = countsOf(body)
      const [custodian] = events.flatMap(event => descendants(event, ['custodian', 'assignedEntity', 'id']))
      const saidLocator = events.some(event => {
        const [entity] = descendants(event, ['custodian', 'assignedEntity'])
        return codeOf(entity, 'code') === isLocator
      })
      const wanted = descendants(body, [...issue, 'triggerFor', 'actOrderRequired'])
      const [managed] = descendants(body, [...issue, 'mitigatedBy', 'detectedIssueManagement'])
      const unavailable = unavailables.find(each => each === codeOf(managed, 'code'))
      return {
        ...queryAnswerOf(body),
        patients: events.flatMap(foundIn),
        ...(counts === undefined ? {} : { counts }),
        ...(custodian === undefined ? {} : { custodian: inDomain(custodian).root }),
        ...(saidLocator ? { isLocator: true } : {}),
        ...(wanted.length === 0 ? {} : { moreWanted: wanted.flatMap(act => codeOf(act, 'code') ?? []) }),
        ...(unavailable === undefined ? {} : { unavailable }),
      }
    },
    encode(answer) {
      const custodian = custodianXml(answer.custodian, saysLocator ? locatorXml(answer) : '')
      const subjects = answer.patients.map(patient => subjectXml(patient, custodian)).join('')
      const { moreWanted, unavailable } = answer
      const reasons = [
        moreWanted === undefined ? '' : reasonXml(triggersXml(moreWanted)),
        unavailable === undefined ? '' : reasonXml(managedXml(unavailable)),
      ].join('')
      return { xml: [queryAnswerXml(answers, answer, { subjects, reasons, counts: answer.counts })] }
    },
  }
}

const issue = ['controlActProcess', 'reasonOf', 'detectedIssueEvent']

function foundIn(event: XmlElement): FoundPatient[] {
  const [patient] = descendants(event, ['subject1', 'patient'])
  if (patient === undefined) return []
  const [person] = descendants(patient, ['patientPerson'])
  const [degree] = descendants(patient, ['subjectOf1', 'queryMatchObservation', 'value'])
  const value = degree && attributeOf(degree, 'value')
  return [
    {
      patientIds: cxsOf(descendants(patient, ['id'])),
      otherIds: cxsOf(descendants(patient, ['patientPerson', 'asOtherIDs', 'id'])),
      person: person === undefined ? nobody : personIn(person),
      degree: value !== undefined && /^\d{1,3}$/.test(value) ? Number(value) : 0,
    },
  ]
}

function subjectXml({ patientIds, otherIds, person, degree }: FoundPatient, custodian: string): string {
  const ids = patientIds.map(requiredId)
  return [
    '<subject typeCode="SUBJ" contextConductionInd="false"><registrationEvent classCode="REG" moodCode="EVN">',
    '<id nullFlavor="NA"/><statusCode code="active"/><subject1 typeCode="SBJ"><patient classCode="PAT">',
    ...ids.map(idXml),
    '<statusCode code="active"/><patientPerson classCode="PSN" determinerCode="INSTANCE">',
    personXml(person),
    ...otherIds.map(requiredId).map(otherXml),
    '</patientPerson><providerOrganization classCode="ORG" determinerCode="INSTANCE">',
    ...[...new Set(ids.map(({ root }) => root))].map(root => idXml({ root })),
    '<contactParty classCode="CON" nullFlavor="NA"/></providerOrganization>',
    '<subjectOf1><queryMatchObservation classCode="COND" moodCode="EVN"><code code="IHE_PDQ"/>',
    `<value xmlns:xsi="${namespaces.xsi}" xsi:type="INT" value="${degree}"/></queryMatchObservation></subjectOf1>`,
    `</patient></subject1>${custodian}</registrationEvent></subject>`,
  ].join('')
}

/** Anything but a citizen or an employee. [ITI TF-2: Table 3.55.4.2.2.2-1] */
function otherXml(id: { root: string; extension?: string }): string {
  return (
    `<asOtherIDs classCode="PAT">${idXml(id)}<scopingOrganization classCode="ORG" determinerCode="INSTANCE">` +
    `${idXml({ root: id.root })}</scopingOrganization></asOtherIDs>`
  )
}

/** Code systems of what nations ask for besides. [CH-EPR ITI-119] */
const nationalCodes: ReadonlyMap<string, string> = new Map([['BirthNameRequested', '2.16.756.5.30.1.127.3.10.17']])

const unavailables: readonly Unavailable[] = ['AnswerNotAvailable', 'ResponderBusy', 'InternalError']

/** [ITI TF-2:3.55.4.2.2.7] */
function managedXml(code: Unavailable): string {
  return (
    '<mitigatedBy typeCode="MITGT"><detectedIssueManagement classCode="ACT" moodCode="EVN">' +
    `<code code="${code}" codeSystem="1.3.6.1.4.1.19376.1.2.27.3"/></detectedIssueManagement></mitigatedBy>`
  )
}

/** [ITI TF-2:3.55.4.2.2.6] */
function triggersXml(wanted: readonly string[]): string {
  const triggers = wanted.map(
    code =>
      '<triggerFor typeCode="TRIG"><actOrderRequired classCode="ACT" moodCode="RQO">' +
      `<code code="${code}" codeSystem="${nationalCodes.get(code) ?? '1.3.6.1.4.1.19376.1.2.27.1'}"/></actOrderRequired></triggerFor>`,
  )
  return triggers.join('')
}

function reasonXml(what: string): string {
  return (
    '<reasonOf typeCode="RSON"><detectedIssueEvent classCode="ALRT" moodCode="EVN">' +
    '<code code="_ActAdministrativeDetectedIssueManagementCode" codeSystem="2.16.840.1.113883.5.4"/>' +
    `${what}</detectedIssueEvent></reasonOf>`
  )
}
