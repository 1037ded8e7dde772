// An answer as it was received: the XML, not what a decoder of ours would make of it. ITI TF-3 §4.2.4.
import { documentEntryTypes, packageNodes, responseStatusTypes, statusTypes } from '../metadata/uuids.js'
import type { Addressing, MessageForm } from '../soap/message.js'
import { namespaces } from '../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, type XmlElement } from '../soap/xml.js'

export interface Answer {
  /** Of whichever transaction; absent where a fault was answered. */
  body?: XmlElement
  /** Code and reason of a SOAP fault. */
  fault?: string
  /** The URN as sent, shortened to its last part where it is one of the three. */
  status: string
  errors: ReceivedError[]
  traceId: string
  messageID: string
  action: string
  addressing: Addressing
  form?: MessageForm
}

export interface ReceivedError {
  code: string
  context: string
  severity: string
  location: string
}

export function statusIn(body: XmlElement): string {
  const response = responseIn(body)
  const status = attributeOf(response, 'status') ?? 'no status'
  return Object.entries(responseStatusTypes).find(([, urn]) => urn === status)?.[0] ?? status
}

export function errorsIn(body: XmlElement): ReceivedError[] {
  const list = childOf(responseIn(body), namespaces.rs, 'RegistryErrorList')
  return (list === undefined ? [] : childrenOf(list, namespaces.rs, 'RegistryError')).map(error => ({
    code: attributeOf(error, 'errorCode') ?? '',
    context: attributeOf(error, 'codeContext') ?? '',
    severity: attributeOf(error, 'severity')?.replace(/^.*:/, '') ?? 'no severity',
    location: attributeOf(error, 'location') ?? '',
  }))
}

/** The element that carries status and errors. */
function responseIn(body: XmlElement): XmlElement {
  return childOf(body, namespaces.rs, 'RegistryResponse') ?? body
}

/** The registry objects of a query's answer, in their order. */
export function objectsIn({ body }: Answer): XmlElement[] {
  const list = body && childOf(body, namespaces.rim, 'RegistryObjectList')
  return list === undefined ? [] : [...list.children]
}

export type ObjectKind = 'DocumentEntry' | 'SubmissionSet' | 'Folder' | 'Association' | 'ObjectRef'

function kindOf(object: XmlElement): ObjectKind | undefined {
  if (object.name === 'ExtrinsicObject') return 'DocumentEntry'
  if (object.name === 'Association' || object.name === 'ObjectRef') return object.name
  const nodes = childrenOf(object, namespaces.rim, 'Classification').map(each =>
    attributeOf(each, 'classificationNode'),
  )
  if (nodes.includes(packageNodes.SubmissionSet)) return 'SubmissionSet'
  return nodes.includes(packageNodes.Folder) ? 'Folder' : undefined
}

export function ofKind(kind: ObjectKind, answer: Answer): XmlElement[] {
  return objectsIn(answer).filter(object => kindOf(object) === kind)
}

export function idOf(object: XmlElement): string {
  return attributeOf(object, 'id') ?? ''
}

export function availabilityOf(object: XmlElement): string {
  const status = attributeOf(object, 'status') ?? 'no status'
  return Object.entries(statusTypes).find(([, urn]) => urn === status)?.[0] ?? status
}

export function isOnDemand(object: XmlElement): boolean {
  return attributeOf(object, 'objectType') === documentEntryTypes['on-demand']
}

export function slotIn(object: XmlElement, name: string): string[] {
  const slot = childrenOf(object, namespaces.rim, 'Slot').find(each => attributeOf(each, 'name') === name)
  const list = slot && childOf(slot, namespaces.rim, 'ValueList')
  return list === undefined ? [] : list.children.map(({ text }) => text.trim())
}

export function identifierIn(object: XmlElement, scheme: string): string | undefined {
  const identifiers = childrenOf(object, namespaces.rim, 'ExternalIdentifier')
  const found = identifiers.find(each => attributeOf(each, 'identificationScheme') === scheme)
  return found && attributeOf(found, 'value')
}
