// Processes: children, signals, arguments, the terminal. The only door to node:child_process and process.
import { type ChildProcess, fork } from 'node:child_process'
import cluster from 'node:cluster'
import { existsSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Child {
  readonly pid: number
  /** Code and signal with which the child ended. */
  readonly ended: Promise<{ code: number | null; signal: string | null }>
  /** What the child says over the channel between us, one object a message. */
  onMessage(hear: (message: unknown) => void): void
  signal(name: 'SIGTERM' | 'SIGKILL' | 'SIGHUP'): void
}

/** A child whose listening sockets are ours: we accept the connections and give them to our workers in turn. */
export interface Worker extends Child {
  send(message: object): void
}

export interface Processes {
  readonly pid: number
  readonly hostName: string
  /** Starts a JavaScript file of ours as a child whose life hangs on ours; its output goes to our terminal. */
  start(script: string, args: string[]): Child
  startWorker(script: string, args: string[]): Worker
  /** How many threads may run at once here. */
  readonly processors: number
  /** Calls `end` once, at the first SIGTERM, SIGINT, or loss of the parent that started us. @returns what forgets it, so that these end the process again. */
  onEnd(end: (reason: string) => void): () => void
  /** Whether somebody may close the terminal that we were started from: then SIGHUP means that. */
  readonly hasTerminal: boolean
  /** Calls `hear` at each SIGHUP, which ends nothing from then on. */
  onHangup(hear: () => void): void
  /** What the parent says, one object a message. */
  onParentMessage(hear: (message: unknown) => void): void
  /** Tells the parent, when there is one. */
  tellParent(message: object): void
  exit(code: number): never
  memoryBytes(): number
  /** What the system allows this process and those beside it (a container, a unit), beyond which they are killed; Infinity where it sets no limit. */
  readonly memoryLimitBytes: number
  /** User and system time of this process so far. */
  cpuMs(): number
}

export const systemProcesses: Processes = {
  pid: process.pid,
  hostName: hostname(),
  start(script, args) {
    const child = fork(script, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...ownFlags],
    })
    return childOf(child)
  },
  startWorker(script, args) {
    cluster.schedulingPolicy = cluster.SCHED_RR
    cluster.setupPrimary({ exec: script, args, execArgv: [...ownFlags] })
    const worker = cluster.fork()
    return {
      ...childOf(worker.process),
      send: message => void (worker.isConnected() && worker.send(message)),
    }
  },
  processors: availableParallelism(),
  onEnd(end) {
    let told = false
    const once = (reason: string) => () => {
      if (!told) end(reason)
      told = true
    }
    const heard = (['SIGTERM', 'SIGINT'] as const).map(signal => [signal, once(signal)] as const)
    for (const [signal, hear] of heard) process.on(signal, hear)
    const orphaned = once('the parent process ended')
    if (process.send !== undefined) process.on('disconnect', orphaned)
    return () => {
      for (const [signal, hear] of heard) process.off(signal, hear)
      process.off('disconnect', orphaned)
    }
  },
  hasTerminal: process.stdin.isTTY === true,
  onHangup: hear => void process.on('SIGHUP', hear),
  onParentMessage: hear => void process.on('message', hear),
  tellParent: message => void (process.connected && process.send?.(message)),
  exit: code => process.exit(code),
  memoryBytes: () => process.memoryUsage.rss(),
  memoryLimitBytes: process.constrainedMemory() || Number.POSITIVE_INFINITY,
  cpuMs: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
}

/**
 * Objects of a request die young: a place of a fixed size for them, and one thread to clear it. Four threads clear it a
 * little sooner and together take a tenth more of the processors. Compiled code is kept: what runs once a minute is not
 * compiled again each time. (Measured: docs/decisions/0086.) What is old is marked at one go: in steps, what dies meanwhile
 * lives on (0366). Nor does an old generation that is small wait until hundreds of MB are old (0375). V8 takes them at its start only: units and images say them too.
 */
export const thriftyCollector: readonly string[] = [
  '--single-threaded-gc',
  '--min-semi-space-size=16',
  '--no-flush-bytecode',
  '--no-incremental-marking',
  '--initial-old-space-size=48',
]

const ownFlags = ['--enable-source-maps', ...thriftyCollector]

function childOf(child: ChildProcess): Child {
  return {
    pid: child.pid ?? -1,
    ended: new Promise(resolve => {
      child.once('error', () => resolve({ code: 1, signal: null }))
      child.once('exit', (code, signal) => resolve({ code, signal }))
    }),
    onMessage: hear => void child.on('message', hear),
    signal: name => void child.kill(name),
  }
}

/** The checkout (or installed package): where wsdl/ and package.json are, also when we run from dist/. */
export const packageRoot = nearestPackage(dirname(fileURLToPath(import.meta.url)))

function nearestPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : nearestPackage(dirname(folder))
}
