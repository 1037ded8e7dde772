import { expect } from 'chai'
import { systemFiles } from '../../ports/files.js'
import { deferred } from '../../ports/promises.js'
import { countWaiting } from '../../server/waiting-calls.js'

describe('calls of the file system that wait', () => {
  it('are told by the one that has waited longest, also in a file that is open', async () => {
    let nowMs = 0
    const [first, second] = [deferred<void>(), deferred<void>()]
    const file = { ...(await systemFiles.open('/dev/null')), sync: () => first.promise }
    const played = { ...systemFiles, open: async () => file, syncFolder: () => second.promise }
    const { files, longestMs } = countWaiting(played, { monotonicMs: () => nowMs })
    expect(longestMs()).to.equal(0)
    const opened = await files.open('/a')
    const syncs = opened.sync()
    nowMs = 5
    const failing = files.syncFolder('/a').catch((problem: Error) => problem.message)
    nowMs = 7
    expect(longestMs()).to.equal(7)
    first.resolve()
    await syncs
    expect(longestMs()).to.equal(2)
    second.reject(new Error('EIO'))
    expect(await failing).to.equal('EIO')
    expect(longestMs()).to.equal(0)
    await opened.close()
  })
})
