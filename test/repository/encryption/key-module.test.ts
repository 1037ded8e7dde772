import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { ContentUnreachable } from '../../../repository/content-store.js'
import { keysInModule } from '../../../repository/encryption/key-module.js'
import { CannotStart } from '../../../server/service.js'
import { aRepository, aRequest, closeRepositories, codesOf, small, uniqueIdOf } from '../a-repository.js'

const { files } = systemPorts
let folder: string

beforeEach(async () => {
  folder = await files.temporaryFolder('carnet-key-module-')
})
afterEach(async () => {
  await closeRepositories()
  await files.removeFolder(folder)
})

/** Turns bits around and says for what it was asked; a key management does better. */
const turning = `
const turned = bytes => Uint8Array.from(bytes, byte => byte ^ 0x5a)
export default {
  current: async () => 'kms-1',
  wrap: async (name, key, boundTo) => Buffer.concat([turned(key), Buffer.from(boundTo)]),
  unwrap(name, wrapped, boundTo) {
    const end = wrapped.length - Buffer.byteLength(boundTo)
    if (Buffer.from(wrapped.subarray(end)).toString() !== boundTo) throw new Error('wrapped for something else')
    return turned(wrapped.subarray(0, end))
  },
}`

async function aModule(text: string): Promise<string> {
  const path = join(folder, 'keys.mjs')
  await writeFile(path, text)
  return path
}

describe('a key management behind a module', () => {
  it('wraps and unwraps the keys of documents', async () => {
    const module = await aModule(turning)
    const repository = await aRepository({ config: { encryption: { module, newDocuments: true } } })
    const bytes = small()
    const request = await aRequest(repository.spool, bytes)
    expect((await repository.submit(request)).status).to.equal('Success')
    const next = await aRepository({
      ...{ folder: repository.folder, registry: repository.registry },
      config: { encryption: { module, newDocuments: true } },
    })
    expect(await next.content(uniqueIdOf(request))).to.deep.equal(bytes)
  })

  it('that fails, answers nonsense or is none makes documents unreachable, not damaged', async () => {
    const cases: [string, string][] = [
      ["export default { current: () => { throw new Error('the vault is sealed') } }", 'the vault is sealed'],
      ["export default { current: () => 'a', wrap: () => 'text' }", 'it gave no bytes'],
      ["export default { current: () => 'a b' }", 'named no key'],
      ['export default {}', 'has no function current'],
      ['this is no module', 'Unexpected'],
      ['process.exit(3)', 'ended with code 3'],
    ]
    for (const [text, why] of cases) {
      await files.removeFolder(folder)
      await files.makeFolder(folder)
      const keys = keysInModule(await aModule(text), systemPorts)
      const problem = await keys.wrap(Buffer.alloc(32), 'x').catch((failure: unknown) => failure)
      expect(problem, text).to.be.instanceOf(ContentUnreachable)
      expect((problem as Error).message).to.contain(why)
      await keys.close()
    }
  })

  it('that does not answer at the start is told in one sentence', async () => {
    const module = await aModule("export default { current: () => { throw new Error('the vault is sealed') } }")
    const problem = await aRepository({ config: { encryption: { module, newDocuments: true } } }).catch(
      (failure: unknown) => failure,
    )
    expect(problem).to.be.instanceOf(CannotStart)
    expect((problem as Error).message).to.equal(
      `the key management (${module}) did not name its key: the vault is sealed`,
    )
  })

  it('that is away for a while is told so, without an alarm', async () => {
    const flag = join(folder, 'away')
    const module = await aModule(
      turning
        .replace('unwrap(name', `unwrap: undefined, async unwrap(name`)
        .replace(
          'const end',
          `if (name === 'kms-1' && (await import('node:fs')).existsSync(${JSON.stringify(flag)})) throw new Error('away')\n    const end`,
        ),
    )
    const config = { encryption: { module, newDocuments: true } }
    const before = await aRepository({ config })
    const bytes = small()
    const request = await aRequest(before.spool, bytes)
    await before.submit(request)
    const repository = await aRepository({ folder: before.folder, registry: before.registry, config })
    await writeFile(flag, '')
    expect(codesOf(await repository.retrieve(uniqueIdOf(request)))).to.deep.equal(['XDSRepositoryError'])
    expect(repository.alarms).to.deep.equal([])
    await files.remove(flag)
    expect(await repository.content(uniqueIdOf(request))).to.deep.equal(bytes)
  })
})
