// Carnet beside a server of another make: driven by the same generator of a third make, in turns, both over mutual TLS.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuUs, memoryTogether, settled } from './cost.js'
import { collected, type Deployment, ended, freePortBase, untilSaid } from './deployment.js'
import type { Figures, PeerMeasured } from './peer-table.js'

interface Side {
  pids(): number[]
  /** Arguments of the generator that say where and with what certificate. */
  args(operation: string): string[]
}

interface PeerRow {
  row: string
  args: string[]
  requests: number
}

const rows: PeerRow[] = [
  { row: 'ITI-41 10 kB', args: ['-op', 'iti41', '-size', '10240'], requests: 800 },
  { row: 'ITI-42 12 kB', args: ['-op', 'iti42'], requests: 1500 },
  { row: 'ITI-18 1 entry', args: ['-op', 'iti18', '-seed', '50', '-perpatient', '1'], requests: 3000 },
  { row: 'ITI-18 10 entries', args: ['-op', 'iti18', '-seed', '100', '-perpatient', '10'], requests: 1500 },
  { row: 'ITI-18 100 entries', args: ['-op', 'iti18', '-seed', '200', '-perpatient', '100'], requests: 300 },
  { row: 'ITI-43 10 kB', args: ['-op', 'iti43', '-seed', '50', '-size', '10240', '-verify'], requests: 3000 },
  { row: 'ITI-41 1 MB', args: ['-op', 'iti41', '-size', '1048576'], requests: 150 },
  { row: 'ITI-43 1 MB', args: ['-op', 'iti43', '-seed', '20', '-size', '1048576', '-verify'], requests: 400 },
]

/** Of the operation, before it is measured: both servers compile what they run often. */
const warmUp = 2_500
const warmUpLarge = 200

const mostMsOfARun = 180_000

export interface PeerPlan {
  /** Rows whose name contains it. */
  rows: string
  connections: number[]
  rounds: number
  progress(line: string): void
  /** Called with each row as soon as it is there. */
  measured(row: PeerMeasured): void
}

export interface BesidePeers {
  rows: PeerMeasured[]
  /** Resident memory of all processes of a side together, at its most after a row, in bytes. */
  memoryBytes: Record<'ours' | 'theirs', number>
}

