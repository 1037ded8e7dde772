// Tables as a service hands them out, played, so that what a folder of backups makes of them is seen without a database server.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { nextFile } from '../../../cli/admin-parcels.js'
import { generationsIn, type Manifest, type Place, writeManifest, writeWhole } from '../../../cli/backup/folder.js'
import { prune } from '../../../cli/backup/pruning.js'
import { restore } from '../../../cli/backup/restore.js'
import { tablesLines } from '../../../cli/backup/table-pieces.js'
import { copyTables } from '../../../cli/backup/tables.js'
import { openVault } from '../../../cli/backup/vault.js'
import type { Failure } from '../../../cli/failure.js'
import { systemPorts } from '../../../ports/ports.js'
import { readParcels } from '../../../server/administration/parcels.js'
import { tableParcelNames, tableParcels } from '../../../server/administration/table-parcels.js'
import type { TablesPart } from '../../../store/postgres/tables-out.js'
import { playedTerminal } from '../played-terminal.js'

for (const form of ['in clear', 'encrypted'] as const) {
  describe(`tables in a folder of backups, ${form}`, () => {
    let place: Place
    let keys: string | undefined

    beforeEach(async () => {
      const folder = await systemPorts.files.temporaryFolder('carnet-tables-')
      keys = form === 'encrypted' ? join(folder, '..', `${folder.split('/').at(-1)}.json`) : undefined
      if (keys !== undefined)
        writeFileSync(keys, JSON.stringify({ current: '1', keys: { 1: randomBytes(32).toString('base64') } }))
      const context = { ports: systemPorts, terminal: playedTerminal(folder) }
      place = { folder, vault: await openVault(folder, keys, context), context }
    })
    afterEach(() => {
      rmSync(place.folder, { recursive: true, force: true })
      if (keys !== undefined) rmSync(keys)
    })

    let made = 0
    const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

    async function* parts(pieces: readonly string[]): AsyncGenerator<TablesPart> {
      yield { kind: 'schema', schema: { steps: ['0001'], sequences: [] } }
      yield { kind: 'table', table: { name: 'thing', into: 'thing', columns: ['id'] } }
      for (const piece of pieces) yield { kind: 'piece', bytes: Buffer.from(`${piece}\n`), rows: 1 }
      const all = Buffer.from(pieces.map(piece => `${piece}\n`).join(''))
      yield { kind: 'end', end: { rows: pieces.length, sizeBytes: all.length, sha256: sha256(all) } }
    }

    /** One more backup, of tables of these pieces. */
    async function backedUp(tables: AsyncGenerator<TablesPart>): Promise<Manifest> {
      const former = (await generationsIn(place)).at(-1)
      const name = `20261125T1300${String(made++).padStart(2, '0')}Z`
      const generation = join(place.folder, name)
      await systemPorts.files.makeFolder(generation)
      const empty = { file: 'documents.txt', sizeBytes: 0, sha256: sha256(Buffer.alloc(0)) }
      await writeWhole(place, join(generation, empty.file), Buffer.alloc(0))
      const manifest = aManifest(empty)
      const parcels = readParcels(tableParcels(tables))
      expect(await nextFile(parcels)).to.equal(tableParcelNames.schema)
      await copyTables('registry', parcels, { ...place, generation, former, manifest, isBucket: false })
      await writeManifest(place, name, manifest)
      return manifest
    }

    const piecesThere = () =>
      existsSync(join(place.folder, 'pieces'))
        ? readdirSync(join(place.folder, 'pieces'), { recursive: true, withFileTypes: true })
            .filter(each => each.isFile())
            .map(each => join(each.parentPath, each.name))
        : []

    const verify = (at?: string) =>
      restore(place.folder, { verify: true, at, ...(keys && { encryptionKeys: keys }) }, place.context)

    const failureOf = (work: Promise<unknown>): Promise<Failure> =>
      work.then(
        () => expect.fail('it did not fail'),
        problem => problem,
      )

    it('are kept piece by piece, each once, and what a backup before has is not written again', async () => {
      const first = await backedUp(parts(['a', 'b', 'c', 'a']))
      expect(first.tables).to.have.length(1)
      expect(first.tables?.[0]).to.deep.include({ service: 'registry', rows: 4, bytes: 8, newBytes: 6 })
      const before = new Map(piecesThere().map(path => [path, statSync(path)]))
      expect(before.size).to.equal(3)
      const second = await backedUp(parts(['a', 'x', 'c', 'a']))
      expect(second.tables?.[0]?.newBytes).to.equal(2)
      for (const [path, { ino, mtimeMs }] of before) expect(statSync(path)).to.include({ ino, mtimeMs })
      expect(piecesThere()).to.have.length(4)
      for (const generation of await generationsIn(place)) await verify(generation)
      for (const path of piecesThere()) expect(statSync(path).mode & 0o077).to.equal(0)
    })

    it('tell nobody who sees their names what they are', async () => {
      const { tables } = await backedUp(parts(['a']))
      const lines = []
      for await (const line of tablesLines(place, (await generationsIn(place))[0]!, tables![0]!)) lines.push(line)
      expect(lines).to.deep.include({
        piece: { ...pieceIn(lines), sizeBytes: 2, sha256: sha256(Buffer.from('a\n')), rows: 1 },
      })
      expect(piecesThere()[0]).to.not.contain(sha256(Buffer.from('a\n')))
    })

    it('are found out where one is damaged or missing, and kept anew by the next backup', async () => {
      await backedUp(parts(['one', 'two']))
      const [path = ''] = piecesThere()
      spoil(path)
      expect((await failureOf(verify())).message).to.match(/^1 things are not as they were backed up/)
      expect(place.context.terminal).to.have.property('complained').that.is.not.empty
      const { tables } = await backedUp(parts(['one', 'two']))
      expect(tables?.[0]?.newBytes).to.equal(4)
      for (const generation of await generationsIn(place)) await verify(generation)
      rmSync(path)
      expect((await failureOf(verify())).reason).to.equal('refused')
      expect((place.context.terminal as ReturnType<typeof playedTerminal>).complained.at(-1)).to.contain('is missing')
    })

    it('go with the last backup that names them, and not before', async () => {
      await backedUp(parts(['a', 'b']))
      await backedUp(parts(['b', 'c']))
      await backedUp(parts(['c', 'd']))
      await prune(place, 2)
      expect(piecesThere()).to.have.length(3)
      for (const generation of await generationsIn(place)) await verify(generation)
      const newest = (await generationsIn(place)).at(-1) ?? ''
      spoil(join(place.folder, newest, 'registry.tables'))
      const failure = await failureOf(prune(place, 1))
      expect(failure.message).to.contain('nothing is removed')
      expect(piecesThere()).to.have.length(3)
    })

    it('are no backup where the service breaks off; what came of it the next one has', async () => {
      async function* broken(): AsyncGenerator<TablesPart> {
        for await (const part of parts(Array.from({ length: 140 }, (_, number) => `row ${number}`))) {
          if (part.kind === 'end') throw new Error('Connection terminated unexpectedly')
          yield part
        }
      }
      const failure = await failureOf(backedUp(broken()))
      expect(failure.reason).to.equal('unreachable')
      expect(failure.message).to.contain('Connection terminated unexpectedly')
      expect(piecesThere().filter(path => !path.endsWith('.partial'))).to.have.length(128)
    })

    it('need an empty database that is named, before anything is restored', async () => {
      await backedUp(parts(['a']))
      const options = { data: join(place.folder, 'new'), ...(keys && { encryptionKeys: keys }) }
      const failure = await failureOf(restore(place.folder, options, place.context))
      expect(failure.reason).to.equal('usage')
      expect(failure.message).to.contain('name it with --registry-database postgres://')
      const other = await failureOf(
        restore(
          place.folder,
          { ...options, registryDatabase: 'postgres://a@b/c', repositoryDatabase: 'postgres://a@b/d' },
          place.context,
        ),
      )
      expect(other.message).to.contain('leave --repository-database out')
      expect(existsSync(options.data)).to.equal(false)
    })
  })
}

/** One bit of it. */
function spoil(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(path, bytes)
}

function pieceIn(lines: object[]): object {
  const found = lines.find(line => 'piece' in line) as { piece: object } | undefined
  return found?.piece ?? expect.fail('there is no piece')
}

function aManifest(list: Manifest['documents']['list']): Manifest {
  return {
    format: 1,
    began: '2026-11-25T12:00:00Z',
    ended: '2026-11-25T12:00:01Z',
    databases: [],
    tables: [],
    elsewhere: [],
    documents: { count: 0, bytes: 0, list },
    config: [],
    left: [],
    removedMeanwhile: [],
    damaged: [],
  }
}
