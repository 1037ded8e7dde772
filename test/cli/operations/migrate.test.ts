// What `carnet migrate --plan` says of databases of former versions, of this one and of a newer one; and that it changes none.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { outboxMigrations } from '../../../atna-audit/outbox.js'
import type { Failure } from '../../../cli/failure.js'
import { type MigrateOptions, migrate } from '../../../cli/operations/migrate.js'
import { prepare } from '../../../cli/services/prepare.js'
import { gatewayMigrations } from '../../../gateway/migrations.js'
import { patientIndexMigrations } from '../../../patient-index/migrations.js'
import { systemPorts } from '../../../ports/ports.js'
import { registryMigrations } from '../../../registry/migrations.js'
import { repositoryMigrations } from '../../../repository/migrations.js'
import { openStore } from '../../../store/open-store.js'
import type { Migration } from '../../../store/store.js'
import { aDeployment } from '../../peers/a-deployment.js'
import { giveCertificates } from '../certificates-once.js'
import { playedTerminal } from '../played-terminal.js'

describe('carnet migrate --plan', () => {
  let folder: string

  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-migrate-')
    await giveCertificates(folder)
    await prepare(folder, { ports: systemPorts, terminal: playedTerminal(folder) })
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  async function planned(
    options: Partial<MigrateOptions> = {},
    data = folder,
  ): Promise<{ said: string; complained: string }> {
    const terminal = playedTerminal(folder)
    await migrate({ data, plan: true, ...options }, { ports: systemPorts, terminal })
    return { said: terminal.printed.join('\n'), complained: terminal.complained.join('\n') }
  }

  async function registryWith(migrations: readonly Migration[]): Promise<string> {
    const path = join(folder, 'registry.sqlite')
    const store = await openStore({ path, migrations }, systemPorts.clock, systemPorts.files)
    // Into the file itself: the engine does it at the end only when nobody holds a statement any more, which the collector decides.
    store.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
    await store.close()
    return path
  }

  const contentOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

  it('names the steps of a former version that are to come, and takes none', async () => {
    const path = await registryWith([...outboxMigrations, ...registryMigrations.slice(0, 3)])
    const before = contentOf(path)
    const { said } = await planned({ sql: true, rehearse: true })
    const pending = registryMigrations.slice(3)
    expect(said).to.contain(`: ${pending.length} steps`)
    for (const { name } of pending) expect(said).to.contain(`  ${name}: `)
    expect(said)
      .to.contain('CREATE TABLE merges')
      .and.to.match(/rehearsed on a copy: \d+\.\d s/)
    expect(said).to.match(/repository +\S+ is not there/)
    expect(contentOf(path)).to.equal(before)
    expect(readdirSync(folder).filter(name => name.includes('.copy-'))).to.deep.equal([])
  })

  it('says where there is nothing to change', async () => {
    await registryWith([...outboxMigrations, ...registryMigrations])
    expect((await planned()).said).to.match(/^registry .*: nothing to change$/m)
  })

  it('knows the steps of each service', async () => {
    const stepsOf: Record<string, readonly Migration[]> = {
      registry: registryMigrations,
      repository: repositoryMigrations,
      'patient-index': patientIndexMigrations,
      gateway: gatewayMigrations,
    }
    for (const [name, steps] of Object.entries(stepsOf)) {
      const path = join(folder, `${name}.sqlite`)
      const migrations = [...outboxMigrations, ...steps]
      await (await openStore({ path, migrations }, systemPorts.clock, systemPorts.files)).close()
    }
    const { said, complained } = await planned()
    expect(complained).to.equal('')
    for (const service of ['registry', 'repository', 'patientIndex', 'gateway'])
      expect(said).to.match(new RegExp(`^${service} .*: nothing to change$`, 'm'))
  })

  it('does not take a newer version for this one', async () => {
    await registryWith([...outboxMigrations, ...registryMigrations, { name: 'registry-9999', sqlite: [] }])
    const failure = (await planned().catch(problem => problem)) as Failure
    expect(failure.reason).to.equal('refused')
    expect(failure.message).to.contain('A newer version')
  })

  it('asks the services for databases that are in use', async () => {
    const running = await aDeployment()
    try {
      const { said } = await planned({}, running.folder)
      for (const service of ['registry', 'repository', 'audit']) {
        expect(said).to.match(new RegExp(`^${service} .*in use: nothing to change$`, 'm'))
      }
    } finally {
      await running.close()
    }
  })
})
