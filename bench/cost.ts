// What processes cost: CPU time and memory as Linux counts them. [proc(5)]
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { pause } from './deployment.js'

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** A process, or one with all that it has started and still starts. */
export type Counted = number | { family: number }

/** User and system time of the processes so far, in microseconds, all together. */
export function cpuUs(processes: readonly Counted[]): number {
  const ticks = processes.map(one => (typeof one === 'number' ? ticksOf(one) : ticksOfFamily(one.family)))
  return ticks.reduce((sum, each) => sum + each, 0) * (1_000_000 / ticksPerSecond)
}

/** Waits until the processes have nothing left to do: what they put off belongs to the requests that caused it. */
export async function settled(pids: readonly Counted[], patienceMs = 5_000): Promise<void> {
  const deadline = performance.now() + patienceMs
  for (let before = cpuUs(pids); performance.now() < deadline; ) {
    await pause(250)
    const now = cpuUs(pids)
    if (now - before <= 20_000) return
    before = now
  }
}

/** Resident memory in bytes: as it is now, and at its highest. */
export function memoryOf(pid: number): { nowBytes: number; peakBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kB = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024
  return { nowBytes: kB('VmRSS'), peakBytes: kB('VmHWM') }
}

/** Resident memory of processes together, in bytes: what they share, as the program they all run, counts once. */
export function memoryTogether(pids: readonly number[]): number {
  const shareOf = (pid: number) =>
    Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1024
  return pids.reduce((sum, pid) => sum + shareOf(pid), 0)
}

/** What has ended meanwhile is counted by the one that started it. */
function ticksOfFamily(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  const ofChildren = children
    .map(child => fieldsOf(Number(child)))
    .map(fields => (fields === undefined ? 0 : own(fields)))
  return ofChildren.reduce((sum, ticks) => sum + ticks, ticksOf(pid, 'and of those that have ended'))
}

function ticksOf(pid: number, ended?: 'and of those that have ended'): number {
  const fields = fieldsOf(pid)
  if (fields === undefined) throw new Error(`process ${pid} has ended while it was measured`)
  return ended === undefined ? own(fields) : own(fields) + Number(fields[13]) + Number(fields[14])
}

const own = (fields: readonly string[]) => Number(fields[11]) + Number(fields[12])

/** From its third on; undefined when the process has ended. */
function fieldsOf(pid: number): string[] | undefined {
  try {
    // The second field is the name in parentheses and may hold anything; counting begins behind it.
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
  } catch {
    return undefined
  }
}
