// Which folder the documents are in: what is mounted there, or not, may be another one.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { repositoryConfig } from '../../config/repository-config.js'
import { systemPorts } from '../../ports/ports.js'
import { openDatabase } from '../../repository/open-database.js'
import { CannotStart } from '../../server/service.js'
import { aSection } from '../samples/section.js'

describe('the database of a repository and the folder of its documents', () => {
  let folder: string
  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-open-database-')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const place = () => join(folder, 'documents')
  const mark = () => join(place(), 'carnet-repository.json')
  const configOf = (documents: string) =>
    repositoryConfig.parse({
      ...aSection,
      database: join(folder, 'repository.db'),
      repositoryUniqueId: '2.999.1.1',
      documents,
      registry: { url: 'https://localhost:1/registry' },
    })

  async function opened(documents = place()): Promise<Error | undefined> {
    try {
      await (await openDatabase(configOf(documents), systemPorts)).close()
      return undefined
    } catch (problem) {
      return problem as Error
    }
  }

  it('know one another at each start', async () => {
    for (let start = 0; start < 3; start += 1) expect(await opened()).to.equal(undefined)
  })

  it('are not put together where the disk of the documents is not mounted, and are once it is', async () => {
    await opened()
    renameSync(place(), join(folder, 'elsewhere'))
    mkdirSync(place())
    const problem = await opened()
    expect(problem).to.be.instanceOf(CannotStart)
    expect(problem?.message).to.contain('is its disk mounted?')
    expect(readdirSync(place()).filter(name => !name.startsWith('documents.lock'))).to.deep.equal([])
    rmSync(place(), { recursive: true })
    renameSync(join(folder, 'elsewhere'), place())
    expect(await opened()).to.equal(undefined)
  })

  it('are not put together where another disk is mounted', async () => {
    await opened()
    writeFileSync(mark(), JSON.stringify({ repositoryUniqueId: '2.999.1.1', folder: 'another' }))
    expect(await opened()).to.be.instanceOf(CannotStart)
  })

  it('find each other again by the words of the refusal', async () => {
    await opened()
    rmSync(mark())
    const [, said] = /put (\{.+\}) into that file/.exec((await opened())?.message ?? '') ?? []
    writeFileSync(mark(), said ?? '')
    expect(await opened()).to.equal(undefined)
  })

  it('of a former version, or of an end between the two writes, become acquainted', async () => {
    mkdirSync(place())
    writeFileSync(mark(), JSON.stringify({ folder: 'known already' }))
    expect(await opened()).to.equal(undefined)
    expect(JSON.parse(readFileSync(mark(), 'utf8'))).to.deep.equal({
      repositoryUniqueId: '2.999.1.1',
      folder: 'known already',
    })
  })

  it('are not put together where the database is a new one and the documents are not, however these are kept', async () => {
    await opened()
    const id = '01a218ed-d83b-7706-b985-2afd1ba43bf9'
    for (const document of [join('segments', '1.open'), join('01', 'a2', id)]) {
      mkdirSync(join(place(), dirname(document)), { recursive: true })
      writeFileSync(join(place(), document), 'a document')
      for (const name of readdirSync(folder).filter(name => name.startsWith('repository.db')))
        rmSync(join(folder, name))
      const problem = await opened()
      expect(problem).to.be.instanceOf(CannotStart)
      expect(problem?.message).to.contain('knows no document, and').and.to.contain('move')
      expect(readFileSync(join(place(), document), 'utf8')).to.equal('a document')
      rmSync(join(place(), document))
      expect(await opened()).to.equal(undefined)
    }
  })

  it('have nothing to do with one another where documents are in a bucket', async () => {
    await opened()
    rmSync(place(), { recursive: true })
    expect(await opened('s3://bucket/documents')).to.equal(undefined)
    expect(existsSync(mark())).to.equal(false)
  })
})
