// docs/CONFORMANCE.md says what the titles of the tests say.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../ports/processes.js'

it('docs/CONFORMANCE.md is up to date', () => {
  const script = join(packageRoot, 'scripts', 'conformance.js')
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect(stderr).to.equal('')
  expect(status).to.equal(0)
})
