// What can be said of a message without the service that it is for: a row for each transaction, with the rules that the service has.
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import type { SubmittedBy } from '../../metadata/attribute.js'
import { canonicalId } from '../../metadata/entry-uuid.js'
import type { Association, Finding, Submission } from '../../metadata/model.js'
import { decodeSubmission } from '../../metadata/submission.js'
import { counted } from '../../metadata/words.js'
import { askedOf, requestFindings } from '../../registry/queries/asked.js'
import { domainFindings } from '../../registry/queries/in-domain.js'
import { multiPatientQueries } from '../../registry/queries/multi-patient-queries.js'
import { storedQueries } from '../../registry/queries/stored-queries.js'
import type { StoredQuery } from '../../registry/queries/stored-query.js'
import { removalRules } from '../../registry/rules/removal-rules.js'
import type { RemovalFacts } from '../../registry/store/removal.js'
import { documentRules } from '../../repository/submission-rules.js'
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, isElement, type QName, type XmlElement } from '../../soap/xml.js'
import { restrictedUpdateDocumentSet, updateDocumentSet } from '../../transactions/metadata-update.js'
import { multiPatientStoredQuery } from '../../transactions/mpq.js'
import { removeDocuments, removeMetadata } from '../../transactions/remove.js'
import type { Codec } from '../../transactions/transaction.js'
import {
  provideAndRegisterDocumentSet,
  registerDocumentSet,
  registerOnDemandDocumentEntry,
  registryStoredQuery,
} from '../../transactions/xds.js'
import type { AdhocQueryRequest } from '../../transactions/xds-messages.js'
import type { MessageInFile } from './message-file.js'
import { judgedOffline, type Offline } from './offline-findings.js'

export interface Judgement extends Offline {
  /** What the message holds, in words. */
  contents: string
}

interface Judged {
  id: string
  action: string
  request: { element: QName }
  judge(body: XmlElement, domain: AffinityDomain): Judgement
}

/** The first that fits is taken where only the element of the Body tells. */
const judged: readonly Judged[] = [
  { ...contractOf(provideAndRegisterDocumentSet), judge: provided },
  { ...contractOf(registerDocumentSet), judge: submitted('ITI-42') },
  { ...contractOf(registerOnDemandDocumentEntry), judge: submitted('ITI-61') },
  { ...contractOf(updateDocumentSet), judge: submitted('ITI-57') },
  { ...contractOf(restrictedUpdateDocumentSet), judge: submitted('ITI-92') },
  { ...contractOf(registryStoredQuery), judge: queried(registryStoredQuery.request, storedQueries) },
  { ...contractOf(multiPatientStoredQuery), judge: queried(multiPatientStoredQuery.request, multiPatientQueries) },
  { ...contractOf(removeMetadata), judge: removed },
  { ...contractOf(removeDocuments), judge: forgotten },
]

export const judgedTransactions: readonly string[] = judged.map(({ id }) => id)

/** Undefined when it is a message of none of them. */
export function judgeFor({ body, action }: MessageInFile, as?: string): Judged | undefined {
  const fitting = judged.filter(({ request: { element } }) => isElement(body, element.namespace, element.name))
  if (as !== undefined) return fitting.find(({ id }) => id === as)
  const likely = fitting.find(({ id }) => id === likelyOf(body))
  return fitting.find(each => each.action === action) ?? likely ?? fitting[0]
}

function contractOf({ id, action, request }: { id: string; action: string; request: { element: QName } }) {
  return { id, action, request }
}

// ---- submissions -----------------------------------------------------------------------------------------------------

function submitted(transaction: SubmittedBy): Judged['judge'] {
  return (body, domain) => judgedSubmission(decodeSubmission(body), transaction, domain)
}

function judgedSubmission(submission: Submission, transaction: SubmittedBy, domain: AffinityDomain): Judgement {
  return { ...judgedOffline(submission, transaction, domain), contents: objectsIn(submission) }
}

/** Whether documents and entries belong together is judged; what hash and size say of the bytes is not. */
function provided(body: XmlElement, domain: AffinityDomain): Judgement {
  const request = childOf(body, namespaces.lcm, 'SubmitObjectsRequest')
  if (request === undefined) {
    const rule = 'ITI TF-2:3.41.4.1.2'
    const finding = {
      code: 'XDSRepositoryMetadataError',
      object: 'ProvideAndRegisterDocumentSetRequest',
      rule,
    } as const
    const findings = [{ ...finding, expected: 'an lcm:SubmitObjectsRequest', found: 'none' }]
    return { contents: 'no metadata', findings, notJudged: [] }
  }
  const submission = decodeSubmission(request)
  const faultyDocuments = childrenOf(body, namespaces.xdsb, 'Document').map((document, index) => ({
    number: index + 1,
    id: canonicalId(attributeOf(document, 'id')?.trim() ?? ''),
  }))
  const { findings, notJudged, contents } = judgedSubmission(submission, 'ITI-41', domain)
  // Whoever asks about metadata leaves the documents out, as we do in what we keep.
  if (faultyDocuments.length === 0) return { contents, findings, notJudged: [...ofDocuments, ...notJudged] }
  const together = documentRules.flatMap(rule => rule({ submission, documents: [], faultyDocuments }))
  return {
    contents: `${contents}, ${counted(faultyDocuments.length, 'Document')}`,
    findings: [...together, ...findings],
    notJudged: [...ofDocuments.slice(1), ...notJudged],
  }
}

