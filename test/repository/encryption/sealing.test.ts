import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { systemFiles } from '../../../ports/files.js'
import { systemPorts } from '../../../ports/ports.js'
import { contentEngines } from '../../../repository/content-engines.js'
import { incomingFolder, openContentFiles } from '../../../repository/content-files.js'
import type { ContentStore } from '../../../repository/content-store.js'
import { keysInFile } from '../../../repository/encryption/key-ring.js'
import { sealing } from '../../../repository/encryption/sealing.js'
import { openContentSegments } from '../../../repository/segments/content-segments.js'
import { CannotStart } from '../../../server/service.js'
import { openSpool } from '../../../soap/spool.js'
import { keepsContents } from '../a-content-store.js'
import {
  aRepository,
  aRequest,
  closeRepositories,
  codesOf,
  keepInRow,
  large,
  small,
  type TestRepository,
  uniqueIdOf,
} from '../a-repository.js'
import { aKey, aKeyFile } from './a-key-file.js'

const { files, randomness, clock } = systemPorts
const folders: string[] = []
const opened: ContentStore[] = []

afterEach(async () => {
  await closeRepositories()
  for (const contents of opened.splice(0)) await contents.close()
  for (const folder of folders.splice(0)) await files.removeFolder(folder)
})

async function aFolder(): Promise<string> {
  const folder = await files.temporaryFolder('carnet-sealing-')
  folders.push(folder)
  return folder
}

for (const engine of ['file', 'segment'] as const) {
  describe(`encrypted documents, each in a ${engine}`, () => {
    keepsContents(
      async () => {
        const folder = await aFolder()
        const keys = await keysInFile(await aKeyFile(folder, 'a', { a: aKey() }), { files, randomness })
        const restart = async () => {
          const engines = {
            file: await openContentFiles(files, folder),
            segment: await openContentSegments({
              ...{ files, clock, folder: join(folder, 'segments'), onProblem: () => {} },
            }),
          }
          const inner = contentEngines({ engines, engineFor: () => engine })
          const contents = sealing({ keys, randomness, sealsNew: true })(inner)
          opened.push(contents)
          return contents
        }
        const contents = await restart()
        return { contents, restart, spool: openSpool({ files, randomness, folder: incomingFolder(folder) }) }
      },
      () => randomBytes(engine === 'file' ? 2_300_000 : 3_000),
    )
  })
}

async function submitted(repository: TestRepository, bytes: Buffer): Promise<string> {
  const request = await aRequest(repository.spool, bytes)
  expect((await repository.submit(request)).status).to.equal('Success')
  return uniqueIdOf(request)
}

async function isReadable({ folder }: TestRepository, bytes: Buffer): Promise<boolean> {
  const { readdir } = await import('node:fs/promises')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter(each => each.isFile())) {
    if ((await readFile(join(entry.parentPath, entry.name))).includes(bytes.subarray(100, 164))) return true
  }
  return false
}

