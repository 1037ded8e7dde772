// The messages of ITI-45: PRPA_IN201309UV02 asks, PRPA_IN201310UV02 answers. ITI TF-2 §3.45.4.1.2, §3.45.4.2.2.
import { cxOf } from '../../metadata/hl7.js'
import { namespaces } from '../../soap/namespaces.js'
import { escapeXml } from '../../soap/xml.js'
import { expectElement } from '../registry-response-codec.js'
import type { Codec } from '../transaction.js'
import { cxsAt, idXml, inDomain, requiredId, wrapperXml } from './message.js'
import {
  parametersOf,
  type QueryAnswer,
  type QueryMessage,
  queryAnswerOf,
  queryAnswerXml,
  queryMessageOf,
} from './query.js'

export interface PixQuery extends QueryMessage {
  /** As CX; one is expected. */
  patientIds: string[]
  /** OIDs of the domains whose ids are wanted, in the order asked for; all when there are none. */
  dataSources: string[]
}

export interface PixAnswer extends QueryAnswer {
  /** Ids of the one patient, as CX. */
  patientIds: string[]
  /** OID of whoever keeps them together. */
  custodian?: string
}

const asks = { name: 'PRPA_IN201309UV02', trigger: 'PRPA_TE201309UV02' }
const answers = { name: 'PRPA_IN201310UV02', trigger: 'PRPA_TE201310UV02' }

export const pixRequest: Codec<PixQuery> = {
  element: { namespace: namespaces.hl7v3, name: asks.name },
  decode(body) {
    expectElement(body, pixRequest.element)
    return {
      ...queryMessageOf(body),
      patientIds: parametersOf(body, 'patientIdentifier').flatMap(values =>
        values.map(value => {
          const { root, extension = '' } = inDomain(value)
          return cxOf(root, extension)
        }),
      ),
      dataSources: parametersOf(body, 'dataSource').flatMap(values => values.map(value => inDomain(value).root)),
    }
  },
  encode: query => ({
    xml: [
      `<${asks.name} xmlns="${namespaces.hl7v3}" ITSVersion="XML_1.0">${wrapperXml(asks.name, query, 'AL')}` +
        `<controlActProcess classCode="CACT" moodCode="EVN"><code code="${asks.trigger}" codeSystem="2.16.840.1.113883.1.18"/>` +
        `${query.queryXml === '' ? queryXml(query) : query.queryXml}</controlActProcess></${asks.name}>`,
    ],
  }),
}

function queryXml({ queryId, dataSources, patientIds }: PixQuery): string {
  return [
    `<queryByParameter><queryId${idXml(queryId).slice('<id'.length)}`,
    '<statusCode code="new"/><responsePriorityCode code="I"/><parameterList>',
    ...dataSources.map(
      root => `<dataSource><value root="${escapeXml(root)}"/><semanticsText>DataSource.id</semanticsText></dataSource>`,
    ),
    ...patientIds.map(cx => {
      const { root, extension = '' } = requiredId(cx)
      const value = `<value root="${escapeXml(root)}" extension="${escapeXml(extension)}"/>`
      return `<patientIdentifier>${value}<semanticsText>Patient.id</semanticsText></patientIdentifier>`
    }),
    '</parameterList></queryByParameter>',
  ].join('')
}

export const pixAnswer: Codec<PixAnswer> = {
  element: { namespace: namespaces.hl7v3, name: answers.name },
  decode(body) {
    expectElement(body, pixAnswer.element)
    const patient = ['controlActProcess', 'subject', 'registrationEvent', 'subject1', 'patient', 'id']
    return { ...queryAnswerOf(body), patientIds: cxsAt(body, patient) }
  },
  encode: answer => ({ xml: [queryAnswerXml(answers, answer, { subjects: subjectXml(answer) })] }),
}

/** The ids alone: who it is, is another query. [ITI TF-2:3.45.4.2.2] */
function subjectXml({ patientIds, custodian }: PixAnswer): string {
  if (patientIds.length === 0) return ''
  return [
    '<subject typeCode="SUBJ" contextConductionInd="false"><registrationEvent classCode="REG" moodCode="EVN">',
    '<id nullFlavor="NA"/><statusCode code="active"/><subject1 typeCode="SBJ"><patient classCode="PAT">',
    ...patientIds.map(cx => idXml(requiredId(cx))),
    '<statusCode code="active"/><patientPerson classCode="PSN" determinerCode="INSTANCE"><name nullFlavor="NA"/></patientPerson>',
    `</patient></subject1>${custodianXml(custodian)}</registrationEvent></subject>`,
  ].join('')
}

/** `code` says more of it, between communities. */
export function custodianXml(oid: string | undefined, code = ''): string {
  const id = oid === undefined ? '<id nullFlavor="NI"/>' : idXml({ root: oid })
  return `<custodian typeCode="CST"><assignedEntity classCode="ASSIGNED">${id}${code}</assignedEntity></custodian>`
}
