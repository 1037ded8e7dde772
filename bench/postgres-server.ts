// A PostgreSQL server for the registry of a deployment that is measured or drilled: ended with the process, and without syncs, whose
// time is not what is looked at.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepare } from '../cli/prepare.js'
import { systemPorts } from '../ports/ports.js'
import { placeInFilesOnServer } from '../repository/backed-up.js'
import { playedTerminal } from '../test/cli/played-terminal.js'
import { type Cluster, startCluster } from '../test/store/postgres/a-cluster.js'

export interface Server {
  cluster: Cluster
  /** Of the registry. */
  database: string
  /** Of the repository, where that is on the server too. */
  repository?: string
}

/** A data folder that is not started yet, on a server where that is asked for. */
export async function preparedFolder(
  prefix: string,
  on: 'files' | 'server' | 'server with the repository',
): Promise<{ folder: string; server?: Server }> {
  const folder = await systemPorts.files.temporaryFolder(prefix)
  const { configFile } = await prepare(folder, { ports: systemPorts, terminal: playedTerminal(folder) })
  if (on === 'files') return { folder }
  const cluster = await startCluster({ full_page_writes: 'on', autovacuum: 'on', shared_buffers: '256MB' })
  const repository = on === 'server' ? undefined : await cluster.create()
  const server = { cluster, database: await cluster.create(), repository }
  useDatabase(configFile, server)
  return { folder, server }
}

export function useDatabase(configFile: string, { cluster, database, repository }: Server): void {
  const config = JSON.parse(readFileSync(configFile, 'utf8'))
  const url = (name: string) => `postgres://carnet@127.0.0.1:${cluster.port}/${name}`
  config.registry.database = url(database)
  if (repository !== undefined) config.repository.database = url(repository)
  writeFileSync(configFile, JSON.stringify(config, undefined, 2))
}

/** As an operator would, with the tools of the server; the registry first. @returns files below `to`. */
export function dump({ cluster, database, repository }: Server, to: string): string[] {
  return [database, repository].flatMap((name, index) => {
    if (name === undefined) return []
    const file = `${to}-${index}.dump`
    tool('pg_dump', cluster, '--format=custom', `--file=${file}`, name)
    return [file]
  })
}

export async function restoredFrom(dumped: string[], { cluster }: Server): Promise<Server> {
  const [database = '', repository] = await Promise.all(
    dumped.map(async file => {
      const name = await cluster.create()
      tool('pg_restore', cluster, '--exit-on-error', `--dbname=${name}`, file)
      return name
    }),
  )
  if (repository !== undefined) await cluster.run(placeInFilesOnServer, repository)
  return { cluster, database, repository }
}

function tool(name: string, { port }: Cluster, ...args: string[]): void {
  const root = '/usr/lib/postgresql'
  const paths = readdirSync(root)
    .map(version => join(root, version, 'bin', name))
    .filter(path => existsSync(path))
  execFileSync(paths.sort().at(-1) ?? name, ['-h', '127.0.0.1', '-p', String(port), '-U', 'carnet', ...args])
}
