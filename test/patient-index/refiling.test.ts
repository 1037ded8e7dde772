// Records of a former version, which has kept no traits and other keys.
import { expect } from 'chai'
import { refile } from '../../patient-index/refiling.js'
import { systemPorts } from '../../ports/ports.js'
import { aPatientIndex, id, maja, south } from './a-patient-index.js'

const silent = { info: () => undefined, error: () => undefined }

describe('records of a former version', () => {
  it('are filed anew, so that they are found and compared like others', async () => {
    const index = await aPatientIndex()
    const { store, persons } = index.context
    const one = await index.add(id('1'))
    await index.add(id('2'))
    await index.merge(id('2'), id('1'))
    await store.write(() => {
      store.prepare('UPDATE records SET traits = NULL').run()
      store.prepare('DELETE FROM keys').run()
      store.prepare("INSERT INTO keys (key, born, record) VALUES ('fy:mlr:1960', '19600618', 1)").run()
    })
    const refiling = refile({ store, persons, clock: systemPorts.clock, log: silent })
    await refiling.done
    expect(persons.unfiled(10)).to.deep.equal([])
    // What its source has ended is found no more.
    expect(store.prepare('SELECT DISTINCT record FROM keys').all()).to.have.length(1)
    expect(await index.add(id('a', south))).to.equal(one)
    await index.close()
  })

  it('are compared before that too', async () => {
    const index = await aPatientIndex()
    const one = await index.add(id('1'), maja)
    await index.context.store.write(() => index.context.store.prepare('UPDATE records SET traits = NULL').run())
    expect(await index.add(id('a', south))).to.equal(one)
    await index.close()
  })
})
