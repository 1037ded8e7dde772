// A PostgreSQL server for the registry of a deployment that is measured or drilled: ended with the process, and without syncs, whose
// time is not what is looked at.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepare } from '../cli/prepare.js'
import { systemPorts } from '../ports/ports.js'
import { playedTerminal } from '../test/cli/played-terminal.js'
import { type Cluster, startCluster } from '../test/store/postgres/a-cluster.js'

export interface Server {
  cluster: Cluster
  database: string
}

/** A data folder that is not started yet, on a server where that is asked for. */
export async function preparedFolder(
  prefix: string,
  withServer: boolean,
): Promise<{ folder: string; server?: Server }> {
  const folder = await systemPorts.files.temporaryFolder(prefix)
  const { configFile } = await prepare(folder, { ports: systemPorts, terminal: playedTerminal(folder) })
  if (!withServer) return { folder }
  const cluster = await startCluster({ full_page_writes: 'on', autovacuum: 'on', shared_buffers: '256MB' })
  const server = { cluster, database: await cluster.create() }
  useDatabase(configFile, server)
  return { folder, server }
}

export function useDatabase(configFile: string, { cluster, database }: Server): void {
  const config = JSON.parse(readFileSync(configFile, 'utf8'))
  config.registry.database = `postgres://carnet@127.0.0.1:${cluster.port}/${database}`
  writeFileSync(configFile, JSON.stringify(config, undefined, 2))
}

/** As an operator would, with the tools of the server. */
export function dump({ cluster, database }: Server, to: string): void {
  tool('pg_dump', cluster, '--format=custom', `--file=${to}`, database)
}

export async function restoredFrom(dumped: string, { cluster }: Server): Promise<Server> {
  const database = await cluster.create()
  tool('pg_restore', cluster, '--exit-on-error', `--dbname=${database}`, dumped)
  return { cluster, database }
}

function tool(name: string, { port }: Cluster, ...args: string[]): void {
  const root = '/usr/lib/postgresql'
  const paths = readdirSync(root)
    .map(version => join(root, version, 'bin', name))
    .filter(path => existsSync(path))
  execFileSync(paths.sort().at(-1) ?? name, ['-h', '127.0.0.1', '-p', String(port), '-U', 'carnet', ...args])
}
