// All figures of a run as files for docs/performance: JSON for programs, Markdown for people, SVG for those who look.
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Grown } from './growth.js'
import type { LargeMeasured, ManyMeasured } from './large.js'
import type { Measured } from './measure.js'
import { type PeerMeasured, peerTableHead, peerTableLine, versionTableHead } from './peer-table.js'
import { barsSvg, linesSvg } from './plot.js'

export interface Figures {
  machine: string
  command: string
  /** Of a registry that is new, or has so many entries on that engine. */
  tables: { engine: string; entries: number; rows: Measured[] }[]
  growth?: Grown[]
  peers?: PeerMeasured[]
  versions?: PeerMeasured[]
  large?: LargeMeasured
  many?: ManyMeasured
}

/** Files beside one another whose names begin with `path`. */
export function record(path: string, figures: Figures): string[] {
  const pictures = picturesOf(figures)
  const files: [string, string][] = [
    [`${path}.json`, `${JSON.stringify(figures, undefined, 2)}\n`],
    [`${path}.md`, markdownOf(figures, pictures, basename(path))],
    ...pictures.map(({ name, svg }): [string, string] => [`${path}-${name}.svg`, svg]),
  ]
  mkdirSync(dirname(path), { recursive: true })
  for (const [file, content] of files) writeFileSync(file, content)
  return files.map(([file]) => file)
}

export interface Picture {
  name: string
  title: string
  svg: string
}

function picturesOf({ tables, growth = [], peers = [] }: Figures): Picture[] {
  const pictures: Picture[] = []
  const add = (name: string, title: string, svg: string) => pictures.push({ name, title, svg })
  for (const { engine, entries, rows } of tables) {
    const title = `CPU of one request, ${registryOf(engine, entries)}`
    const connections = [...new Set(rows.map(row => row.connections))]
    const of = (name: string, count: number) => rows.find(row => row.row === name && row.connections === count)
    const groups = [...new Set(rows.map(({ row }) => row))].map(name => ({
      name,
      values: [
        ...connections.map(count => (of(name, count)?.cpuUsPerRequest ?? 0) / 1000),
        (of(name, connections.at(-1) ?? 1)?.bareCpuUsPerRequest ?? 0) / 1000,
      ],
    }))
    const legend = [
      ...connections.map(count => `${count} connection${count === 1 ? '' : 's'}`),
      'bare echo of the same bytes',
    ]
    add(`${engine}-${entries}`, title, barsSvg({ title, unit: 'ms of CPU, all services together', legend, groups }))
  }
  for (const engine of new Set(growth.map(one => one.engine))) {
    const title = `CPU of one request as the registry grows, ${nameOf(engine)}`
    const of = growth.filter(one => one.engine === engine)
    const names = [...new Set(of.flatMap(({ rows }) => rows.map(nameOfRow)))]
    const series = names.map(name => ({
      name,
      points: of.flatMap(({ entries, rows }) =>
        rows.filter(row => nameOfRow(row) === name).map(row => ({ x: entries, y: row.cpuUs / 1000 })),
      ),
    }))
    add(`growth-${engine}`, title, linesSvg({ title, unit: 'ms of CPU', xName: 'entries in the registry', series }))
  }
  if (peers.length > 0) {
    const title = 'CPU of one request beside the other server'
    const middle = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
    const groups = peers.map(({ row, connections, ours, theirs }) => ({
      name: `${row}, ${connections}`,
      values: [middle(ours.cpuUs) / 1000, middle(theirs.cpuUs) / 1000],
    }))
    add('peer', title, barsSvg({ title, unit: 'ms of CPU; median', legend: ['Carnet', 'peer'], groups }))
  }
  return pictures
}

function markdownOf(figures: Figures, pictures: readonly Picture[], name: string): string {
  const { machine, command, tables, growth = [], peers = [], versions = [], large, many } = figures
  const picture = (of: string) =>
    pictures.filter(each => each.name === of).map(({ title }) => `![${title}](${name}-${of}.svg)\n`)
  const lines = [`# Measured: ${command}\n`, `${machine}\n`, method]
  for (const { engine, entries, rows } of tables) {
    lines.push(`## Beside a bare HTTPS server, ${registryOf(engine, entries)}\n`)
    lines.push(...markdownTable(rows.map(columnsOf)), ...picture(`${engine}-${entries}`))
  }
  for (const engine of new Set(growth.map(one => one.engine))) {
    lines.push(`## As the registry grows, ${nameOf(engine)}\n`, growthMethod)
    lines.push(...markdownTable(growth.filter(one => one.engine === engine).map(growthColumns)))
    lines.push(...picture(`growth-${engine}`))
  }
  if (peers.length > 0)
    lines.push('## Beside another server, in turns\n', peerTableHead, ...peers.map(peerTableLine), '')
  lines.push(...picture('peer'))
  if (versions.length > 0) {
    lines.push('## Beside an earlier version, in turns\n', versionTableHead, ...versions.map(peerTableLine), '')
  }
  if (large !== undefined || many !== undefined) lines.push('## Large documents\n')
  if (large !== undefined) lines.push(...markdownTable([largeColumns(large)]))
  if (many !== undefined) lines.push(...markdownTable([manyColumns(many)]))
  return `${lines.join('\n').trimEnd()}\n`
}

