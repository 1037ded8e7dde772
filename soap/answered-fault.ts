// A fault that a partner answers: SOAP 1.2; or SOAP 1.1, from those who speak nothing else and from what stands in front of them.
// [SOAP 1.2 Part 1: 5.4, A] [SOAP 1.1: 4.4]
import { type FaultCode, SoapFault } from './fault.js'
import { namespaces } from './namespaces.js'
import { childOf, isElement, type XmlElement } from './xml.js'

export function isFault(body: XmlElement): boolean {
  return isElement(body, namespaces.soap12, 'Fault') || isElement(body, namespaces.soap11, 'Fault')
}

/** The fault in an envelope of SOAP 1.1, if that is what it is. */
export function soap11FaultIn(root: XmlElement): XmlElement | undefined {
  if (!isElement(root, namespaces.soap11, 'Envelope')) return undefined
  const body = childOf(root, namespaces.soap11, 'Body')
  return body && childOf(body, namespaces.soap11, 'Fault')
}

/** In the terms of SOAP 1.2. Prefixes of codes are not resolved: their local names tell all that is needed. */
export function faultIn(fault: XmlElement): SoapFault {
  return fault.namespace === namespaces.soap11 ? ofSoap11(fault) : ofSoap12(fault)
}

const codes: readonly FaultCode[] = ['VersionMismatch', 'MustUnderstand', 'DataEncodingUnknown', 'Sender', 'Receiver']

function ofSoap12(fault: XmlElement): SoapFault {
  const code = childOf(fault, namespaces.soap12, 'Code')
  const subcode = code && childOf(code, namespaces.soap12, 'Subcode')
  const name = subcode && codeValue(subcode)
  return new SoapFault(
    codes.find(known => known === (code && codeValue(code))) ?? 'Receiver',
    childOf(fault, namespaces.soap12, 'Reason')?.children[0]?.text.trim() || 'no reason given',
    { subcode: subcodeOf(name), detail: detailIn(childOf(fault, namespaces.soap12, 'Detail')) },
  )
}

function codeValue(code: XmlElement): string | undefined {
  return localNameIn(childOf(code, namespaces.soap12, 'Value'))
}

const codesOfSoap11: Readonly<Record<string, FaultCode>> = {
  VersionMismatch: 'VersionMismatch',
  MustUnderstand: 'MustUnderstand',
  Client: 'Sender',
  Server: 'Receiver',
}

/** Its children are in no namespace; what follows the dot of a code is narrower. A code of another specification is known by its name. [SOAP 1.1: 4.4, 4.4.1] */
function ofSoap11(fault: XmlElement): SoapFault {
  const child = (name: string) => childOf(fault, '', name) ?? childOf(fault, namespaces.soap11, name)
  const [first = '', ...narrower] = localNameIn(child('faultcode'))?.split('.') ?? []
  const known = Object.hasOwn(codesOfSoap11, first)
  return new SoapFault(
    (known ? codesOfSoap11[first] : undefined) ?? 'Receiver',
    child('faultstring')?.text.trim() || 'no reason given',
    { subcode: subcodeOf(known ? narrower.join('.') : first), detail: detailIn(child('detail')) },
  )
}

function localNameIn(element: XmlElement | undefined): string | undefined {
  return element?.text.trim().replace(/^.*:/, '') || undefined
}

function subcodeOf(name: string | undefined): SoapFault['subcode'] {
  return name ? { namespace: '', name } : undefined
}

function detailIn(detail: XmlElement | undefined): string | undefined {
  return detail === undefined ? undefined : textIn(detail).slice(0, 2000) || undefined
}

function textIn(element: XmlElement): string {
  return [element.text.trim(), ...element.children.map(textIn)].filter(text => text !== '').join(' ')
}
