import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { watchStorage } from '../../repository/storage-watch.js'
import { S3Problem } from '../../s3/problem.js'

function aWatch() {
  let nowMs = 0
  let problem: Error | undefined
  const news: (string | undefined)[] = []
  const state = { probes: 0 }
  const watch = watchStorage({
    clock: { ...systemClock, monotonicMs: () => nowMs },
    async probe() {
      state.probes += 1
      if (problem !== undefined) throw problem
    },
    told: words => void news.push(words),
  })
  return {
    ...watch,
    state,
    news,
    pass: (ms: number) => {
      nowMs += ms
    },
    failing: (with_: Error | undefined) => {
      problem = with_
    },
  }
}

const away = new S3Problem('away', 'nobody answers')

describe('whether the object storage answers', () => {
  it('is asked where nothing was heard lately, by one at a time', async () => {
    const watch = aWatch()
    const [a, b] = await Promise.all([watch.check(), watch.check()])
    expect([a, b]).to.deep.equal([
      { ok: true, reason: 'it answers' },
      { ok: true, reason: 'it answers' },
    ])
    expect(watch.state.probes).to.equal(1)
    watch.pass(4_000)
    await watch.during(async () => {})
    watch.pass(4_000)
    await watch.check()
    expect(watch.state.probes).to.equal(1)
    watch.pass(2_000)
    await watch.check()
    expect(watch.state.probes).to.equal(2)
  })

  it('is told once when it goes and once when it comes back', async () => {
    const watch = aWatch()
    watch.failing(away)
    for (let tries = 0; tries < 3; tries++) {
      expect(await watch.check()).to.deep.equal({ ok: false, reason: 'nobody answers' })
      watch.pass(1_500)
    }
    expect(watch.news).to.deep.equal(['nobody answers'])
    watch.failing(undefined)
    expect(await watch.check()).to.deep.equal({ ok: true, reason: 'it answers' })
    expect(watch.news).to.deep.equal(['nobody answers', undefined])
  })

  it('is learnt from work that fails because it is away, and from no other failure', async () => {
    const watch = aWatch()
    const failed = (problem: Error) => watch.during(() => Promise.reject(problem)).catch((thrown: unknown) => thrown)
    expect(await failed(new S3Problem('refused', 'not that one'))).to.have.property('message', 'not that one')
    expect(await failed(new Error('a mistake of ours'))).to.have.property('message', 'a mistake of ours')
    expect(watch.news).to.deep.equal([])
    await failed(away)
    expect(watch.news).to.deep.equal(['nobody answers'])
    await watch.during(async () => 'done')
    expect(watch.news).to.deep.equal(['nobody answers', undefined])
  })

  it('is told when nothing may be put there, until that is tried again in half a minute', async () => {
    const watch = aWatch()
    const refuse = () =>
      watch.putting(() => Promise.reject(new S3Problem('refused', 'no rights'))).catch((thrown: unknown) => thrown)
    for (let tries = 0; tries < 3; tries++) {
      await refuse()
      watch.pass(6_000)
      await watch.during(async () => 'read')
      expect(await watch.check()).to.deep.equal({ ok: false, reason: 'no rights' })
    }
    expect(watch.news).to.deep.equal(['no rights'])
    watch.pass(30_000)
    expect((await watch.check()).ok).to.equal(true)
    await refuse()
    await watch.putting(async () => 'kept')
    expect((await watch.check()).ok).to.equal(true)
    expect(watch.news).to.deep.equal(['no rights', undefined, 'no rights', undefined])
  })
})
