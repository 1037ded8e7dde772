import { expect } from 'chai'
import { deferred, runsFromNowOn, unlessAborted } from '../../ports/promises.js'

describe('ports/promises', () => {
  it('resolves or rejects from outside', async () => {
    const [kept, broken] = [deferred<number>(), deferred<number>()]
    kept.resolve(7)
    broken.reject(new Error('no'))
    expect(await kept.promise).to.equal(7)
    expect(await broken.promise.catch(problem => problem.message)).to.equal('no')
  })

  it('gives what comes before the signal, and the reason of the signal before what comes', async () => {
    const end = new AbortController()
    const late = deferred<string>()
    expect(await unlessAborted(end.signal, Promise.resolve('in time'))).to.equal('in time')
    const failed = unlessAborted(end.signal, Promise.reject(new Error('by itself')))
    expect(await failed.catch(problem => problem.message)).to.equal('by itself')
    const ended = unlessAborted(end.signal, late.promise)
    end.abort(new Error('enough'))
    late.resolve('too late')
    expect(await ended.catch(problem => problem.message)).to.equal('enough')
    const never = unlessAborted(end.signal, Promise.resolve('after it'))
    expect(await never.catch(problem => problem.message)).to.equal('enough')
  })

  it('runs from now on for each who asks, once for all who ask meanwhile, also behind a run that failed', async () => {
    const runs: ReturnType<typeof deferred<void>>[] = []
    const fromNowOn = runsFromNowOn(() => {
      const run = deferred<void>()
      runs.push(run)
      return run.promise
    })
    const first = fromNowOn()
    const [second, third] = [fromNowOn(), fromNowOn()]
    expect(runs).to.have.length(1)
    runs[0]!.reject(new Error('no'))
    expect(await first.catch(problem => problem.message)).to.equal('no')
    await Promise.resolve()
    expect(runs).to.have.length(2)
    runs[1]!.resolve()
    await Promise.all([second, third])
    expect(runs).to.have.length(2)
    void fromNowOn()
    expect(runs).to.have.length(3)
  })
})
