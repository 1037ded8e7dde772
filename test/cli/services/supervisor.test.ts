import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { type ServiceMessage, supervise } from '../../../cli/services/supervisor.js'
import { type Clock, systemClock } from '../../../ports/clock.js'
import type { Child } from '../../../ports/processes.js'

/** A child that does what the test says. */
class PlayedChild implements Child {
  readonly pid = 1
  readonly signals: string[] = []
  readonly ended: Promise<{ code: number | null; signal: string | null }>
  end!: (how: { code: number | null; signal: string | null }) => void
  say: (message: ServiceMessage) => void = () => {}

  constructor(
    readonly name: string,
    readonly obeys: boolean,
  ) {
    this.ended = new Promise(resolve => {
      this.end = resolve
    })
  }

  onMessage(hear: (message: unknown) => void): void {
    this.say = hear
  }

  signal(name: 'SIGTERM' | 'SIGKILL'): void {
    this.signals.push(name)
    if (this.obeys || name === 'SIGKILL') this.end({ code: null, signal: name })
  }
}

/** A clock whose time passes when the test says so. */
function playedClock(): Clock & { pass(ms: number): Promise<void> } {
  let now = 0
  let waiting: { at: number; work: () => void }[] = []
  const after = (ms: number, work: () => void) => {
    const timer = { at: now + ms, work }
    waiting.push(timer)
    return { cancel: () => (waiting = waiting.filter(other => other !== timer)) }
  }
  return {
    ...systemClock,
    monotonicMs: () => now,
    after,
    sleep: (ms, { signal } = {}) =>
      new Promise((resolve, reject) => {
        after(ms, resolve)
        signal?.addEventListener('abort', () => reject(signal.reason))
      }),
    async pass(ms) {
      now += ms
      await turn()
      const due = waiting.filter(({ at }) => at <= now)
      waiting = waiting.filter(({ at }) => at > now)
      for (const { work } of due) work()
      await turn()
    },
  }
}

function play(options: { obeys?: boolean } = {}) {
  const children: PlayedChild[] = []
  const lines: string[] = []
  const clock = playedClock()
  const supervisor = supervise({
    services: ['repository', 'registry', 'atna-audit'].map(name => ({ name, script: 'carnet.js', args: [name] })),
    clock,
    processes: {
      start: (_script, [name]) => {
        const child = new PlayedChild(name!, options.obeys ?? true)
        children.push(child)
        return child
      },
    },
    report: line => lines.push(line),
  })
  const latest = (name: string) => children.findLast(child => child.name === name)!
  const allReady = () => {
    for (const child of children) child.say({ ready: true })
  }
  const crash = async (name: string) => {
    latest(name).end({ code: null, signal: 'SIGSEGV' })
    await turn()
  }
  return { supervisor, children, lines, clock, latest, allReady, crash }
}

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'ready',
    (problem: Error) => problem.message,
  )

