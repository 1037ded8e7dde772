import { expect } from 'chai'
import { type Outbox, outboxMigrations } from '../../atna-audit/outbox.js'
import { systemClock } from '../../ports/clock.js'
import { systemFiles } from '../../ports/files.js'
import { openStore } from '../../store/open-store.js'
import type { Migration, Store } from '../../store/store.js'
import { anOutbox, openMemory, records } from './loopback.js'

describe('the outbox', () => {
  let store: Store
  let outbox: Outbox

  beforeEach(async () => {
    store = await openMemory()
    outbox = anOutbox(store)
  })
  afterEach(() => store.close())

  it('keeps records with the work around them, or not at all', async () => {
    await store.write(() => outbox.insert(records(2)))
    await store
      .write(() => {
        outbox.insert(records(3))
        throw new Error('the work fails')
      })
      .catch(() => undefined)
    expect(outbox.depth()).to.equal(2)
  })

  it('gives them back in order, as syslog messages that are the same each time', async () => {
    await outbox.append(records(3))
    const frames = await outbox.waiting(0, 10)
    expect(await outbox.waiting(0, 10)).to.deep.equal(frames)
    expect(frames.map(({ frame }) => /UserID="([^"]*)"/.exec(Buffer.from(frame).toString())?.[1])).to.deep.equal([
      'record 0',
      'record 1',
      'record 2',
    ])
    expect((await outbox.waiting(frames[0]!.id, 1)).map(({ id }) => id)).to.deep.equal([frames[1]!.id])
  })

  it('forgets what was delivered, and its ids never come back', async () => {
    await outbox.append(records(3))
    const last = (await outbox.waiting(0, 10)).at(-1)!.id
    await outbox.delivered(last)
    expect([outbox.depth(), outbox.oldestMs()]).to.deep.equal([0, undefined])
    await outbox.append(records(1))
    expect((await outbox.waiting(0, 10))[0]!.id).to.be.greaterThan(last)
    expect(outbox.depth()).to.equal(1)
  })

  it('uses no id of a work that was undone, so that what waits can be counted', async () => {
    await outbox.append(records(2))
    await outbox.delivered(1)
    await store
      .write(() => {
        outbox.insert(records(3))
        throw new Error('the work fails')
      })
      .catch(() => undefined)
    await outbox.append(records(1))
    expect((await outbox.waiting(0, 10)).map(({ id }) => id)).to.deep.equal([2, 3])
    expect(outbox.depth()).to.equal(2)
  })

  it('keeps what waited in the database of an older version', async () => {
    const folder = await systemFiles.temporaryFolder('carnet-outbox-')
    const open = (migrations: Migration[]) =>
      openStore({ path: `${folder}/old.sqlite`, migrations }, systemClock, systemFiles)
    const old = await open(outboxMigrations.slice(0, 1))
    await old.write(() => old.prepare('INSERT INTO audit_outbox VALUES (?, ?, ?)').run(41, 1, Buffer.from('frame')))
    await old.close()
    const now = await open(outboxMigrations)
    await anOutbox(now).append(records(1))
    expect((await anOutbox(now).waiting(0, 10))[0]).to.deep.equal({
      id: 41,
      frame: new Uint8Array(Buffer.from('frame')),
    })
    expect((await anOutbox(now).waiting(41, 10)).map(({ id }) => id)).to.deep.equal([42])
    await now.close()
    await systemFiles.removeFolder(folder)
  })

  it('knows how long the oldest has been waiting', async () => {
    const before = Date.now()
    await outbox.append(records(1))
    expect(outbox.oldestMs()).to.be.within(before, Date.now())
  })

  it('tells who waits for records', async () => {
    let heard = 0
    outbox.onQueued(() => {
      heard += 1
    })
    await outbox.append(records(5))
    expect(heard).to.equal(1)
  })
})
