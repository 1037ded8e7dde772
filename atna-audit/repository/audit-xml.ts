// The AuditMessage within what has arrived, as a tree: DICOM's XML, or what it says where it came as a FHIR AuditEvent.
import { parseXml, type XmlElement } from '../../soap/xml.js'
import { isAuditEvent, readAuditEvent } from './fhir/read-audit-event.js'
import { auditMessageOf } from './fhir/to-dicom.js'
import { plainXml } from './plain-xml.js'

const limits = { depth: 32, elements: 50_000 }

/** @throws Error, in words, when there is no AuditMessage in these bytes. */
export function auditMessageIn(message: Buffer): XmlElement {
  if (isAuditEvent(message)) return parseXml(auditMessageOf(readAuditEvent(message)), limits)
  const xml = xmlWithin(message)
  const root = plainXml(xml) ?? parseXml(xml, limits)
  if (root.name !== 'AuditMessage')
    throw new Error(`the message is not an AuditMessage but <${root.name.slice(0, 100)}>`)
  return root
}

// Behind other headers than RFC 5424's, and before a NUL or a line feed.
function xmlWithin(message: Buffer): Buffer {
  const start = ['<?xml', '<AuditMessage', ':AuditMessage']
    .map(mark => message.indexOf(mark))
    .filter(at => at >= 0)
    .reduce((first, at) => Math.min(first, at), Number.POSITIVE_INFINITY)
  if (start === Number.POSITIVE_INFINITY) throw new Error('there is no AuditMessage in it')
  const from = message.lastIndexOf('<', start)
  return message.subarray(from, message.lastIndexOf('>') + 1)
}

export function childrenNamed(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter(child => child.name === name)
}

export function attribute(element: XmlElement, name: string): string | undefined {
  return element.attributes.find(one => one.name === name)?.value
}

export interface CodedView {
  code: string
  system?: string
  text?: string
}

// `code` and `displayName` are what RFC 3881 and older DICOM wrote.
export function codesIn(parent: XmlElement, name: string): CodedView[] {
  return childrenNamed(parent, name).map(element => ({
    code: attribute(element, 'csd-code') ?? attribute(element, 'code') ?? '',
    system: attribute(element, 'codeSystemName') ?? attribute(element, 'codeSystem'),
    text: attribute(element, 'originalText') ?? attribute(element, 'displayName'),
  }))
}

const base64 = /^[A-Za-z0-9+/]+={0,2}$/

/** Whether a value is base64, as the schema asks; some senders write plain text. */
export function isBase64(value: string): boolean {
  // Without white space: a pattern that allows for it takes the square of its length.
  const packed = value.replace(/\s/g, '')
  return packed.length % 4 === 0 && base64.test(packed)
}
