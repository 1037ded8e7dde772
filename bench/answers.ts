// What an answer says, read without Carnet's codecs: libxml2 for the envelope, a few lines for the package around it.
import { XmlDocument } from 'libxml2-wasm'
import type { Answer } from './http-connection.js'

const namespaces = {
  soap: 'http://www.w3.org/2003/05/soap-envelope',
  rs: 'urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0',
  rim: 'urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0',
  query: 'urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0',
  xdsb: 'urn:ihe:iti:xds-b:2007',
  xop: 'http://www.w3.org/2004/08/xop/include',
  hl7: 'urn:hl7-org:v3',
}

export interface Reading {
  http: number
  /** Last part of rs:RegistryResponse/@status or query:AdhocQueryResponse/@status; '' where there is none. */
  status: string
  /** Reason of a SOAP fault. */
  fault: string | undefined
  errors: { code: string; context: string }[]
  entries: Entry[]
  /** Ids of rim:ObjectRef. */
  references: string[]
  documents: { uniqueId: string; bytes: Buffer }[]
  /** typeCode of an HL7 acknowledgement. */
  acknowledgement: string | undefined
}

/** A DocumentEntry as names and values, for comparison. */
export interface Entry {
  id: string
  status: string
  mimeType: string
  /** `Slot name=value`, `Classification scheme=code`, `ExternalIdentifier scheme=value`, `Name=…`, `Description=…`, sorted. */
  facts: string[]
}

export function readAnswer(answer: Answer): Reading {
  const { envelope, parts } = unpacked(answer)
  const none = { errors: [], entries: [], references: [], documents: [], fault: undefined, acknowledgement: undefined }
  if (envelope === '') return { http: answer.status, status: '', ...none }
  using document = XmlDocument.fromString(envelope)
  const text = (path: string) => document.get(path, namespaces)?.content
  return {
    http: answer.status,
    status:
      (text('//rs:RegistryResponse/@status') ?? text('//query:AdhocQueryResponse/@status') ?? '').split(':').at(-1) ??
      '',
    fault: text('//soap:Fault/soap:Reason/soap:Text'),
    errors: document.find('//rs:RegistryError', namespaces).map(error => ({
      code: error.get('@errorCode')?.content ?? '',
      context: error.get('@codeContext')?.content ?? '',
    })),
    entries: entriesIn(document),
    references: document.find('//rim:ObjectRef/@id', namespaces).map(id => id.content),
    documents: document.find('//xdsb:DocumentResponse', namespaces).map(response => ({
      uniqueId: response.get('xdsb:DocumentUniqueId', namespaces)?.content ?? '',
      bytes: bytesOf(response.get('xdsb:Document', namespaces), parts),
    })),
    acknowledgement: text('//hl7:acknowledgement/hl7:typeCode/@code'),
  }
}

/** The DocumentEntries of any message. */
export function entriesOf(envelope: string): Entry[] {
  using document = XmlDocument.fromString(envelope)
  return entriesIn(document)
}

type Node = ReturnType<XmlDocument['get']>

function entriesIn(document: XmlDocument): Entry[] {
  return document.find('//rim:ExtrinsicObject', namespaces).map(entry => {
    const facts = (path: string, fact: (node: NonNullable<Node>) => string) => entry.find(path, namespaces).map(fact)
    const attribute = (node: NonNullable<Node>, path: string) => node.get(path, namespaces)?.content ?? ''
    return {
      id: attribute(entry, '@id'),
      status: attribute(entry, '@status').split(':').at(-1) ?? '',
      mimeType: attribute(entry, '@mimeType'),
      facts: [
        ...facts(
          './/rim:Slot/rim:ValueList/rim:Value',
          value => `Slot ${attribute(value, '../../@name')}=${value.content}`,
        ),
        ...facts(
          'rim:Classification',
          code =>
            `Classification ${attribute(code, '@classificationScheme')}=${attribute(code, '@nodeRepresentation')}`,
        ),
        ...facts(
          'rim:ExternalIdentifier',
          id => `ExternalIdentifier ${attribute(id, '@identificationScheme')}=${attribute(id, '@value')}`,
        ),
        ...facts('rim:Name/rim:LocalizedString', name => `Name=${attribute(name, '@value')}`),
        ...facts('rim:Description/rim:LocalizedString', text => `Description=${attribute(text, '@value')}`),
      ].sort(),
    }
  })
}

function bytesOf(document: Node, parts: Map<string, Buffer>): Buffer {
  const href = document?.get('xop:Include/@href', namespaces)?.content
  if (href === undefined) return Buffer.from(document?.content ?? '', 'base64')
  const part = parts.get(decodeURIComponent(href.replace(/^cid:/, '')))
  if (part === undefined) throw new Error(`no part ${href} in the package`)
  return part
}

/** The SOAP envelope and the other parts by Content-ID. [RFC 2387] */
export function unpacked({ contentType, body }: Pick<Answer, 'contentType' | 'body'>): {
  envelope: string
  parts: Map<string, Buffer>
} {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (boundary === undefined || !/^multipart\/related/i.test(contentType))
    return { envelope: body.toString(), parts: new Map() }
  const parts = split(Buffer.concat([Buffer.from('\r\n'), body]), Buffer.from(`\r\n--${boundary}`))
  const named = new Map<string, Buffer>()
  for (const part of parts) {
    const headEnd = part.indexOf('\r\n\r\n')
    const id = /^content-id: *<?([^>\r\n]*)>?/im.exec(part.toString('latin1', 0, headEnd))?.[1] ?? ''
    named.set(id, part.subarray(headEnd + 4))
  }
  const start = /start="?<?([^">;]+)>?"?/i.exec(contentType)?.[1]
  const [first] = named.values()
  return { envelope: (named.get(start ?? '') ?? first ?? '').toString(), parts: named }
}

/** What stands between one delimiter and the next. */
function split(body: Buffer, delimiter: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let from = body.indexOf(delimiter)
  while (from >= 0) {
    const to = body.indexOf(delimiter, from + delimiter.length)
    if (to < 0) return parts
    parts.push(body.subarray(from + delimiter.length, to))
    from = to
  }
  return parts
}
