// docs/INTEGRATION-STATEMENT.md claims what the actors answer, and nothing that it calls not built.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { gateway } from '../../gateway/actor.js'
import { patientIndex, patientIndexOverMllp } from '../../patient-index/actor.js'
import { packageRoot } from '../../ports/processes.js'
import { documentRegistry, documentRegistryOverMllp } from '../../registry/actor.js'
import { documentRepository } from '../../repository/actor.js'

const text = readFileSync(join(packageRoot, 'docs', 'INTEGRATION-STATEMENT.md'), 'utf8')

describe('docs/INTEGRATION-STATEMENT.md', () => {
  const idsOf = (actor: { served: ReadonlyMap<string, { contract: { id: string } }> }) =>
    [...actor.served.values()].map(({ contract }) => contract.id)
  const registry = new Set([...idsOf(documentRegistry), ...documentRegistryOverMllp.map(({ contract }) => contract.id)])
  const repository = new Set(idsOf(documentRepository))
  const index = new Set([...idsOf(patientIndex), ...patientIndexOverMllp.map(({ contract }) => contract.id)])
  const beside = new Set([...idsOf(gateway), ...index])

  /** Of the first table, or of the second. */
  const answeredIn = (part: string, column: number) =>
    [...part.matchAll(/^\| ((?:ITI|RAD)-\d+) [^|\n]*\|(.*)\|$/gm)]
      .filter(([, , cells = '']) => cells.split('|')[column]?.includes('answers'))
      .map(([, id]) => id)
  const [first = '', second = ''] = text.split('Gateway and patient index, beside these:')

  it('has what registry and repository answer, each in its column', () => {
    expect(answeredIn(first, 0)).to.have.members([...registry])
    expect(answeredIn(first, 1)).to.have.members([...repository])
  })

  it('has what gateway and patient index answer, each in its column', () => {
    expect(answeredIn(second, 0)).to.have.members(idsOf(gateway))
    expect(answeredIn(second, 1)).to.have.members([...index])
  })

  it('calls nothing not built that is answered', () => {
    const notBuilt = /^## What is not built$(.*?)^## /ms.exec(text)?.[1] ?? ''
    const named = [...notBuilt.matchAll(/\b(?:ITI|RAD)-\d+\b/g)].map(([id]) => id)
    const claimed = named.filter(id => registry.has(id) || repository.has(id) || beside.has(id))
    expect(claimed).to.deep.equal([])
    expect(named).to.include('ITI-52')
  })

  it('is of the version that the package has', () => {
    const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
    expect(text).to.match(new RegExp(`^\\| the Carnet project \\| Carnet \\| ${version.replaceAll('.', '\\.')} `, 'm'))
  })
})
