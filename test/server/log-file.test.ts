import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import type { OpenFile } from '../../ports/files.js'
import { logFile } from '../../server/log-file.js'

describe('a log file', () => {
  let writes: string[]
  let broken: boolean
  const files = {
    append: async () =>
      ({
        async write(bytes: Uint8Array) {
          if (broken) throw new Error('the disk is full')
          writes.push(Buffer.from(bytes).toString())
        },
        close: async () => undefined,
      }) as unknown as OpenFile,
  }
  beforeEach(() => {
    writes = []
    broken = false
  })

  it('gets lines in their order, many at once', async () => {
    let isGathered = () => {}
    const gathered = new Promise<void>(resolve => {
      isGathered = resolve
    })
    const lines = logFile('x.log', { files, clock: { ...systemClock, sleep: () => gathered } })
    lines.write('one\n')
    await new Promise(resolve => setImmediate(resolve))
    lines.write('two\n')
    isGathered()
    await lines.close()
    expect(writes).to.deep.equal(['one\ntwo\n'])
  })

  it('does not hold up the end of a process when it cannot be written', async () => {
    broken = true
    const lines = logFile('x.log', { files, clock: systemClock })
    lines.write('one\n')
    await lines.close()
    expect(writes).to.deep.equal([])
  })
})
