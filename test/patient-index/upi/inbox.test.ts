// What the UPI tells everybody, as a sedex client lays it down: followed once, as a whole, or put aside.
import { join } from 'node:path'
import { expect } from 'chai'
import { broadcastXml } from '../../../patient-index/upi/broadcasts.js'
import { readInbox } from '../../../patient-index/upi/inbox.js'
import { systemPorts } from '../../../ports/ports.js'
import type { Log } from '../../../server/log.js'
import { aPatientIndex, id, maja, nation, south, type TestPatientIndex } from '../a-patient-index.js'

const [ends, stays] = ['761337610411353650', '761337610469261945']
const cx = (spid: string) => id(spid, nation)
const header = { senderId: 'sedex://T0-0-0', messageId: 'm', dateMs: 0, isTest: true }
const inactivation = broadcastXml({ inactivations: [{ inactive: ends, active: stays }], cancellations: [] }, header)
const cancellation = broadcastXml(
  { inactivations: [], cancellations: [{ spid: ends, reason: 'requestedByOwner' }] },
  header,
)

describe('the folder of the UPI', () => {
  const { files } = systemPorts
  let folder: string
  let index: TestPatientIndex
  const said: string[] = []
  const log = {
    info: (_facts: object, words: string) => void said.push(words),
    error: ({ failure }: { failure: string }, words: string) => void said.push(`${words}: ${failure}`),
  } as unknown as Log

  beforeEach(async () => {
    said.length = 0
    folder = await files.temporaryFolder('upi-inbox-')
    for (const name of ['done', 'refused']) await files.makeFolder(join(folder, name))
    index = await aPatientIndex({}, 'ch-epr')
  })
  afterEach(async () => {
    await index.close()
    await files.removeFolder(folder)
  })

  const lay = (name: string, text: string) => files.replace(join(folder, name), text)
  const read = () => readInbox(folder, index.context, log)
  const numberOf = async (patientId: string) => (await index.pix(patientId, nation)).patientIds
  const historyOf = async (rest: string) =>
    ((await index.ask('/admin/persons', { rest })) as { history: { what: string; why: string; by: string }[] }).history

  it('has numbers replaced, of whoever has them [eCH-0215: inactivationOfSPID]', async () => {
    const own = await index.add(id('1'), maja, cx(ends))
    await lay('data_1.xml', inactivation)
    await read()
    expect(await numberOf(id('1'))).to.deep.equal([cx(stays)])
    expect(index.notices().at(-1)).to.deep.equal({ event: 'revise', body: { patientIds: [own, cx(stays)] } })
    expect((await historyOf(id('1'))).at(-1)).to.deep.include({ by: 'UPI', what: 'number replaced' })
    expect(await files.list(join(folder, 'done'))).to.deep.equal(['data_1.xml'])
  })

  it('joins two persons whose numbers are one now [eCH-0215: inactivationOfSPID]', async () => {
    await index.add(id('1'), maja, cx(ends))
    const other = await index.add(id('a', south), maja, cx(stays))
    await lay('data_1.xml', inactivation)
    await read()
    expect(index.own(id('1'))).to.equal(other)
    expect(await numberOf(id('1'))).to.deep.equal([cx(stays)])
  })

  it('joins nobody whom an administrator has told apart, and writes that down', async () => {
    await index.add(id('1'), maja, cx(ends))
    await index.add(id('2'), { ...maja, birthTime: '19700101' }, cx(stays))
    const [one, other] = [id('1'), id('2')].map(each => index.context.persons.recordBy(each)?.record ?? 0) as [
      number,
      number,
    ]
    await index.context.store.write(() => index.context.persons.decide(one, other, 'different', 'admin', 0))
    await lay('data_1.xml', inactivation)
    await read()
    expect(index.own(id('1'))).not.to.equal(index.own(id('2')))
    expect((await historyOf(id('1'))).at(-1)).to.deep.include({ what: 'not joined' })
  })

  it('has numbers cancelled, once [eCH-0215: cancellationOfSPID]', async () => {
    await index.add(id('1'), maja, cx(ends))
    await lay('data_1.xml', cancellation)
    await read()
    expect(await numberOf(id('1'))).to.deep.equal([])
    const before = index.notices().length
    await lay('data_2.xml', cancellation)
    await read()
    expect(index.notices()).to.have.length(before)
  })

  it('writes down what else the UPI says of a person [eCH-0215: multipleActiveSPIDs] [eCH-0215: changeInDemographics]', async () => {
    await index.add(id('1'), maja, cx(ends))
    const content =
      `<multipleActiveSPIDs><activeSPID>${ends}</activeSPID><activeSPID>${stays}</activeSPID></multipleActiveSPIDs>` +
      `<changeInDemographics><activeSPID>${ends}</activeSPID></changeInDemographics>`
    await lay('data_1.xml', inactivation.replace(/<inactivationOfSPID>.*<\/inactivationOfSPID>/, content))
    await read()
    expect((await historyOf(id('1'))).slice(-2).map(({ what }) => what)).to.deep.equal([
      'has several numbers',
      'changed at the UPI',
    ])
    expect(await numberOf(id('1'))).to.deep.equal([cx(ends)])
  })

  it('puts aside what it cannot read, changes nothing by it, and goes on', async () => {
    await index.add(id('1'), maja, cx(ends))
    await lay('data_1.xml', 'no XML')
    await lay('data_2.xml', '<other xmlns="http://www.ech.ch/xmlns/eCH-0215/2"/>')
    await lay('data_3.xml', inactivation.replace(stays, '761337610469261946'))
    await lay('data_4.xml', inactivation.replace('EPD-ID.BAG.ADMIN.CH', 'OTHER'))
    await lay('envl_5.xml', '<envelope/>')
    await lay('data_6.xml', cancellation)
    await read()
    expect((await files.list(join(folder, 'refused'))).sort()).to.deep.equal([
      'data_1.xml',
      'data_2.xml',
      'data_3.xml',
      'data_4.xml',
    ])
    expect(await files.list(join(folder, 'done'))).to.deep.equal(['data_6.xml'])
    expect(said.filter(words => words.includes('"761337610469261946" is no EPR-SPID'))).to.have.length(1)
    expect(await numberOf(id('1'))).to.deep.equal([])
  })
})
