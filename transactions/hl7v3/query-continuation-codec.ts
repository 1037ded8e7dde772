// QUQI_IN000003UV01: the asker of a query wants more of its answer, or none. ITI TF-2 §3.47.4.3.2.
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf, isElement } from '../../soap/xml.js'
import { expectElement } from '../registry-response-codec.js'
import type { Codec } from '../transaction.js'
import { descendants, idXml, instanceIdentifier, wrapperXml } from './message.js'
import { codeOf, type QueryMessage, queryMessageOf } from './query.js'

export interface Continuation extends QueryMessage {
  /** waitContinuedQueryResponse, or aborted. */
  statusCode: string
  /** How many more are wanted. */
  continuationQuantity?: number
  /** From the how manieth, counted from 1, where it says so. */
  startResultNumber?: number
}

/** Reads both interactions under either element name: the schema knows but one of them. */
export function continuation(name: 'QUQI_IN000003UV01' | 'QUQI_IN000003UV01_Cancel'): Codec<Continuation> {
  const element = { namespace: namespaces.hl7v3, name }
  // The interaction has one name in HL7; that of its own for the cancelling one stands in the WSDL of the framework alone.
  const orElement = { namespace: namespaces.hl7v3, name: 'QUQI_IN000003UV01' }
  return {
    element,
    orElement,
    decode(body) {
      expectElement(body, isElement(body, orElement.namespace, orElement.name) ? orElement : element)
      const [said] = descendants(body, ['controlActProcess', 'queryContinuation'])
      const number = (part: string) => {
        const value = said && childOf(said, namespaces.hl7v3, part)
        const text = value && attributeOf(value, 'value')?.trim()
        return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined
      }
      const queryId = said && childOf(said, namespaces.hl7v3, 'queryId')
      const continuationQuantity = number('continuationQuantity')
      const startResultNumber = number('startResultNumber')
      return {
        ...queryMessageOf(body),
        queryId: queryId === undefined ? { root: '' } : instanceIdentifier(queryId),
        statusCode: codeOf(said, 'statusCode') ?? '',
        ...(continuationQuantity === undefined ? {} : { continuationQuantity }),
        ...(startResultNumber === undefined ? {} : { startResultNumber }),
      }
    },
    encode(message) {
      const { queryId, statusCode, continuationQuantity, startResultNumber } = message
      const count = (part: string, value: number | undefined) =>
        value === undefined ? '' : `<${part} value="${value}"/>`
      const interaction = 'QUQI_IN000003UV01'
      const xml =
        `<${name} xmlns="${namespaces.hl7v3}" ITSVersion="XML_1.0">${wrapperXml(interaction, message, 'AL')}` +
        '<controlActProcess classCode="CACT" moodCode="EVN"><code code="PRPA_TE000003UV01" codeSystem="2.16.840.1.113883.1.18"/>' +
        `<queryContinuation><queryId${idXml(queryId).slice('<id'.length)}` +
        count('startResultNumber', startResultNumber) +
        count('continuationQuantity', continuationQuantity) +
        `<statusCode code="${statusCode}"/></queryContinuation></controlActProcess></${name}>`
      return { xml: [xml] }
    },
  }
}
