// The stand-in for the UPI: what it gives, to whom, and what it refuses.
import { expect } from 'chai'
import type { UpiAnswer } from '../../../../patient-index/upi/upi.js'
import { eprSpidAsCx, eprSpidIn } from '../../../../xua/swiss-rules.js'
import { ahv, aUpi, registeredMaja, type TestUpi } from '../a-upi.js'

describe('the stand-in for the UPI', () => {
  let upi: TestUpi
  beforeEach(async () => {
    upi = await aUpi()
  })
  afterEach(() => upi.close())

  const generate = (vn: string, person = registeredMaja) => upi.manage({ action: 'generate', vn, person })
  const numbers = (answer: UpiAnswer) => (answer.is === 'positive' ? answer.pids.spids : [])
  const codes = (answer: UpiAnswer) =>
    answer.is === 'positive' ? answer.notices.map(({ code }) => code) : [answer.notice.code]

  it('gives numbers of 18 digits whose last one proves them, each another [eCH-0213: generate]', async () => {
    const given = new Set<string>()
    for (let count = 0; count < 50; count += 1) {
      const [spid = ''] = numbers(await generate(ahv(String(count))))
      expect(spid).to.match(/^76133761\d{10}$/)
      expect(eprSpidIn(eprSpidAsCx(spid))).to.equal(spid)
      given.add(spid)
    }
    expect(given.size).to.equal(50)
  })

  it('gives a person one number, however often it is asked [eCH-0213: generate]', async () => {
    const first = await generate(ahv('1'))
    const again = await generate(ahv('1'))
    expect(numbers(again)).to.deep.equal(numbers(first)).and.to.have.length(1)
    expect(codes(again)).to.deep.equal([310_407])
  })

  it('gives none where name and birthday are of somebody else, and warns where one is [eCH-0213: 2.4.1]', async () => {
    await generate(ahv('1'))
    const married = { ...registeredMaja, officialName: 'Favre' }
    expect(codes(await generate(ahv('1'), married))).to.include(310_403)
    const other = await generate(ahv('1'), { ...married, firstName: 'Rosa' })
    expect(other).to.deep.include({ is: 'negative' })
    expect(codes(other)).to.deep.equal([310_402])
  })

  it('knows nobody whose AHV number is none, nor those kept to try that', async () => {
    for (const vn of ['7561234567890', '123', '', `7569999${'00000'}0`, ahv('999900001')]) {
      expect(await generate(vn), vn).to.deep.include({ is: 'negative' })
      expect(await upi.info({ vn }), vn).to.deep.include({ is: 'negative' })
    }
  })

  it('cancels a number, tells it, and gives another when it is asked again [eCH-0213: cancel]', async () => {
    const [spid = ''] = numbers(await generate(ahv('1')))
    expect(await upi.manage({ action: 'cancel', spid, vn: ahv('2') })).to.deep.include({ is: 'negative' })
    expect(numbers(await upi.manage({ action: 'cancel', spid, vn: ahv('1') }))).to.deep.equal([])
    expect(upi.told).to.deep.equal([{ cancelled: spid }])
    expect(await upi.manage({ action: 'cancel', spid })).to.deep.include({ is: 'negative' })
    expect(numbers(await upi.info({ spid }))).to.deep.equal([])
    expect(numbers(await generate(ahv('1')))).not.to.include(spid)
  })

  it('ends one number in another, and says which is in use when it is asked for the ended one [eCH-0213: inactivate]', async () => {
    const [ends = ''] = numbers(await generate(ahv('1')))
    const [stays = ''] = numbers(await generate(ahv('2')))
    expect(numbers(await upi.manage({ action: 'inactivate', inactive: ends, active: stays }))).to.deep.equal([stays])
    expect(upi.told).to.deep.equal([{ inactive: ends, active: stays }])
    expect(numbers(await upi.info({ spid: ends }))).to.deep.equal([stays])
    expect(await upi.manage({ action: 'inactivate', inactive: ends, active: stays })).to.deep.include({
      is: 'negative',
    })
  })
})
