import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { KeyMissing, KeyWrong, keysInFile } from '../../../repository/encryption/key-ring.js'
import { sealedIn, sealedPlace } from '../../../repository/encryption/sealed-place.js'
import { aKey, aKeyFile } from './a-key-file.js'

const { files } = systemPorts

describe('key-encryption keys in a file', () => {
  let folder: string
  before(async () => {
    folder = await files.temporaryFolder('carnet-keys-')
  })
  after(() => files.removeFolder(folder))

  it('wrap with the current one, and unwrap with whichever it was, for that document alone', async () => {
    const [a, b] = [aKey(), aKey()]
    const before = await keysInFile(await aKeyFile(folder, 'a', { a }), systemPorts)
    const key = randomBytes(32)
    const wrapped = await before.wrap(key, 'document 1')
    expect(wrapped.name).to.equal('a')
    const after = await keysInFile(await aKeyFile(folder, 'b', { a, b }), systemPorts)
    expect(await after.unwrap(wrapped, 'document 1')).to.deep.equal(key)
    expect((await after.wrap(key, 'document 1')).name).to.equal('b')
    expect(await after.unwrap(wrapped, 'document 2').catch((problem: unknown) => problem)).to.be.instanceOf(KeyWrong)
    const without = await keysInFile(await aKeyFile(folder, 'b', { b }), systemPorts)
    expect(await without.unwrap(wrapped, 'document 1').catch((problem: unknown) => problem)).to.be.instanceOf(
      KeyMissing,
    )
  })

  it('are refused in one sentence when the file is none of keys', async () => {
    const path = join(folder, 'wrong.json')
    const wrong: [string, string][] = [
      ['no json', 'it is not JSON'],
      ['{}', '"current" has to name one of "keys"'],
      ['null', '"current" has to name one of "keys"'],
      [`{"current": "b", "keys": {"a": "${aKey()}"}}`, '"current" has to name one of "keys"'],
      ['{"current": "a", "keys": {"a": "c2hvcnQ="}}', 'the key "a" is not 32 bytes as base64'],
      [`{"current": "a b", "keys": {"a b": "${aKey()}"}}`, 'the name of a key is 1 to 64 letters'],
    ]
    for (const [text, why] of wrong) {
      await writeFile(path, text)
      const problem = await keysInFile(path, systemPorts).catch((failure: unknown) => failure)
      expect((problem as Error).message).to.contain(`${path} does not hold keys: ${why}`)
    }
  })

  it('stand in the place of a document, whatever is behind it', () => {
    const sealed = { wrapped: { name: '2026-11', bytes: randomBytes(60) }, inner: 's3:bucket/a:prefix' }
    expect(sealedIn(sealedPlace(sealed))).to.deep.equal(sealed)
    for (const place of ['file', 'segment:1:32:100', 's3:bucket/sealed:a']) expect(sealedIn(place)).to.equal(undefined)
  })
})
