// Files that nobody reads without the key, and that are gone when their time is over.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { openSealedFiles, type SealedFilesBounds } from '../../../server/explanations/sealed-files.js'

const { files } = systemPorts

describe('explanations/sealed files', () => {
  let folder: string
  let nowMs: number

  beforeEach(async () => {
    folder = await files.temporaryFolder('carnet-sealed-')
    nowMs = systemPorts.clock.now()
  })
  afterEach(() => files.removeFolder(folder))

  const open = (bounds: Partial<SealedFilesBounds> = {}) =>
    openSealedFiles(
      {
        folder: join(folder, 'explain'),
        keyFile: join(folder, 'explain.key'),
        bounds: { files: 100, bytes: 1_000_000, ageMs: 1_000_000, ...bounds },
      },
      { ...systemPorts, clock: { ...systemPorts.clock, now: () => nowMs } },
    )
  const onDisk = async () => (await files.list(join(folder, 'explain'))).sort()
  const secret = Buffer.from('what the patient has told nobody')

  it('gives back what was written, after a restart too', async () => {
    await (await open()).write('1-a', secret)
    const again = await open()
    expect(again.names()).to.deep.equal(['1-a'])
    expect(String(await again.read('1-a'))).to.equal(String(secret))
    expect(await again.read('2-b')).to.equal(undefined)
  })

  it('shows nothing of it on the disk, and the key to its owner alone', async () => {
    const { stat } = await import('node:fs/promises')
    await (await open()).write('1-a', secret)
    const raw = await files.readFile(join(folder, 'explain', '1-a.sealed'))
    expect(raw.includes('patient')).to.equal(false)
    expect((await stat(join(folder, 'explain.key'))).mode & 0o077).to.equal(0)
    expect((await stat(join(folder, 'explain', '1-a.sealed'))).mode & 0o077).to.equal(0)
  })

  it('takes no file for another, and none that was changed', async () => {
    const sealed = await open()
    await sealed.write('1-a', secret)
    await sealed.write('2-b', Buffer.from('other'))
    const path = (name: string) => join(folder, 'explain', `${name}.sealed`)
    await files.rename(path('1-a'), path('2-b'))
    expect(await sealed.read('2-b')).to.equal(undefined)
    await sealed.write('3-c', secret)
    const raw = await files.readFile(path('3-c'))
    raw[raw.length - 1]! ^= 1
    await files.replace(path('3-c'), raw)
    expect(await sealed.read('3-c')).to.equal(undefined)
  })

  it('cannot read with another key', async () => {
    await (await open()).write('1-a', secret)
    await files.replace(join(folder, 'explain.key'), createHash('sha256').update('guessed').digest())
    expect(await (await open()).read('1-a')).to.equal(undefined)
  })

  it('removes the oldest beyond a number, and beyond so many bytes', async () => {
    const few = await open({ files: 2 })
    for (const name of ['1-a', '2-b', '3-c']) await few.write(name, secret)
    expect(few.names()).to.deep.equal(['2-b', '3-c'])
    expect(await onDisk()).to.deep.equal(['2-b.sealed', '3-c.sealed'])
    const small = await open({ bytes: 150 })
    await small.write('4-d', secret)
    expect(small.names().at(-1)).to.equal('4-d')
    expect(small.names().length).to.be.below(3)
  })

  it('removes what is older than it may be: while it runs, and when it starts', async () => {
    const sealed = await open()
    await sealed.write('1-a', secret)
    nowMs += 2_000_000
    expect(sealed.names()).to.deep.equal([])
    await sealed.tidy()
    expect(await onDisk()).to.deep.equal([])
    nowMs -= 2_000_000
    await sealed.write('2-b', secret)
    nowMs += 2_000_000
    await open()
    expect(await onDisk()).to.deep.equal([])
  })
})
