// What all messages of HL7 v3 are made of: identifiers, their paths, and the wrapper that each begins with. ITI TF-2 Appendix O.
import { createHash } from 'node:crypto'
import { isOid } from '../../metadata/data-types.js'
import { cxOf, instanceIdentifierOf } from '../../metadata/hl7.js'
import type { ErrorCode, RegistryError } from '../../metadata/model.js'
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, escapeXml, type XmlElement } from '../../soap/xml.js'

/** II: a root alone names an organisation, with an extension something of it. */
export interface InstanceIdentifier {
  root: string
  extension?: string
}

/** Not the fault of the message: the same one may do later. */
const ours = new Set<string>([
  'XDSRegistryError',
  'XDSRegistryBusy',
  'XDSRegistryOutOfResources',
  'XDSRegistryNotAvailable',
] satisfies ErrorCode[])

/** Whether a message was refused for nothing that its sender could change. */
export function isOursToMend(errors: readonly RegistryError[]): boolean {
  return errors.every(({ errorCode }) => ours.has(errorCode))
}

/** Who sent a message to whom, and when, as far as it tells. */
export interface Route {
  /** DTM of the sender's clock. */
  creationTime?: string
  /** OIDs of the devices at both ends. */
  sender?: string
  receiver?: string
  /** OIDs of the communities that these work for, between communities. [ITI TF-2:3.55.4.1.2] */
  senderCommunity?: string
  receiverCommunity?: string
  /** Where the sender wants the answer, when not on this connection. [ITI TF-2:3.55.6.2] */
  respondTo?: string
}

/** Ids as CX. Those without an OID or an extension name nobody and are left out. [ITI TF-2:3.44.4.1.2] */
export function cxsAt(body: XmlElement, path: readonly string[]): string[] {
  return cxsOf(descendants(body, path))
}

/** As `cxsAt`, of elements that somebody has found already; each id once. */
export function cxsOf(ids: readonly XmlElement[]): string[] {
  const cxs = ids.flatMap(id => {
    // A value with a null flavour is none, whatever stands beside it. [HL7 v3 data types: ANY.nullFlavor]
    if (attributeOf(id, 'nullFlavor') !== undefined) return []
    const { root, extension = '' } = inDomain(id)
    return !isOid(root) || extension === '' ? [] : [cxOf(root, extension)]
  })
  return [...new Set(cxs)]
}

/** Of an id that was checked before. @throws Error where it is no CX with an OID: a broken invariant of ours, nothing that a sender did */
export function requiredId(cx: string): InstanceIdentifier {
  const id = instanceIdentifierOf(cx)
  if (id === undefined) throw new Error(`${cx} is no CX`)
  return id
}

/** What every HL7 v3 message begins with. [ITI TF-2: Appendix O.1.1] */
export function wrapperXml(
  interaction: string,
  message: Route & { messageId: InstanceIdentifier },
  acceptAckCode: 'AL' | 'NE',
): string {
  const { messageId, creationTime, sender, receiver, senderCommunity, receiverCommunity, respondTo } = message
  const time = creationTime === undefined ? 'nullFlavor="NI"' : `value="${escapeXml(creationTime)}"`
  return (
    `${idXml(messageId)}<creationTime ${time}/>` +
    `<interactionId root="2.16.840.1.113883.1.6" extension="${interaction}"/>` +
    '<processingCode code="P"/><processingModeCode code="T"/>' +
    `<acceptAckCode code="${acceptAckCode}"/>` +
    deviceXml('receiver', 'RCV', receiver, receiverCommunity) +
    (respondTo === undefined ? '' : respondToXml(respondTo)) +
    deviceXml('sender', 'SND', sender, senderCommunity)
  )
}

function respondToXml(url: string): string {
  return (
    `<respondTo typeCode="RSP"><telecom value="${escapeXml(url)}"/><entityRsp classCode="ENT" determinerCode="INSTANCE" ` +
    `xmlns:xsi="${namespaces.xsi}" xsi:nil="true"/></respondTo>`
  )
}

