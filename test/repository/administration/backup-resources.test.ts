import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { documentsIn, markRemoved, placeInFiles } from '../../../repository/administration/backed-up.js'
import { backupResources } from '../../../repository/administration/backup-resources.js'
import { type Parcel, readParcels } from '../../../server/administration/parcels.js'
import { AdminProblem, type Parcels } from '../../../server/administration/resources.js'
import { takeSnapshot } from '../../../store/snapshot.js'
import { connect } from '../../../store/sqlite-driver.js'
import {
  aRepository,
  aRequest,
  closeRepositories,
  keepInRow,
  large,
  small,
  type TestRepository,
  uniqueIdOf,
} from '../a-repository.js'
import { aKey, aKeyFile } from '../encryption/a-key-file.js'

afterEach(closeRepositories)

const partner = { name: 'administrator', roles: new Set(['admin'] as const), address: '127.0.0.1' }

async function handedOut(repository: TestRepository, body: unknown): Promise<Parcel[]> {
  const [resource] = backupResources(repository.context)
  const answer = await resource!.answer({ rest: '', query: new URLSearchParams(), body, partner })
  const parcels: Parcel[] = []
  for await (const parcel of readParcels((answer as Parcels).bytes)) parcels.push(parcel)
  return parcels
}

async function submitted(repository: TestRepository, bytes: Buffer): Promise<string> {
  const request = await aRequest(repository.spool, bytes)
  await repository.submit(request)
  return uniqueIdOf(request)
}

async function snapshotOf(repository: TestRepository): Promise<string> {
  const into = join(repository.folder, 'copy.sqlite')
  await takeSnapshot({ database: repository.context.config.database, into }, systemPorts.threads)
  return into
}

async function idsIn(database: string): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of documentsIn(database)) ids.push(id)
  return ids
}

describe('documents for a backup', () => {
  it('are those that are not in the database itself, each with its digest', async () => {
    const repository = await aRepository()
    const bytes = large()
    const inRow = small()
    keepInRow(repository, await submitted(repository, inRow), inRow)
    await submitted(repository, bytes)
    const ids = await idsIn(await snapshotOf(repository))
    expect(ids).to.have.length(1)
    const parcels = await handedOut(repository, { ids })
    expect(Buffer.concat(parcels.flatMap(each => (each.kind === 'piece' ? each.bytes : []))).equals(bytes)).to.equal(
      true,
    )
  })

  it('are told as gone where they were removed meanwhile, and damaged where they are; the others follow all the same', async () => {
    const repository = await aRepository()
    const uniqueIds = [
      await submitted(repository, large()),
      await submitted(repository, large()),
      await submitted(repository, large()),
    ]
    const ids = await idsIn(await snapshotOf(repository))
    await repository.remove(uniqueIds[0]!)
    const damaged = (await repository.files()).find(path => path.endsWith(ids[1]!))!
    const content = readFileSync(damaged)
    content[5]! ^= 1
    writeFileSync(damaged, content)
    const parcels = await handedOut(repository, { ids })
    const absent = parcels.flatMap(each => (each.kind === 'absent' ? [[each.name, each.gone]] : []))
    expect(absent).to.deep.equal([
      [ids[0], true],
      [ids[1], false],
    ])
    expect(parcels.filter(({ kind }) => kind === 'end')).to.have.length(1)
  })

  it('that were removed meanwhile are taken out for good where the copy is started', async () => {
    const repository = await aRepository()
    const uniqueId = await submitted(repository, large())
    await submitted(repository, large())
    await repository.close()
    const ids = await idsIn(repository.context.config.database)
    await markRemoved(repository.context.config.database, ids.slice(0, 1))
    await placeInFiles(repository.context.config.database)
    const again = await aRepository({ folder: repository.folder })
    await again.swept
    expect(await again.content(uniqueId)).to.equal(undefined)
    expect([await again.rows('document'), await again.rows('removal'), (await again.files()).length]).to.deep.equal([
      1, 0, 1,
    ])
  })

  it('need no key where they are restored: they are in the backup as they were received', async () => {
    const keys = await aKeyFile(await systemPorts.files.temporaryFolder('carnet-backup-keys-'), 'a', { a: aKey() })
    const repository = await aRepository({ config: { encryption: { keys, newDocuments: true } } })
    const bytes = large()
    const uniqueId = await submitted(repository, bytes)
    const [id] = await idsIn(await snapshotOf(repository))
    const parcels = await handedOut(repository, { ids: [id] })
    const received = Buffer.concat(parcels.flatMap(each => (each.kind === 'piece' ? each.bytes : [])))
    expect(received.equals(bytes)).to.equal(true)
    const [path] = await repository.files()
    await repository.close()
    await placeInFiles(repository.context.config.database)
    await systemPorts.files.replace(path!, received)
    const again = await aRepository({ folder: repository.folder })
    expect((await again.content(uniqueId))?.equals(bytes)).to.equal(true)
    await systemPorts.files.removeFolder(dirname(keys))
  })

  it('are all listed, however many there are', async () => {
    const repository = await aRepository()
    await submitted(repository, large())
    const { database } = repository.context.config
    await repository.close()
    const connection = await connect(database)
    const ids = Array.from({ length: 1_700 }, (_, number) => `x-${String(number).padStart(5, '0')}`)
    const insert = connection.prepare(
      `INSERT INTO document (id, submission_id, unique_id, entry_uuid, mime_type, size, sha1, sha256, chunk_digests)
       SELECT ?, submission_id, unique_id, entry_uuid, mime_type, size, sha1, sha256, chunk_digests FROM document LIMIT 1`,
    )
    connection.exec('BEGIN')
    for (const each of ids) insert.run(each)
    connection.exec('COMMIT')
    connection.close()
    expect((await idsIn(database)).slice(1)).to.deep.equal(ids)
  })

  it('are asked for in bounds', async () => {
    const repository = await aRepository()
    for (const body of [undefined, { ids: [1] }, { ids: Array.from({ length: 1_001 }, () => 'a') }]) {
      const problem = await handedOut(repository, body).catch(failure => failure)
      expect(problem).to.be.instanceOf(AdminProblem)
    }
  })
})
