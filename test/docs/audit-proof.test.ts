// docs/AUDIT-PROOF.md, followed to the letter: its commands by a shell, its script by a plain Node.
import { spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { bundleOf, tarOf } from '../../atna-audit/repository/chain/bundle.js'
import { systemFiles as files } from '../../ports/files.js'
import { packageRoot } from '../../ports/processes.js'
import { type ALog, aLog } from '../atna-audit/repository/chain/a-log.js'

describe('the procedure of docs/AUDIT-PROOF.md', () => {
  const page = readFileSync(join(packageRoot, 'docs/AUDIT-PROOF.md'), 'utf8')
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text]) => text ?? '')
  const [unpacking = '', ...checks] = blocks('sh')
  const [script = ''] = blocks('js')
  let folder: string
  let log: ALog

  before(async function () {
    if (spawnSync('openssl', ['version']).status !== 0) {
      console.log('      openssl is not here: the procedure is not followed')
      this.skip()
    }
    folder = await files.temporaryFolder('carnet-proof-')
    log = await aLog(folder)
    await log.add(301)
    const former = await log.chain.seal()
    await log.add(40)
    await log.chain.rotateKey()
    await log.add(1)
    await log.chain.seal()
    expect(former?.text).to.contain('size 301')
    const bundle = bundleOf(log.store, { ids: [1, 2, 256, 300, 342], about: 'test', formerSize: 301 }, log.chain)
    writeFileSync(join(folder, 'audit-bundle.tar'), Buffer.concat([...tarOf(bundle, 0)]))
    const unpacked = sh(unpacking, folder)
    expect([unpacked.status, unpacked.stderr]).to.deep.equal([0, ''])
    writeFileSync(join(folder, 'audit-bundle/check.mjs'), script)
  })
  after(async () => {
    await log?.close()
    if (folder !== undefined) await files.removeFolder(folder)
  })

  const sh = (commands: string, cwd: string) => spawnSync('sh', ['-ec', commands], { cwd, encoding: 'utf8' })
  const bundle = () => join(folder, 'audit-bundle')
  const checked = () =>
    spawnSync(process.execPath, ['check.mjs'], { cwd: bundle(), encoding: 'utf8' }).stdout.trim().split('\n')

  it('holds of a bundle as it was made, with a key that was changed in between', () => {
    for (const check of checks) {
      const { status, stdout, stderr } = sh(check, bundle())
      expect([status, stderr.replace(/^Verified OK\n/gm, '')], check).to.deep.equal([0, ''])
      expect(stdout).not.to.contain('Failure')
    }
    const names = sh(checks[1] ?? '', bundle()).stdout.match(/[0-9a-f]{64}/g)
    expect(names).to.have.length(2)
    expect(names?.[0]).to.equal(names?.[1])
    expect(checked()).to.deep.equal(['1 holds', '2 holds', '256 holds', '300 holds', '342 holds'])
  })

  it('says which record was changed, and that the files are not those that were signed', () => {
    appendFileSync(join(bundle(), 'records/000000000300.record'), ' ')
    expect(checked()).to.deep.equal(['1 holds', '2 holds', '256 holds', '300 DOES NOT HOLD', '342 holds'])
    expect(sh(checks[0] ?? '', bundle()).status).not.to.equal(0)
  })
})
