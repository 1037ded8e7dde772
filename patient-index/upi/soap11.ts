// SOAP 1.1, which the services of the UPI speak and nothing else here does: an envelope without headers. [SOAP 1.1: 4]
import { namespaces } from '../../soap/namespaces.js'
import { childOf, escapeXml, parseXml, type XmlElement } from '../../soap/xml.js'

export const soap11Type = 'text/xml; charset=utf-8'

/** `xml` is well-formed and has its own namespaces. */
export function inEnvelope(xml: string): string {
  return `<soap:Envelope xmlns:soap="${namespaces.soap11}"><soap:Body>${xml}</soap:Body></soap:Envelope>`
}

export function faultXml(reason: string): string {
  return `<soap:Fault><faultcode>soap:Client</faultcode><faultstring>${escapeXml(reason)}</faultstring></soap:Fault>`
}

/** @throws Error in words when it holds nothing */
export function bodyIn(text: Uint8Array): XmlElement {
  const body = childOf(parseXml(text), namespaces.soap11, 'Body')
  const [content] = body?.children ?? []
  if (content === undefined) throw new Error('it is no SOAP 1.1 message with something in its Body')
  return content
}

/** What a fault says; undefined where the content is none. */
export function faultIn(content: XmlElement): string | undefined {
  if (content.name !== 'Fault' || content.namespace !== namespaces.soap11) return undefined
  return content.children.find(({ name }) => name === 'faultstring')?.text.trim() || 'a fault without a reason'
}