function deviceXml(element: string, typeCode: string, oid: string | undefined, community: string | undefined): string {
  const id = oid === undefined ? '<id nullFlavor="NI"/>' : idXml({ root: oid })
  const agent = community === undefined ? '' : agentXml(community)
  return `<${element} typeCode="${typeCode}"><device classCode="DEV" determinerCode="INSTANCE">${id}${agent}</device></${element}>`
}

function agentXml(community: string): string {
  return (
    '<asAgent classCode="AGNT"><representedOrganization classCode="ORG" determinerCode="INSTANCE">' +
    `${idXml({ root: community })}</representedOrganization></asAgent>`
  )
}

/** An identifier of which nothing is known is written as NI (no information), never as an empty root. */
export function idXml({ root, extension }: InstanceIdentifier): string {
  if (root === '') return '<id nullFlavor="NI"/>'
  const local = extension === undefined ? '' : ` extension="${escapeXml(extension)}"`
  return `<id root="${escapeXml(root)}"${local}/>`
}

/** Sender, receiver and time of a message, as far as it tells. */
export function routeOf(message: XmlElement): Route {
  const [time] = descendants(message, ['creationTime'])
  const said = {
    creationTime: time && attributeOf(time, 'value'),
    sender: rootAt(message, ['sender', 'device', 'id']),
    receiver: rootAt(message, ['receiver', 'device', 'id']),
    senderCommunity: rootAt(message, ['sender', ...community]),
    receiverCommunity: rootAt(message, ['receiver', ...community]),
    respondTo: respondToIn(message),
  }
  return Object.fromEntries(Object.entries(said).filter(([, text]) => text))
}

function respondToIn(message: XmlElement): string | undefined {
  const [telecom] = descendants(message, ['respondTo', 'telecom'])
  return telecom && attributeOf(telecom, 'value')?.trim().slice(0, mostOfUrl)
}

const mostOfUrl = 2_000

const community = ['device', 'asAgent', 'representedOrganization', 'id']

function rootAt(message: XmlElement, path: readonly string[]): string | undefined {
  const [id] = descendants(message, path)
  return id && inDomain(id).root.slice(0, mostOfId)
}

/** It comes back in the acknowledgement, so that it is cut where it is refused for its length. */
export const mostOfId = 256

/** Of any message, as sent; root is empty where it has none. Both parts are cut to `mostOfId`, since they come back in acknowledgement and log. */
export function messageIdOf(message: XmlElement): InstanceIdentifier {
  const id = childOf(message, namespaces.hl7v3, 'id')
  const { root, extension } = id === undefined ? { root: '' } : instanceIdentifier(id)
  const cut = root.slice(0, mostOfId)
  return extension === undefined ? { root: cut } : { root: cut, extension: extension.slice(0, mostOfId) }
}

/** As sent, white space around it removed; not looked at further: root may be empty, a UUID or no OID at all. */
export function instanceIdentifier(element: XmlElement): InstanceIdentifier {
  const extension = attributeOf(element, 'extension')?.trim()
  const root = attributeOf(element, 'root')?.trim() ?? ''
  return extension === undefined ? { root } : { root, extension }
}

/** With the OID of its domain, which some write as a URN. [RFC 3061: 1] */
export function inDomain(element: XmlElement): InstanceIdentifier {
  const id = instanceIdentifier(element)
  const oid = id.root.replace(/^urn:oid:/i, '')
  if (isOid(oid)) id.root = oid
  return id
}

/** All elements at the end of a path of names, in order. */
export function descendants(element: XmlElement, path: readonly string[]): XmlElement[] {
  return path.reduce<XmlElement[]>(
    (found, name) => found.flatMap(each => childrenOf(each, namespaces.hl7v3, name)),
    [element],
  )
}

/** A UUID that is always the same for the same text, so that an answer repeated is the same answer. [RFC 9562: 5.8] */
export function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(18, 20),
    hex.slice(20, 32),
  ].join('-')
}
