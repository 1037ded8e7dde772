import { expect } from 'chai'
import { auditRecordsRemoved } from '../../../atna-audit/log-events.js'
import { described, ourselves } from '../../../atna-audit/repository/arrival.js'
import { removalUrn } from '../../../atna-audit/repository/chain/removals.js'
import { findRecords } from '../../../atna-audit/repository/find-records.js'
import { index, keep } from '../../../atna-audit/repository/records.js'
import { openRetention, type RetentionRules } from '../../../atna-audit/repository/retention.js'
import { term } from '../../../atna-audit/repository/terms.js'
import { writeMessage } from '../../../atna-audit/write-message.js'
import { systemClock } from '../../../ports/clock.js'
import { holdsIn } from '../../../server/holds.js'
import { silent } from '../loopback.js'
import { type ALog, aLog } from './chain/a-log.js'
import { indented } from './messages.js'

const dayMs = 86_400_000

describe('the rules of retention', () => {
  let log: ALog
  const clock = { ...systemClock, now: () => Date.UTC(2026, 5, 1) + 11 * dayMs }

  beforeEach(async () => {
    log = await aLog()
    await log.add(300)
    await take(indented)
    await log.chain.seal()
  })
  afterEach(() => log.close())

  const write = (text: string, origin = 'test') => {
    const arrival = {
      frame: Buffer.from(`<85>1 - h a p m - ${text}`),
      origin,
      receivedMs: Date.UTC(2026, 5, 1),
      repeatable: false,
    }
    keep(log.store, arrival, described(arrival))
  }
  const take = (text: string) => log.store.write(() => write(text))

  async function run(rules: RetentionRules['rules'], remove = true) {
    const retention = openRetention({
      store: log.store,
      rules: { leastDays: 0, rules, everyHours: 24 },
      clock,
      signedSize: () => log.chain.state().signedSize,
      note: ({ rule }, count, urn) => {
        const facts = { actor: 'a', processId: 1, hostName: 'h', dateTimeMs: clock.now() }
        write(
          writeMessage(auditRecordsRemoved({ uri: 'u', urn, rule, count }, facts), { auditSourceID: 's' }),
          ourselves,
        )
      },
      log: silent,
    })
    const outcome = await retention.run({ remove })
    await retention.end()
    return outcome
  }

  const left = () => log.store.prepare('SELECT count(*) AS count FROM audit_record').get()?.count
  const terms = () => log.store.prepare('SELECT count(*) AS count FROM audit_term WHERE record <= 301').get()?.count

  it('remove what is old enough, and the others still prove themselves', async () => {
    expect(await run([{ days: 10 }], false)).to.deep.equal({ looked: 301, removed: 301, held: 0 })
    expect(left()).to.equal(301)
    expect(await run([{ days: 10 }])).to.deep.equal({ looked: 301, removed: 301, held: 0 })
    expect([left(), terms()]).to.deep.equal([2, 0])
    await log.chain.seal()
    expect(log.verified({ index: true })).to.deep.include({ removed: 301, records: 2, findings: [] })
    const [listed] = findRecords(log.store, { action: 'D' }, { limit: 1 }, clock).records
    expect(listed?.frame.toString()).to.contain('urn:carnet:audit-removal:')
    expect(await run([{ days: 10 }])).to.deep.include({ removed: 0 })
  })

  it('go by the kind of event, the first that fits', async () => {
    expect(await run([{ types: ['ITI-45'], days: 20 }, { days: 10 }])).to.deep.include({ removed: 300 })
    expect(left()).to.equal(1 + 2)
    expect(log.verified().findings).to.deep.equal([])
  })

  it('leave what is younger, and what no root has been signed over', async () => {
    expect(await run([{ days: 12 }])).to.deep.equal({ looked: 0, removed: 0, held: 0 })
    await log.add(4)
    expect(await run([{ days: 10 }])).to.deep.include({ removed: 301 })
  })

  it('leave what has come after what they leave, though a clock once said that it is old', async () => {
    await log.store.write(() =>
      log.store.prepare('UPDATE audit_record SET received_ms = 0 WHERE id IN (100, 200)').run(),
    )
    expect(await run([{ days: 12 }])).to.deep.include({ removed: 0 })
    expect(await run([{ days: 10 }])).to.deep.include({ removed: 301 })
  })

  it('leave nothing in the index of what tells no time and came while the clock had gone back', async () => {
    await log.store.write(() => {
      const arrival = { frame: Buffer.from('nonsense'), origin: 'test', receivedMs: 0, repeatable: false }
      keep(log.store, arrival, described(arrival))
    })
    await log.chain.seal()
    expect(await run([{ days: 10 }])).to.deep.include({ removed: 302 })
    expect(log.store.prepare('SELECT count(*) AS count FROM audit_term WHERE record <= 302').get()?.count).to.equal(0)
  })

  describe('followed by the service itself', () => {
    async function followed(latestMs: number | undefined, ahead: number): Promise<{ left: unknown; said: string[] }> {
      let nowMs = clock.now()
      let follow = () => {}
      const said: string[] = []
      const retention = openRetention({
        store: log.store,
        rules: { leastDays: 0, rules: [{ days: 10 }], everyHours: 24 },
        clock: {
          ...systemClock,
          now: () => nowMs,
          every(_, work) {
            follow = work
            return { cancel() {} }
          },
        },
        latestMs,
        signedSize: () => log.chain.state().signedSize,
        note: () => {},
        log: { ...silent, error: ({ reason }: { reason?: string }) => void said.push(reason ?? '') },
      })
      nowMs += ahead
      follow()
      for (let tries = 0; tries < 200 && left() !== 0 && said.length === 0; tries += 1) await systemClock.sleep(10)
      await retention.end()
      return { left: left(), said }
    }

    it('remove nothing after the clock has gone ahead, or at a start long after the last record', async () => {
      const gone = await followed(clock.now(), 20 * dayMs)
      expect(gone).to.deep.equal({
        left: 301,
        said: ['the clock has gone ahead by 20 days since this service was started'],
      })
      const late = await followed(clock.now() - 100 * dayMs, 0)
      expect(late.left).to.equal(301)
      expect(late.said[0]).to.contain('100 days have passed between this start and the last record before it')
    })

    it('remove what is old while the clock is to be believed', async () => {
      expect(await followed(clock.now() - dayMs, 1_000)).to.deep.equal({ left: 0, said: [] })
      expect((await followed(undefined, 0)).said).to.deep.equal([])
    })
  })

  it('leave what is under a legal hold', async () => {
    const hold = { id: 'case-1', reason: 'r', by: 'admin', sinceMs: 0 }
    await holdsIn(log.store).put({ ...hold, kind: 'patient', values: ['A1^^^&2.999.5&ISO'] }, () => {})
    expect(await run([{ days: 10 }])).to.deep.equal({ looked: 301, removed: 300, held: 1 })
    await holdsIn(log.store).put({ ...hold, id: 'case-2', kind: 'document', values: ['1.2.3'] }, () => {})
    await holdsIn(log.store).lift('case-1', () => {})
    expect(await run([{ days: 10 }])).to.deep.include({ removed: 1 })
  })

  it('hide nothing that somebody else takes away', async () => {
    await run([{ types: ['ITI-45'], days: 10 }])
    await log.store.write(() => {
      log.store.prepare('DELETE FROM audit_record WHERE id = 7').run()
      log.store.prepare(`INSERT INTO audit_removal (removed_ms, rule, records) VALUES (1, 'forged', '7')`).run()
    })
    const missing = ['record 7 is missing, and no rule has removed it']
    const findings = () => log.verified().findings.map(({ what }) => what)
    expect(findings()).to.deep.equal(missing)
    // Nor does it help to write into the index that a record tells of the list, or to send such a record.
    const urn = removalUrn({ rule: 'forged', records: '7' })
    const [found] = findRecords(log.store, { action: 'D' }, { limit: 1 }, clock).records
    await log.store.write(() =>
      index(log.store, found?.id ?? 0, { eventMs: clock.now(), terms: [term('object', urn)] }),
    )
    expect(findings()).to.deep.equal(missing)
    const facts = { actor: 'a', processId: 1, hostName: 'h', dateTimeMs: clock.now() }
    const record = auditRecordsRemoved({ uri: 'u', urn, rule: 'forged', count: 1 }, facts)
    await take(writeMessage(record, { auditSourceID: 's' }))
    expect(findings()).to.deep.equal(missing)
  })
})
