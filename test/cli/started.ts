// `carnet` as a user runs it, in a temporary folder, on free ports: services in processes of their own, other commands in this one.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import { run } from '../../cli/main.js'
import { systemPorts } from '../../ports/ports.js'
import { packageRoot } from '../../ports/processes.js'
import { isFree } from '../ports/free-port.js'
import { playedTerminal } from './played-terminal.js'

const script = join(packageRoot, 'scripts', 'carnet.js')

export interface Ran {
  code: number | null
  stdout: Buffer
  stderr: string
}

/** In a process of its own, as a shell runs it: a third of a second of a processor each time. */
export function spawnedCarnet(...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const stdout: Buffer[] = []
  let stderr = ''
  child.stdout.on('data', piece => stdout.push(piece))
  child.stderr.on('data', piece => {
    stderr += piece
  })
  return new Promise(resolve => {
    child.once('close', code => resolve({ code, stdout: Buffer.concat(stdout), stderr }))
  })
}

/** The same in this process: not for services, which end the process that they run in. */
export async function carnet(...args: string[]): Promise<Ran> {
  const terminal = playedTerminal(process.cwd())
  await run(args, { ports: systemPorts, terminal: { ...terminal, columns: Number.POSITIVE_INFINITY } })
  const said = (lines: string[]) => lines.map(line => `${line}\n`).join('')
  return { code: terminal.exitCode, stdout: Buffer.from(said(terminal.printed)), stderr: said(terminal.complained) }
}

export async function saying(...args: string[]): Promise<{ code: number | null; said: string; complained: string }> {
  const { code, stdout, stderr } = await carnet(...args)
  return { code, said: String(stdout), complained: stderr }
}

/** What is said where all goes well, as it should. */
export async function asking(...args: string[]): Promise<string> {
  const { code, said, complained } = await saying(...args)
  expect(code, complained).to.equal(0)
  return said
}

export interface Started {
  child: ChildProcess
  /** Lines so far of standard output and of standard error. */
  printed(): string
  complained(): string
  ended: Promise<number | null>
  /** Resolves when the text has been printed or complained. */
  says(text: RegExp): Promise<void>
}

/** All services of a data folder, once they are ready. */
export async function startedReady(data: string, portBase: number, ...flags: string[]): Promise<Started> {
  const started = start('--data', data, '--port-base', String(portBase), ...flags)
  try {
    await started.says(/^ready$/m)
    return started
  } catch (problem) {
    started.child.kill('SIGKILL')
    throw problem
  }
}

export function start(...args: string[]): Started {
  const child = spawn(process.execPath, [script, 'start', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  let complained = ''
  let heard = () => {}
  child.stdout.on('data', piece => {
    printed += piece
    heard()
  })
  child.stderr.on('data', piece => {
    complained += piece
    heard()
  })
  let how = ''
  const ended = new Promise<number | null>(resolve => {
    child.once('close', (code, signal) => {
      how = `${code ?? signal}`
      resolve(code)
    })
  })
  return {
    child,
    printed: () => printed,
    complained: () => complained,
    ended,
    says: text =>
      new Promise((resolve, reject) => {
        heard = () => {
          if (text.test(printed + complained)) resolve()
        }
        heard()
        ended.then(() => reject(new Error(`ended (${how}) without saying ${text}:\n${printed}${complained}`)))
      }),
  }
}

/** The service processes of a start, by name. */
export function servicesOf(parent: ChildProcess): Map<string, number> {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(parent.pid)])
    .toString()
    .trim()
    .split('\n')
  return new Map(
    lines.map(line => {
      const [, pid, name] = /^\s*(\d+).*carnet\.js (\S+)/.exec(line) ?? []
      return [name!, Number(pid)]
    }),
  )
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const offsets = [0, 1, 2, 3, 4, 5, 6, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]

export async function freePortBase(): Promise<number> {
  // Below the ports that outgoing connections are given; what runs beside us begins elsewhere.
  for (let base = 21_000 + ((process.pid * 7) % 440) * 25; base < 32_600; base += 25) {
    const free = await Promise.all(offsets.map(offset => isFree(base + offset)))
    if (free.every(Boolean)) return base
  }
  throw new Error('no free ports on this machine')
}
