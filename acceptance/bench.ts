// What a case works with: the target, patients that it knows, metadata, and what was registered so far.
import type { DocumentEntry, Submission } from '../metadata/model.js'
import type { Ports } from '../ports/ports.js'
import { type Randomness, uuidOid } from '../ports/randomness.js'
import { attributeOf, childOf } from '../soap/xml.js'
import {
  patientDuplicatesResolved,
  patientRecordAdded,
  patientRecordRevised,
} from '../transactions/hl7v3/patient-feed.js'
import { multiPatientStoredQuery } from '../transactions/mpq.js'
import { removeDocuments, removeMetadata } from '../transactions/remove.js'
import { contentToSend } from '../transactions/submission-codec.js'
import {
  provideAndRegisterDocumentSet,
  registerDocumentSet,
  registerOnDemandDocumentEntry,
  registryStoredQuery,
  retrieveDocumentSet,
} from '../transactions/xds.js'
import type { DocumentRequest, FeedEvent } from '../transactions/xds-messages.js'
import { ofKind, slotIn } from './answer.js'
import type { ExaminedDomain } from './domain.js'
import type { Acknowledgement } from './mllp.js'
import { NotTried } from './not-tried.js'
import { contentOf, type Sample, type Samples, samplesOf, sha1Of } from './sample.js'
import { listValue, type QueryName, type QueryParameters, storedQueryIds } from './stored-queries.js'
import { answered, type Received, type SendOptions, type Target } from './target.js'

export interface Bench {
  target: Target
  samples: Samples
  domain: ExaminedDomain
  /** Our own deployment: resubmission and the like are judged, not only reported. */
  ours: boolean
  /** Of the first, the second … patient that the target knows. */
  patient(number: number): Promise<string>
  /** One that no case has used yet; where patients are not fed, there is none. */
  newPatient(): Promise<string>
  /** All ids under which a patient of the suite was announced. */
  idsOf(patientId: string): string[]
  /** Of a patient whom nobody has announced yet, the one for metadata first. */
  newPatientIds(): string[]
  /** ITI-44. */
  feed(record: { patientIds: string[]; subsumedIds?: string[] }, event?: FeedEvent): Promise<Received>
  /** ITI-8: all on one connection. */
  feedV2(messages: readonly string[]): Promise<Acknowledgement[]>
  /** ITI-41. */
  provide(sample: Sample, options?: SendOptions): Promise<Received>
  /** ITI-42, with what a repository has to add. */
  register(sample: Sample, options?: SendOptions): Promise<Received>
  registerOnDemand(sample: Sample): Promise<Received>
  update(transaction: Updating, sample: Sample): Promise<Received>
  /** An entry of ITI-41 with the hash and size that the repository gave it. */
  asStored(entry: DocumentEntry): DocumentEntry
  /** ITI-41, and the suite has no use for going on when it is refused. */
  given(sample: Sample): Promise<void>
  query(name: QueryName, parameters: QueryParameters, returnType?: string, options?: SendOptions): Promise<Received>
  queryForMany(name: QueryName, parameters: QueryParameters): Promise<Received>
  retrieve(documents: DocumentRequest[], options?: SendOptions): Promise<Received>
  removeMetadata(entryUUIDs: string[]): Promise<Received>
  removeDocuments(documents: DocumentRequest[]): Promise<Received>
  repositoryUniqueId(): Promise<string>
  /** What is made at the first call and shared by cases. */
  once<Value>(key: string, make: () => Promise<Value>): Promise<Value>
  /** Trace ids of what was sent since the last call. */
  traces(): string[]
  /** Submissions that were accepted. */
  accepted: Submission[]
}

/** Both carry what ITI-42 carries, under actions of their own. */
const updates = {
  'ITI-57': 'urn:ihe:iti:2010:UpdateDocumentSet',
  'ITI-92': 'urn:ihe:iti:2018:RestrictedUpdateDocumentSet',
} as const

export type Updating = keyof typeof updates

