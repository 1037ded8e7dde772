// Questions that are answered later, on the disk.
import { expect } from 'chai'
import { type KeptQuestion, openDeferredQuestions } from '../../../gateway/later/deferred-questions.js'
import { gatewayMigrations } from '../../../gateway/migrations.js'
import { systemPorts } from '../../../ports/ports.js'
import { openStore } from '../../../store/open-store.js'
import { folder } from '../../soap/wire.js'
import { bern, id } from '../a-gateway.js'

const place = folder()
after(() => place.remove())

const { clock, files } = systemPorts
const open = () => openStore({ path: `${place.path}/gateway.sqlite`, migrations: gatewayMigrations }, clock, files)
const aQuestion = (messageID: string, untilMs: number): KeptQuestion => ({
  ...{ messageID, homeCommunityId: bern, patientId: id('1'), queryId: { root: '2.999.5', extension: 'q' }, untilMs },
  wanted: { patientIds: [id('7', '2.999.3')], born: { from: '19710304', to: '19710304' } },
})

describe('a question that is answered later', () => {
  it('is there after the end of the process, until it is answered or its time is over [ITI TF-2:3.55.6.2]', async () => {
    const first = await open()
    const questions = openDeferredQuestions(first)
    for (const [messageID, untilMs] of [
      ['urn:uuid:1', 1_000],
      ['urn:uuid:2', 3_000],
      ['urn:uuid:3', 2_000],
      ['urn:uuid:4', 4_000],
    ] as const)
      await questions.keep(aQuestion(messageID, untilMs))
    await questions.forget('urn:uuid:4')
    await first.close()

    const second = await open()
    const left = openDeferredQuestions(second).left
    expect(await left(1_000)).to.deep.equal([aQuestion('urn:uuid:3', 2_000), aQuestion('urn:uuid:2', 3_000)])
    expect(await left(2_500)).to.deep.equal([aQuestion('urn:uuid:2', 3_000)])
    expect(await left(0)).to.have.length(1)
    await second.close()
  })
})