/** That each entry has its document, and that the bytes are as the entry says. */
const ofDocuments = ['ITI TF-2:3.41.4.1.2', 'ITI TF-2:3.41.4.1.3']

function objectsIn({ submissionSets, documentEntries, folders, associations }: Submission): string {
  return (
    `${submissionSets.length} SubmissionSet, ${documentEntries.length} DocumentEntry, ` +
    `${folders.length} Folder, ${associations.length} Association`
  )
}

/** What a bare request says by what is in it. */
function likelyOf(body: XmlElement): string | undefined {
  if (!isElement(body, namespaces.lcm, 'SubmitObjectsRequest')) return undefined
  const { documentEntries, associations } = decodeSubmission(body)
  if (associations.some(isOfUpdate)) return 'ITI-57'
  const onDemand = documentEntries.filter(({ objectType }) => objectType === 'on-demand')
  return onDemand.length > 0 && onDemand.length === documentEntries.length ? 'ITI-61' : undefined
}

function isOfUpdate({ associationType, previousVersion }: Association): boolean {
  return (
    previousVersion !== undefined ||
    associationType === 'UpdateAvailabilityStatus' ||
    associationType === 'SubmitAssociation'
  )
}

// ---- queries ---------------------------------------------------------------------------------------------------------

function queried(codec: Codec<AdhocQueryRequest>, queries: ReadonlyMap<string, StoredQuery>): Judged['judge'] {
  return (body, domain) => {
    const request = codec.decode(body, nothingAttached)
    const query = queries.get(request.id)
    const findings = [
      ...requestFindings(request, queries),
      ...(query === undefined ? [] : askedOf(query, request.slots).findings),
      ...domainFindings(request, query, domain),
    ]
    const contents = `${query?.name ?? 'a query that is not known'} for ${request.returnType}`
    // Whether the patient is known, and how much would be found.
    return { contents, findings, notJudged: ['ITI TF-2:3.18.4.1.3', 'ITI TF-2:3.18.4.1.2.6'] }
  }
}

// ---- removals --------------------------------------------------------------------------------------------------------

function removed(body: XmlElement): Judgement {
  const request = removeMetadata.request.decode(body, nothingAttached)
  const asked = { ...request, named: new Set(request.entryUUIDs) }
  const notJudged = new Set<string>()
  const findings = removalRules.flatMap(({ clause, breaches }): Finding[] => {
    try {
      return breaches(asked, nothingKnown).map(breach => ({ ...breach, rule: clause }))
    } catch (problem) {
      if (!(problem instanceof NeedsRegistry)) throw problem
      notJudged.add(clause)
      return []
    }
  })
  return { contents: counted(request.entryUUIDs.length, 'ObjectRef'), findings, notJudged: [...notJudged] }
}

class NeedsRegistry extends Error {}

const nothingKnown: RemovalFacts = new Proxy({} as RemovalFacts, {
  get() {
    throw new NeedsRegistry()
  },
})

function forgotten(body: XmlElement): Judgement {
  const { documents } = removeDocuments.request.decode(body, nothingAttached)
  const rule = 'ITI TF-2:3.86.4.1.3'
  const none = {
    ...{ code: 'XDSRepositoryError' as const, object: 'RemoveDocumentsRequest', attribute: 'DocumentRequest', rule },
    ...{ expected: 'a DocumentRequest for each document to remove', found: 'none' },
  }
  const unnamed = documents.flatMap(({ repositoryUniqueId, documentUniqueId }, index): Finding[] => {
    const at = { object: `DocumentRequest number ${index + 1}`, rule, expected: 'a value', found: 'nothing' }
    return [
      ...(repositoryUniqueId === ''
        ? [{ ...at, code: 'XDSUnknownRepositoryId' as const, attribute: 'RepositoryUniqueId' }]
        : []),
      ...(documentUniqueId === ''
        ? [{ ...at, code: 'XDSDocumentUniqueIdError' as const, attribute: 'DocumentUniqueId' }]
        : []),
    ]
  })
  const contents = counted(documents.length, 'DocumentRequest')
  return { contents, findings: documents.length === 0 ? [none] : unnamed, notJudged: [rule] }
}

/** None of these messages refers to a part of its package. */
export const nothingAttached = {
  form: 'plain',
  addressing: {},
  action: '',
  security: undefined,
  body: undefined,
  attachments: new Map(),
} as const