const feeds = { add: patientRecordAdded, revise: patientRecordRevised, merge: patientDuplicatesResolved }

export interface BenchOptions {
  target: Target
  ports: Ports
  ours: boolean
  /** Known patients; fed by ITI-44 where there are none. */
  patients: string[]
  domain: ExaminedDomain
  /** OID of the assigning authority of patients that are fed. */
  authority: string
}

export function benchOf({ target, ports, ours, patients, domain, authority }: BenchOptions): Bench {
  const samples = samplesOf(ports, domain)
  const shared = new Map<string, Promise<unknown>>()
  const accepted: Submission[] = []
  const announced = new Map<string, string[]>()
  let traceIds: string[] = []

  const noted = async (sending: Promise<Received>): Promise<Received> => {
    const received = await sending
    traceIds.push(received.traceId)
    return received
  }
  const once: Bench['once'] = <Value>(key: string, make: () => Promise<Value>) => {
    const made = shared.get(key) ?? make()
    shared.set(key, made)
    return made as Promise<Value>
  }
  const submitted = async (sending: Promise<Received>, submission: Submission): Promise<Received> => {
    const received = await noted(sending)
    if (received.status === 'Success') accepted.push(submission)
    return received
  }
  const feed: Bench['feed'] = async (record, event = record.subsumedIds === undefined ? 'add' : 'merge') => {
    const contract = feeds[event]
    const request = { messageId: { root: uuidOid(ports.randomness) }, ...record }
    return answered(await noted(target.send(contract, request)), 'ITI-44')
  }
  const newPatientIds = () => {
    const patientId = `ACC-${ports.randomness.uuid().slice(0, 13)}^^^&${authority}&ISO`
    const patientIds = [patientId, ...nationalIds(ports.randomness)]
    announced.set(patientId, patientIds)
    return patientIds
  }
  const newPatient = async () => {
    if (patients.length > 0) throw new NotTried('patients are given by --patient, and none is left that is new')
    const patientIds = newPatientIds()
    const [patientId = ''] = patientIds
    const received = await feed({ patientIds })
    const code = acknowledgementOf(received)
    if (code === 'CA' || code === 'AA') return patientId
    throw new NotTried(
      `the target did not take patient ${patientId} by ITI-44: ${received.fault ?? code}; give some by --patient`,
    )
  }
  const nationalIds = ({ uuid }: Pick<Randomness, 'uuid'>) => {
    if (domain.nationalAuthority === undefined) return []
    const digits = BigInt(`0x${uuid().replaceAll('-', '')}`)
      .toString()
      .slice(0, 11)
    return [`7613376${digits}^^^&${domain.nationalAuthority}&ISO`]
  }
  const query: Bench['query'] = (name, parameters, returnType = 'LeafClass', options) =>
    noted(target.send(registryStoredQuery, asked(name, parameters, returnType), options))
  const provide: Bench['provide'] = ({ submission, contents }, options) => {
    const documents = [...contents].map(([id, bytes]) => ({
      id,
      content: contentToSend({ contentType: 'text/plain', sizeBytes: bytes.length, open: () => [bytes] }),
    }))
    return submitted(target.send(provideAndRegisterDocumentSet, { submission, documents }, options), submission)
  }
  const given: Bench['given'] = async sample => {
    const { status, errors } = await provide(sample)
    if (status === 'Success') return
    const why = errors.map(({ code, context }) => `${code}: ${context}`).join('; ')
    throw new Error(`what the case begins with was refused: ${status} ${why}`)
  }
  const repositoryUniqueId = () =>
    once('repositoryUniqueId', async () => {
      const entry = samples.entry(await patient(1))
      await given(samples.of(entry.patientId!, { entries: [entry] }))
      const answer = await query('GetDocuments', { $XDSDocumentEntryUniqueId: listValue(entry.uniqueId!) })
      const [found] = ofKind('DocumentEntry', answer)
      const [id] = found === undefined ? [] : slotIn(found, 'repositoryUniqueId')
      if (id === undefined) throw new Error('no repositoryUniqueId stands in the entry of a document that was accepted')
      return id
    })
  const patient = (number: number) => {
    const known = patients.at((number - 1) % Math.max(patients.length, 1))
    if (patients.length > 0 && number > patients.length)
      throw new NotTried(`needs ${number} patients; --patient names ${patients.length}`)
    return once(`patient ${number}`, () => (known === undefined ? newPatient() : Promise.resolve(known)))
  }

  return {
    ...{
      target,
      samples,
      domain,
      ours,
      accepted,
      once,
      feed,
      newPatient,
      patient,
      query,
      provide,
      given,
      repositoryUniqueId,
    },
    newPatientIds,
    feedV2: messages => target.sendHl7(messages),
    idsOf: patientId => announced.get(patientId) ?? [patientId],
    async register(sample, options) {
      const submission = stored(sample, await repositoryUniqueId())
      return submitted(target.send(registerDocumentSet, submission, options), submission)
    },
    async registerOnDemand({ submission }) {
      const received = await submitted(target.send(registerOnDemandDocumentEntry, submission), submission)
      return answered(received, 'ITI-61')
    },
    async update(transaction, { submission }) {
      const contract = { ...registerDocumentSet, id: transaction, action: updates[transaction] }
      return answered(await submitted(target.send(contract, submission), submission), transaction)
    },
    asStored: entry => storedEntry(entry, contentOf(entry.entryUUID)),
    queryForMany: async (name, parameters) =>
      answered(await noted(target.send(multiPatientStoredQuery, asked(name, parameters, 'LeafClass'))), 'ITI-51'),
    retrieve: (documents, options) => noted(target.send(retrieveDocumentSet, { documents }, options)),
    async removeMetadata(entryUUIDs) {
      const received = answered(await noted(target.send(removeMetadata, { entryUUIDs })), 'ITI-62')
      if (received.status === 'Success') forget(accepted, new Set(entryUUIDs))
      return received
    },
    removeDocuments: async documents => answered(await noted(target.send(removeDocuments, { documents })), 'ITI-86'),
    traces() {
      const since = traceIds
      traceIds = []
      return since
    },
  }
}

