// A community across a real connection, played from messages written by hand: it tells the truth, and lies where it is told to.
import { createHash } from 'node:crypto'
import { type Asked, type Liar, type Mischief, startLiar } from '../../../bench/chaos/liar.js'
import { apart, asMischief, type Lie } from '../../../bench/chaos/lies.js'
import { knownAs } from '../../../bench/hl7v3-messages.js'
import type { Answer } from '../../../bench/http-connection.js'
import { packaged, plain, register } from '../../../bench/messages.js'
import { issueCa, issueLeaf, newKey } from '../../../certs/issue.js'
import type { TlsIdentity } from '../../../ports/network.js'
import { systemPorts } from '../../../ports/ports.js'
import { bern, id } from '../a-gateway.js'

export interface LyingCommunity {
  url: string
  /** Shown by whoever asks. */
  tls: TlsIdentity
  documents: { documentUniqueId: string; bytes: Buffer }[]
  /** Told from now on; the truth without it. */
  tells(lie?: Lie): void
  /** What becomes of its next answers, whatever they are. */
  does(mischief: Mischief): void
  close(): Promise<void>
}

export const repository = '2.999.20'
const patient = { ids: [['b', '2.999.80']], family: 'Brändli', given: 'Léa', gender: 'F', born: '19710304' } as const
export const documents = ['2.999.80.1', '2.999.80.2'].map(documentUniqueId => ({
  documentUniqueId,
  bytes: Buffer.from(`what stands in ${documentUniqueId}`),
}))

export async function aLyingCommunity(): Promise<LyingCommunity> {
  const tls = await anIdentity()
  const liar: Liar = await startLiar(
    { key: Buffer.from(tls.key), cert: Buffer.from(tls.cert), ca: Buffer.from(tls.ca) },
    async asked => truthTo(asked),
  )
  return {
    ...{ url: liar.url('/gateway'), tls, documents },
    tells(lie) {
      if (lie === undefined) return liar.becomes()
      liar.becomes(asMischief(lie, apart(truthTo({ ...earlier, action: lie.to }))))
    },
    does: mischief => liar.becomes(mischief),
    close: () => liar.close(),
  }
}

async function anIdentity(): Promise<TlsIdentity> {
  const now = Date.now()
  const validity = { fromMs: now - 60_000, toMs: now + 3_600_000 }
  const [caKey, key] = await Promise.all([newKey(), newKey()])
  const ca = issueCa(caKey, 'CA', validity, systemPorts.randomness)
  const request = { commonName: 'gateway', names: ['localhost'], usages: ['serverAuth', 'clientAuth'] as const }
  const issued = issueLeaf(key, request, ca, validity, systemPorts.randomness)
  return { ...issued, ca: ca.cert }
}

const earlier: Omit<Asked, 'action'> = {
  path: '',
  contentType: '',
  body: Buffer.from('<MessageID>urn:uuid:an-earlier-one</MessageID>'),
}

/** What a community tells that does not lie. */
export function truthTo({ action, body }: Pick<Asked, 'action' | 'body'>): Answer {
  const request = body.toString()
  if (/CrossGatewayQuery$|ITI-38/.test(action)) return answer(action, request, plain, entries())
  const parts = documents.map(({ bytes }, index) => ({ contentId: `${index}@far`, contentType: 'text/plain', bytes }))
  const inPackage = (soap: string) => packaged(soap, parts)
  if (/CrossGatewayRetrieve$|ITI-39/.test(action)) return answer(action, request, inPackage, retrieved())
  if (/CrossGatewayDocumentProvide$|ITI-80/.test(action)) return answer(action, request, plain, taken)
  if (/CrossGatewayFetch$|ITI-63/.test(action)) return answer(action, request, inPackage, entries(includeOf))
  return answer(action, request, plain, discovered(request))
}

const taken = `<rs:RegistryResponse xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0" status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"/>`

function answer(
  action: string,
  request: string,
  form: (soap: string) => { contentType: string; body: Buffer },
  body: string,
): Answer {
  const messageID = /<(?:\w+:)?MessageID\b[^>]*>([^<]*)/.exec(request)?.[1] ?? ''
  const header = `<a:Action>${action}Response</a:Action><a:RelatesTo>${messageID}</a:RelatesTo>`
  const soap = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
  return { status: 200, ...form(soap) }
}

/** Each with what stands in it besides, by its place. */
function entries(inside: (place: number) => string = () => ''): string {
  const objects = documents.map(({ documentUniqueId: uniqueId, bytes }, place) => {
    const hash = createHash('sha1').update(bytes).digest('hex')
    const described = { uniqueId, patientId: id('b', '2.999.80'), hash, sizeBytes: bytes.length }
    const message = register({ ...described, repositoryUniqueId: repository }).body.toString()
    const [entry = ''] = /<rim:ExtrinsicObject\b[\s\S]*?<\/rim:ExtrinsicObject>/.exec(message) ?? []
    return entry
      .replace('<rim:ExtrinsicObject', `<rim:ExtrinsicObject home="${bern}"`)
      .replace('</rim:ExtrinsicObject>', `${inside(place)}</rim:ExtrinsicObject>`)
  })
  return `<q:AdhocQueryResponse xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0" status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"><rim:RegistryObjectList>${objects.join('')}</rim:RegistryObjectList></q:AdhocQueryResponse>`
}

function includeOf(place: number): string {
  return `<x:Document xmlns:x="urn:ihe:iti:xds-b:2007"><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:${place}%40far"/></x:Document>`
}

function retrieved(): string {
  const responses = documents.map(
    ({ documentUniqueId }, index) =>
      `<x:DocumentResponse><x:HomeCommunityId>${bern}</x:HomeCommunityId><x:RepositoryUniqueId>${repository}</x:RepositoryUniqueId><x:DocumentUniqueId>${documentUniqueId}</x:DocumentUniqueId><x:mimeType>text/plain</x:mimeType><x:Document><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:${index}%40far"/></x:Document></x:DocumentResponse>`,
  )
  return `<x:RetrieveDocumentSetResponse xmlns:x="urn:ihe:iti:xds-b:2007"><rs:RegistryResponse xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0" status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"/>${responses.join('')}</x:RetrieveDocumentSetResponse>`
}

function discovered(request: string): string {
  const attributes = (element: string) => new RegExp(`<${element}\\b([^>]*?)/?>`).exec(request)?.[1]?.trim() ?? ''
  return knownAs(
    { ...patient, ids: [...patient.ids.map(([extension, root]) => [extension, root] as [string, string])] },
    bern.replace('urn:oid:', ''),
  )
    .replace('{messageId}', attributes('id'))
    .replace('{queryId}', attributes('queryId'))
    .replace('{query}', '')
}
