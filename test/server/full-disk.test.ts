// Services on a file system that is really full: what they answer, what is left of it, and that they recover by themselves.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { fsck } from '../../cli/fsck/fsck.js'
import { systemPorts } from '../../ports/ports.js'
import { aSource } from '../cli/a-source.js'
import { playedTerminal } from '../cli/played-terminal.js'
import { aDeployment, type RunningDeployment } from '../peers/a-deployment.js'

const mebibyte = 1024 * 1024

describe('a full disk', function () {
  this.timeout(120_000)

  let folder: string
  let mounted = false
  let running: RunningDeployment
  let source: ReturnType<typeof aSource>

  before(async function () {
    folder = await systemPorts.files.temporaryFolder('carnet-full-')
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder], { stdio: 'ignore' })
      mounted = true
    } catch {
      this.test?.parent?.tests.forEach(test => {
        test.title += ' (skipped: only root may mount the small file system that this takes)'
      })
      this.skip()
    }
  })
  after(() => {
    if (mounted) execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })

  afterEach(async () => {
    source?.close()
    await running?.close()
    rmSync(join(folder, 'data'), { recursive: true, force: true })
    rmSync(join(folder, 'filler'), { force: true })
  })

  async function startWith(leastFreeBytes: number): Promise<void> {
    mkdirSync(join(folder, 'data'))
    running = await aDeployment({}, join(folder, 'data'), { leastFreeBytes })
    source = aSource(running)
  }

  /** Leaves so much. */
  function fill(leavingBytes: number): void {
    const { bavail, bsize } = statfsSync(folder)
    const size = Math.max(0, bavail * bsize - leavingBytes)
    try {
      appendFileSync(join(folder, 'filler'), Buffer.alloc(size))
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code !== 'ENOSPC') throw problem
    }
  }

  const empty = () => rmSync(join(folder, 'filler'), { force: true })

  async function readiness(service: 'registry' | 'repository'): Promise<{ status: number; body: string }> {
    const client = systemPorts.network.httpClient()
    const url = `http://127.0.0.1:${running.healthPorts[service]}/readyz`
    const answer = await client.call({ url, method: 'GET', headers: {}, timeoutMs: 5_000 })
    const pieces: Buffer[] = []
    for await (const piece of answer.body) pieces.push(piece)
    client.close()
    return { status: answer.status, body: String(Buffer.concat(pieces)) }
  }

  /** What a log of a database gives back meanwhile is filled as well. */
  async function untilUnready(leavingBytes: number): Promise<void> {
    for (let tries = 0; tries < 50; tries += 1) {
      fill(leavingBytes)
      if ((await readiness('repository')).status === 503) return
      await systemPorts.clock.sleep(100)
    }
    expect.fail('nobody saw that it is nearly full')
  }

  async function untilTaken(): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      const { response, kept } = await source.send(randomBytes(2_000))
      if (response.status === 'Success') return void source.acknowledged.push(kept)
      await systemPorts.clock.sleep(100)
    }
    expect.fail('it did not recover')
  }

  async function assertWhole(): Promise<void> {
    for (const { uniqueId, bytes } of source.acknowledged) {
      expect((await source.retrieve(uniqueId))?.equals(bytes), uniqueId).to.equal(true)
    }
    // What waited for the audit service while that had no room is there a little later: each submission has its records.
    let found = await examined()
    for (let tries = 0; tries < 300 && found.length > 0; tries += 1) {
      await systemPorts.clock.sleep(100)
      found = await examined()
    }
    expect(found).to.deep.equal([])
  }

  /** As seen two minutes later: what is under way now has been written down for long by then. */
  const later = { ...systemPorts.clock, now: () => Date.now() + 120_000 }

  async function examined(): Promise<unknown[]> {
    const terminal = playedTerminal(folder)
    const context = { ports: { ...systemPorts, clock: later }, terminal }
    await fsck({ data: running.folder, rate: '1000', bytes: true, json: true }, context)
    return JSON.parse(terminal.printed.join('\n')).found
  }

  it('is seen before it is full: nothing is added, queries and retrievals go on, readyz says so, and all goes on when there is room', async () => {
    await startWith(4 * mebibyte)
    const { uniqueId, bytes } = await source.submit(randomBytes(100_000))
    await untilUnready(3 * mebibyte)
    const { body } = await readiness('registry')
    expect(JSON.parse(body).checks.find((check: { name: string }) => check.name === 'disk').ok).to.equal(false)
    const { response } = await source.send(randomBytes(2_000))
    expect(response.errors.map(({ errorCode }) => errorCode)).to.deep.equal(['XDSRepositoryOutOfResources'])
    expect((await source.retrieve(uniqueId))?.equals(bytes)).to.equal(true)
    empty()
    await untilTaken()
    expect((await readiness('repository')).status).to.equal(200)
    await assertWhole()
  })

  for (const [what, size] of [
    ['small', 2_000],
    ['large', 500_000],
  ] as const) {
    it(`takes no ${what} document, says OutOfResources and nothing else, and recovers by itself`, async () => {
      await startWith(1)
      for (let count = 0; count < 3; count += 1) await source.submit(randomBytes(size))
      fill(0)
      const codes = new Set<string>()
      for (let count = 0; count < 10; count += 1) {
        const { response, kept } = await source.send(randomBytes(size))
        // What fitted into pages that were there already is kept like anything else.
        if (response.status === 'Success') source.acknowledged.push(kept)
        for (const { errorCode } of response.errors) codes.add(errorCode)
        // A query or a retrieval has its document or an error of the transaction, and never a fault.
        const [first] = source.acknowledged
        const retrieved = await source.retrieve(first?.uniqueId ?? '')
        expect(retrieved === undefined || retrieved.equals(first?.bytes ?? Buffer.alloc(0))).to.equal(true)
      }
      expect(
        [...codes].every(code => /^XDSRe(gistry|pository)OutOfResources$/.test(code)),
        [...codes].join(),
      ).to.equal(true)
      expect(codes.size).to.be.greaterThan(0)
      empty()
      await untilTaken()
      await assertWhole()
    })
  }
})
