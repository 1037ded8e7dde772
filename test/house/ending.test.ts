import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../ports/processes.js'

describe('the end of the tests', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'carnet-ending-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  function ran(source: string): Promise<{ code: unknown; said: string; complained: string }> {
    const spec = join(folder, 'one.test.mjs')
    writeFileSync(spec, source)
    const mocha = ['node_modules/mocha/bin/mocha.js', '--no-config', '--require', 'dist/test/house/ending.js']
    const options = { cwd: packageRoot, env: { ...process.env, CARNET_TESTS_END_MS: '100' }, timeout: 60_000 }
    return new Promise(resolve => {
      execFile(process.execPath, [...mocha, spec], options, (problem, said, complained) =>
        resolve({ code: problem?.code ?? problem?.signal ?? 0, said, complained }),
      )
    })
  }
  const leaves = "import { createServer } from 'node:net'; const leave = () => createServer().listen(0)"

  it('comes though one that fails has left something open, and says both', async () => {
    const { code, said, complained } = await ran(`${leaves}; it('fails', () => { leave(); throw new Error('why') })`)
    expect([code, said.includes('1 failing'), said.includes('why')]).to.deep.equal([1, true, true])
    expect(complained).to.contain('still open 100 ms after the last test: ').and.contain('1 TCPServerWrap')
  })

  it('is that of a failed run where something is left open and nothing else fails', async () => {
    const { code, said } = await ran(`${leaves}; it('passes', () => void leave())`)
    expect([code, said.includes('1 passing')]).to.deep.equal([1, true])
  })

  it('is nothing to speak of where nothing is left', async () => {
    expect(await ran("it('passes', () => {})")).to.include({ code: 0, complained: '' })
  })
})
