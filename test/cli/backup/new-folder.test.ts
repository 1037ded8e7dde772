// Where a restore writes: a folder that is not there, or one that is there and empty, as a link and a disk of its own are.
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { newFolder } from '../../../cli/backup/new-folder.js'
import type { Failure } from '../../../cli/failure.js'
import { systemPorts } from '../../../ports/ports.js'
import { playedTerminal } from '../played-terminal.js'

describe('the data folder that a restore makes', () => {
  let folder: string

  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-new-folder-')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const made = (name: string) => newFolder(join(folder, name), { ports: systemPorts, terminal: playedTerminal(folder) })

  async function filled(name: string): Promise<void> {
    const place = await made(name)
    writeFileSync(join(place.partial, 'carnet.json'), '{}')
    mkdirSync(join(place.partial, 'documents'))
    expect(readdirSync(folder)).not.to.include('carnet.json')
    await place.keep()
    expect(readFileSync(join(folder, name, 'carnet.json'), 'utf8')).to.equal('{}')
  }

  async function refusalOf(work: Promise<unknown>): Promise<string> {
    return work.then(
      () => expect.fail('it was not refused'),
      (problem: Failure) => `${problem.reason}: ${problem.message}`,
    )
  }

  it('is one that was not there', async () => {
    await filled('new')
    expect(readdirSync(folder)).to.deep.equal(['new'])
    expect(readdirSync(join(folder, 'new'))).to.deep.equal(['carnet.json', 'documents'])
  })

  it('is an empty one that is a link or a disk of its own, which stays what it is', async () => {
    mkdirSync(join(folder, 'disk', 'lost+found'), { recursive: true })
    symlinkSync(join(folder, 'disk'), join(folder, 'link'))
    await filled('link')
    expect(readlinkSync(join(folder, 'link'))).to.equal(join(folder, 'disk'))
    expect(readdirSync(join(folder, 'disk'))).to.deep.equal(['carnet.json', 'documents', 'lost+found'])
  })

  it('is none that has anything in it', async () => {
    mkdirSync(join(folder, 'full'))
    writeFileSync(join(folder, 'full', 'registry.sqlite'), '')
    expect(await refusalOf(made('full'))).to.match(/^usage: .*full is there already; nothing is overwritten/)
  })

  it('is made by one at a time', async () => {
    const first = await made('new')
    writeFileSync(join(first.partial, 'carnet.json'), '{}')
    expect(await refusalOf(made('new'))).to.match(/^usage: Another restore makes .*new: wait for its end\.$/)
    await first.keep()
    expect(readdirSync(join(folder, 'new'))).to.deep.equal(['carnet.json'])
  })

  it('has nothing of an interrupted one, and one that failed leaves nothing', async () => {
    for (const [name, partial] of [
      ['new', 'new.partial'],
      ['empty', 'empty/.partial'],
    ] as const) {
      mkdirSync(join(folder, partial, 'documents'), { recursive: true })
      const place = await made(name)
      expect(place.partial).to.equal(join(folder, partial))
      expect(readdirSync(place.partial)).not.to.include('documents')
      await place.drop()
    }
    expect(readdirSync(folder)).to.deep.equal(['empty'])
    expect(readdirSync(join(folder, 'empty'))).to.deep.equal([])
  })
})
