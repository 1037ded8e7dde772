import { expect } from 'chai'
import { unsyncedRecords } from '../../atna-audit/unsynced-records.js'

describe('records that are not synced yet', () => {
  const row = (id: number) => ({ id, queuedMs: 0, frame: Buffer.from(`${id}`) })
  const idsIn = ({ all }: ReturnType<typeof unsyncedRecords>) => all().map(({ id }) => id)

  it('are kept until they are delivered, or the server has lived on for long enough', () => {
    const unsynced = unsyncedRecords()
    for (const id of [1, 2, 3]) unsynced.add(row(id), id * 1_000)
    unsynced.drop([2, 7])
    expect(idsIn(unsynced)).to.deep.equal([1, 3])
    unsynced.lived(4_000)
    expect(idsIn(unsynced)).to.deep.equal([1, 3])
    unsynced.lived(4_001)
    expect(idsIn(unsynced)).to.deep.equal([3])
  })

  it('are not kept without a bound', () => {
    const unsynced = unsyncedRecords()
    for (let id = 1; id <= 10_002; id++) unsynced.add(row(id), 0)
    expect([unsynced.all().length, idsIn(unsynced)[0]]).to.deep.equal([10_000, 3])
  })
})
