import { expect } from 'chai'
import { endedAt, type LabelledPoint, pointsPassed } from '../../simulation/points.js'
import type { Beginning } from '../../simulation/world.js'
import { aBeginning } from './a-beginning.js'

describe('labelled points of the simulation', () => {
  const played = { seed: 'points', operations: 8 }
  let beginning: Beginning
  let points: LabelledPoint[]

  before(async () => {
    beginning = await aBeginning()
    points = await pointsPassed(played, beginning)
  })

  it('stand before and after each durable step, named by what it changes', () => {
    const labels = points.map(({ service, label }) => `${service}: ${label}`)
    expect(labels).to.include.members([
      'repository: before write N.open',
      'repository: within write N.open',
      'repository: after write N.open',
      'repository: before commit of document, submission',
      'registry: after sync registry.sqlite-wal',
    ])
  })

  for (const [service, label, kind] of [
    ['repository', /^within write N\.open/, 'power'],
    ['registry', /^within commit of .*document_entries/, 'power'],
    ['audit', /^after commit of /, 'kill'],
  ] as const) {
    it(`end the ${service} by ${kind} at ${label.source}, and nothing is lost`, async () => {
      const point = points.find(at => at.service === service && label.test(at.label))
      const { faults, counts } = await endedAt({ ...point!, kind }, played, beginning)
      expect([faults, counts[`crashes of the ${service}`]]).to.deep.equal([[], 2])
    })
  }
})
