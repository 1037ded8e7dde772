// Metadata that are changed after they were registered: versions, statuses, Associations. ITI TF-2 §3.57, §3.92 (trial supplements).
import type { Association, DocumentEntry } from '../../metadata/model.js'
import { statusTypes } from '../../metadata/uuids.js'
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf } from '../../soap/xml.js'
import { idOf, ofKind } from '../answer.js'
import type { Bench, Updating } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { finds, holds, refused, succeeded } from '../judge.js'
import type { Sample } from '../sample.js'
import { approved, listValue, textValue } from '../stored-queries.js'
import { aDocument, statuses } from './relationships.js'

type Try = (bench: Bench, transaction: Updating) => Promise<Disagreement[]>

/** By both transactions. */
const versions: readonly (readonly [string, string, Try])[] = [
  ['version', 'a new version takes the place of the one before', newVersion],
  [
    'two-versions',
    'one version follows another',
    async (bench, transaction) => {
      const first = await registered(bench)
      const second = versionOf(bench, first)
      const third = versionOf(bench, first)
      return [
        ...succeeded(await bench.update(transaction, updating(bench, second, { previousVersion: '1' }))),
        ...succeeded(await bench.update(transaction, updating(bench, third, { previousVersion: '2' }))),
        ...(await current(bench, third, '3')),
      ]
    },
  ],
  [
    'XDSMetadataVersionError/stale',
    'a PreviousVersion that is not the current one',
    (bench, transaction) => wrongVersion(bench, transaction, { previousVersion: '7' }, ['XDSMetadataVersionError']),
  ],
  [
    'no-previous-version',
    'no PreviousVersion',
    // Which operation is meant cannot be told without it; a restricted update calls it an annotation.
    (bench, transaction) =>
      wrongVersion(bench, transaction, {}, [
        'XDSMetadataVersionError',
        'XDSMetadataUpdateOperationError',
        'XDSMetadataAnnotationError',
      ]),
  ],
  [
    'uniqueId',
    'a uniqueId that is not that of the document',
    async (bench, transaction) => {
      const first = await registered(bench)
      const second = versionOf(bench, first, { uniqueId: bench.samples.oid() })
      const answer = await bench.update(transaction, updating(bench, second, { previousVersion: '1' }))
      return [...refused(answer, ...identity), ...(await current(bench, first, '1'))]
    },
  ],
  [
    'unknown',
    'a document that nobody has registered',
    async (bench, transaction) => {
      const repositoryUniqueId = await bench.repositoryUniqueId()
      const unheard = { logicalID: bench.samples.uuid(), repositoryUniqueId }
      const entry = bench.samples.entry(await bench.patient(1), unheard)
      const answer = await bench.update(transaction, updating(bench, bench.asStored(entry), { previousVersion: '1' }))
      return refused(answer, 'UnresolvedReferenceException', 'XDSMetadataVersionError', ...identity)
    },
  ],
  [
    'all-or-nothing',
    'of two updates with one mistake neither is kept',
    async (bench, transaction) => {
      const [one, other] = [await registered(bench), await registered(bench)]
      const right = updating(bench, versionOf(bench, one), { previousVersion: '1' })
      const wrong = versionOf(bench, other)
      const [set] = right.submission.submissionSets
      right.submission.documentEntries.push(wrong)
      right.submission.associations.push(held(bench, set!.entryUUID, wrong.entryUUID, { previousVersion: '7' }))
      const answer = await bench.update(transaction, right)
      return [
        ...holds(answer.status === 'Failure', 'status Failure', answer.status),
        ...(await current(bench, one, '1')),
        ...(await current(bench, other, '1')),
      ]
    },
  ],
]

/** What ITI-57 alone can do. */
const operations: readonly (readonly [string, string, Try])[] = [
  [
    'status',
    'a document is deprecated, and approved again',
    async bench => {
      const { entryUUID, patientId } = await registered(bench)
      const down = await bench.update('ITI-57', order(bench, patientId!, entryUUID, 'Approved', 'Deprecated'))
      const between = await statuses(bench, { [entryUUID]: 'Deprecated' })
      const up = await bench.update('ITI-57', order(bench, patientId!, entryUUID, 'Deprecated', 'Approved'))
      return [...succeeded(down), ...between, ...succeeded(up), ...(await statuses(bench, { [entryUUID]: 'Approved' }))]
    },
  ],
  [
    'XDSMetadataUpdateError/status',
    'an OriginalStatus that is not the status',
    async bench => {
      const { entryUUID, patientId } = await registered(bench)
      const answer = await bench.update('ITI-57', order(bench, patientId!, entryUUID, 'Deprecated', 'Approved'))
      return [...refused(answer, 'XDSMetadataUpdateError'), ...(await statuses(bench, { [entryUUID]: 'Approved' }))]
    },
  ],
  [
    'association',
    'an Association between documents that are there is submitted',
    async bench => {
      const [one, other] = [await registered(bench), await registered(bench)]
      const relation = bench.samples.association('APND', one.entryUUID, other.entryUUID)
      const sample = bench.samples.of(one.patientId!)
      const [set] = sample.submission.submissionSets
      const submits = bench.samples.association('SubmitAssociation', set!.entryUUID, relation.entryUUID)
      sample.submission.associations.push(relation, submits)
      const answer = await bench.update('ITI-57', sample)
      const found = await bench.query('GetAssociations', { $uuid: listValue(other.entryUUID) })
      return [...succeeded(answer), ...finds(found, [relation.entryUUID])]
    },
  ],
]

