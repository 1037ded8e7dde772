// Keys of codes: remembered so that a submission need not ask for each, and never before they are there to stay.
import { expect } from 'chai'
import { systemPorts } from '../../ports/ports.js'
import { registryMigrations } from '../../registry/migrations.js'
import { type Codes, codesIn } from '../../registry/sqlite/codes.js'
import { openStore } from '../../store/open-store.js'
import type { Store } from '../../store/store.js'
import { heldBytes } from '../samples/held-bytes.js'

describe('keys of codes', () => {
  const first = { code: '1', codingScheme: '2.999' }
  const second = { code: '2', codingScheme: '2.999' }
  let store: Store
  let codes: Codes

  beforeEach(async () => {
    store = await openStore(
      { path: ':memory:', migrations: [...registryMigrations] },
      systemPorts.clock,
      systemPorts.files,
    )
    codes = codesIn(store)
  })
  afterEach(() => store.close())

  async function keyOf(code: typeof first): Promise<number> {
    const { key, committed } = await store.write(() => {
      const committed = codes.begin()
      return { key: codes.keyFor(code), committed }
    })
    committed()
    return key
  }

  it('stay the same, and differ from code to code', async () => {
    const key = await keyOf(first)
    expect(await keyOf(first)).to.equal(key)
    expect(await keyOf(second)).to.not.equal(key)
    expect(codes.knownKeysOf([first])).to.deep.equal([key])
  })

  it('are found of many at once as one by one, each once', async () => {
    const keys = [await keyOf({ code: 'e\u0301', codingScheme: '2.999' }), await keyOf(second)]
    const others = Array.from({ length: 100 }, (_, index) => ({ code: `x"${index}`, codingScheme: '2.999' }))
    const asked = [...others, { code: '\u00e9', codingScheme: '2.999' }, second, second]
    expect(codesIn(store).knownKeysOf(asked)).to.have.members(keys)
  })

  it('hold nothing of the messages that they came in', async () => {
    const held = await heldBytes(async () => {
      for (let count = 0; count < 20; count += 1) {
        const message = `a-code-of-a-long-name-${count + 10}${'x'.repeat(1_000_000)}`
        await keyOf({ code: message.slice(0, 24), codingScheme: '2.999' })
      }
      return codes
    })
    expect(held).to.be.lessThan(5_000_000)
  })

  it('of a work that is undone are not remembered', async () => {
    const undone = store.write(() => {
      codes.begin()
      codes.keyFor(first)
      throw new Error('undone')
    })
    expect(await undone.catch((problem: Error) => problem.message)).to.equal('undone')
    expect(codes.knownKeysOf([first])).to.deep.equal([])
    const other = await keyOf(second)
    expect(await keyOf(first)).to.not.equal(other)
  })

  it('of a work that is undone are not taken for those of its neighbours in the group', async () => {
    const undone = store.write(() => {
      codes.begin()
      codes.keyFor(first)
      throw new Error('undone')
    })
    const [, kept] = await Promise.all([undone.catch(() => undefined), keyOf(second)])
    const key = await keyOf(first)
    expect(key).to.not.equal(kept)
    expect(codesIn(store).knownKeysOf([first])).to.deep.equal([key])
  })
})
