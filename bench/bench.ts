// `npm run bench`: what Carnet costs beside a bare Node server, beside another make, as its registry grows, and with large documents.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Deployment, deploy } from './deployment.js'
import { deployFilled, type EngineName } from './filled-deployment.js'
import { type Grown, measureGrowth } from './growth.js'
import type { RowName } from './job.js'
import { type LargeMeasured, type ManyMeasured, measureLarge, measureMany } from './large.js'
import { type Measured, measure, type Plan } from './measure.js'
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
import { columnsOf, type Figures, growthColumns, largeColumns, manyColumns, record } from './record.js'
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

/** Resident memory of a service may grow by less than this for a document of any size, and for many at a time. */
const largeGrowthBytes = 64 * 1_048_576
const manyGrowthBytes = 128 * 1_048_576
const atATime = { count: 32, sizeBytes: 100_000_000 }
const usualEntries = '10000,100000,1000000'

const usage = `npm run bench -- [options]
  --rows TEXT        only rows whose name contains TEXT, as "ITI-18"
  --connections LIST 1,8,32
  --seconds N        of each measurement (2)
  --rounds N         Carnet and the bare server in turns; the median counts (3)
  --entries LIST     the first table for registries that have so many entries each, as 10000,100000,1000000
  --engines LIST     sqlite,postgres: what such a registry has its entries in (sqlite; the other where PostgreSQL is installed)
  --growth           registries of these sizes beside one another, asked in turns: whether cost grows with them; a million
                     entries take 5 GB of disk and some minutes
  --peer FOLDER      (or --peers) also beside the server in FOLDER/ipf, driven by FOLDER/xdsload (needs Java, Maven, Go): every row
                     in turns, both warm, as a table for docs/performance; with --only about 20 minutes
  --beside CHECKOUT  also beside an earlier Carnet, built by npm ci there: every row in turns, both warm
  --large [--mib N]  a document of 512 MiB in and out, beside a bare server with the same digests, and how much memory each service
                     takes for it
  --many             32 documents of 100 MB in at a time, then out at a time, and the memory for that
  --only             leave out the first table: only --growth, --peers, --beside, --large or --many
  --json FILE        all figures as JSON
  --record PATH      all figures as PATH.json, PATH.md and PATH-….svg, for docs/performance`

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '' },
    connections: { type: 'string', default: '1,8,32' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    peers: { type: 'string' },
    peer: { type: 'string' },
    beside: { type: 'string' },
    entries: { type: 'string' },
    engines: { type: 'string', default: 'sqlite' },
    growth: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    many: { type: 'boolean', default: false },
    mib: { type: 'string', default: '512' },
    only: { type: 'boolean', default: false },
    json: { type: 'string' },
    record: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const peers = options.peers ?? options.peer

if (options.help) console.log(usage)
else await bench()

async function bench(): Promise<void> {
  const machine = `Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, ${new Date().toISOString()}`
  console.log(`${machine}\nCPU: user and system time of all services for one request, what they put off included\n`)
  const command = ['npm run bench --', ...process.argv.slice(2)].join(' ')
  const figures: Figures = { machine, command, tables: [] }
  const connections = options.connections.split(',').map(Number)
  const plan = { connections, rounds: Number(options.rounds), seconds: Number(options.seconds), progress }
  const rows = rowNames.filter(name => name.includes(options.rows))
  const faults: string[] = []
  const engines = options.engines.split(',') as EngineName[]
  if (!options.only && options.entries !== undefined) {
    for (const engine of engines) {
      for (const entries of sizesIn(options.entries))
        faults.push(...(await filled(engine, entries, { ...plan, rows }, figures)))
    }
  }
  if (options.growth) {
    const entries = sizesIn(options.entries ?? usualEntries)
    figures.growth = await measureGrowth({ ...plan, engines, entries })
    faults.push(...showGrowth(figures.growth))
  }
  const hasFirstTable = !options.only && options.entries === undefined
  if (hasFirstTable || peers !== undefined || options.beside !== undefined || options.large || options.many) {
    faults.push(...(await fresh({ ...plan, rows }, hasFirstTable, figures)))
  }
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, undefined, 2)}\n`)
  if (options.record !== undefined) for (const file of record(options.record, figures)) console.log(`wrote ${file}`)
  for (const fault of faults) console.log(`FAILED ${fault}`)
  if (faults.length > 0) process.exitCode = 1
}

async function filled(engine: EngineName, entries: number, plan: Plan, figures: Figures): Promise<string[]> {
  const carnet = await deployFilled(engine, { entries, ofOnePatient: 0 }, progress)
  try {
    console.log(`${engine}, ${entries} entries`)
    const rows = await measure(carnet, plan)
    figures.tables.push({ engine, entries, rows })
    return show(rows)
  } finally {
    await carnet.stop()
  }
}

/** All that a new deployment is asked. */
async function fresh(plan: Plan, hasFirstTable: boolean, figures: Figures): Promise<string[]> {
  const carnet = await deploy()
  const faults: string[] = []
  try {
    if (hasFirstTable) {
      const rows = await measure(carnet, plan)
      figures.tables.push({ engine: 'sqlite', entries: 0, rows })
      faults.push(...show(rows))
    }
    if (peers !== undefined) {
      figures.peers = await besidePeers(peers, carnet, plan)
      faults.push(...faultsOfPeers(figures.peers))
    }
    if (options.beside !== undefined) {
      console.log(`Both versions up and warm, asked in turns; median of ${plan.rounds} rounds (lowest-highest)\n`)
      console.log(versionTableHead)
      figures.versions = await measureVersions(options.beside, carnet, { ...plan, measured: printed })
      console.log('')
      faults.push(...faultsOfVersions(figures.versions))
    }
    if (options.large) {
      figures.large = await measureLarge(carnet, Number(options.mib) * 1_048_576, progress)
      faults.push(...showLarge(figures.large))
    }
    if (options.many) {
      figures.many = await measureMany(carnet, atATime, progress)
      faults.push(...showMany(figures.many))
    }
  } finally {
    progress('ending')
    await carnet.stop()
    progress('')
  }
  return faults
}

function sizesIn(list: string): number[] {
  return list.split(',').map(Number)
}

function show(rows: Measured[]): string[] {
  print(rows.map(columnsOf))
  return rows
    .filter(row => row.failures > 0)
    .map(row => `${row.row}, ${row.connections} connections: ${row.failures} requests, first: ${row.firstFailure}`)
}

function showGrowth(growth: Grown[]): string[] {
  print(growth.map(one => ({ engine: one.engine, ...growthColumns(one) })))
  return growth.flatMap(({ engine, entries, failures }) =>
    failures.slice(0, 1).map(failure => `${engine}, ${entries} entries: ${failure}`),
  )
}

async function besidePeers(
  folder: string,
  carnet: Deployment,
  plan: Pick<Plan, 'connections' | 'rounds'>,
): Promise<PeerMeasured[]> {
  console.log(`Both servers up and warm, asked in turns; median of ${plan.rounds} rounds (lowest-highest)\n`)
  console.log(peerTableHead)
  const { rows, memoryBytes } = await measurePeers(folder, carnet, {
    ...{ ...plan, rows: options.rows, progress, measured: printed },
  })
  const mib = (bytes: number) => (bytes / 1_048_576).toFixed(0)
  console.log(`\n${peerSummary(rows)}`)
  console.log(
    `Resident memory at its most, shared pages once: Carnet ${mib(memoryBytes.ours)} MiB, peer ${mib(memoryBytes.theirs)} MiB\n`,
  )
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
  print([largeColumns(large)])
  return [...large.faults, ...grownTooMuch(large, largeGrowthBytes)]
}

function showMany(many: ManyMeasured): string[] {
  print([manyColumns(many)])
  return [...many.faults, ...grownTooMuch(many, manyGrowthBytes)]
}

function grownTooMuch({ growthBytes }: Pick<LargeMeasured, 'growthBytes'>, boundBytes: number): string[] {
  const mib = (bytes: number) => (bytes / 1_048_576).toFixed(0)
  return Object.entries(growthBytes)
    .filter(([, bytes]) => bytes >= boundBytes)
    .map(([name, bytes]) => `${name} grew by ${mib(bytes)} MiB, ${mib(boundBytes)} or more`)
}

function print(rows: Record<string, string | number | undefined>[]): void {
  progress('')
  console.log(`${table(rows)}\n`)
}

function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`)
}
