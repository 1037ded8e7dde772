// A process whose output nobody reads any more, or that has no room for it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync } from 'node:fs'
import { expect } from 'chai'

const terminal = new URL('../../ports/terminal.js', import.meta.url)

/** Says something for a while; 7 is its exit code when it comes to its end. */
const talking = `
  import { systemTerminal } from ${JSON.stringify(terminal.href)}
  let said = 0
  const timer = setInterval(() => {
    systemTerminal.print('to whom it may concern')
    systemTerminal.complain('and so on')
    said += 1
    if (said === 40) process.exit(7)
  }, 10)`

async function exitCodeOf(script: string): Promise<number | null> {
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await once(child.stdout!, 'data')
  child.stdout?.destroy()
  child.stderr?.destroy()
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

describe('a terminal that nobody reads any more', () => {
  it('ends no command, whose exit code is that of its work', async () => {
    expect(await exitCodeOf(talking)).to.equal(7)
  })
})

describe('a terminal whose disk is full', () => {
  const full = '/dev/full'
  before(function () {
    if (!existsSync(full)) this.skip()
  })

  it('says so, and does not end as if all had been written', () => {
    const script = `import { systemTerminal } from ${JSON.stringify(terminal.href)}
      for (const line of ['one', 'two', 'three']) systemTerminal.print(line)`
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', openSync(full, 'w'), 'pipe'],
    })
    expect(status).to.equal(2)
    expect(String(stderr)).to.equal(
      'carnet: standard output cannot be written (ENOSPC); what is there is not all of it.\n',
    )
  })
})
