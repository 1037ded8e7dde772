// What the repository remembers leaves an embedded database and comes into a new one, as it would by way of PostgreSQL; small documents
// become files on it.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { outboxMigrations } from '../../../atna-audit/outbox.js'
import { postgresOutboxMigrations } from '../../../atna-audit/postgres-outbox.js'
import { systemPorts } from '../../../ports/ports.js'
import { documentPath } from '../../../repository/content-files.js'
import { copyOutOfSegments, countInSegments, outOfSegment } from '../../../repository/crossing/contents.js'
import { repositoryCrossings, repositoryStays } from '../../../repository/crossing/crossing.js'
import { repositoryMigrations } from '../../../repository/migrations.js'
import { repositoryMigrations as postgresMigrations } from '../../../repository/postgres/migrations.js'
import { openContentSegments } from '../../../repository/segments/content-segments.js'
import { openStore } from '../../../store/open-store.js'
import { tablesMadeBy } from '../../../store/postgres/tables-out.js'
import { arriving, tablesIn, tablesOf, travelling } from '../../store/crossing/played-server.js'

describe('The repository between two engines', () => {
  const crossings = repositoryCrossings('2.999.1')
  const database = () =>
    openStore(
      { path: ':memory:', migrations: [...outboxMigrations, ...repositoryMigrations] },
      systemPorts.clock,
      systemPorts.files,
    )

  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'carnet-crossing-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const facts = `'urn:uuid:1', 'P', 'text/plain', 5, 'a', 'b', x'0102'`

  /** One under way, one with two documents of which one is half removed, one that is encrypted. */
  async function aDatabase(place = 'file') {
    const store = await database()
    await store.write(() => {
      for (const sql of [
        `INSERT INTO submission VALUES ('s2', '1.2', 'hospital', NULL, 'd2', 't', 'registered', 1, 2, '{}', 'm', NULL, NULL)`,
        `INSERT INTO submission VALUES ('s1', '1.1', 'hospital', 'mid', 'd1', 't', 'registering', 3, NULL, NULL, 'm', x'00ff', '<wsse:Security/>')`,
        `INSERT INTO document SELECT 'ab010000-0000-4000-8000-000000000001', 's2', 'u1', ${facts}, NULL, '${place}', NULL`,
        `INSERT INTO document SELECT 'ab020000-0000-4000-8000-000000000002', 's2', 'u2', ${facts}, NULL, 's3://bucket/x', '{}'`,
        `INSERT INTO document SELECT 'ab030000-0000-4000-8000-000000000003', 's1', 'u3', ${facts}, x'68616c6c6f', NULL, NULL`,
        `INSERT INTO removal VALUES ('ab020000-0000-4000-8000-000000000002', '[]')`,
        `INSERT INTO removed_submission VALUES ('d', 'hospital', 9)`,
        `INSERT INTO hold VALUES ('document', 'u1', 'case', 'court', 'admin', 7)`,
        `INSERT INTO document_key VALUES ('2026', x'aa')`,
        `INSERT INTO documents_folder VALUES ('f1')`,
        `INSERT INTO audit_outbox VALUES (41, 5, x'3c'), (42, 6, x'3e')`,
      ])
        store.prepare(sql).run()
    })
    return store
  }

  it('comes back as it was, and nothing of it is in the hands of a process', async () => {
    const store = await aDatabase()
    const sent = travelling(crossings, store)
    expect(sent.document?.map(({ id, number, place }) => [id, number, place])).to.deep.equal([
      ['ab010000-0000-4000-8000-000000000001', 0, 'file'],
      ['ab020000-0000-4000-8000-000000000002', 1, 's3://bucket/x'],
      ['ab030000-0000-4000-8000-000000000003', 0, 'file'],
    ])
    const owned = [...(sent.submission ?? []), ...(sent.removal ?? [])]
    expect(new Set(owned.map(({ owner }) => owner))).to.deep.equal(new Set([0]))
    expect(Object.entries(sent).filter(([, rows]) => rows.length === 0)).to.deep.equal([])
    const target = await database()
    await target.write(() => arriving(crossings, sent, target))
    const { audit_outbox, ...again } = travelling(crossings, target)
    const { audit_outbox: queued, ...others } = sent
    expect(again).to.deep.equal(others)
    expect(audit_outbox?.map(({ id, frame }) => [id, frame])).to.deep.equal(
      queued?.map(({ frame }, index) => [index + 1, frame]),
    )
    await target.close()
    await store.close()
  })

  it('has files in the place of segments and rows, as they lie there', async () => {
    const { files, clock } = systemPorts
    const bytes = randomBytes(5)
    const segments = await openContentSegments({ files, clock, folder: join(folder, 'segments'), onProblem: () => {} })
    const content = { sizeBytes: 5, sha1: '', sha256: '', chunkDigests: Buffer.alloc(0), bytes, path: undefined }
    const nothing = { keepAs: async () => {}, discard: async () => {} }
    const place =
      (await segments.put([{ id: 'ab010000-0000-4000-8000-000000000001', content: { ...content, ...nothing } }])).get(
        'ab010000-0000-4000-8000-000000000001',
      ) ?? ''
    await segments.close()
    const store = await aDatabase(`sealed:2026:d3JhcA:${place}`)
    expect(countInSegments(store)).to.equal(2)
    const seen: number[] = []
    const copied = await copyOutOfSegments({
      ...{ database: store, folder, ports: systemPorts },
      seen: documents => seen.push(documents),
    })
    expect(copied).to.deep.equal({ documents: 2, missing: [] })
    expect(seen).to.deep.equal([2])
    expect(readFileSync(documentPath(folder, 'ab010000-0000-4000-8000-000000000001')).equals(bytes)).to.equal(true)
    expect(String(readFileSync(documentPath(folder, 'ab030000-0000-4000-8000-000000000003')))).to.equal('hallo')
    expect(travelling(crossings, store).document?.[0]?.place).to.equal('sealed:2026:d3JhcA:file')
    expect(outOfSegment('s3://bucket/segment:1')).to.equal('s3://bucket/segment:1')
    await store.close()
  })

  it('has a way for every table and column of the embedded schema, and for every table on PostgreSQL', async () => {
    const store = await database()
    const { carnet_migrations, carnet_migrations_lock, ...tables } = tablesIn(store)
    expect(carnet_migrations).to.be.an('array')
    expect(tables).to.deep.equal(tablesOf(crossings))
    await store.close()
    const onServer = tablesMadeBy([...postgresOutboxMigrations, ...postgresMigrations])
    const known = [...crossings.map(({ table }) => table), ...Object.keys(repositoryStays)]
    expect(onServer.sort()).to.deep.equal(known.filter(name => name !== 'carnet_migrations').sort())
  })
})
