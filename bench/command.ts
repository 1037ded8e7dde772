// A command of Carnet, as somebody types it.
import { spawn } from 'node:child_process'
import { collected, root } from './deployment.js'

export async function runCommand(words: string[]): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, ['scripts/carnet.js', ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = collected(child)
  const status = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { status, output: output() }
}
