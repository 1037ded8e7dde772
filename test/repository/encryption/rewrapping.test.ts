import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { rewrapAll } from '../../../repository/encryption/rewrapping.js'
import {
  aRepository,
  aRequest,
  closeRepositories,
  large,
  small,
  type TestRepository,
  uniqueIdOf,
} from '../a-repository.js'
import { aKey, aKeyFile } from './a-key-file.js'

const { files } = systemPorts
let folder: string

beforeEach(async () => {
  folder = await files.temporaryFolder('carnet-rewrapping-')
})
afterEach(async () => {
  await closeRepositories()
  await files.removeFolder(folder)
})

const keyNames = ({ store }: TestRepository) =>
  store
    .prepare('SELECT DISTINCT substr(place, 1, 8) AS place FROM document ORDER BY 1')
    .all<{ place: string }>()
    .map(({ place }) => place)

async function held() {
  const [a, b] = [aKey(), aKey()]
  const keys = await aKeyFile(folder, 'a', { a })
  const before = await aRepository({ config: { encryption: { keys, newDocuments: true } } })
  const contents = new Map<string, Buffer>()
  for (const bytes of [small(), large(), small()]) {
    const request = await aRequest(before.spool, bytes)
    await before.submit(request)
    contents.set(uniqueIdOf(request), bytes)
  }
  const next = async (current: string, some: Record<string, string>) => {
    await aKeyFile(folder, current, some)
    return aRepository({
      ...{ folder: before.folder, registry: before.registry, config: { encryption: { keys, newDocuments: true } } },
    })
  }
  return { a, b, contents, next }
}

describe('rotation of key-encryption keys', () => {
  it('wraps the keys of all documents anew and touches no document; then the old one is needed no more', async () => {
    const { a, b, contents, next } = await held()
    const both = await next('b', { a, b })
    const before = await Promise.all((await both.files()).map(path => files.readFile(path)))
    const answer = await rewrapAll(both.context.encryption!, both.context)
    expect(answer).to.deep.equal({ key: 'b', rewrapped: 3, left: [], done: ['a'] })
    expect(keyNames(both)).to.deep.equal(['sealed:b'])
    expect(await Promise.all((await both.files()).map(path => files.readFile(path)))).to.deep.equal(before)
    expect((await rewrapAll(both.context.encryption!, both.context)).rewrapped).to.equal(0)
    const after = await next('b', { b })
    for (const [uniqueId, bytes] of contents) expect(await after.content(uniqueId)).to.deep.equal(bytes)
  })

  it('keeps the old one while a document could not be wrapped anew', async () => {
    const { a, b, next } = await held()
    const both = await next('b', { a, b })
    const { documents } = both.context
    const racing = {
      ...both.context,
      documents: { ...documents, moved: async () => new Set<string>() },
    }
    const answer = await rewrapAll(both.context.encryption!, racing)
    expect([answer.rewrapped, answer.left.length, answer.done]).to.deep.equal([0, 3, []])
    expect(await next('b', { b }).catch((problem: Error) => problem.message)).to.contain('encrypted with the key "a"')
  })
})