/** `folder` holds `ipf` (the server) and `xdsload` (the generator), each with its own build. */
export async function measurePeers(folder: string, carnet: Deployment, plan: PeerPlan): Promise<BesidePeers> {
  const work = mkdtempSync(join(tmpdir(), 'carnet-peers-'))
  try {
    plan.progress('building the peer and the generator')
    const xdsload = built(
      join(folder, 'xdsload'),
      join(work, 'xdsload'),
      'go',
      ['build', '-o', 'xdsload', '.'],
      'xdsload',
    )
    const jar = built(
      join(folder, 'ipf'),
      join(work, 'ipf'),
      'mvn',
      ['-q', '-B', '-DskipTests', 'package'],
      'target/ipf-peer.jar',
    )
    const ours = sideOf(carnet)
    const asked = rows.filter(({ row }) => row.includes(plan.rows))
    const warmedUp = async (row: PeerRow, side: Side) => {
      plan.progress(`warming up: ${row.row}`)
      await run(xdsload, [...row.args, '-c', '8'], row.row.endsWith('1 MB') ? warmUpLarge : warmUp, side)
    }
    for (const row of asked) await warmedUp(row, ours)
    const measured: PeerMeasured[] = []
    const memoryBytes = { ours: 0, theirs: 0 }
    for (const row of asked) {
      for (const connections of plan.connections) {
        // The peer keeps all that it is given in its heap: each row meets one that has room.
        const peer = await startPeer(jar, work)
        try {
          await warmedUp(row, peer.side)
          const one = await compared(xdsload, row, connections, { ours, theirs: peer.side }, plan)
          measured.push(one)
          plan.measured(one)
          memoryBytes.ours = Math.max(memoryBytes.ours, memoryTogether(ours.pids()))
          memoryBytes.theirs = Math.max(memoryBytes.theirs, memoryTogether(peer.side.pids()))
        } finally {
          await ended(peer.process)
        }
      }
    }
    return { rows: measured, memoryBytes }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function compared(
  xdsload: string,
  { row, args, requests }: PeerRow,
  connections: number,
  sides: Record<'ours' | 'theirs', Side>,
  plan: PeerPlan,
): Promise<PeerMeasured> {
  const runs: Record<'ours' | 'theirs', Run[]> = { ours: [], theirs: [] }
  for (let round = 1; round <= plan.rounds; round++) {
    // Whoever comes second finds the processors warm, or tired: each does half of the time.
    const turns = round % 2 === 1 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const)
    for (const name of turns) {
      plan.progress(`${row}, ${connections} connections, round ${round} of ${plan.rounds}, ${name}`)
      runs[name].push(await run(xdsload, [...args, '-c', String(connections)], requests, sides[name]))
    }
  }
  return {
    ...{ row, connections, ours: figuresOf(runs.ours), theirs: figuresOf(runs.theirs) },
    failures: [...runs.ours, ...runs.theirs].flatMap(one => (one.failure === undefined ? [] : [one.failure])),
  }
}

function figuresOf(runs: Run[]): Figures {
  return { cpuUs: runs.map(one => one.cpuUsPerRequest), requestsPerSecond: runs.map(one => one.requestsPerSecond) }
}

interface Run {
  requestsPerSecond: number
  cpuUsPerRequest: number
  failure: string | undefined
}

async function run(xdsload: string, args: string[], requests: number, side: Side): Promise<Run> {
  const operation = args[1] ?? ''
  const warm = Math.ceil(requests / 4)
  const all = [
    ...side.args(operation),
    ...args,
    '-n',
    String(requests),
    '-warm',
    String(warm),
    '-pid',
    side.pids().join(','),
  ]
  await settled(side.pids())
  const started = cpuUs(side.pids())
  // A server that has stopped answering is a fault of its row, not the end of all measuring.
  const { stdout, stderr } = await finished(
    spawn(xdsload, all, { stdio: ['ignore', 'pipe', 'pipe'], timeout: mostMsOfARun, killSignal: 'SIGKILL' }),
  )
  const ended = cpuUs(side.pids())
  await settled(side.pids())
  const line = JSON.parse(stdout.trim().split('\n').at(-1) || '{}')
  const during = (line.server_cpu_ms ?? Number.NaN) * 1000
  // What a server puts off until after the last answer is shared out over all requests of this run, warm-up and seeds included.
  const putOff = (cpuUs(side.pids()) - ended) / Math.max(1, requests + warm)
  const total = ended - started
  return {
    requestsPerSecond: line.rps ?? Number.NaN,
    cpuUsPerRequest: Number.isNaN(during) ? total / (requests + warm) : during + putOff,
    failure: line.fail === 0 ? undefined : `${all.join(' ')}: ${line.first_error ?? stderr}`,
  }
}

function sideOf(carnet: Deployment): Side {
  const { registry, repository } = carnet.urls
  const certs = join(carnet.folder, 'certs')
  return {
    pids: () => Object.values(carnet.pids()),
    args: operation => [
      ...['-url', operation === 'iti41' || operation === 'iti43' ? repository : registry],
      ...['-repourl', repository, '-regurl', registry, '-repo', carnet.repositoryUniqueId],
      ...['-cert', join(certs, 'client.pem'), '-key', join(certs, 'client.key'), '-ca', join(certs, 'ca.pem')],
    ],
  }
}

async function startPeer(jar: string, work: string): Promise<{ process: ChildProcess; side: Side }> {
  const certs = join(work, 'certs')
  must('bash', [join(work, 'ipf', 'certs.sh'), certs], work)
  const port = (await freePortBase()) + 1
  const stores = [
    '--keystore',
    join(certs, 'server.p12'),
    '--truststore',
    join(certs, 'trust.p12'),
    '--password',
    'changeit',
  ]
  const java = spawn('java', ['-Xmx2g', '-jar', jar, 'server', '--port', String(port), ...stores], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = () => java.kill('SIGKILL')
  process.once('exit', kill)
  java.once('exit', () => process.off('exit', kill))
  await untilSaid(/^READY\b/m, java, collected(java), 120_000)
  const url = (operation: string) => `https://localhost:${port}/services/xds-${operation}`
  return {
    process: java,
    side: {
      pids: () => [java.pid ?? -1],
      args: operation => [
        ...['-url', url(operation), '-repourl', url('iti41'), '-regurl', url('iti42')],
        ...['-cert', join(certs, 'client.pem'), '-key', join(certs, 'client.key'), '-ca', join(certs, 'ca.pem')],
      ],
    },
  }
}

/** Copies a project, for its folder may be read-only, and builds it. @returns the path of what was built. */
export function built(from: string, to: string, command: string, args: string[], product: string): string {
  if (!existsSync(from)) throw new Error(`there is no ${from}`)
  cpSync(from, to, { recursive: true })
  must('chmod', ['-R', 'u+w', to], to)
  must(command, args, to)
  return join(to, product)
}

function must(command: string, args: string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`)
}

async function finished(child: ChildProcess): Promise<{ stdout: string; stderr: string }> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', piece => {
    stdout += piece
  })
  child.stderr?.on('data', piece => {
    stderr += piece
  })
  await new Promise(resolve => child.once('close', resolve))
  return { stdout, stderr }
}
