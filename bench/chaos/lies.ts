// What a lying community may answer: each lie takes the truth and changes one thing. Most are told in the words of the messages, some
// in their bytes.
import { unpacked } from '../answers.js'
import type { Answer } from '../http-connection.js'
import { packaged, plain } from '../messages.js'
import { asBytes, type Mischief } from './liar.js'

/** An answer taken apart. */
export interface Told {
  envelope: string
  parts: { contentId: string; contentType: string; bytes: Buffer }[]
}

export interface Lie {
  name: string
  to: keyof typeof actionEnds | 'ITI-63' | 'ITI-80'
  /** `earlier` is what was answered to the same question before. */
  tell(truth: Told, earlier: Told): Told | Answer
}

export const actionEnds = {
  'ITI-38': 'CrossGatewayQuery',
  'ITI-39': 'CrossGatewayRetrieve',
  'ITI-55': 'CrossGatewayPatientDiscovery',
} as const

/** Of the action that is answered by it. */
export function actionEnd({ to }: Pick<Lie, 'to'>): string {
  return to === 'ITI-63' ? 'CrossGatewayFetch' : to === 'ITI-80' ? 'CrossGatewayDocumentProvide' : actionEnds[to]
}

const otherHome = 'urn:oid:2.999.66.6'
const otherPatient = 'SOMEBODY-ELSE^^^&amp;2.999.66&amp;ISO'

const inEnvelope = (change: (envelope: string) => string) => (truth: Told) => ({
  ...truth,
  envelope: change(truth.envelope),
})
const inParts = (change: (parts: Told['parts']) => Told['parts']) => (truth: Told) => ({
  ...truth,
  parts: change(truth.parts),
})

const entry = /<(\w+:)?ExtrinsicObject\b[\s\S]*?<\/(?:\w+:)?ExtrinsicObject>/
const patientIdentifier =
  /<(?:\w+:)?ExternalIdentifier\b[^>]*urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427[\s\S]*?<\/(?:\w+:)?ExternalIdentifier>/g
const document = /<(\w+:)?DocumentResponse\b[\s\S]*?<\/(?:\w+:)?DocumentResponse>/
const include = /<(?:\w+:)?Include\b[^>]*>/g
const ofAnother = (identifier: string) => identifier.replace(/\bvalue="[^"]*"/, `value="${otherPatient}"`)
const otherRelation = (envelope: string) =>
  envelope.replace(/(<(?:\w+:)?RelatesTo\b[^>]*>)[^<]*/, '$1urn:uuid:00000000-0000-4000-8000-000000000000')
const inDocument = (change: (response: string) => string) => inEnvelope(envelope => envelope.replace(document, change))
const renamed = (response: string) => response.replace(/(<(?:\w+:)?DocumentUniqueId>)[^<]*/, '$12.999.66.1')
const padding = Buffer.alloc(20 * 1024 * 1024, ' ').toString('latin1')

/** Told of entries, of documents and of whole answers alike. */
const alsoOfFetches: ReadonlySet<string> = new Set([
  'objects of a third community',
  'an entry of another patient',
  'an entry of another patient beside the true ones',
  'an entry of nobody',
  'elements without an end',
  'a page of HTML',
  'other bytes of the same length',
  'a document cut short',
  'a document with something behind it',
  'the bytes of two documents, each under the name of the other',
  'the bytes of one document for both',
  'a document without its part',
  'an earlier answer to the retrieval',
  'an answer to some other retrieval',
  'a package whose end is missing',
])

