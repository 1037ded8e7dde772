// The acceptance suite against services as `carnet start` runs them: nothing fails, and what is wrong is told. In the Swiss form .ci/run tries it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { casesIn } from '../../acceptance/cases.js'
import { domains } from '../../acceptance/domain.js'
import { letAnswersBeSent } from '../../bench/reply-partner.js'
import { giveCertificates } from './certificates-once.js'
import { carnet, freePortBase, type Started, start } from './started.js'

describe('carnet conformance', function () {
  this.timeout(300_000)

  let data: string
  let base: number
  let running: Started

  const examine = async (...args: string[]) => {
    const { code, stdout, stderr } = await carnet('conformance', '--data', data, ...args)
    return { code, lines: String(stdout).trimEnd().split('\n'), stderr }
  }
  const reported = (name: string) => readFileSync(join(data, name), 'utf8')

  before(async () => {
    data = mkdtempSync(join(tmpdir(), 'carnet-conformance-'))
    await giveCertificates(data)
    base = await freePortBase()
    running = start('--data', data, '--port-base', String(base))
    await running.says(/^ready$/m)
  })

  after(async () => {
    running?.child.kill('SIGKILL')
    await running?.ended
    rmSync(data, { recursive: true, force: true })
  })

  it('finds nothing that our registry and repository do against the rules', async () => {
    const replyTo = await letAnswersBeSent(data, base)
    const { code, lines } = await examine('--report', join(data, 'report.json'), '--reply-to', replyTo)
    const { length } = casesIn(domains.ihe!)
    expect(lines.at(-1), lines.join('\n')).to.equal(`${length} passed, 0 failed, 0 skipped`)
    expect(code).to.equal(0)
    expect(JSON.parse(reported('report.json')).outcomes).to.have.length(length)
  })

  it('says which domains it knows', async () => {
    const { code, stderr } = await examine('--profile', 'lakeside')
    expect(code).to.equal(2)
    expect(stderr).to.contain('ihe or ch-epr')
  })

  it('explains a failure by its clause, with what was expected and what was found', async () => {
    // A repository answers no queries.
    const registry = `https://localhost:${base + 2}/repository`
    const files = ['report.html', 'report.junit.xml'].flatMap(name => ['--report', join(data, name)])
    const { code, lines } = await examine('--registry', registry, '--only', 'soap/action', ...files)
    expect(code).to.equal(1)
    expect(lines).to.include("  an answer has its transaction's action [ITI TF-2: Appendix V.3]")
    expect(lines).to.include('  expected: status Success')
    expect(lines.join('\n')).to.match(/found: {4}a SOAP fault .*ActionNotSupported/)
    expect(lines.at(-1)).to.equal('0 passed, 1 failed, 0 skipped')
    expect(reported('report.html')).to.include('<h2>What failed</h2>').and.not.include('<script')
    expect(reported('report.junit.xml')).to.match(/failures="1".*<failure message="expected status Success, found/s)
  })

  it('skips what the target has no address for, or does not do, and says so', async () => {
    const { code, lines } = await examine(
      '--registry',
      `https://localhost:${base + 1}/registry`,
      '--only',
      'retrieve/one',
    )
    expect(code).to.equal(0)
    expect(lines[0]).to.equal('skipped 1: no address was given for ITI-41 (retrieve/one)')
    expect(lines.at(-1)).to.equal('0 passed, 0 failed, 1 skipped')
  })

  it('lists its cases by pattern, and says when there are none', async () => {
    const { lines } = await examine('--list', '--only', 'association/*/taken')
    expect(lines).to.include(
      'association/RPLC/taken  RPLC is taken and leaves the older document Deprecated [ITI TF-2:3.42.4.1.3.5]',
    )
    expect(lines.at(-1)).to.equal('5 cases')
    expect((await examine('--only', 'nothing-like-it')).code).to.equal(2)
  })
})
