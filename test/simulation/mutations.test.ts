// The simulation must be able to fail: what is broken here on purpose has to be found within a few seeds.
import { expect } from 'chai'
import { simulate } from '../../simulation/run.js'
import { type Beginning, type Faults, prepareBeginning } from '../../simulation/world.js'

const mostSeeds = 12

const mutations: { title: string; faults: Faults; found: RegExp }[] = [
  {
    title: 'the repository answers before its commits are synced',
    faults: { repository: { syncsNothing: true } },
    found: /acknowledged|bytes|audit/,
  },
  {
    title: 'the registry answers before its commits are synced',
    faults: { registry: { syncsNothing: true } },
    found: /acknowledged|registered|title|audit/,
  },
  {
    title: 'one commit in fifty of the registry is believed and not made',
    faults: { registry: { forgottenCommits: 2 } },
    found: /acknowledged|registered|title|audit|answer/,
  },
  {
    title: 'documents are not synced before they are acknowledged',
    faults: { repository: { losesContents: true } },
    // Or the mark of their folder is gone with them, and the repository does not start.
    found: /damaged|bytes|not all services run again/,
  },
  {
    title: 'the names of documents are not synced',
    faults: { repository: { losesNames: true } },
    // Or the mark of their folder is gone with them, and the repository does not start.
    found: /damaged|bytes|not all services run again/,
  },
  {
    title: 'an audit record of the registry is dropped now and then',
    faults: { registry: { skips: everyTenth('INSERT INTO audit_outbox') } },
    found: /audit record/,
  },
  {
    title: 'an audit record is taken for delivered before the audit service has it',
    faults: { audit: { syncsNothing: true } },
    found: /audit record/,
  },
]

describe('the simulation finds it when', function () {
  this.timeout(240_000)
  let beginning: Beginning

  before(async () => {
    beginning = await prepareBeginning()
  })
  after(() => beginning.close())

  for (const { title, faults, found } of mutations) {
    it(title, async () => {
      let told: string[] = []
      for (let seed = 1; told.length === 0 && seed <= mostSeeds; seed++) {
        told = (await simulate({ seed: String(seed), operations: 60, faults }, beginning)).faults
      }
      expect(told.join('\n')).to.match(found)
    })
  }
})

function everyTenth(start: string): (sql: string) => boolean {
  let count = 0
  return sql => sql.startsWith(start) && ++count % 10 === 0
}
