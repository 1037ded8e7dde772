// A hospital that began with the embedded databases goes on with PostgreSQL, and back: whoever asks, retrieves, sends again, submits or
// removes sees no difference.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { expect } from 'chai'
import { type MoveDatabaseOptions, moveDatabase } from '../../../cli/database/move-database.js'
import type { Failure } from '../../../cli/failure.js'
import { fsck } from '../../../cli/fsck/fsck.js'
import type { Report } from '../../../cli/fsck/report.js'
import { putHold } from '../../../cli/operations/holds.js'
import { remove } from '../../../cli/removal/remove.js'
import type { Submission } from '../../../metadata/model.js'
import { systemPorts } from '../../../ports/ports.js'
import { registryCrossings } from '../../../registry/crossing/crossing.js'
import { storedQueries } from '../../../registry/queries/stored-queries.js'
import { repositoryCrossings } from '../../../repository/crossing/crossing.js'
import type { Crossing } from '../../../store/crossing/crossing.js'
import { contentToSend } from '../../../transactions/submission-codec.js'
import { provideAndRegisterDocumentSet } from '../../../transactions/xds.js'
import { aDeployment, type RunningDeployment } from '../../peers/a-deployment.js'
import { aFolderHolding } from '../../registry/submissions.js'
import { anEntry } from '../../repository/a-repository.js'
import { aCode, aFolder, anAssociation, aSubmission, samplePatientId } from '../../samples/submission.js'
import { type Cluster, needsPostgres, theCluster } from '../../store/postgres/a-cluster.js'
import { aSource } from '../a-source.js'
import { playedTerminal } from '../played-terminal.js'

