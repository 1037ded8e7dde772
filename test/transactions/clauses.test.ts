// Each clause that a rule names has its sentence, so that nobody is refused by a number alone.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { tagOf } from '../../metadata/attribute.js'
import { packageRoot } from '../../ports/processes.js'
import { clauseInWords } from '../../transactions/clauses.js'

/** Rooms whose rules judge what a partner sends. */
const rooms = ['metadata', 'affinity', 'registry', 'repository', 'domains', 'hl7v2']

describe('transactions/clauses', () => {
  const tags = new Map(rooms.flatMap(room => sourcesIn(room)).flatMap(file => tagsIn(file).map(tag => [tag, file])))

  it('finds the tags of the rules', () => {
    expect(tags.size).to.be.above(80)
    expect([...tags.keys()]).to.include.members(['ITI TF-3:4.2.3.2.6', 'ITI TF-2:3.42.4.1.3.3.7'])
  })

  for (const [tag, file] of tags) {
    it(`says in words what ${tag} asks (named in ${file})`, () => {
      const sentence = clauseInWords(tag)
      expect(sentence, `add a sentence to transactions/clauses.ts`).to.match(/^.{20,}\.$/)
    })
  }

  it('makes the sentences of attributes from their tables', () => {
    expect(clauseInWords('ITI TF-3:4.2.3.2.10')).to.equal(
      'DocumentEntry.hash: at most one value; optional on ITI-41, required on ITI-42, forbidden on ITI-61.',
    )
    expect(clauseInWords('ITI TF-3:4.2.3.2.3')).to.equal('DocumentEntry.classCode: exactly one value; required.')
    expect(clauseInWords('ITI TF-3:4.2.3.2.2')).to.contain('set by the registry')
    expect(clauseInWords('ITI TF-9:1')).to.equal(undefined)
  })
})

function sourcesIn(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return sourcesIn(path)
    return /\.(?:ts|json)$/.test(entry.name) ? [path] : []
  })
}

/** What stands behind `clause:` and `rule:`, and every string that is the tag of a section or table. */
function tagsIn(file: string): string[] {
  const lines = readFileSync(join(packageRoot, file), 'utf8').split('\n')
  const code = lines.filter(line => !/^\s*(?:\/\/|\/?\*)/.test(line)).join('\n')
  const named = [...code.matchAll(/\b(?:clause|rule)"?: (['"`])([^'"`$]+)\1/g)].map(([, , tag = '']) => tagOf(tag))
  const sections = [...code.matchAll(/(['"`])(ITI TF-\d: ?[^'"`$]+)\1/g)].map(([, , tag = '']) => tag)
  return [...named, ...sections]
}
