import { rmSync } from 'node:fs'
import { expect } from 'chai'
import { holdFolder } from '../../../cli/services/not-running.js'
import { systemPorts } from '../../../ports/ports.js'
import { playedTerminal } from '../played-terminal.js'

describe('a data folder', () => {
  const context = { ports: systemPorts, terminal: playedTerminal() }
  let folder: string
  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-held-')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is held by one start at a time, from before it makes anything', async () => {
    const lock = await holdFolder(folder, context)
    const refused = await holdFolder(folder, context).catch(failure => failure)
    expect(refused.message).to.equal(
      `Carnet is just being started, or ended, from ${folder} by another process; wait for it, or choose another folder with --data.`,
    )
    lock.release()
    ;(await holdFolder(folder, context)).release()
  })

  it('that nobody can write to is told as that', async () => {
    const gone = `${folder}/gone`
    const refused = await holdFolder(gone, context).catch(failure => failure)
    expect(refused.message).to.match(
      /^The data folder .*gone cannot be written to \(.*\); choose another with --data, or/,
    )
  })
})
