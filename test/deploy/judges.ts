// Programs of others that judge what is under deploy/: asked where they are installed, as .ci/run does; tests that ask skip without.
import { execFileSync } from 'node:child_process'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** @throws what it has to complain of */
export function judgedBy(program: string, args: string[], context: Mocha.Context): void {
  const PATH = [process.env.PATH, join(homedir(), 'go', 'bin')].join(delimiter)
  try {
    execFileSync(program, args, { stdio: 'pipe', env: { ...process.env, PATH } })
  } catch (problem) {
    const { code, stdout, stderr } = problem as { code?: string; stdout?: Buffer; stderr?: Buffer }
    if (code !== 'ENOENT') throw new Error(`${program} complains: ${stdout ?? ''}${stderr ?? ''}`)
    if (context.test !== undefined) context.test.title += ` (skipped: ${program} is not installed)`
    context.skip()
  }
}
