// The SOAP 1.2 envelope: its version, the headers that must be understood, addressing, and the one element of its Body.
// [SOAP 1.2 Part 1: 5] [ITI TF-2: Appendix V.3.2]
import { readAddressing } from './addressing.js'
import { invalidAddressing, SoapFault, senderFault } from './fault.js'
import type { Addressing } from './message.js'
import { namespaces } from './namespaces.js'
import { attributeOf, isElement, type QName, type XmlElement } from './xml.js'

export interface Envelope {
  addressing: Addressing
  action: string
  security: XmlElement | undefined
  headers: readonly XmlElement[]
  body: XmlElement | undefined
}

/**
 * @param actions of the Content-Type lines that came with the envelope
 * @param understood header blocks that whoever answers understands beside those of SOAP's own family
 * @throws SoapFault
 */
export function readEnvelope(
  root: XmlElement,
  actions: readonly string[],
  understood: readonly QName[] = [],
): Envelope {
  checkVersion(root)
  const { header, body } = partsOf(root)
  const all = header?.children ?? []
  const headers = all.filter(isForUs)
  checkUnderstood(headers, understood)
  const addressing = readAddressing(headers)
  return {
    addressing,
    action: actionOf(addressing, actions),
    security: securityOf(headers),
    headers: all,
    body: body.children[0],
  }
}

/** wsa:MessageID of an envelope that may be wrong in other places, so that a fault can relate to it. */
export function messageIDOf(root: XmlElement): string | undefined {
  const header = root.children.find(child => isElement(child, namespaces.soap12, 'Header'))
  const found = header?.children.filter(child => isElement(child, namespaces.wsa, 'MessageID')) ?? []
  return found.length === 1 ? found[0]?.text.trim() || undefined : undefined
}

/** [SOAP 1.2 Part 1: 2.8, A] */
function checkVersion(root: XmlElement): void {
  if (isElement(root, namespaces.soap12, 'Envelope')) return
  if (isElement(root, namespaces.soap11, 'Envelope')) {
    throw new SoapFault('VersionMismatch', 'SOAP 1.1 is not answered here; send SOAP 1.2', { soap11: true })
  }
  const found = `{${root.namespace}}${root.name}`.slice(0, 200)
  throw new SoapFault('VersionMismatch', `the message is ${found} instead of a SOAP 1.2 Envelope`)
}

/** An optional Header, then a Body with at most one element. [ITI TF-2: Appendix V.3.2.1] */
function partsOf(root: XmlElement): { header: XmlElement | undefined; body: XmlElement } {
  const [first, ...rest] = root.children
  const header = first !== undefined && isElement(first, namespaces.soap12, 'Header') ? first : undefined
  const [body, ...others] = header === undefined ? root.children : rest
  if (body === undefined || !isElement(body, namespaces.soap12, 'Body') || others.length > 0) {
    throw senderFault('the Envelope has to hold a Header, which may be absent, and one Body, in this order')
  }
  if (body.children.length > 1) throw senderFault(`the Body holds ${body.children.length} elements instead of one`)
  return { header, body }
}

const ourRoles = new Set(['', `${namespaces.soap12}/role/next`, `${namespaces.soap12}/role/ultimateReceiver`])

/** Blocks for another role, or for `none`, are not ours to process. [SOAP 1.2 Part 1: 2.2, 5.2.2] */
function isForUs(header: XmlElement): boolean {
  return ourRoles.has(attributeOf(header, 'role', namespaces.soap12)?.trim() ?? '')
}

/** [SOAP 1.2 Part 1: 2.4, 5.2.3, 5.4.8] */
function checkUnderstood(headers: readonly XmlElement[], understood: readonly QName[]): void {
  const notUnderstood = headers.filter(header => mustBeUnderstood(header) && !isUnderstood(header, understood))
  if (notUnderstood.length === 0) return
  const names = notUnderstood.slice(0, 10).map(({ namespace, name }) => ({ namespace, name }))
  const list = names.map(({ namespace, name }) => `{${namespace}}${name}`.slice(0, 200)).join(', ')
  throw new SoapFault('MustUnderstand', `not understood: ${list}`, { notUnderstood: names })
}

function mustBeUnderstood(header: XmlElement): boolean {
  const value = attributeOf(header, 'mustUnderstand', namespaces.soap12)?.trim() ?? 'false'
  if (['1', 'true'].includes(value)) return true
  if (['0', 'false'].includes(value)) return false
  throw senderFault(`mustUnderstand of ${header.name.slice(0, 100)} is neither true nor false`)
}

function isUnderstood(header: XmlElement, understood: readonly QName[]): boolean {
  return (
    header.namespace === namespaces.wsa ||
    isElement(header, namespaces.wsse, 'Security') ||
    understood.some(({ namespace, name }) => isElement(header, namespace, name))
  )
}

function securityOf(headers: readonly XmlElement[]): XmlElement | undefined {
  const found = headers.filter(header => isElement(header, namespaces.wsse, 'Security'))
  if (found.length < 2) return found[0]
  // Two readers may each take another one for the caller's identity.
  throw senderFault(`there are ${found.length} wsse:Security headers instead of one`, {
    subcode: { namespace: namespaces.wsse, name: 'InvalidSecurity' },
  })
}

/** All that name the action have to agree, lest one door be guarded and another opened. [WS-Addressing 1.0 SOAP Binding: 6.4.1.6] */
function actionOf({ action: header }: Addressing, actions: readonly string[]): string {
  const found = [...new Set(header === undefined ? actions : [header, ...actions])]
  if (found.length < 2) return found[0] ?? ''
  const list = found.map(action => action.slice(0, 200)).join(' and ')
  throw invalidAddressing('ActionMismatch', 'Action', `wsa:Action and the Content-Type do not agree: ${list}`)
}
