// docs/decisions/README.md lists every decision.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../ports/processes.js'

it('docs/decisions/README.md links every decision', () => {
  const folder = join(packageRoot, 'docs', 'decisions')
  const listed = readFileSync(join(folder, 'README.md'), 'utf8').match(/(?<=\()\d{4}-[^)]+\.md(?=\))/g) ?? []
  expect(listed.sort()).to.deep.equal(
    readdirSync(folder)
      .filter(name => /^\d{4}-/.test(name))
      .sort(),
  )
})
