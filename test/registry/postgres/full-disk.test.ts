// A database server whose disk is really full: a file system of its own for the tables, as in test/server/full-disk.test.ts.
import { execFileSync } from 'node:child_process'
import { chownSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { StoreFull } from '../../../store/failures.js'
import { aSubmission, samplePatientId } from '../../samples/submission.js'
import { needsPostgres, theCluster } from '../../store/postgres/a-cluster.js'
import { approved, ihe, quote, registryOver, type TestRegistry } from '../a-registry.js'
import { postgresEngine } from '../engines.js'

describe('a database server without room', function () {
  this.timeout(120_000)
  let place: string
  let mounted = false
  let registry: TestRegistry

  before(async function () {
    needsPostgres(this)
    const cluster = await theCluster()
    place = join(cluster.folder, 'small')
    await systemPorts.files.makeFolder(place)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', place], { stdio: 'ignore' })
      mounted = true
    } catch {
      for (const test of this.test?.parent?.tests ?? [])
        test.title += ' (skipped: only root may mount the small file system that this takes)'
      this.skip()
    }
    const { uid, gid } = statSync(cluster.folder)
    chownSync(place, uid, gid)
    await cluster.run(`CREATE TABLESPACE small LOCATION '${place}'`)
    await cluster.run('CREATE DATABASE carnet_small TABLESPACE small')
    registry = registryOver(await postgresEngine('carnet_small', ihe, systemPorts))
    await registry.addPatient(samplePatientId)
  })
  after(async () => {
    await registry?.close()
    if (!mounted) return
    rmSync(join(place, 'filler'), { force: true })
    const cluster = await theCluster()
    await cluster.run('DROP DATABASE carnet_small WITH (FORCE)')
    await cluster.run('DROP TABLESPACE small')
    execFileSync('umount', ['-l', place])
  })

  function fill(): void {
    const { bavail, bsize } = statfsSync(place)
    writeFileSync(join(place, 'filler'), Buffer.alloc(bavail * bsize))
  }

  const found = async () => {
    const asked = { $XDSDocumentEntryPatientId: quote(samplePatientId), $XDSDocumentEntryStatus: approved }
    return (await registry.found('FindDocuments', asked)).documentEntries.length
  }

  it('takes nothing and says so, answers queries, keeps what it has acknowledged, and recovers by itself', async () => {
    let acknowledged = 0
    const submit = async () => {
      const { errors } = await registry.register(aSubmission())
      expect(errors).to.deep.equal([])
      acknowledged += 1
    }
    await submit()
    fill()
    let failure: unknown
    // What fits into pages that are there already is taken.
    for (let tries = 0; tries < 500 && failure === undefined; tries += 1) {
      await submit().catch(problem => {
        failure = problem
      })
    }
    expect(failure).to.be.instanceOf(StoreFull)
    expect(await found()).to.equal(acknowledged)
    rmSync(join(place, 'filler'))
    await submit()
    expect(await found()).to.equal(acknowledged)
  })
})