describe('carnet database move', function () {
  this.timeout(240_000)

  let cluster: Cluster
  let folder: string
  let data: string
  let running: RunningDeployment
  let source: ReturnType<typeof aSource>
  const documents: { submission: Submission; bytes: Buffer }[] = []
  const ids = { entries: [] as string[], uniqueIds: [] as string[], sets: [] as string[], folder: '', reference: '' }
  let was: { answers: Record<string, string>; documents: (string | undefined)[] }
  const targets = { registry: '', repository: '' }

  before(async function () {
    needsPostgres(this)
    cluster = await theCluster()
    folder = await systemPorts.files.temporaryFolder('carnet-engines-')
    data = join(folder, 'data')
    await start()
    await livedIn()
  })
  after(async () => {
    await stop()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  async function start(): Promise<void> {
    running = await aDeployment({}, data, {}, { resubmission: 'replay' })
    source = aSource(running)
  }

  async function stop(): Promise<void> {
    source?.close()
    await running?.close()
  }

  const aContext = () => ({ ports: systemPorts, terminal: playedTerminal(folder) })
  const urlOf = (database: string) => `postgres://carnet@127.0.0.1:${cluster.port}/${database}`
  const databaseOf = (service: 'registry' | 'repository') =>
    JSON.parse(readFileSync(join(data, 'carnet.json'), 'utf8'))[service].database

  async function moved(service: 'registry' | 'repository', to: string, options: Partial<MoveDatabaseOptions> = {}) {
    const context = aContext()
    await moveDatabase(service, { to, data, ...options }, context)
    return context.terminal.printed.join('\n')
  }

  /** Ended when all is there, and carnet.json does not name it yet. */
  async function movedUnnamed(service: 'registry' | 'repository', to: string): Promise<void> {
    const { rename } = systemPorts.files
    const files = {
      ...systemPorts.files,
      rename: (from: string, into: string) =>
        into.endsWith('carnet.json') ? Promise.reject(new Error('ended here')) : rename(from, into),
    }
    const { terminal, ports } = aContext()
    const move = moveDatabase(service, { to, data }, { terminal, ports: { ...ports, files } })
    expect((await failureOf(move)).message).to.contain('ended here')
  }

  const failureOf = (work: Promise<unknown>): Promise<Failure> =>
    work.then(
      () => expect.fail('it did not fail'),
      problem => problem,
    )

  async function send(submission: Submission, bytes?: Buffer): Promise<void> {
    const content = (entry: Submission['documentEntries'][number]) => {
      if (bytes === undefined) throw new Error('no bytes for an entry')
      return contentToSend({ contentType: entry.mimeType, sizeBytes: bytes.length, open: () => [bytes] })
    }
    const { response } = await source.caller.call(
      provideAndRegisterDocumentSet,
      {
        submission,
        documents: submission.documentEntries.map(entry => ({ id: entry.entryUUID, content: content(entry) })),
      },
      { url: running.urls.repository },
    )
    expect(response.status, JSON.stringify(response.errors)).to.equal('Success')
  }

  async function sendDocument(bytes: Buffer, changes: Parameters<typeof anEntry>[0] = {}, replaces?: string) {
    const entry = anEntry(changes)
    const submission = aSubmission({ documentEntries: [entry] })
    if (replaces !== undefined)
      submission.associations.push(
        anAssociation({ associationType: 'RPLC', sourceObject: entry.entryUUID, targetObject: replaces }),
      )
    await send(submission, bytes)
    documents.push({ submission, bytes })
    return entry
  }

  /** Small documents and large ones, versions, a Folder, what is held and what is gone. */
  async function livedIn(): Promise<void> {
    ids.reference = 'R-1^^^^urn:ihe:iti:xds:2013:order'
    for (let count = 0; count < 12; count += 1) {
      const entry = await sendDocument(randomBytes(count % 4 === 3 ? 300_000 : 2_000 + count), {
        title: [{ value: `Befund ${count} "Ö" <&>\t\\` }],
        eventCodeList: [aCode(`T-${count % 3}`, 'an event'), aCode('T-9', 'another')],
        referenceIdList: [ids.reference],
      })
      ids.entries.push(entry.entryUUID)
      ids.uniqueIds.push(entry.uniqueId ?? '')
    }
    ids.sets.push(...documents.map(({ submission }) => submission.submissionSets[0]?.entryUUID ?? ''))
    const shelf = aFolder({ codeList: [aCode('F-1', 'a shelf')] })
    ids.folder = shelf.entryUUID
    const holding = anAssociation({ sourceObject: shelf.entryUUID, targetObject: ids.entries[0] ?? '' })
    await send(aFolderHolding(shelf, holding))
    await sendDocument(randomBytes(5_000), { title: [{ value: 'in its place' }] }, ids.entries[1])
    const removed = await sendDocument(randomBytes(4_000))
    await remove([removed.uniqueId ?? ''], { data, yes: true }, aContext())
    await putHold('case-1', { data, document: [ids.uniqueIds[2] ?? ''], reason: 'a court' }, aContext())
    was = await seen()
    for (const answer of Object.values(was.answers))
      expect(answer).to.contain('status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"')
    expect(Object.keys(was.answers)).to.have.length(storedQueries.size)
  }

  /** What a consumer gets: the answers to all stored queries, without what is of the exchange, and the bytes of all documents. */
  async function seen(): Promise<typeof was> {
    const answers: Record<string, string> = {}
    for (const { id, name } of storedQueries.values()) answers[name] = await answerTo(id, parametersOf[name]?.() ?? {})
    const retrieved: (string | undefined)[] = []
    for (const { submission } of documents)
      retrieved.push((await source.retrieve(submission.documentEntries[0]?.uniqueId ?? ''))?.toString('base64'))
    return { answers, documents: retrieved }
  }

  const quoted = (values: readonly string[]) => `(${values.map(value => `'${value}'`).join(',')})`
  const anyStatus = quoted(
    ['Approved', 'Deprecated'].map(status => `urn:oasis:names:tc:ebxml-regrep:StatusType:${status}`),
  )
  const patient = `'${samplePatientId}'`
  const parametersOf: Readonly<Record<string, () => Record<string, string>>> = {
    FindDocuments: () => ({
      $XDSDocumentEntryPatientId: patient,
      $XDSDocumentEntryStatus: anyStatus,
      $XDSDocumentEntryEventCodeList: "('T-9^^2.16.840.1.113883.6.96')",
    }),
    FindDocumentsExclude: () => ({ $XDSDocumentEntryPatientId: patient, $XDSDocumentEntryStatus: anyStatus }),
    FindDocumentsByReferenceId: () => ({
      $XDSDocumentEntryPatientId: patient,
      $XDSDocumentEntryStatus: anyStatus,
      $XDSDocumentEntryReferenceIdList: quoted([ids.reference]),
    }),
    FindSubmissionSets: () => ({ $XDSSubmissionSetPatientId: patient, $XDSSubmissionSetStatus: anyStatus }),
    FindFolders: () => ({
      $XDSFolderPatientId: patient,
      $XDSFolderStatus: anyStatus,
      $XDSFolderCodeList: "('F-1^^2.16.840.1.113883.6.96')",
    }),
    GetAll: () => ({
      $patientId: patient,
      $XDSDocumentEntryStatus: anyStatus,
      $XDSSubmissionSetStatus: anyStatus,
      $XDSFolderStatus: anyStatus,
    }),
    GetDocuments: () => ({ $XDSDocumentEntryUniqueId: quoted(ids.uniqueIds) }),
    GetFolders: () => ({ $XDSFolderEntryUUID: quoted([ids.folder]) }),
    GetAssociations: () => ({ $uuid: quoted(ids.entries) }),
    GetDocumentsAndAssociations: () => ({ $XDSDocumentEntryEntryUUID: quoted(ids.entries) }),
    GetSubmissionSets: () => ({ $uuid: quoted(ids.entries) }),
    GetSubmissionSetAndContents: () => ({ $XDSSubmissionSetEntryUUID: `'${ids.sets[0]}'` }),
    GetFolderAndContents: () => ({ $XDSFolderEntryUUID: `'${ids.folder}'` }),
    GetFoldersForDocument: () => ({ $XDSDocumentEntryEntryUUID: `'${ids.entries[0]}'` }),
    GetRelatedDocuments: () => ({
      $XDSDocumentEntryEntryUUID: `'${ids.entries[1]}'`,
      $AssociationTypes: "('urn:ihe:iti:2007:AssociationType:RPLC')",
    }),
  }

  async function answerTo(id: string, parameters: Record<string, string>): Promise<string> {
    const slots = Object.entries(parameters).map(
      ([name, value]) =>
        `<rim:Slot name="${name}"><rim:ValueList><rim:Value>${value.replaceAll('&', '&amp;')}</rim:Value></rim:ValueList></rim:Slot>`,
    )
    const body = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>
      <a:Action s:mustUnderstand="true">urn:ihe:iti:2007:RegistryStoredQuery</a:Action><a:MessageID>urn:uuid:0b8a2d7e-6f3a-4a9b-9c55-2f6f0d1c7a02</a:MessageID></s:Header>
      <s:Body><q:AdhocQueryRequest xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">
      <q:ResponseOption returnType="LeafClass" returnComposedObjects="true"/><rim:AdhocQuery id="${id}">${slots.join('')}</rim:AdhocQuery></q:AdhocQueryRequest></s:Body></s:Envelope>`
    const answer = await new Promise<string>((resolve, reject) => {
      const { key, cert, ca } = running.partner
      const options = {
        ...{ method: 'POST', key, cert, ca, agent: false as const },
        headers: { 'content-type': 'application/soap+xml' },
      }
      const asked = request(running.urls.registry, options, response => {
        const pieces: Buffer[] = []
        response.on('data', piece => pieces.push(piece)).on('end', () => resolve(Buffer.concat(pieces).toString()))
      })
      asked.on('error', reject).end(body)
    })
    return answer.slice(answer.search(/<(?:\w+:)?Body/))
  }

  async function examined(): Promise<Report['found']> {
    const { terminal, ports } = aContext()
    await fsck({ data, rate: '1000', bytes: true, json: true }, { ports, terminal })
    return (JSON.parse(terminal.printed.join('\n')) as Report).found
  }

  /** On either engine: as before for whoever looks, and open for whoever comes. */
  async function servesAsBefore(): Promise<void> {
    expect(await seen()).to.deep.equal(was)
    const [again] = documents
    if (again === undefined) throw new Error('there is a document')
    await send(again.submission, again.bytes)
    expect(await answerTo(queryId('GetAll'), parametersOf.GetAll?.() ?? {})).to.equal(was.answers.GetAll)
    const problem = await failureOf(remove([ids.uniqueIds[2] ?? ''], { data, yes: true }, aContext()))
    expect(problem.message).to.contain('case-1')
    const entry = await sendDocument(randomBytes(3_000), {}, ids.entries[4])
    const shelf = anAssociation({ sourceObject: ids.folder, targetObject: entry.entryUUID })
    const more = aSubmission({ documentEntries: [], associations: [shelf] })
    more.associations.push(
      anAssociation({ sourceObject: more.submissionSets[0]?.entryUUID ?? '', targetObject: shelf.entryUUID }),
    )
    await send(more)
    ids.entries[4] = entry.entryUUID
    const gone = await sendDocument(randomBytes(1_500))
    await remove([gone.uniqueId ?? ''], { data, yes: true }, aContext())
    expect(await examined()).to.deep.equal([])
    was = await seen()
  }

  /** A column that a later step adds needs a way too. */
  async function hasAllColumns(crossings: readonly Crossing[], url: string): Promise<void> {
    for (const { table, columns } of crossings) {
      const sql = `SELECT attname::text AS name FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0 AND NOT attisdropped`
      const there = (await cluster.run(sql, new URL(url).pathname.slice(1))).map(({ name }) => name)
      // Of one row by its own constraint.
      expect(
        there.filter(name => name !== 'one'),
        table,
      ).to.have.members(Object.keys(columns))
    }
  }

  const queryId = (name: string) => [...storedQueries.values()].find(query => query.name === name)?.id ?? ''

  it('moves nothing while the service runs, to where something is, or with settings that do not fit', async () => {
    targets.registry = urlOf(await cluster.create())
    targets.repository = urlOf(await cluster.create())
    expect((await failureOf(moved('registry', targets.registry))).message).to.contain('end it first')
    await stop()
    const full = await cluster.create()
    await cluster.run('CREATE TABLE of_somebody (id integer)', full)
    expect((await failureOf(moved('registry', urlOf(full)))).message).to.contain('not empty')
    expect((await failureOf(moved('registry', 'other.sqlite'))).message).to.contain('is a file already')
    expect((await failureOf(moved('registry', 'postgres://carnet@db.example.org/registry'))).message).to.contain(
      'ca is missing',
    )
    expect((await failureOf(moved('registry', urlOf('not_there')))).message).to.contain('not_there')
    expect(databaseOf('registry')).to.equal('registry.sqlite')
    expect(existsSync(join(data, 'carnet.json.moved'))).to.equal(false)
  })

  it('keeps nothing at the other place when something goes wrong on the way', async () => {
    const halfway = await cluster.create()
    await cluster.run(
      `CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
         IF EXISTS (SELECT 1 FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.read_only') THEN
           RAISE EXCEPTION 'the disk is full'; END IF; END $$;
       CREATE EVENT TRIGGER refusing ON ddl_command_end EXECUTE FUNCTION refuse()`,
      halfway,
    )
    const { message } = await failureOf(moved('registry', urlOf(halfway)))
    expect(message).to.contain('is where it was: the disk is full')
    const tables = await cluster.run(`SELECT relname FROM pg_class WHERE relname = 'patients'`, halfway)
    expect(tables).to.deep.equal([])
    expect(databaseOf('registry')).to.equal('registry.sqlite')
  })

  it('goes on with the whole copy of an attempt that was ended before it was named, and with no other', async () => {
    const before = readFileSync(join(data, 'carnet.json'))
    for (const service of ['registry', 'repository'] as const) {
      const to = urlOf(await cluster.create())
      await movedUnnamed(service, to)
      const database = new URL(to).pathname.slice(1)
      await cluster.run(`INSERT INTO hold VALUES ('document', 'somebody', 'case', 'why', 'who', 1)`, database)
      expect((await failureOf(moved(service, to))).message, 'it has something more').to.contain('not empty')
      await cluster.run(`DELETE FROM hold WHERE value = 'somebody'`, database)
      expect(await moved(service, to)).to.contain('the whole copy of an earlier attempt')
      expect(databaseOf(service)).to.equal(to)
      const back = `${service}-back.sqlite`
      await movedUnnamed(service, back)
      expect(await moved(service, back)).to.contain('the whole copy of an earlier attempt')
      expect(databaseOf(service)).to.equal(back)
      expect(existsSync(join(data, `${service}.read-only`))).to.equal(false)
    }
    writeFileSync(join(data, 'carnet.json'), before)
  })

  it('goes from files to a server, and all is as before: answers byte for byte, documents, holds, what is sent again', async () => {
    const said = await moved('registry', targets.registry)
    expect(said).not.to.contain('earlier attempt')
    expect(said)
      .to.match(/document_entries +13 rows/)
      .and.to.contain('verified: ')
    expect(await moved('repository', targets.repository)).to.match(/documents +10 out of segments/)
    expect(databaseOf('registry')).to.equal(targets.registry)
    await hasAllColumns(registryCrossings, targets.registry)
    await hasAllColumns(repositoryCrossings('2.999.1'), targets.repository)
    await start()
    await servesAsBefore()
    await stop()
  })

  it('goes back to files, and all is as before', async () => {
    expect((await failureOf(moved('registry', 'registry.sqlite'))).message).to.contain('is there already')
    const config = JSON.parse(readFileSync(join(data, 'carnet.json'), 'utf8'))
    writeFileSync(
      join(data, 'carnet.json'),
      JSON.stringify({ ...config, registry: { ...config.registry, workers: 2 } }),
    )
    expect((await failureOf(moved('registry', 'back.sqlite'))).message).to.contain('workers')
    writeFileSync(join(data, 'carnet.json'), JSON.stringify(config))
    await moved('registry', 'back.sqlite')
    await moved('repository', 'back-too.sqlite')
    const name = new URL(targets.registry).pathname.slice(1)
    expect((await cluster.run('SELECT why FROM read_only', name))[0]?.why).to.contain('back.sqlite')
    await start()
    await servesAsBefore()
  })
})