export const lies: Lie[] = [
  // ---- which documents are there --------------------------------------------------------------------------------
  {
    name: 'objects of a third community',
    to: 'ITI-38',
    tell: inEnvelope(envelope => envelope.replace(/\bhome="[^"]*"/g, `home="${otherHome}"`)),
  },
  {
    name: 'an entry of another patient',
    to: 'ITI-38',
    tell: inEnvelope(envelope => envelope.replace(patientIdentifier, ofAnother)),
  },
  {
    name: 'an entry of another patient beside the true ones',
    to: 'ITI-38',
    tell: inEnvelope(envelope =>
      envelope.replace(entry, one => one + copied(one).replace(patientIdentifier, ofAnother)),
    ),
  },
  {
    name: 'an entry of two patients',
    to: 'ITI-38',
    tell: inEnvelope(envelope => envelope.replace(patientIdentifier, one => one + ofAnother(one))),
  },
  {
    name: 'an entry of nobody',
    to: 'ITI-38',
    tell: inEnvelope(envelope => envelope.replace(patientIdentifier, '')),
  },
  { name: 'an earlier answer to the query', to: 'ITI-38', tell: (_, earlier) => earlier },
  { name: 'an answer to some other query', to: 'ITI-38', tell: inEnvelope(otherRelation) },
  {
    name: 'failure without a reason, beside entries',
    to: 'ITI-38',
    tell: inEnvelope(envelope => envelope.replace('ResponseStatusType:Success', 'ResponseStatusType:Failure')),
  },
  {
    name: 'an answer that is longer than an envelope may be',
    to: 'ITI-38',
    tell: inEnvelope(envelope => envelope.replace(entry, one => one + padding)),
  },
  {
    name: 'elements without an end',
    to: 'ITI-38',
    tell: inEnvelope(envelope => envelope.replace(entry, '<a>'.repeat(100_000))),
  },
  { name: 'a page of HTML', to: 'ITI-38', tell: () => page },
  {
    name: 'nothing at all',
    to: 'ITI-38',
    tell: () => ({ ...page, contentType: 'application/soap+xml', body: Buffer.alloc(0) }),
  },
  // ---- the documents ----------------------------------------------------------------------------------------------
  { name: 'other bytes of the same length', to: 'ITI-39', tell: inParts(turned) },
  {
    name: 'a document cut short',
    to: 'ITI-39',
    tell: inParts(parts => changed(parts, bytes => bytes.subarray(0, -1))),
  },
  {
    name: 'a document with something behind it',
    to: 'ITI-39',
    tell: inParts(parts => changed(parts, bytes => Buffer.concat([bytes, Buffer.from('!')]))),
  },
  { name: 'another document', to: 'ITI-39', tell: inDocument(renamed) },
  { name: 'another document beside the one', to: 'ITI-39', tell: inDocument(one => one + renamed(one)) },
  { name: 'the document twice', to: 'ITI-39', tell: inDocument(one => one + one) },
  {
    name: 'the document of a third community',
    to: 'ITI-39',
    tell: inDocument(one => one.replace(/(<(?:\w+:)?HomeCommunityId>)[^<]*/, `$1${otherHome}`)),
  },
  {
    name: 'the document of another repository',
    to: 'ITI-39',
    tell: inDocument(one => one.replace(/(<(?:\w+:)?RepositoryUniqueId>)[^<]*/, '$12.999.66.7')),
  },
  {
    name: 'the bytes of two documents, each under the name of the other',
    to: 'ITI-39',
    tell: inParts(([one, other]) => [
      { ...other!, contentId: one!.contentId },
      { ...one!, contentId: other!.contentId },
    ]),
  },
  {
    name: 'the bytes of one document for both',
    to: 'ITI-39',
    tell: inEnvelope(envelope => {
      const [first = ''] = envelope.match(include) ?? []
      return envelope.replace(include, first)
    }),
  },
  { name: 'a document without its part', to: 'ITI-39', tell: inParts(parts => parts.slice(1)) },
  { name: 'no parts', to: 'ITI-39', tell: inParts(() => []) },
  { name: 'two parts of one name', to: 'ITI-39', tell: inParts(parts => [...turned(parts), ...parts]) },
  { name: 'an earlier answer to the retrieval', to: 'ITI-39', tell: (_, earlier) => earlier },
  { name: 'an answer to some other retrieval', to: 'ITI-39', tell: inEnvelope(otherRelation) },
  {
    name: 'a package whose end is missing',
    to: 'ITI-39',
    tell: truth => {
      const answer = answerOf(truth)
      return { ...answer, body: answer.body.subarray(0, -40) }
    },
  },
  {
    name: 'a root part that is longer than an envelope may be',
    to: 'ITI-39',
    tell: inDocument(one => one + padding),
  },
  // ---- whom it knows ------------------------------------------------------------------------------------------------
  {
    name: 'a person whom a third community keeps',
    to: 'ITI-55',
    tell: inEnvelope(envelope =>
      envelope.replace(/(<(?:\w+:)?custodian\b[\s\S]*?<(?:\w+:)?id\b[^>]*root=")[^"]*/g, '$12.999.66.6'),
    ),
  },
  {
    name: 'somebody born on another day',
    to: 'ITI-55',
    tell: inEnvelope(envelope =>
      envelope.replace(/(<(?:\w+:)?patientPerson\b[\s\S]*?<(?:\w+:)?birthTime value=")\d{4}/g, '$11901'),
    ),
  },
  { name: 'an earlier answer to the discovery', to: 'ITI-55', tell: (_, earlier) => earlier },
  { name: 'an answer to some other discovery', to: 'ITI-55', tell: inEnvelope(otherRelation) },
]

/** The same of an answer that has entries and documents in one, which nobody asks for in a chaos run. */
export const liesToFetches: Lie[] = [
  ...lies.filter(({ name }) => alsoOfFetches.has(name)).map(({ name, tell }): Lie => ({ name, to: 'ITI-63', tell })),
  { name: 'an entry twice', to: 'ITI-63', tell: inEnvelope(envelope => envelope.replace(entry, one => one + one)) },
  {
    name: 'two entries with one document',
    to: 'ITI-63',
    tell: inEnvelope(envelope => envelope.replace(entry, one => one + copied(one))),
  },
]

const registryError = (severity: string) =>
  `<rs:RegistryErrorList><rs:RegistryError errorCode="XDSRepositoryError" codeContext="it was not taken" severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:${severity}"/></rs:RegistryErrorList></rs:RegistryResponse>`
const withError = (status: string) =>
  inEnvelope(envelope => envelope.replace('Success"/>', () => `${status}">${registryError('Error')}`))

/** Told of documents that were sent, which nobody sends in a chaos run. */
export const liesOfReceipt: Lie[] = [
  { name: 'success beside an error', to: 'ITI-80', tell: withError('Success') },
  { name: 'success in part', to: 'ITI-80', tell: withError('PartialSuccess') },
  {
    name: 'failure without a reason',
    to: 'ITI-80',
    tell: inEnvelope(envelope => envelope.replace('Type:Success', 'Type:Failure')),
  },
  { name: 'an earlier answer', to: 'ITI-80', tell: (_, earlier) => earlier },
  { name: 'an answer to some other message', to: 'ITI-80', tell: inEnvelope(otherRelation) },
  {
    name: 'an answer that is longer than an envelope may be',
    to: 'ITI-80',
    tell: inEnvelope(envelope => envelope.replace('Success"/>', `Success">${padding}</rs:RegistryResponse>`)),
  },
  { name: 'a page of HTML', to: 'ITI-80', tell: () => page },
  {
    name: 'nothing at all',
    to: 'ITI-80',
    tell: () => ({ ...page, contentType: 'application/soap+xml', body: Buffer.alloc(0) }),
  },
]

const page: Answer = { status: 200, contentType: 'text/html', body: Buffer.from('<html><body>Welcome</body></html>') }

function turned(parts: Told['parts']): Told['parts'] {
  return changed(parts, bytes => Buffer.from(bytes).reverse())
}

function changed(parts: Told['parts'], change: (bytes: Buffer) => Buffer): Told['parts'] {
  return parts.map(part => ({ ...part, bytes: change(part.bytes) }))
}

/** The same entry under an id of its own. */
function copied(xml: string): string {
  const id = /\bid="([^"]*)"/.exec(xml)?.[1] ?? ''
  return xml.replaceAll(id, 'urn:uuid:66666666-0000-4000-8000-000000000000')
}

/** The lie as mischief on the way. */
export function asMischief(lie: Lie, earlier: Told): Mischief {
  return {
    to: actionEnd(lie),
    async atAnswer(truth, socket) {
      socket.end(asBytes(toldInstead(lie, await truth(), earlier)))
    },
  }
}

/** What is answered in the place of the truth. */
export function toldInstead(lie: Lie, truth: Answer, earlier: Told): Answer {
  const told = lie.tell(apart(truth), earlier)
  return 'envelope' in told ? answerOf(told) : told
}

export function apart(answer: Answer): Told {
  const { envelope, parts } = unpacked(answer)
  const others = [...parts].filter(([, bytes]) => bytes.toString() !== envelope)
  return {
    envelope,
    parts: others.map(([contentId, bytes]) => ({ contentId, contentType: 'application/octet-stream', bytes })),
  }
}

function answerOf({ envelope, parts }: Told): Answer {
  const isPackage = /RetrieveDocumentSetResponse|\/xop\/include/.test(envelope)
  return { status: 200, ...(isPackage ? packaged(envelope, parts) : plain(envelope)) }
}
