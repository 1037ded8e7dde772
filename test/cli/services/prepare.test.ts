import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { Failure } from '../../../cli/failure.js'
import { prepare } from '../../../cli/services/prepare.js'
import { systemPorts } from '../../../ports/ports.js'
import { playedTerminal } from '../played-terminal.js'

describe('what the first start makes', () => {
  let folder: string
  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-prepare-')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is not made beside databases whose carnet.json is missing: they would be those of another repository', async () => {
    writeFileSync(join(folder, 'repository.sqlite'), '')
    const problem = await prepare(folder, { ports: systemPorts, terminal: playedTerminal() }).catch(failure => failure)
    expect(problem).to.be.instanceOf(Failure)
    expect(problem.message).to.contain('has databases (repository.sqlite) and no carnet.json')
    expect(readdirSync(folder)).to.deep.equal(['repository.sqlite'])
  })
})
