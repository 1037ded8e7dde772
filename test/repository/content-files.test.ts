import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { systemPorts } from '../../ports/ports.js'
import { incomingFolder, inFile, openContentFiles } from '../../repository/content-files.js'
import { ContentUnreachable } from '../../repository/content-store.js'
import { openSpool } from '../../soap/spool.js'
import { keepsContents, theRows } from './a-content-store.js'

const { files, randomness } = systemPorts
const folders: string[] = []

describe('documents in files', () => {
  keepsContents(
    async () => {
      const folder = await files.temporaryFolder('carnet-content-files-')
      folders.push(folder)
      const restart = () => openContentFiles(files, folder)
      const contents = await restart()
      return { contents, restart, spool: openSpool({ files, randomness, folder: incomingFolder(folder) }) }
    },
    () => randomBytes(100_000),
  )

  it('are neither damaged nor removed while their folder is not there', async () => {
    const place = await files.temporaryFolder('carnet-content-files-')
    folders.push(place)
    const folder = join(place, 'documents')
    const contents = await openContentFiles(files, folder)
    const document = { id: '00000000-0000-4000-8000-000000000000', place: inFile }
    expect(await contents.open(document)).to.equal(undefined)
    await contents.erase(document)
    await files.rename(folder, `${folder}.away`)
    for (const asked of [contents.open, contents.sizeBytes, contents.erase]) {
      const problem = await asked(document).catch((failure: unknown) => failure)
      expect(problem).to.be.instanceOf(ContentUnreachable)
      expect((problem as Error).message).to.contain('is not there')
    }
  })

  it('are not swept where a database knows fewer than a crash can explain', async () => {
    const folder = await files.temporaryFolder('carnet-content-files-')
    folders.push(folder)
    const inner = join(folder, '00', '00')
    await files.makeFolder(inner)
    const name = (count: number) => `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`
    for (let count = 0; count <= 1_000; count++) writeFileSync(join(inner, name(count)), '')
    const contents = await openContentFiles(files, folder)
    const refused = (await contents.sweep(theRows()).catch((failure: unknown) => failure)) as Error
    expect(refused.message).to.match(/^more than 1000 files in .* belong to no document, and none of them was/)
    expect(await files.list(inner)).to.have.length(1_001)
    await files.remove(join(inner, name(0)))
    expect(await contents.sweep(theRows())).to.equal(1_000)
    expect(await files.list(inner)).to.deep.equal([])
  })

  it('lie in a folder whose name is durable before anything is in it, whoever made it', async () => {
    const place = await files.temporaryFolder('carnet-content-files-')
    folders.push(place)
    const folder = join(place, 'documents')
    // A process before this one ended between making it and syncing its name.
    await files.makeFolder(folder)
    const synced: string[] = []
    const watched = {
      ...files,
      syncFolder(path: string) {
        synced.push(path)
        return files.syncFolder(path)
      },
    }
    await openContentFiles(watched, folder)
    expect(synced).to.include.members([folder, dirname(folder)])
  })

  after(async () => {
    for (const folder of folders.splice(0)) await files.removeFolder(folder)
  })
})
