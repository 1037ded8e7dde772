import { expect } from 'chai'
import type { AuditRecord } from '../../atna-audit/message.js'
import { systemPorts } from '../../ports/ports.js'
import { heldRecords } from '../../server/held-records.js'
import type { Log } from '../../server/log.js'

const record = (outcomeDescription: string) => ({ outcomeDescription }) as AuditRecord

function played() {
  const written: (string | undefined)[] = []
  const lines: object[] = []
  const works: (() => void)[] = []
  let isFull = true
  const clock = {
    ...systemPorts.clock,
    after: (_: number, work: () => void) => {
      works.push(work)
      return { cancel: () => {} }
    },
  }
  const append = async (records: AuditRecord[]) => {
    if (isFull) throw new Error('full')
    written.push(...records.map(each => each.outcomeDescription))
  }
  const log = { error: (facts: object) => lines.push(facts) } as unknown as Log
  return {
    held: heldRecords(append, { clock, log }),
    written,
    lines,
    async aSecondLater() {
      for (const work of works.splice(0)) work()
      await systemPorts.clock.sleep(1)
    },
    isEmptied: () => {
      isFull = false
    },
  }
}

describe('records that there is no room for', () => {
  it('are written in their order when there is', async () => {
    const { held, written, aSecondLater, isEmptied } = played()
    held.hold([record('1')])
    await aSecondLater()
    held.hold([record('2'), record('3')])
    isEmptied()
    await aSecondLater()
    expect(written).to.deep.equal(['1', '2', '3'])
  })

  it('are written at the end, if that can be', async () => {
    const { held, written, isEmptied } = played()
    held.hold([record('1')])
    isEmptied()
    await held.close()
    expect(written).to.deep.equal(['1'])
  })

  it('are bounded, and the log says how many were lost', async () => {
    const { held, written, lines, aSecondLater, isEmptied } = played()
    for (let count = 0; count < 101; count += 1) held.hold(Array.from({ length: 100 }, () => record('x')))
    await aSecondLater()
    isEmptied()
    await aSecondLater()
    expect(written).to.have.length(10_000)
    expect(lines).to.deep.equal([{ lost: 100 }])
  })
})