const method = `Mutual TLS, registry, repository and audit service on one machine, durable and audited. CPU is user and system time of all of them (and of the
server of the database, where there is one) for one request, what they put off included; medians of the rounds. The bare server takes and gives the
same bytes and does nothing with them, in turns with Carnet in the same run.
`

const growthMethod = `Registries of different sizes, all up and warm, asked in turns. Queries ask for one patient with 30 entries after the other, anywhere in the registry;
submissions are for patients anywhere in it. *Many* is one patient with 10,000 entries: references, then whole entries, and how much the registry grew meanwhile.
`

export function columnsOf(row: Measured): Record<string, string> {
  return {
    '': row.row,
    connections: String(row.connections),
    'requests/s': row.requestsPerSecond.toFixed(0),
    'CPU ms': inMs(row.cpuUsPerRequest),
    'p50 ms': row.p50Ms.toFixed(2),
    'p99 ms': row.p99Ms.toFixed(2),
    'bare/s': row.bareRequestsPerSecond.toFixed(0),
    'bare CPU ms': inMs(row.bareCpuUsPerRequest),
    'ratio of rates': (row.requestsPerSecond / row.bareRequestsPerSecond).toFixed(3),
    'ratio of CPU': (row.cpuUsPerRequest / row.bareCpuUsPerRequest).toFixed(1),
    'memory MiB': inMib(row.memoryBytes),
  }
}

export function growthColumns({ entries, startMs, rows, many, memoryBytes }: Grown): Record<string, string> {
  return {
    entries: entries.toLocaleString('en'),
    'start s': (startMs / 1000).toFixed(1),
    ...Object.fromEntries(rows.map(row => [`${nameOfRow(row)}: CPU ms`, inMs(row.cpuUs)])),
    'many: references s': (many.referencesMs / 1000).toFixed(2),
    'many: whole s': (many.wholeMs / 1000).toFixed(2),
    'many: grew MiB': inMib(many.grewBytes),
    'registry MiB': inMib(memoryBytes.registry ?? 0),
  }
}

export function largeColumns(large: LargeMeasured): Record<string, string> {
  return {
    '': `${inMib(large.sizeBytes)} MiB`,
    'in s': large.inSeconds.toFixed(1),
    'out s': large.outSeconds.toFixed(1),
    'bare in s': large.bareInSeconds.toFixed(1),
    'bare out s': large.bareOutSeconds.toFixed(1),
    ...grewColumns(large.growthBytes),
  }
}

export function manyColumns(many: ManyMeasured): Record<string, string> {
  return {
    '': `${many.count} × ${many.sizeBytes / 1_000_000} MB at a time`,
    'in s': many.inSeconds.toFixed(1),
    'out s': many.outSeconds.toFixed(1),
    ...grewColumns(many.growthBytes),
  }
}

function grewColumns(growth: LargeMeasured['growthBytes']): Record<string, string> {
  return Object.fromEntries(Object.entries(growth).map(([service, bytes]) => [`${service} grew MiB`, inMib(bytes)]))
}

function markdownTable(rows: readonly Record<string, string>[]): string[] {
  const names = Object.keys(rows[0] ?? {})
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [
    line(names),
    `|${names.map(() => '---').join('|')}|`,
    ...rows.map(row => line(names.map(each => row[each] ?? ''))),
    '',
  ]
}

const nameOf = (engine: string) => (engine === 'postgres' ? 'PostgreSQL' : 'SQLite')
const registryOf = (engine: string, entries: number) =>
  `${nameOf(engine)}, ${entries === 0 ? 'new registry' : `${entries.toLocaleString('en')} entries`}`
const nameOfRow = ({ row, connections }: Grown['rows'][number]) => `${row}, ${connections}`
const inMs = (us: number) => (us / 1000).toFixed(2)
const inMib = (bytes: number) => (bytes / 1_048_576).toFixed(0)
