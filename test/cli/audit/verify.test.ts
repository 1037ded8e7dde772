import { expect } from 'chai'
import { type AuditVerifyOptions, auditVerify } from '../../../cli/audit/verify.js'
import { systemPorts } from '../../../ports/ports.js'
import { aLog } from '../../atna-audit/repository/chain/a-log.js'
import { playedTerminal } from '../played-terminal.js'

describe('carnet audit verify, of a database file', () => {
  let folder: string
  let database: string
  before(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-verify-')
    database = `${folder}/audit.sqlite`
    const log = await aLog(folder)
    await log.add(20)
    await log.chain.seal()
    await log.add(5)
    await log.close()
  })
  after(() => systemPorts.files.removeFolder(folder))

  async function verify(options: AuditVerifyOptions) {
    const terminal = playedTerminal()
    await auditVerify(options, { ports: systemPorts, terminal })
    return terminal
  }

  it('says what it looked at', async () => {
    const { printed } = await verify({ database, roots: `${folder}/audit-roots.jsonl` })
    expect(printed[0]).to.match(/^looked at {3}25 records, 1 to 25, in \d+\.\d s \(\d+ a second\)$/)
    expect(printed.slice(1)).to.deep.equal([
      'signed      by 2 roots and 1 keys; 0 records since the last root',
      'the records are what they were',
    ])
  })

  it('names the record that was changed, and ends with 1', async () => {
    const log = await aLog(folder)
    await log.store.write(() => log.store.prepare(`UPDATE audit_record SET origin = 'x' WHERE id = 7`).run())
    await log.close()
    const { printed, exitCode } = await verify({ database })
    expect(printed.at(-1)).to.equal('edited      record 7 is not what it was when it was kept')
    expect(exitCode).to.equal(1)
    expect(JSON.parse((await verify({ database, json: true })).printed.join('\n')).findings).to.have.length(1)
  })

  for (const [what, options, words] of [
    ['a file that is not there', { database: 'nowhere.sqlite' }, 'There is no file'],
    ['roots without a database', { roots: 'x' }, 'go with --database'],
    ['a number that is none', { database: 'x', from: 'first' }, 'number of a record'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const failure = await verify(options).catch(problem => problem)
      expect(failure.message).to.contain(words)
    })
  }
})
