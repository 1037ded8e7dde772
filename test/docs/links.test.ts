// Every file that the documents point to is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../ports/processes.js'

const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdownBelow('docs')]

describe('the documents', () => {
  for (const document of documents) {
    it(`${document} points to nothing that is not there`, () => {
      const text = readFileSync(join(packageRoot, document), 'utf8')
      const targets = [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target)
      const lost = targets.filter(
        target => !/^[a-z]+:/.test(target) && !existsSync(join(packageRoot, dirname(document), target)),
      )
      expect(lost).to.deep.equal([])
    })
  }

  it('are among the files: README.md, docs/TOUR.md, docs/CONFORMANCE.md', () => {
    expect(documents).to.include.members(['README.md', 'docs/TOUR.md', 'docs/CONFORMANCE.md'])
  })
})

function markdownBelow(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return markdownBelow(path)
    return entry.name.endsWith('.md') ? [path] : []
  })
}