describe('a repository that encrypts', () => {
  it('hands out what was sent, while no file holds any of it', async () => {
    const keys = await aKeyFile(await aFolder(), 'a', { a: aKey() })
    const repository = await aRepository({ config: { encryption: { keys, newDocuments: true } } })
    for (const bytes of [small(), large(), randomBytes(3_000_000), Buffer.alloc(0), randomBytes(1)]) {
      const uniqueId = await submitted(repository, bytes)
      expect((await repository.content(uniqueId))?.equals(bytes)).to.equal(true)
      if (bytes.length > 200) expect(await isReadable(repository, bytes)).to.equal(false)
    }
    expect(repository.alarms).to.deep.equal([])
  })

  it('removes them for good', async () => {
    const keys = await aKeyFile(await aFolder(), 'a', { a: aKey() })
    const repository = await aRepository({ config: { encryption: { keys, newDocuments: true } } })
    for (const bytes of [small(), large()]) {
      const uniqueId = await submitted(repository, bytes)
      expect((await repository.remove(uniqueId)).status).to.equal('Success')
      expect(await repository.content(uniqueId)).to.equal(undefined)
    }
    expect([await repository.rows('document'), await repository.files()]).to.deep.equal([0, []])
  })

  it('reads what was put before it was switched on, after it was switched off, and in rows of an earlier version', async () => {
    const folder = await aFolder()
    const keys = await aKeyFile(folder, 'a', { a: aKey() })
    const plain = await aRepository()
    const held: [string, Buffer][] = []
    for (const bytes of [small(), large(), small()]) held.push([await submitted(plain, bytes), bytes])
    keepInRow(plain, held[2]![0], held[2]![1])
    const next = { folder: plain.folder, registry: plain.registry }
    const sealing = await aRepository({ ...next, config: { encryption: { keys, newDocuments: true } } })
    await sealing.swept
    for (const bytes of [small(), large()]) held.push([await submitted(sealing, bytes), bytes])
    const off = await aRepository({ ...next, config: { encryption: { keys, newDocuments: false } } })
    await off.swept
    const bytes = large()
    held.push([await submitted(off, bytes), bytes])
    expect(await isReadable(off, bytes)).to.equal(true)
    for (const [uniqueId, content] of held) expect(await off.content(uniqueId)).to.deep.equal(content)
  })

  for (const [size, made] of Object.entries({ small, large })) {
    it(`finds a ${size} document damaged that somebody has changed, and says so`, async () => {
      const keys = await aKeyFile(await aFolder(), 'a', { a: aKey() })
      const repository = await aRepository({ config: { encryption: { keys, newDocuments: true } } })
      const uniqueId = await submitted(repository, made())
      const [path] = [...(await repository.files()), ...(await repository.segments())]
      const bytes = await readFile(path!)
      bytes[200]! ^= 1
      await systemFiles.replace(path!, bytes)
      const again = await aRepository({
        ...{ folder: repository.folder, registry: repository.registry },
        config: { encryption: { keys, newDocuments: true } },
      })
      expect(codesOf(await again.retrieve(uniqueId))).to.deep.equal(['XDSRepositoryError'])
      expect(again.alarms.map(({ kind }) => kind)).to.deep.equal(['document spoilt'])
      expect(again.alarms[0]?.detail).to.contain('part 1 is not what was encrypted')
    })
  }

  it('breaks off at the chunk that was changed, after right bytes only', async () => {
    const keys = await aKeyFile(await aFolder(), 'a', { a: aKey() })
    const repository = await aRepository({ config: { encryption: { keys, newDocuments: true } } })
    const content = randomBytes(2_500_000)
    const uniqueId = await submitted(repository, content)
    const [path] = await repository.files()
    const bytes = await readFile(path!)
    bytes[1_048_576 + 16 + 5]! ^= 1
    await systemFiles.replace(path!, bytes)
    const received: Uint8Array[] = []
    let problem: unknown
    try {
      for await (const piece of (await repository.retrieve(uniqueId)).documents[0]!.open()) received.push(piece)
    } catch (failure) {
      problem = failure
    }
    expect((problem as Error).name).to.equal('DocumentSpoilt')
    expect(Buffer.concat(received).equals(content.subarray(0, 1_048_576))).to.equal(true)
  })

  it('does not start without the key of its documents, or with another, and says which in one sentence', async () => {
    const folder = await aFolder()
    const keys = await aKeyFile(folder, '2026', { '2026': aKey() })
    const encryption = { keys, newDocuments: true }
    const first = await aRepository({ config: { encryption } })
    await submitted(first, small())
    const options = { folder: first.folder, registry: first.registry }
    const words = (problem: unknown) => {
      expect(problem).to.be.instanceOf(CannotStart)
      return (problem as Error).message
    }
    expect(await aRepository(options).catch(words)).to.equal(
      'documents are encrypted with the key "2026"; repository.encryption in carnet.json has to say where that is',
    )
    await aKeyFile(folder, 'other', { other: aKey() })
    expect(await aRepository({ ...options, config: { encryption } }).catch(words)).to.equal(
      `documents are encrypted with the key "2026", which is not in ${keys}`,
    )
    await aKeyFile(folder, '2026', { '2026': aKey() })
    expect(await aRepository({ ...options, config: { encryption } }).catch(words)).to.equal(
      `the key "2026" in ${keys} is not the one that documents are encrypted with`,
    )
    await systemFiles.remove(keys)
    expect(await aRepository({ ...options, config: { encryption } }).catch(words)).to.equal(
      `the keys are not there: ${keys} is no file`,
    )
  })
})
