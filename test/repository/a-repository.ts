// A repository for tests: a real database file and real folders, a registry that is played.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditRecord } from '../../atna-audit/message.js'
import { type RepositoryConfig, repositoryConfig } from '../../config/repository-config.js'
import type { DocumentEntry } from '../../metadata/model.js'
import { type Ports, systemPorts } from '../../ports/ports.js'
import type { RepositoryAlarm } from '../../repository/alarm.js'
import { type OpenRepository, openRepository } from '../../repository/context.js'
import { serveProvideAndRegister } from '../../repository/iti-41-provide-and-register.js'
import { serveRetrieveDocumentSet } from '../../repository/iti-43-retrieve-document-set.js'
import { serveRemoveDocuments } from '../../repository/iti-86-remove-documents.js'
import { startResolver } from '../../repository/registration/resolver.js'
import type { Exchange } from '../../server/actor.js'
import { traceOf } from '../../server/trace.js'
import { openSpool, type Spool } from '../../soap/spool.js'
import type { Store } from '../../store/store.js'
import { auditRemoveDocuments } from '../../transactions/remove-audit.js'
import type {
  DocumentRequest,
  ProvideAndRegisterRequest,
  RegistryResponse,
  RemoveDocumentsResponse,
  RetrieveDocumentSetResponse,
} from '../../transactions/xds-messages.js'
import { aSection } from '../samples/section.js'
import { aDocumentEntry, aSubmission, type SubmissionChanges } from '../samples/submission.js'
import { anAuditRecord } from './audit-record.js'
import { engineUnderTest, isOnPostgres, type OpenEngine } from './engines.js'
import { aRegistry, type FakeRegistry } from './fake-registry.js'

export const repositoryUniqueId = '2.999.1.1'

export type TestRepository = Awaited<ReturnType<typeof aRepository>>

export interface TestOptions {
  /** Of an earlier repository: this one goes on where that one ended. */
  folder?: string
  registry?: FakeRegistry
  config?: Partial<RepositoryConfig>
  timeoutMs?: number
  ports?: Partial<Ports>
  /** Without it that of the suite. */
  engine?: OpenEngine
  /** Where documents are that are on an object storage. */
  objects?: OpenRepository['objects']
}

const opened: { close(): Promise<void> }[] = []
const folders: string[] = []

/** Opens a repository without a resolver; `resolve()` runs one round of it. */
export async function aRepository(options: TestOptions = {}) {
  const ports = { ...systemPorts, ...options.ports }
  const folder = options.folder ?? (await systemPorts.files.temporaryFolder('carnet-repository-'))
  if (options.folder === undefined) folders.push(folder)
  const registry = options.registry ?? aRegistry()
  const documentsFolder = join(folder, 'documents')
  const segmentsFolder = join(documentsFolder, 'segments')
  const config: RepositoryConfig = {
    ...repositoryConfig.parse({
      ...aSection,
      database: join(folder, 'repository.db'),
      repositoryUniqueId,
      documents: documentsFolder,
      registry: { url: 'https://localhost:1/registry', timeoutMs: options.timeoutMs ?? 5_000 },
    }),
    ...options.config,
  }
  const engine = await (options.engine ?? engineUnderTest)(config, ports)
  const { outbox } = engine
  const alarms: RepositoryAlarm[] = []
  const spool = openSpool({
    files: ports.files,
    randomness: ports.randomness,
    folder: engine.incoming,
  })
  const repository = await openRepository({
    memory: engine.memory,
    outbox,
    registry,
    config,
    ports,
    spool,
    objects: options.objects,
    alarm: alarm => void alarms.push(alarm),
  })
  const { context } = repository

  const test = {
    context,
    /** Of the embedded engine alone. */
    get store(): Store {
      if (engine.embedded === undefined) throw new Error('this test is about the embedded engine')
      return engine.embedded
    },
    registry,
    spool,
    folder,
    documentsFolder,
    alarms,
    swept: repository.swept,
    /** Transactions written down, as `ITI-42 0`. */
    audit: async () =>
      (await engine.sql<{ record: string }>('SELECT record FROM test_audit ORDER BY id'))
        .map(row => JSON.parse(row.record) as AuditRecord)
        .map(record => `${record.eventTypeCode?.[0]} ${record.outcome}`),
    async submit(request: ProvideAndRegisterRequest, sender: Sender = {}): Promise<RegistryResponse> {
      return (await serveProvideAndRegister.handle(
        request,
        context,
        anExchange(sender) as Exchange,
      )) as RegistryResponse
    },
    async retrieve(...documents: (string | DocumentRequest)[]): Promise<RetrieveDocumentSetResponse> {
      const requests = documents.map(each =>
        typeof each === 'string' ? { repositoryUniqueId, documentUniqueId: each } : each,
      )
      const answer = await serveRetrieveDocumentSet.handle({ documents: requests }, context, anExchange() as Exchange)
      return answer as RetrieveDocumentSetResponse
    },
    /** The bytes under a uniqueId, or undefined where there is no such document. */
    async content(uniqueId: string): Promise<Buffer | undefined> {
      const [document] = (await test.retrieve(uniqueId)).documents
      return document === undefined ? undefined : bytesFrom(document.open())
    },
    async remove(...documents: (string | DocumentRequest)[]): Promise<RemoveDocumentsResponse> {
      const requests = documents.map(each =>
        typeof each === 'string' ? { repositoryUniqueId, documentUniqueId: each } : each,
      )
      const exchange = anAdministrator(requests)
      return (await serveRemoveDocuments.handle({ documents: requests }, context, exchange)) as RemoveDocumentsResponse
    },
    async resolve(): Promise<void> {
      const resolver = startResolver(context)
      await resolver.run()
      await resolver.close()
    },
    /** Of large documents, one each. */
    files: async () => (await filesIn(documentsFolder)).filter(path => !path.startsWith(segmentsFolder)),
    /** Of small ones, many in each. */
    segments: async () => (await filesIn(documentsFolder)).filter(path => path.startsWith(segmentsFolder)),
    rows: async (table: 'document' | 'submission' | 'removal' | 'removed_submission') =>
      (await engine.sql<{ count: number }>(`SELECT count(*) AS count FROM ${table}`))[0]?.count,
    sql: engine.sql,
    /** As by kill -9. */
    die: () => engine.end(),
    close() {
      closed ??= closeAll()
      return closed
    },
  }
  let closed: Promise<void> | undefined
  async function closeAll(): Promise<void> {
    repository.close()
    await inTime('what was left half done', repository.swept).catch(() => {})
    await inTime('the places of documents', repository.end())
    await inTime('the database', engine.close())
  }
  opened.push(test)
  return test
}

