import { randomBytes } from 'node:crypto'
import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openVault, type Vault } from '../../../cli/backup/vault.js'
import type { Failure } from '../../../cli/failure.js'
import { systemPorts } from '../../../ports/ports.js'
import { playedTerminal } from '../played-terminal.js'

describe('an encrypted folder of backups', () => {
  let folder: string
  let vault: Vault
  const context = () => ({ ports: systemPorts, terminal: playedTerminal(folder) })

  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-vault-')
    writeKeys('keys.json', '1')
    vault = await openVault(folder, 'keys.json', context())
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function writeKeys(name: string, ...keys: string[]): void {
    const all = Object.fromEntries(keys.map(key => [key, randomBytes(32).toString('base64')]))
    writeFileSync(join(folder, name), JSON.stringify({ current: keys[0], keys: all }))
  }

  async function written(name: string, bytes: Buffer): Promise<string> {
    const path = join(folder, name)
    const file = await vault.create(path)
    for (let at = 0; at < bytes.length; at += 300_000) await file.write(bytes.subarray(at, at + 300_000))
    await file.finish()
    await file.close()
    return path
  }

  async function read(path: string, through = vault): Promise<Buffer> {
    const pieces: Buffer[] = []
    for await (const piece of through.read(path)) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  const failureOf = (work: Promise<unknown>): Promise<Failure> =>
    work.then(
      () => expect.fail('it did not fail'),
      problem => problem,
    )

  it('gives back what was put, of any size, and holds none of it in clear', async () => {
    for (const sizeBytes of [0, 1, 1_048_576, 1_048_577, 3_000_000]) {
      const bytes = randomBytes(sizeBytes)
      const path = await written(`of-${sizeBytes}`, bytes)
      expect((await read(path)).equals(bytes)).to.equal(true)
      expect(vault.fits(statSync(path).size, sizeBytes)).to.equal(true)
      expect(vault.fits(statSync(path).size - 1, sizeBytes)).to.equal(false)
      if (sizeBytes > 16) expect(readFileSync(path).includes(bytes.subarray(0, 16))).to.equal(false)
    }
  })

  it('tells a changed file, one in the place of another and the wrong key', async () => {
    const [one, other] = [await written('one', randomBytes(5_000)), await written('other', randomBytes(5_000))]
    const sound = readFileSync(one)
    const spoilt = Buffer.from(sound)
    spoilt[sound.length - 20]! ^= 1
    writeFileSync(one, spoilt)
    expect((await failureOf(read(one))).message).to.contain('is damaged')
    copyFileSync(other, one)
    expect((await failureOf(read(one))).reason).to.equal('refused')
    writeKeys('others.json', '1')
    const another = await openVault(folder, 'others.json', context())
    expect((await failureOf(read(other, another))).message).to.contain('is not the one that was used')
    writeKeys('newer.json', '2')
    const newer = await openVault(folder, 'newer.json', context())
    expect((await failureOf(read(other, newer))).message).to.contain('the key "1" is not in')
  })

  it('leaves no file open whose head cannot be written', async () => {
    let isOpen = false
    const create: typeof systemPorts.files.create = async (...asked) => {
      const file = await systemPorts.files.create(...asked)
      isOpen = true
      return {
        ...file,
        write: () => Promise.reject(new Error('no space left')),
        async close() {
          isOpen = false
          await file.close()
        },
      }
    }
    const ports = { ...systemPorts, files: { ...systemPorts.files, create } }
    const full = await openVault(folder, 'keys.json', { ...context(), ports })
    expect((await failureOf(full.create(join(folder, 'one')))).message).to.equal('no space left')
    expect(isOpen).to.equal(false)
  })

  it('is not taken for one in clear, nor the other way round', async () => {
    const path = await written('one', randomBytes(5_000))
    const clear = await openVault(folder, undefined, context())
    expect((await failureOf(read(path, clear))).message).to.contain('name the file of its keys with --encryption-keys')
    writeFileSync(join(folder, 'clear'), 'a manifest that somebody has put there')
    expect((await failureOf(read(join(folder, 'clear')))).message).to.contain('is not encrypted')
  })

  it('says in one sentence what is wrong with the file of keys', async () => {
    const failure = await failureOf(openVault(folder, 'nowhere.json', context()))
    expect(failure.reason).to.equal('configuration')
    expect(failure.message).to.contain('nowhere.json is no file')
  })
})
