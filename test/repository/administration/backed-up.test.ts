// What a restore makes of the copies in a backup, before anybody starts on them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { objectsIn } from '../../../registry/backed-up.js'
import { registryMigrations } from '../../../registry/migrations.js'
import { answersIn, forgetAnswers } from '../../../repository/administration/backed-up.js'
import { repositoryMigrations } from '../../../repository/migrations.js'
import { openStore } from '../../../store/open-store.js'
import type { Migration } from '../../../store/store.js'

describe('a restored repository', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'carnet-backed-up-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const database = async (name: string, migrations: readonly Migration[], statements: string[]) => {
    const path = join(folder, name)
    const store = await openStore({ path, migrations }, systemPorts.clock, systemPorts.files)
    await store.write(() => {
      for (const sql of statements) store.prepare(sql).run()
    })
    await store.close()
    return path
  }

  it('gives no answer again to what its registry does not have', async () => {
    const registry = await database('registry.sqlite', registryMigrations, [
      `INSERT INTO unique_ids VALUES ('1.1', 7, 2)`,
    ])
    const submission = (id: string, uniqueId: string, state: string) =>
      `INSERT INTO submission VALUES ('${id}', ${uniqueId}, 'hospital', 'mid', 'd', 't', '${state}', 1, 2, '{}', 'm', NULL, NULL)`
    const repository = await database('repository.sqlite', repositoryMigrations, [
      submission('there', `'1.1'`, 'registered'),
      submission('later', `'1.2'`, 'registered'),
      submission('waiting', `'1.3'`, 'registering'),
      submission('without', 'NULL', 'registered'),
    ])
    const objects = await objectsIn(registry)
    const answers = await answersIn(repository)
    expect(await forgetAnswers(answers, objects.among)).to.equal(1)
    answers.close()
    objects.close()
    const again = await openStore(
      { path: repository, migrations: repositoryMigrations },
      systemPorts.clock,
      systemPorts.files,
    )
    const rows = again.prepare('SELECT id FROM submission WHERE settled_ms IS NULL').all<{ id: string }>()
    await again.close()
    expect(rows.map(({ id }) => id)).to.deep.equal(['later'])
  })
})