const identity = ['XDSMetadataUpdateError', 'XDSMetadataIdentifierError', 'UnmodifiableMetadataError']

export const updateCases: readonly Case[] = [
  ...versions.flatMap(row => [named('ITI-57', row), named('ITI-92', row)]),
  ...operations.map(row => named('ITI-57', row)),
]

function named(transaction: Updating, [id, title, attempt]: readonly [string, string, Try]): Case {
  return {
    ...{ id: `update/${transaction}/${id}`, title: `${transaction}: ${title}` },
    clause: transaction === 'ITI-57' ? 'ITI TF-2:3.57.4.1.3' : 'ITI TF-2:3.92.4.1.3',
    option: transaction === 'ITI-57' ? 'Document Metadata Update' : 'Restricted Metadata Update',
    try: bench => attempt(bench, transaction),
  }
}

async function newVersion(bench: Bench, transaction: Updating): Promise<Disagreement[]> {
  const first = await registered(bench)
  const second = versionOf(bench, first)
  const answer = await bench.update(transaction, updating(bench, second, { previousVersion: '1' }))
  const asked = { $XDSDocumentEntryPatientId: textValue(first.patientId!), $XDSDocumentEntryStatus: approved }
  const found = await bench.query('FindDocuments', asked)
  return [
    ...succeeded(answer),
    ...finds(found, [second.entryUUID], [first.entryUUID]),
    ...(await current(bench, second, '2')),
  ]
}

async function wrongVersion(
  bench: Bench,
  transaction: Updating,
  membership: Partial<Association>,
  codes: readonly string[],
): Promise<Disagreement[]> {
  const first = await registered(bench)
  const answer = await bench.update(transaction, updating(bench, versionOf(bench, first), membership))
  return [...refused(answer, ...codes), ...(await current(bench, first, '1'))]
}

/** The entry as the registry has it: with what the repository has added. */
export async function registered(bench: Bench): Promise<DocumentEntry> {
  const entry = await aDocument(bench)
  return { ...entry, logicalID: entry.entryUUID, repositoryUniqueId: await bench.repositoryUniqueId() }
}

export function versionOf(bench: Bench, first: DocumentEntry, changes: Partial<DocumentEntry> = {}): DocumentEntry {
  const title = [{ value: 'A document with another title', lang: 'en', charset: 'UTF-8' }]
  return { ...bench.asStored(first), entryUUID: bench.samples.uuid(), title, ...changes }
}

export function updating(bench: Bench, entry: DocumentEntry, membership: Partial<Association>): Sample {
  const sample = bench.samples.of(entry.patientId!)
  const [set] = sample.submission.submissionSets
  sample.submission.documentEntries.push(entry)
  sample.submission.associations.push(held(bench, set!.entryUUID, entry.entryUUID, membership))
  return sample
}

function held(bench: Bench, set: string, entry: string, changes: Partial<Association>): Association {
  return { ...bench.samples.association('HasMember', set, entry), submissionSetStatus: 'Original', ...changes }
}

export function order(
  bench: Bench,
  patientId: string,
  target: string,
  original: keyof typeof statusTypes,
  next: keyof typeof statusTypes,
): Sample {
  const sample = bench.samples.of(patientId)
  const [set] = sample.submission.submissionSets
  const orders = bench.samples.association('UpdateAvailabilityStatus', set!.entryUUID, target)
  const change = { originalStatus: statusTypes[original], newStatus: statusTypes[next] }
  sample.submission.associations.push({ ...orders, ...change })
  return sample
}

/** What those see who know no versions. */
export async function current(bench: Bench, entry: DocumentEntry, version: string): Promise<Disagreement[]> {
  const answer = await bench.query('FindDocuments', {
    $XDSDocumentEntryPatientId: textValue(entry.patientId!),
    $XDSDocumentEntryStatus: approved,
  })
  const found = ofKind('DocumentEntry', answer).find(object => idOf(object) === entry.entryUUID)
  const info = found && childOf(found, namespaces.rim, 'VersionInfo')
  const name = info && attributeOf(info, 'versionName')
  return holds(name === version, `${entry.entryUUID} as version ${version}`, name ?? 'not found')
}
