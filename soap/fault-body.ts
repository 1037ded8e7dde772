// A fault as XML: in SOAP 1.2, and in SOAP 1.1 for those who asked in SOAP 1.1. [SOAP 1.2 Part 1: 5.4, A]
import type { SoapFault } from './fault.js'
import { namespaces } from './namespaces.js'
import { escapeXml, type QName } from './xml.js'

/**
 * Of the HTTP answer. Table 20 of SOAP 1.2 Part 2 has 400 for Sender. The Java stack most partners use reads no fault behind a 400 and shows
 * its user "Bad Request" instead of our reason; behind a 500 every stack reads it. See docs/decisions/0002.
 */
export function statusOf(fault: SoapFault): number {
  return fault.httpStatus ?? 500
}

/** Body and further header blocks of a fault, to stand where `s` is SOAP 1.2 and `a` is WS-Addressing. */
export function faultBody(fault: SoapFault): { action: string; header: string[]; body: string[] } {
  const ofAddressing = fault.subcode?.namespace === namespaces.wsa
  return {
    // [WS-Addressing 1.0 SOAP Binding: 6]
    action: `${namespaces.wsa}/${ofAddressing ? 'fault' : 'soap/fault'}`,
    header: [upgradeHeader(fault, 's'), ...(fault.notUnderstood ?? []).map(notUnderstood)],
    body: [
      `<s:Fault><s:Code><s:Value>s:${fault.code}</s:Value>${subcodes([fault.subcode, fault.subSubcode])}</s:Code>`,
      `<s:Reason><s:Text xml:lang="en">${escapeXml(fault.message)}</s:Text></s:Reason>${detailOf(fault)}</s:Fault>`,
    ],
  }
}

/** Semantics of SOAP 1.1, with the header that tells which version is spoken here. [SOAP 1.2 Part 1: A.1, 5.4.7.3] */
export function soap11Fault(fault: SoapFault): string {
  return (
    `<e:Envelope xmlns:e="${namespaces.soap11}"><e:Header>${upgradeHeader(fault, 'u')}</e:Header><e:Body><e:Fault>` +
    `<faultcode>e:VersionMismatch</faultcode><faultstring>${escapeXml(fault.message)}</faultstring>` +
    '</e:Fault></e:Body></e:Envelope>'
  )
}

/** [SOAP 1.2 Part 1: 5.4.7] */
function upgradeHeader(fault: SoapFault, prefix: string): string {
  if (fault.code !== 'VersionMismatch') return ''
  const declared = `xmlns:${prefix}="${namespaces.soap12}"`
  return `<${prefix}:Upgrade ${declared}><${prefix}:SupportedEnvelope qname="${prefix}:Envelope"/></${prefix}:Upgrade>`
}

/** [SOAP 1.2 Part 1: 5.4.8] */
function notUnderstood({ namespace, name }: QName): string {
  return `<s:NotUnderstood${declared('n', namespace)} qname="${qualified('n', { namespace, name })}"/>`
}

function subcodes([subcode, ...narrower]: (QName | undefined)[]): string {
  if (subcode === undefined) return ''
  const value = `<s:Value${declared('c', subcode.namespace)}>${qualified('c', subcode)}</s:Value>`
  return `<s:Subcode>${value}${subcodes(narrower)}</s:Subcode>`
}

/** [SOAP 1.2 Part 1: 5.4.5] [WS-Addressing 1.0 SOAP Binding: 6.3] */
function detailOf({ detail, problemHeader, problemAction }: SoapFault): string {
  const entries: string[] = []
  if (problemHeader !== undefined) {
    const name = qualified('p', problemHeader)
    entries.push(`<a:ProblemHeaderQName${declared('p', problemHeader.namespace)}>${name}</a:ProblemHeaderQName>`)
  }
  if (problemAction !== undefined) {
    entries.push(`<a:ProblemAction><a:Action>${escapeXml(problemAction)}</a:Action></a:ProblemAction>`)
  }
  if (detail !== undefined) entries.push(`<d:Text xmlns:d="urn:carnet:fault">${escapeXml(detail)}</d:Text>`)
  return entries.length === 0 ? '' : `<s:Detail>${entries.join('')}</s:Detail>`
}

function declared(prefix: string, namespace: string): string {
  return namespace === '' ? '' : ` xmlns:${prefix}="${escapeXml(namespace)}"`
}

function qualified(prefix: string, { namespace, name }: QName): string {
  return namespace === '' ? escapeXml(name) : `${prefix}:${escapeXml(name)}`
}
