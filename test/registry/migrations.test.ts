import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { systemFiles } from '../../ports/files.js'
import { registryMigrations } from '../../registry/migrations.js'
import { earlierIn } from '../../registry/sqlite/earlier.js'
import { kindNumbers } from '../../registry/tables/columns.js'
import { openStore } from '../../store/open-store.js'

describe("the registry's migrations", () => {
  let folder: string
  beforeEach(async () => {
    folder = await systemFiles.temporaryFolder('carnet-registry-')
  })
  afterEach(() => systemFiles.removeFolder(folder))

  const openThrough = (last: string) => {
    const steps = registryMigrations.findIndex(({ name }) => name === last) + 1
    const migrations = registryMigrations.slice(0, steps)
    return openStore({ path: `${folder}/registry.sqlite`, migrations }, systemClock, systemFiles)
  }

  it('find submissions of an older version under their SubmissionSet', async () => {
    const before = await openThrough('registry-0003-submissions')
    await before.write(() => {
      before.prepare('INSERT INTO unique_ids VALUES (?, ?, ?)').run('2.999.1', 77, kindNumbers.SubmissionSet)
      before.prepare('INSERT INTO unique_ids VALUES (?, ?, ?)').run('2.999.1', 78, kindNumbers.DocumentEntry)
      const answer = JSON.stringify({ status: 'Success', errors: [] })
      before.prepare('INSERT INTO submissions VALUES (?, ?, ?, ?, ?, ?)').run('2.999.1', 'p', 'd', null, 5, answer)
    })
    await before.close()

    const store = await openThrough(registryMigrations.at(-1)?.name ?? '')
    const answer = { status: 'Success', errors: [] }
    expect(earlierIn(store)('2.999.1')).to.deep.equal({
      ...{ partner: 'p', digest: 'd', messageID: undefined, committedMs: 5 },
      ...{ answer, objects: [] },
    })
    await store.close()
  })
})
