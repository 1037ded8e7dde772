// WS-Addressing 1.0 headers, read and checked for doublets. [WS-Addressing 1.0 Core: 3] [ITI TF-2: Appendix V.3.2.2]
import { invalidAddressing } from './fault.js'
import type { Addressing } from './message.js'
import { namespaces } from './namespaces.js'
import { attributeOf, childOf, type XmlElement } from './xml.js'

/** Back on the connection of the request. [WS-Addressing 1.0 Core: 2.1] */
export const anonymous = 'http://www.w3.org/2005/08/addressing/anonymous'
const reply = 'http://www.w3.org/2005/08/addressing/reply'

interface Property {
  property: Exclude<keyof Addressing, 'replyParameters' | 'faultParameters'>
  header: string
  value: (header: XmlElement) => string
  /** Of an endpoint reference: where what else it holds for its own use is kept. */
  parameters?: 'replyParameters' | 'faultParameters'
}

/** Each property, its header, and how its value stands in there. */
const properties: readonly Property[] = [
  { property: 'action', header: 'Action', value: textOf },
  { property: 'messageID', header: 'MessageID', value: textOf },
  { property: 'to', header: 'To', value: textOf },
  { property: 'replyTo', header: 'ReplyTo', value: addressOf, parameters: 'replyParameters' },
  { property: 'faultTo', header: 'FaultTo', value: addressOf, parameters: 'faultParameters' },
  { property: 'relatesTo', header: 'RelatesTo', value: textOf },
]

/**
 * The addressing of a message; a header that is empty counts as absent.
 * @throws SoapFault wsa:InvalidAddressingHeader [WS-Addressing 1.0 SOAP Binding: 6.4.1]
 */
export function readAddressing(headers: readonly XmlElement[]): Addressing {
  const addressing: Addressing = {}
  for (const header of headers) {
    if (header.namespace !== namespaces.wsa) continue
    const known = properties.find(({ header: name }) => name === header.name)
    if (known === undefined || isOtherRelationship(header)) continue
    if (addressing[known.property] !== undefined) {
      throw invalidAddressing('InvalidCardinality', known.header, `the header wsa:${known.header} is there twice`)
    }
    addressing[known.property] = known.value(header)
    const parameters = known.parameters === undefined ? [] : parametersIn(header)
    if (known.parameters !== undefined && parameters.length > 0) addressing[known.parameters] = parameters
  }
  for (const { property } of properties) if (addressing[property] === '') delete addressing[property]
  return addressing
}

// Only the relationship of an answer to its request matters here; there may be any number of others.
function isOtherRelationship(header: XmlElement): boolean {
  return header.name === 'RelatesTo' && (attributeOf(header, 'RelationshipType') ?? reply) !== reply
}

function textOf(header: XmlElement): string {
  return header.text.trim()
}

function addressOf(header: XmlElement): string {
  const address = childOf(header, namespaces.wsa, 'Address')
  if (address === undefined) {
    throw invalidAddressing('MissingAddressInEPR', header.name, `the header wsa:${header.name} has no wsa:Address`)
  }
  return textOf(address)
}

/** [WS-Addressing 1.0 Core: 2.1] */
function parametersIn(header: XmlElement): readonly XmlElement[] {
  return childOf(header, namespaces.wsa, 'ReferenceParameters')?.children ?? []
}
