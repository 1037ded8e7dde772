// A process whose output nobody reads any more: a command has done enough, a service has not.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'

const terminal = new URL('../../ports/terminal.js', import.meta.url)

/** Says something for a while; 7 is its exit code when it comes to its end. */
const talking = (before: string) => `
  import { systemTerminal } from ${JSON.stringify(terminal.href)}
  ${before}
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
  it('ends a command, which has done enough', async () => {
    expect(await exitCodeOf(talking(''))).to.equal(0)
  })

  it('ends no service, and nothing that keeps services running', async () => {
    expect(await exitCodeOf(talking('systemTerminal.outliveReaders()'))).to.equal(7)
  })
})
