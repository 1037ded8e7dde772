// `npm run bench`: what Carnet costs beside a bare Node server, beside another make, and with a large document.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Deployment, deploy } from './deployment.js'
import type { RowName } from './job.js'
import { type LargeMeasured, measureLarge } from './large.js'
import { type Measured, measure } from './measure.js'
import {
  type PeerMeasured,
  peerSummary,
  peerTableHead,
  peerTableLine,
  slowerRows,
  verdictOf,
  versionTableHead,
} from './peer-table.js'
import { measurePeers } from './peers.js'
import { table } from './table.js'
import { measureVersions } from './versions.js'

const rowNames: RowName[] = [
  'ITI-41 10 kB',
  'ITI-42 12 kB',
  'ITI-18 1 entry',
  'ITI-18 10 entries',
  'ITI-18 100 entries',
  'ITI-43 10 kB',
  'ITI-41 1 MB',
  'ITI-43 1 MB',
]

/** Resident memory of a service may grow by less than this for a document of any size. */
const largeGrowthBytes = 64 * 1_048_576

const usage = `npm run bench -- [options]
  --rows TEXT        only rows whose name contains TEXT, as "ITI-18"
  --connections LIST 1,8,32
  --seconds N        of each measurement (2)
  --rounds N         Carnet and the bare server in turns; the median counts (3)
  --peers FOLDER     also beside the server in FOLDER/ipf, driven by FOLDER/xdsload (needs Java, Maven, Go): every row
                     in turns, both warm, as a table for docs/performance; with --only about 20 minutes
  --beside CHECKOUT  also beside an earlier Carnet, built by npm ci there: every row in turns, both warm
  --large [--mib N]  a document of 512 MiB in and out, and how much memory each service takes for it
  --only             leave out the first table: only --peers, --beside or --large
  --json FILE        all figures as JSON`

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '' },
    connections: { type: 'string', default: '1,8,32' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    peers: { type: 'string' },
    beside: { type: 'string' },
    large: { type: 'boolean', default: false },
    mib: { type: 'string', default: '512' },
    only: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (options.help) console.log(usage)
else await bench()

async function bench(): Promise<void> {
  const machine = `Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, ${new Date().toISOString()}`
  console.log(`${machine}\nCPU µs: user and system time of all services for one request, what they put off included\n`)
  const carnet = await deploy()
  const faults: string[] = []
  const figures: {
    machine: string
    rows?: Measured[]
    peers?: PeerMeasured[]
    versions?: PeerMeasured[]
    large?: LargeMeasured
  } = { machine }
  try {
    const connections = options.connections.split(',').map(Number)
    const rounds = Number(options.rounds)
    const plan = { connections, rounds, seconds: Number(options.seconds), progress }
    const rows = rowNames.filter(name => name.includes(options.rows))
    if (!options.only) {
      figures.rows = await measure(carnet, { ...plan, rows })
      faults.push(...show(figures.rows))
    }
    if (options.peers !== undefined) {
      figures.peers = await besidePeers(options.peers, carnet, plan)
      faults.push(...faultsOfPeers(figures.peers))
    }
    if (options.beside !== undefined) {
      console.log(`Both versions up and warm, asked in turns; median of ${rounds} rounds (lowest-highest)\n`)
      console.log(versionTableHead)
      figures.versions = await measureVersions(options.beside, carnet, { ...plan, rows, measured: printed })
      console.log('')
      faults.push(...faultsOfVersions(figures.versions))
    }
    if (options.large) {
      figures.large = await measureLarge(carnet, Number(options.mib) * 1_048_576, progress)
      faults.push(...showLarge(figures.large))
    }
  } finally {
    progress('ending')
    await carnet.stop()
    progress('')
  }
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, undefined, 2)}\n`)
  for (const fault of faults) console.log(`FAILED ${fault}`)
  if (faults.length > 0) process.exitCode = 1
}

function show(rows: Measured[]): string[] {
  print(
    rows.map(row => ({
      transaction: row.row,
      connections: String(row.connections),
      'requests/s': row.requestsPerSecond,
      'CPU µs': row.cpuUsPerRequest,
      'p50 ms': row.p50Ms,
      'p99 ms': row.p99Ms,
      'bare/s': row.bareRequestsPerSecond,
      'bare CPU µs': row.bareCpuUsPerRequest,
      'ratio to bare': row.requestsPerSecond / row.bareRequestsPerSecond,
      'ratio to hello': row.requestsPerSecond / row.helloRequestsPerSecond,
    })),
  )
  return rows
    .filter(row => row.failures > 0)
    .map(row => `${row.row}, ${row.connections} connections: ${row.failures} requests, first: ${row.firstFailure}`)
}

async function besidePeers(
  folder: string,
  carnet: Deployment,
  plan: { connections: number[]; rounds: number },
): Promise<PeerMeasured[]> {
  console.log(`Both servers up and warm, asked in turns; median of ${plan.rounds} rounds (lowest-highest)\n`)
  console.log(peerTableHead)
  const { rows, memoryBytes } = await measurePeers(folder, carnet, {
    ...{ ...plan, rows: options.rows, progress, measured: printed },
  })
  const mib = (bytes: number) => (bytes / 1_048_576).toFixed(0)
  console.log(`\n${peerSummary(rows)}`)
  console.log(`Resident memory at the end: Carnet ${mib(memoryBytes.ours)} MiB, peer ${mib(memoryBytes.theirs)} MiB\n`)
  return rows
}

function printed(row: PeerMeasured): void {
  progress('')
  console.log(peerTableLine(row))
}

function faultsOfVersions(rows: PeerMeasured[]): string[] {
  return [
    ...rows.flatMap(row => row.failures.slice(0, 1)),
    ...slowerRows(rows).map(row => `${row} connections: more than a tenth dearer than the earlier version`),
  ]
}

function faultsOfPeers(rows: PeerMeasured[]): string[] {
  const dearer = rows.filter(row => verdictOf(row) === 'no')
  return [
    ...rows.flatMap(row => row.failures.slice(0, 1)),
    ...dearer.map(row => `${row.row}, ${row.connections} connections: not less CPU than the peer`),
  ]
}

function showLarge(large: LargeMeasured): string[] {
  const mib = (bytes: number) => bytes / 1_048_576
  const growth = Object.entries(large.growthBytes)
  print([
    {
      'large document': `${mib(large.sizeBytes)} MiB`,
      'in s': large.inSeconds,
      'out s': large.outSeconds,
      ...Object.fromEntries(growth.map(([name, bytes]) => [`${name} grew MiB`, mib(bytes)])),
    },
  ])
  const grown = growth.filter(([, bytes]) => bytes >= largeGrowthBytes)
  return [...large.faults, ...grown.map(([name, bytes]) => `${name} grew by ${mib(bytes).toFixed(0)} MiB, 64 or more`)]
}

function print(rows: Record<string, string | number | undefined>[]): void {
  progress('')
  console.log(`${table(rows)}\n`)
}

function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`)
}