/** The acknowledgement's typeCode. [ITI TF-2: Appendix O.1.2] */
export function acknowledgementOf({ body, fault }: Received): string {
  const acknowledgement = body && childOf(body, 'urn:hl7-org:v3', 'acknowledgement')
  const typeCode = acknowledgement && childOf(acknowledgement, 'urn:hl7-org:v3', 'typeCode')
  return (typeCode && attributeOf(typeCode, 'code')) ?? fault ?? 'no acknowledgement'
}

function asked(name: QueryName, parameters: QueryParameters, returnType: string) {
  const slots = Object.entries(parameters).flatMap(([slot, values]) =>
    [values].flat().map(value => ({ name: slot, values: [value] })),
  )
  return { id: storedQueryIds[name], returnType, slots }
}

function stored({ submission, contents }: Sample, repositoryUniqueId: string): Submission {
  const known = (entry: DocumentEntry) => ({
    repositoryUniqueId,
    ...storedEntry(entry, contents.get(entry.entryUUID) ?? contentOf(entry.entryUUID)),
  })
  return { ...submission, documentEntries: submission.documentEntries.map(known) }
}

/** What a case says of hash and size counts. */
function storedEntry(entry: DocumentEntry, bytes: Buffer): DocumentEntry {
  return { hash: sha1Of(bytes), size: String(bytes.length), ...entry }
}

/** Submissions of which nothing is left are none to be cleaned up. */
function forget(accepted: Submission[], removed: ReadonlySet<string>): void {
  const isLeft = ({ submissionSets }: Submission) => submissionSets.some(({ entryUUID }) => !removed.has(entryUUID))
  accepted.splice(0, accepted.length, ...accepted.filter(isLeft))
}
