// A Carnet of its own for one measurement: in a temporary folder, on ports nobody uses, ended afterwards.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const serviceNames = ['registry', 'repository', 'atna-audit'] as const
export type ServiceName = (typeof serviceNames)[number]

/** PEM files of one party. */
export interface Identity {
  key: Buffer
  cert: Buffer
  ca: Buffer
}

export interface Deployment {
  folder: string
  portBase: number
  urls: { registry: string; repository: string; audit: string }
  repositoryUniqueId: string
  client: Identity
  admin: Identity
  /** Process ids of the services as they are now; a service that is just being started again is missing. */
  pids(): Partial<Record<ServiceName, number>>
  /** Resolves when every service says on its health port that it is ready. */
  ready(timeoutMs: number): Promise<void>
  /** What it has printed so far. */
  output(): string
  /** Ends it, does what has to be done meanwhile, and starts it again. @returns milliseconds from its start to `ready`. */
  startAgain(between: () => Promise<void>): Promise<number>
  /** Ends it and removes the folder. @returns milliseconds from SIGTERM to the end. */
  stop(): Promise<number>
}

/** For all services to be back, on a machine that has much else to do. */
export const patienceMs = 120_000

/** The checkout, also when this file runs from dist/. */
export const root = checkout(dirname(fileURLToPath(import.meta.url)))

/**
 * `from` is the checkout whose services are started: this one, or another to compare it with. A data folder that is `given` is
 * one that is there already.
 */
export async function deploy(
  flags: string[] = ['--accept-unknown-patients'],
  from = root,
  given?: string,
): Promise<Deployment> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'carnet-'))
  const portBase = await freePortBase()
  const command = ['scripts/carnet.js', 'start', '--data', folder, '--port-base', String(portBase), ...flags]
  let supervisor = started(command, from)
  let output = collected(supervisor)
  process.once('exit', () => supervisor.kill('SIGKILL'))
  await untilSaid(/^ready$/m, supervisor, output, patienceMs)
  const url = (offset: number, path: string) => `https://localhost:${portBase + offset}${path}`
  const config = JSON.parse(readFileSync(join(folder, 'carnet.json'), 'utf8'))
  return {
    folder,
    portBase,
    urls: { registry: url(1, '/registry'), repository: url(2, '/repository'), audit: url(3, '/audit') },
    repositoryUniqueId: config.repository.repositoryUniqueId,
    client: identity(folder, 'client'),
    admin: identity(folder, 'admin'),
    pids: () => servicesBelow(supervisor.pid ?? -1),
    ready: timeoutMs => untilReady(portBase, timeoutMs, supervisor, output),
    output: () => output(),
    async startAgain(between) {
      await ended(supervisor)
      await between()
      const begun = performance.now()
      supervisor = started(command, from)
      output = collected(supervisor)
      await untilSaid(/^ready$/m, supervisor, output, patienceMs)
      return performance.now() - begun
    },
    async stop() {
      const started = performance.now()
      await ended(supervisor)
      const tookMs = performance.now() - started
      rmSync(folder, { recursive: true, force: true })
      return tookMs
    },
  }
}

function started(command: string[], from: string): ChildProcess {
  return spawn(process.execPath, command, { cwd: from, stdio: ['ignore', 'pipe', 'pipe'] })
}

export function identity(folder: string, name: string): Identity {
  const read = (file: string) => readFileSync(join(folder, 'certs', file))
  return { key: read(`${name}.key`), cert: read(`${name}.pem`), ca: read('ca.pem') }
}

/** A base with room above it for every port of a deployment; below the ports that outgoing connections are given (32768 and up on Linux). */
export async function freePortBase(): Promise<number> {
  const offsets = [1, 2, 3, 4, 5, 6, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 23]
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = 20_000 + Math.floor(Math.random() * 500) * 25
    const free = await Promise.all(offsets.map(offset => isFree(base + offset)))
    if (free.every(Boolean)) return base
  }
  throw new Error('no free ports between 20000 and 32500')
}

/** What a process prints, all of it. */
export function collected(child: ChildProcess): () => string {
  let text = ''
  const take = (piece: Buffer) => {
    text += piece
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  return () => text
}

/** Resolves when something has been printed; rejects when the process ends before, or time runs out. */
export async function untilSaid(
  said: RegExp,
  child: ChildProcess,
  output: () => string,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!said.test(output())) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended before ${said}:\n${output()}`)
    if (performance.now() > deadline) throw new Error(`no ${said} in ${timeoutMs} ms:\n${output()}`)
    await pause(50)
  }
}

/** Sends SIGTERM and waits; cuts it off after ten seconds. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  const cut = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(cut)
}

export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

async function untilReady(
  portBase: number,
  timeoutMs: number,
  supervisor: ChildProcess,
  output: () => string,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answers = await Promise.all([11, 12, 13].map(offset => healthOf(portBase + offset)))
    if (answers.every(status => status === 200)) return
    const hasEnded = supervisor.exitCode !== null || supervisor.signalCode !== null
    if (hasEnded || performance.now() > deadline) {
      const what = hasEnded ? 'ended instead of getting ready' : `not ready in ${timeoutMs} ms`
      throw new Error(`${what}: health answers ${answers.join(', ')}\n${output().slice(-8_000)}`)
    }
    await pause(50)
  }
}

async function healthOf(port: number): Promise<number> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) })).status
  } catch {
    return 0
  }
}

/** Children of the supervisor, told apart by their command lines. [proc(5)] */
function servicesBelow(pid: number): Partial<Record<ServiceName, number>> {
  const services: Partial<Record<ServiceName, number>> = {}
  for (const child of readOr(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean)) {
    const words = readOr(`/proc/${child}/cmdline`).split('\0')
    const name = serviceNames.find(service => words.includes(service))
    if (name !== undefined) services[name] = Number(child)
  }
  return services
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch {
    return '' // the process has just ended
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

function checkout(folder: string): string {
  try {
    readFileSync(join(folder, 'package.json'))
    return folder
  } catch {
    return checkout(dirname(folder))
  }
}
