// What the tree says of records that were nearly lost: refused by a full disk, sent again, cut off by the end of the process.
import { copyFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Arrival } from '../../../../atna-audit/repository/arrival.js'
import { openIntake } from '../../../../atna-audit/repository/intake.js'
import { systemPorts as ports } from '../../../../ports/ports.js'
import { withToken } from '../messages.js'
import { type ALog, aLog } from './a-log.js'

describe('the tree, where records are nearly lost', () => {
  let folder: string
  let log: ALog
  beforeEach(async () => {
    folder = await ports.files.temporaryFolder('carnet-loss-')
    log = await aLog(folder)
  })
  afterEach(async () => {
    await log.close()
    await ports.files.removeFolder(folder)
  })

  const arrival = (host: string): Arrival => ({
    frame: Buffer.from(`<85>1 - ${host} a p m - ${withToken}`),
    origin: 'test',
    receivedMs: 1,
    repeatable: true,
  })
  const run = (sql: string) => log.store.write(() => log.store.prepare(sql).run())
  const size = () => log.store.prepare('SELECT count(*) AS count FROM audit_leaf').get()?.count

  it('has no leaf of what the disk refused, none twice of what is sent again, and no gap', async () => {
    await run(
      `CREATE TRIGGER full BEFORE INSERT ON audit_leaf WHEN (SELECT host FROM audit_record WHERE id = NEW.id) = 'late'
       BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
    )
    const intake = openIntake(log.store, ports.clock)
    const taken = await Promise.allSettled([
      intake.take([arrival('one')]),
      intake.take([arrival('two'), arrival('late')]),
      intake.take([arrival('three')]),
    ])
    expect(taken.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled'])
    expect(size()).to.equal(2)
    await run('DROP TRIGGER full')
    for (let times = 0; times < 2; times += 1) await intake.take(['one', 'two', 'late', 'three'].map(arrival))
    await log.chain.seal()
    expect(log.verified({ index: true })).to.deep.include({ records: 4, unsigned: 0, findings: [] })
  })

  it('is signed while so much comes that another part of it becomes whole, and says how many records it has', async () => {
    await log.add(6)
    const signing = log.chain.seal()
    // The commit that keeps the parts has room for others behind it.
    for (let turns = 0; turns < 20; turns += 1) await undefined
    const added = log.add(600)
    await Promise.all([signing, added])
    expect(log.chain.state().size).to.equal(606)
    await log.chain.seal()
    expect(log.verified()).to.deep.include({ unsigned: 0, findings: [] })
  })

  it('is whole after the process ended in the middle of its work', async () => {
    await log.add(300)
    await log.chain.seal()
    await log.add(20)
    const copy = await ports.files.temporaryFolder('carnet-loss-')
    // What a killed process leaves: its files as they are.
    for (const name of ['audit.sqlite', 'audit.sqlite-wal', 'audit-signing.key', 'audit-roots.jsonl']) {
      copyFileSync(`${folder}/${name}`, `${copy}/${name}`)
    }
    const after = await aLog(copy)
    expect(after.chain.alarms).to.deep.equal([])
    await after.add(1)
    await after.chain.seal()
    expect(after.verified({ index: true })).to.deep.include({ records: 321, unsigned: 0, findings: [] })
    await after.close()
    await ports.files.removeFolder(copy)
  })
})
