import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { takeLock } from '../../store/lock.js'

describe('the lock of a data folder', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'carnet-lock-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is held by one, and by the next when that one lets go', async () => {
    const path = join(folder, 'lock')
    const first = await takeLock(path)
    expect(await takeLock(path)).to.equal(undefined)
    first?.release()
    const second = await takeLock(path)
    expect(second).not.to.equal(undefined)
    second?.release()
  })

  it('ends with its process, even by kill -9', async () => {
    const path = join(folder, 'lock')
    const module = new URL('../../store/lock.js', import.meta.url).href
    const script = `await (await import(${JSON.stringify(module)})).takeLock(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    expect(await takeLock(path)).to.equal(undefined)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    const next = await takeLock(path)
    expect(next).not.to.equal(undefined)
    next?.release()
  })
})