describe('cli/supervisor', () => {
  it('is ready when each service has said so', async () => {
    const { supervisor, latest } = play()
    let ready = false
    supervisor.ready().then(() => {
      ready = true
    })
    latest('registry').say({ ready: true })
    latest('repository').say({ ready: true })
    await turn()
    expect(ready).to.equal(false)
    latest('atna-audit').say({ ready: true })
    await turn()
    expect(ready).to.equal(true)
  })

  it('starts a service again that dies, a little later each time, and leaves the others alone', async () => {
    const { allReady, crash, clock, children, lines } = play()
    allReady()
    await crash('registry')
    expect(lines).to.deep.equal(['registry ended (SIGSEGV); it is started again in 200 ms'])
    await clock.pass(199)
    expect(children).to.have.length(3)
    await clock.pass(1)
    expect(children.map(({ name }) => name)).to.deep.equal(['repository', 'registry', 'atna-audit', 'registry'])
    await crash('registry')
    expect(lines.at(-1)).to.match(/started again in 800 ms/)
  })

  it('says what may be behind a signal that nobody is known to have sent', async () => {
    const { allReady, latest, lines } = play()
    allReady()
    latest('registry').end({ code: null, signal: 'SIGABRT' })
    latest('repository').end({ code: null, signal: 'SIGKILL' })
    await turn()
    expect(lines).to.have.members([
      'registry ended (SIGABRT); it is started again in 200 ms (SIGABRT is how Node gives up, mostly a heap without room: its lines above say so)',
      'repository ended (SIGKILL); it is started again in 200 ms (SIGKILL comes from somebody, or from the system for want of memory)',
    ])
  })

  it('goes on with the others when one dies again and again, and tries it ever more seldom', async () => {
    const { allReady, crash, clock, children, lines, latest } = play()
    allReady()
    for (const pauseMs of [200, 800, 3_200, 12_800, 30_000, 30_000]) {
      latest('repository').say({ failed: 'The database is damaged.' })
      await crash('repository')
      expect(lines.at(-1)).to.equal(
        `repository ended (SIGSEGV): The database is damaged; it is started again in ${pauseMs} ms`,
      )
      await clock.pass(pauseMs)
    }
    expect(children.filter(({ name }) => name !== 'repository').flatMap(({ signals }) => signals)).to.deep.equal([])
    latest('repository').say({ ready: true })
    expect(lines.at(-1)).to.equal('repository runs again')
  })

  it('stops all and says why when a service dies three times before all have run', async () => {
    const { supervisor, crash, clock, children } = play()
    for (const pauseMs of [200, 800]) {
      await crash('repository')
      await clock.pass(pauseMs)
    }
    await crash('repository')
    expect(await supervisor.ended).to.match(/^repository ended \(SIGSEGV\) 3 times, so all was stopped/)
    expect(children.filter(({ name }) => name !== 'repository').map(({ signals }) => signals)).to.deep.equal([
      ['SIGTERM'],
      ['SIGTERM'],
    ])
  })

  it('goes on for ever with a service that dies now and then', async () => {
    const { allReady, crash, clock, children } = play()
    allReady()
    for (let death = 0; death < 10; death++) {
      await crash('registry')
      await clock.pass(800)
      await clock.pass(9_300)
    }
    expect(children).to.have.length(13)
  })

  it('gives up at once, with its own words, when a service cannot start', async () => {
    const { supervisor, latest, children } = play()
    const ready = outcome(supervisor.ready())
    latest('registry').say({ failed: 'port 8441 is in use' })
    latest('registry').end({ code: 4, signal: null })
    expect(await ready).to.equal('port 8441 is in use')
    expect(await supervisor.ended).to.equal('port 8441 is in use')
    expect(children).to.have.length(3)
  })

  it('ends who calls others before who is called', async () => {
    const { supervisor, allReady, children } = play()
    allReady()
    const order: string[] = []
    for (const child of children) child.ended.then(() => order.push(child.name))
    await supervisor.stop()
    expect(order).to.deep.equal(['repository', 'registry', 'atna-audit'])
    expect(await supervisor.ended).to.equal(undefined)
  })

  it('cuts off, within five seconds, what does not end', async () => {
    const { supervisor, allReady, children, clock, lines } = play({ obeys: false })
    allReady()
    const stopped = supervisor.stop()
    for (let ms = 0; ms < 4_500; ms += 250) await clock.pass(250)
    await stopped
    expect(children.map(({ signals }) => signals)).to.deep.equal(Array(3).fill(['SIGTERM', 'SIGKILL']))
    expect(lines).to.include('repository did not end in time and is cut off')
  })

  it('leaves to who still works the time that others did not use, when all were told at once', async () => {
    const { supervisor, allReady, latest, clock, lines } = play({ obeys: false })
    allReady()
    const stopped = supervisor.stop()
    for (const name of ['registry', 'atna-audit']) latest(name).end({ code: 0, signal: null })
    for (let ms = 0; ms < 3_500; ms += 250) await clock.pass(250)
    latest('repository').end({ code: 0, signal: null })
    await stopped
    expect(latest('repository').signals).to.deep.equal(['SIGTERM'])
    expect(lines).to.deep.equal([])
  })

  it('starts nothing again once it is told to stop', async () => {
    const { supervisor, allReady, crash, clock, children } = play()
    allReady()
    await crash('registry')
    await supervisor.stop()
    await clock.pass(1_000)
    expect(children).to.have.length(3)
  })
})
