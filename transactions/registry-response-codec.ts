// rs:RegistryResponse: the answer to what was submitted, and the status line of every other XDS.b answer. ITI TF-3 §4.2.4.
import type { RegistryError } from '../metadata/model.js'
import { responseStatusTypes, severityTypes } from '../metadata/uuids.js'
import { SoapFault } from '../soap/fault.js'
import { namespaces } from '../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, escapeXml, isElement, type QName, type XmlElement } from '../soap/xml.js'
import type { Codec } from './transaction.js'
import type { RegistryResponse, ResponseStatus } from './xds-messages.js'

/** [ITI TF-3:4.2.4] */
export const registryResponse: Codec<RegistryResponse> = {
  element: { namespace: namespaces.rs, name: 'RegistryResponse' },
  decode(body) {
    expectElement(body, registryResponse.element)
    return decodeRegistryResponse(body)
  },
  encode: response => ({ xml: [registryResponseXml(response, ` xmlns:rs="${namespaces.rs}"`)] }),
}

/** Status and errors of an element of that type. @throws SoapFault when its status is none that we know. */
export function decodeRegistryResponse(element: XmlElement): RegistryResponse {
  const list = childOf(element, namespaces.rs, 'RegistryErrorList')
  const errors = list === undefined ? [] : childrenOf(list, namespaces.rs, 'RegistryError')
  return { status: statusOf(element), errors: errors.map(decodeError) }
}

/** The element by itself; the prefix rs is declared by whoever embeds it, or by `declarations`. */
export function registryResponseXml(response: RegistryResponse, declarations = ''): string {
  const start = `<rs:RegistryResponse${declarations} status="${responseStatusTypes[response.status]}"`
  return response.errors.length === 0 ? `${start}/>` : `${start}>${errorListXml(response.errors)}</rs:RegistryResponse>`
}

/** Empty when there is nothing to report. [ITI TF-3:4.2.4.1] */
export function errorListXml(errors: readonly RegistryError[]): string {
  if (errors.length === 0) return ''
  const highest = errors.some(error => error.severity === 'Error') ? 'Error' : 'Warning'
  const list = errors.map(errorXml).join('')
  return `<rs:RegistryErrorList highestSeverity="${severityTypes[highest]}">${list}</rs:RegistryErrorList>`
}

/** @throws SoapFault when the element is another one. */
export function expectElement(element: XmlElement, { namespace, name }: QName): void {
  if (isElement(element, namespace, name)) return
  const found = `{${element.namespace}}${element.name}`
  throw new SoapFault('Sender', `The SOAP Body has to hold {${namespace}}${name}, not ${found}`)
}

function errorXml({ errorCode, codeContext, severity, location }: RegistryError): string {
  const place = location === undefined ? '' : ` location="${escapeXml(location)}"`
  return (
    `<rs:RegistryError errorCode="${escapeXml(errorCode)}" codeContext="${escapeXml(codeContext)}"` +
    `${place} severity="${severityTypes[severity]}"/>`
  )
}

function decodeError(element: XmlElement): RegistryError {
  const location = attributeOf(element, 'location')
  const severity = attributeOf(element, 'severity') ?? severityTypes.Error
  return {
    errorCode: attributeOf(element, 'errorCode') ?? '',
    codeContext: attributeOf(element, 'codeContext') ?? element.text.trim(),
    severity: severity.endsWith(':Warning') ? 'Warning' : 'Error',
    ...(location === undefined || location === '' ? {} : { location }),
  }
}

function statusOf(element: XmlElement): ResponseStatus {
  const status = attributeOf(element, 'status') ?? ''
  const found = (Object.keys(responseStatusTypes) as ResponseStatus[]).find(name => status.endsWith(`:${name}`))
  if (found !== undefined) return found
  throw new SoapFault('Sender', `The status of ${element.name} is none of Success, PartialSuccess and Failure`)
}
