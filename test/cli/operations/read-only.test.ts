// Read-only mode of running services: changes are refused in IHE's words, queries and retrievals go on.
import { expect } from 'chai'
import { readOnly } from '../../../cli/operations/read-only.js'
import { systemPorts } from '../../../ports/ports.js'
import { registryStoredQuery } from '../../../transactions/xds.js'
import { aDeployment, type RunningDeployment } from '../../peers/a-deployment.js'
import { samplePatientId } from '../../samples/submission.js'
import { aSource } from '../a-source.js'
import { playedTerminal } from '../played-terminal.js'

describe('carnet read-only', function () {
  this.timeout(120_000)

  let running: RunningDeployment
  let source: ReturnType<typeof aSource>

  before(async () => {
    running = await aDeployment()
    source = aSource(running)
  })
  after(async () => {
    source?.close()
    await running?.close()
  })

  async function say(state?: 'on' | 'off', service?: 'registry' | 'repository'): Promise<string> {
    const terminal = playedTerminal()
    const options = { data: running.folder, why: 'upgrade', ...(service === undefined ? {} : { service }) }
    await readOnly(state, options, { ports: systemPorts, terminal })
    return terminal.printed.join('\n')
  }

  async function found(uniqueId: string): Promise<number> {
    const { response } = await source.caller.call(
      registryStoredQuery,
      {
        id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
        returnType: 'LeafClass',
        slots: [
          { name: '$XDSDocumentEntryPatientId', values: [`'${samplePatientId}'`] },
          { name: '$XDSDocumentEntryStatus', values: ["('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"] },
        ],
      },
      { url: running.urls.registry },
    )
    return response.result?.documentEntries.filter(entry => entry.uniqueId === uniqueId).length ?? 0
  }

  it('refuses what would change anything, says why, and lets the rest go on', async () => {
    const { uniqueId, bytes } = await source.submit()
    expect(await say('on')).to.match(/^repository +read-only since .* by admin: upgrade\nregistry +read-only/)
    const { response } = await source.send(Buffer.from('new'))
    expect(response.errors.map(({ errorCode }) => errorCode)).to.deep.equal(['XDSRepositoryBusy'])
    expect(response.errors[0]?.codeContext).to.match(
      /nothing may be changed here since .*: upgrade; queries and retrievals go on/,
    )
    expect(await found(uniqueId)).to.equal(1)
    expect((await source.retrieve(uniqueId))?.equals(bytes)).to.equal(true)
    expect(await say()).to.contain('read-only since')
    expect(await say('off')).to.equal('registry    takes changes\nrepository  takes changes')
    await source.submit()
  })

  it('of the registry alone is told to the source by the repository, which keeps nothing', async () => {
    await say('on', 'registry')
    const { response, kept } = await source.send(Buffer.from('new'))
    expect(response.errors[0]?.errorCode).to.equal('XDSRegistryBusy')
    expect(await source.retrieve(kept.uniqueId)).to.equal(undefined)
    await say('off')
  })
})
