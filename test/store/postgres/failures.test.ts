import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { StoreAway, StoreFull, StoreRefused } from '../../../store/failures.js'
import { awayInWords, failureOf } from '../../../store/postgres/failures.js'
import { transactionsOver } from '../../../store/postgres/transactions.js'

const saying = (code: string, message = 'as the server says') => Object.assign(new Error(message), { code })

describe('what a failing PostgreSQL says', () => {
  it('is no refusal of a submission where the server lacks something, or has been told to end', () => {
    for (const code of ['53000', '53300', '53400', '57P01', '57P04', '57P05', '25P04', '58030', 'ECONNRESET'])
      expect(failureOf(saying(code)), code)
        .to.be.instanceOf(StoreAway)
        .and.not.instanceOf(StoreRefused)
    expect(failureOf(saying('53100'))).to.be.instanceOf(StoreFull)
  })

  it('is no refusal of a submission where a password, a right, a database or a table is missing, and somebody has to look', () => {
    for (const code of ['28000', '28P01', '3D000', '3F000', '42501', '42P01']) {
      const failure = failureOf(saying(code)) as StoreRefused
      expect(failure, code).to.be.instanceOf(StoreRefused)
      expect(failure.message).to.not.contain('as the server says')
      expect(awayInWords(failure)).to.equal('the database refuses: as the server says')
    }
  })

  it('is no refusal of a submission where it lets nobody in, whatever its reason', async () => {
    const pool = { connect: () => Promise.reject(saying('55000')), close: async () => {} }
    const patience = { attempts: 1, awayMs: 0, pauseMs: 1 }
    const failure = await transactionsOver(pool, systemPorts, patience)
      .run(async () => {})
      .catch(problem => problem)
    expect(failure).to.be.instanceOf(StoreRefused)
    expect(awayInWords(failure)).to.equal('the database refuses: as the server says')
  })

  it('stays what it is where nobody has foreseen it', () => {
    const problem = saying('22012')
    expect(failureOf(problem)).to.equal(problem)
  })
})
