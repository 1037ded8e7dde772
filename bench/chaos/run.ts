// A part that is a program of its own: what it says last is what was seen.
import { spawn } from 'node:child_process'
import { collected, root } from '../deployment.js'
import type { Result } from './results-table.js'

export async function run(what: string, args: string[]): Promise<Result> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = collected(child)
  const code = await new Promise(resolve => child.once('close', resolve))
  const lines = output().trim().split('\n')
  const told = lines
    .filter(line => /\d+ (kills|passing|pending|failing)|nothing acknowledged/.test(line))
    .map(line => line.trim())
  const failed = lines.filter(line => line.startsWith('FAILED')).slice(0, 5)
  const faults = code === 0 ? [] : [`${what} ended with ${code}`, ...failed, ...lines.slice(-15)]
  return { tried: Number(/(\d+) (?:kills|passing)/.exec(output())?.[1] ?? 0), faults, seen: told.join('; ') }
}