const endingMs = 30_000

/** What does not end is named, where a test would only run out of time. */
function inTime<Result>(what: string, ending: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not ended in ${endingMs / 1_000} s`)), endingMs)
  })
  return Promise.race([ending, late]).finally(() => clearTimeout(timer))
}

/** To be called after each test. */
export async function closeRepositories(): Promise<void> {
  for (const repository of opened.splice(0)) await repository.close()
  for (const folder of folders.splice(0)) await systemPorts.files.removeFolder(folder)
}

export interface Sender {
  partner?: string
  messageID?: string
  /** wsse:Security. */
  security?: string
}

export function anExchange({ partner = 'hospital', messageID, security }: Sender = {}): Exchange<RegistryResponse> {
  return {
    partner: { name: partner, roles: new Set(['source']), address: '127.0.0.1' },
    messageID: messageID ?? `urn:uuid:${randomUUID()}`,
    ...(security === undefined ? {} : { security: () => security }),
    trace: traceOf(undefined, systemPorts.randomness),
    auditRecords: response => [anAuditRecord('ITI-41', response.status === 'Success' ? 0 : 8)],
  }
}

/** Of a Document Administrator, whose audit records are the real ones. */
function anAdministrator(documents: DocumentRequest[]): Exchange {
  const trace = traceOf(undefined, systemPorts.randomness)
  return {
    partner: { name: 'administrator', roles: new Set(['admin']), address: '127.0.0.1' },
    messageID: `urn:uuid:${randomUUID()}`,
    trace,
    auditRecords: response =>
      auditRemoveDocuments({
        side: 'responder',
        request: { documents },
        response: response as RemoveDocumentsResponse,
        failure: undefined,
        partner: { name: 'administrator', address: '127.0.0.1' },
        endpoint: 'https://localhost:8442/repository',
        replyTo: '',
        traceparent: trace.traceparent,
        endedMs: 0,
        processId: 1,
        hostName: 'localhost',
      }),
  }
}

/** An ITI-41 with one document of these bytes, as a source sends it: without hash, size and repositoryUniqueId. */
export async function aRequest(
  spool: Spool,
  content: Buffer | Buffer[],
  changes: SubmissionChanges = {},
): Promise<ProvideAndRegisterRequest> {
  const contents = Array.isArray(content) ? content : [content]
  const documentEntries = contents.map(() => anEntry(changes.documentEntry))
  const submission = aSubmission({ documentEntries, ...changes })
  const documents = await Promise.all(
    submission.documentEntries.map(async ({ entryUUID }, at) => ({
      id: entryUUID,
      content: { attachment: await anAttachment(spool, contents[at] ?? Buffer.alloc(0)) },
    })),
  )
  return { submission, documents }
}

export function anEntry(changes: Partial<DocumentEntry> = {}): DocumentEntry {
  const { hash, size, repositoryUniqueId: _, ...entry } = aDocumentEntry()
  return { ...entry, ...changes }
}

export async function anAttachment(spool: Spool, bytes: Buffer) {
  const writer = spool.receive()
  await writer.write(bytes)
  return { contentId: `${randomUUID()}@test`, contentType: 'application/pdf', content: await writer.end() }
}

/** The same submission again, as a source sends it after a timeout: same metadata, same bytes, arrived anew. */
export async function again(
  spool: Spool,
  request: ProvideAndRegisterRequest,
  bytes: Buffer,
): Promise<ProvideAndRegisterRequest> {
  const documents = await Promise.all(
    request.documents.map(async ({ id }) => ({ id, content: { attachment: await anAttachment(spool, bytes) } })),
  )
  return { submission: structuredClone(request.submission), documents }
}

export async function bytesFrom(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

export const uniqueIdOf = (request: ProvideAndRegisterRequest) => request.submission.documentEntries[0]?.uniqueId ?? ''
export const codesOf = (response: RegistryResponse) => response.errors.map(({ errorCode }) => errorCode)
export const sha1 = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex')

/** Small ones are kept in segments, large ones in a file of their own. */
export const small = () => randomBytes(2_000)
export const large = () => randomBytes(200_000)
/** Where several processes share a folder every document is a file. */
export const filesOfSmall = isOnPostgres ? 1 : 0

/** Paths of all files below a folder. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}

/** As versions before segments kept small documents. */
export function keepInRow({ store }: Pick<TestRepository, 'store'>, uniqueId: string, bytes: Buffer): void {
  store.prepare('UPDATE document SET content = ?, place = NULL WHERE unique_id = ?').run(bytes, uniqueId)
}
