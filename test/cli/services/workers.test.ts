import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { runWorkers, type WorkerMessage } from '../../../cli/services/workers.js'
import { type Clock, systemClock } from '../../../ports/clock.js'
import type { Worker } from '../../../ports/processes.js'

/** A worker that does what the test says. */
class PlayedWorker implements Worker {
  readonly pid = 1
  readonly signals: string[] = []
  readonly told: object[] = []
  readonly ended: Promise<{ code: number | null; signal: string | null }>
  end!: (how: { code: number | null; signal: string | null }) => void
  private readonly hearers: ((message: unknown) => void)[] = []

  constructor(readonly number: number) {
    this.ended = new Promise(resolve => {
      this.end = resolve
    })
  }
  onMessage(hear: (message: unknown) => void): void {
    this.hearers.push(hear)
  }
  say(message: object): void {
    for (const hear of this.hearers) hear(message)
  }
  signal(name: string): void {
    this.signals.push(name)
    this.end({ code: 0, signal: null })
  }
  send(message: object): void {
    this.told.push(message)
  }
}

function played(count = 2, left: number[] = []) {
  const started: PlayedWorker[] = []
  const lines: string[] = []
  const waiting: (() => void)[] = []
  const clock: Clock = {
    ...systemClock,
    after: (_, work) => {
      waiting.push(work)
      return { cancel() {} }
    },
  }
  const workers = runWorkers({
    ...{ count, script: 'carnet.js', drainMs: 5, clock, left: async () => left },
    args: number => [String(number)],
    processes: {
      startWorker(_, [number]) {
        const worker = new PlayedWorker(Number(number))
        started.push(worker)
        return worker
      },
    },
    report: line => void lines.push(line),
  })
  const numbers = () => workers.serving().map(({ number }) => number)
  return { workers, started, lines, waiting, numbers }
}

describe('workers of one service', () => {
  it('are ready when each of them is', async () => {
    const { workers, started, numbers } = played()
    started[0]?.say({ ready: true })
    expect(numbers()).to.deep.equal([0])
    started[1]?.say({ ready: true })
    await workers.ready
    expect(numbers()).to.deep.equal([0, 1])
  })

  it('tell why one cannot start at all', async () => {
    const { workers, started } = played()
    started[1]?.say({ failed: 'port 1 is in use' })
    started[1]?.end({ code: 2, signal: null })
    expect(await workers.ready.catch((problem: Error) => problem.message)).to.equal('port 1 is in use')
  })

  it('are started again when they die', async () => {
    const { workers, started, lines, waiting, numbers } = played()
    for (const worker of started) worker.say({ ready: true })
    await workers.ready
    started[0]?.end({ code: null, signal: 'SIGKILL' })
    await turn()
    expect([numbers(), lines]).to.deep.equal([
      [1],
      [
        'worker 0 ended (SIGKILL); it is started again in 200 ms (SIGKILL comes from somebody, or from the system for want of memory)',
      ],
    ])
    waiting[0]?.()
    started[2]?.say({ ready: true })
    expect(numbers()).to.deep.equal([0, 1])
  })

  it('are renewed one after the other, while as many as before take requests', async () => {
    const { workers, started, lines, numbers } = played()
    for (const worker of started) worker.say({ ready: true })
    await workers.ready
    const renewing = workers.renew()
    const least: number[] = []
    for (let next = 2; next < 5; next++) {
      await turn()
      expect(started[next]?.number).to.equal([2, 0, 1][next - 2])
      started[next]?.say({ ready: true })
      await turn()
      least.push(numbers().length)
      const leaving = [started[0], started[1], started[2]][next - 2]
      expect((leaving?.told as WorkerMessage[] | undefined)?.map(({ drain }) => drain)).to.deep.equal([true])
      leaving?.end({ code: 0, signal: null })
    }
    await renewing
    expect(Math.min(...least)).to.be.at.least(2)
    expect([numbers(), lines]).to.deep.equal([[0, 1], []])
  })

  it('are renewed also where one hangs and does not come to its end', async () => {
    const { workers, started, lines, waiting } = played(1)
    started[0]?.say({ ready: true })
    await workers.ready
    const renewing = workers.renew()
    await turn()
    started[1]?.say({ ready: true })
    await turn()
    // It has been told to come to its end, and says nothing.
    waiting.at(-1)?.()
    expect([started[0]?.signals, lines]).to.deep.equal([['SIGKILL'], ['worker 0 does not end and is cut off']])
    await turn()
    started[2]?.say({ ready: true })
    await turn()
    started[1]?.end({ code: 0, signal: null })
    await renewing
  })

  it('see to what one has left that comes back no more, before others are renewed', async () => {
    const { workers, started } = played(2, [2, 3])
    for (const worker of started) worker.say({ ready: true })
    await workers.ready
    await turn()
    expect(started[0]?.told).to.deep.equal([{ adopt: 2 }])
    started[0]?.say({ adopted: 2 })
    await turn()
    expect(started[0]?.told).to.deep.equal([{ adopt: 2 }, { adopt: 3 }])
    started[0]?.say({ adopted: 3 })
    await turn()
    void workers.renew()
    await turn()
    expect(started).to.have.length(3)
  })

  it('stay when a new one cannot start', async () => {
    const { workers, started, numbers } = played()
    for (const worker of started) worker.say({ ready: true })
    await workers.ready
    const renewing = workers.renew().catch((problem: Error) => problem.message)
    await turn()
    started[2]?.say({ failed: 'carnet.json has no section' })
    started[2]?.end({ code: 2, signal: null })
    expect(await renewing).to.equal('carnet.json has no section')
    expect(numbers()).to.deep.equal([0, 1])
  })

  it('all end when the service is told to', async () => {
    const { workers, started } = played()
    for (const worker of started) worker.say({ ready: true })
    await workers.ready
    await workers.stop(1_000)
    expect(started.map(({ signals }) => signals)).to.deep.equal([['SIGTERM'], ['SIGTERM']])
  })
})
