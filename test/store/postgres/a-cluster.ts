// A PostgreSQL server of the tests' own, started when the first one needs it and gone with the process: initdb, a free port, no
// syncs, for what is measured here is not the disk.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemPorts } from '../../../ports/ports.js'
import { openPool, type Pool, type PostgresServer } from '../../../store/postgres/connections.js'
import { atExit } from '../../house/at-exit.js'
import { freePort } from '../../ports/free-port.js'

export interface Cluster {
  server(database: string): PostgresServer
  /** An empty database, or one like `template`; dropped with the cluster. */
  create(template?: string): Promise<string>
  /** A statement outside of all stores. */
  run(sql: string, database?: string): Promise<Record<string, unknown>[]>
  /** A file of the server's own, in its folder. */
  place(name: string, content: Buffer): void
  /** A copy of it that follows, as a server of its own. */
  standby(): Promise<Cluster>
  stop(how?: 'fast' | 'immediate'): void
  start(): void
  /** Its first process ends at once, as by kill -9; the others when they see that. */
  kill(): void
  /** Without holding up whoever waits; tried until nothing of the killed one is left. */
  startAgain(): Promise<void>
  readonly folder: string
  readonly port: number
  /** Of the process that has started all others. */
  pid(): number
  /** Of that and of all that it has started. [proc(5)] */
  processes(): number[]
}

/** Why these tests do not run, or undefined. */
const noPostgres = reason()

function reason(): string | undefined {
  if (binaries() === undefined) return 'PostgreSQL is not installed (Debian: apt-get install postgresql)'
  // `npm test` is about the embedded engine, and quick.
  return process.env.CARNET_TEST_ENGINE === 'postgres' ? undefined : 'npm run test:postgres runs these'
}

/** For `before` of a suite: skips it, with the reason, where there is no PostgreSQL. */
export function needsPostgres(context: Mocha.Context): void {
  if (noPostgres === undefined) return
  for (const test of context.test?.parent?.tests ?? []) test.title += ` (${noPostgres})`
  context.skip()
}

let shared: Promise<Cluster> | undefined

export function theCluster(): Promise<Cluster> {
  shared ??= startCluster()
  return shared
}

export function serverAt(port: number, database: string): PostgresServer {
  return { host: '127.0.0.1', port, user: 'carnet', database }
}

export function startCluster(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  return started(settings)
}

async function started(settings: Readonly<Record<string, string>>, following?: number): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'carnet-postgres-'))
  const as = asSomebodyElse()
  if (as !== undefined) chownSync(folder, as.uid, as.gid)
  const data = join(folder, 'data')
  const port = await freePort()
  const tool = (name: string, ...args: string[]) =>
    execFileSync(join(binaries() ?? '', name), args, {
      ...as,
      cwd: folder,
      stdio: 'ignore',
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
    })
  if (following === undefined) {
    tool('initdb', '-D', data, '-U', 'carnet', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync')
  } else {
    const from = ['-h', '127.0.0.1', '-p', String(following), '-U', 'carnet']
    tool('pg_basebackup', ...from, '-D', data, '--write-recovery-conf', '--checkpoint=fast', '--no-sync')
    chmodSync(data, 0o700)
  }
  const own = Object.entries({
    ...defaultSettings,
    ...settings,
    port: String(port),
    unix_socket_directories: `'${folder}'`,
  })
  // What pg_basebackup has written there says whom to follow.
  appendFileSync(join(data, 'postgresql.auto.conf'), own.map(([name, value]) => `${name} = ${value}\n`).join(''))
  const start = () => void tool('pg_ctl', 'start', '-w', '-D', data, '-l', join(folder, 'log'))
  const begun = () =>
    new Promise<boolean>(resolve => {
      const given = ['start', '-w', '-D', data, '-l', join(folder, 'log')]
      const options = { ...as, cwd: folder, stdio: 'ignore', env: { PATH: process.env.PATH, LC_ALL: 'C' } } as const
      spawn(join(binaries() ?? '', 'pg_ctl'), given, options).once('exit', code => resolve(code === 0))
    })
  start()
  atExit(() => {
    spawnSync(join(binaries() ?? '', 'pg_ctl'), ['stop', '-m', 'immediate', '-D', data], { ...as, cwd: '/' })
    rmSync(folder, { recursive: true, force: true })
  })
  const server = (database: string) => serverAt(port, database)
  const pools = new Map<string, Pool>()
  let made = 0
  const cluster: Cluster = {
    folder,
    port,
    server,
    start,
    pid: () => Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]),
    processes() {
      const pid = cluster.pid()
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
      return [pid, ...children.map(Number)]
    },
    place(name, content) {
      writeFileSync(join(data, name), content, { mode: 0o600 })
      if (as !== undefined) chownSync(join(data, name), as.uid, as.gid)
    },
    standby: () => started(settings, port),
    kill: () => void process.kill(Number.parseInt(readFileSync(join(data, 'postmaster.pid'), 'utf8'), 10), 'SIGKILL'),
    async startAgain() {
      for (let tries = 1; !(await begun()); tries++) {
        if (tries === 40) throw new Error(`PostgreSQL does not start again: ${join(folder, 'log')}`)
        await new Promise(resolve => setTimeout(resolve, 250))
      }
    },
    stop: (how = 'fast') => void tool('pg_ctl', 'stop', '-m', how, '-D', data),
    async create(template) {
      const name = `carnet_${++made}`
      await cluster.run(
        `CREATE DATABASE ${name}${template === undefined ? '' : ` TEMPLATE ${template} STRATEGY FILE_COPY`}`,
      )
      return name
    },
    async run(sql, database = 'postgres') {
      const pool = pools.get(database) ?? openPool(server(database), systemPorts.network, poolOptions)
      pools.set(database, pool)
      const line = await pool.connect()
      try {
        return (await line.query({ text: sql })).rows
      } finally {
        line.release(true)
      }
    },
  }
  return cluster
}

const poolOptions = { connections: 4, waitMs: 10_000, settings: {} }

const defaultSettings = {
  listen_addresses: "'127.0.0.1'",
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  shared_buffers: '64MB',
  max_locks_per_transaction: '256',
  autovacuum: 'off',
  logging_collector: 'off',
}

function binaries(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).filter(name => /^\d+$/.test(name) && Number(name) >= 15) : []
  const newest = versions.sort((one, other) => Number(other) - Number(one))[0]
  return newest === undefined ? undefined : join(root, newest, 'bin')
}

/** A server does not run as root. */
function asSomebodyElse(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (what: string) => Number(execFileSync('id', [what, 'postgres']).toString())
  return { uid: idOf('-u'), gid: idOf('-g') }
}
