// A PostgreSQL server for the registry of a deployment that is measured or drilled: ended with the process, and without syncs, whose
// time is not what is looked at.
import { readFileSync, writeFileSync } from 'node:fs'
import { prepare } from '../cli/services/prepare.js'
import { systemPorts } from '../ports/ports.js'
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

function useDatabase(configFile: string, { cluster, database, repository }: Server): void {
  const config = JSON.parse(readFileSync(configFile, 'utf8'))
  const url = (name: string) => `postgres://carnet@127.0.0.1:${cluster.port}/${name}`
  config.registry.database = url(database)
  if (repository !== undefined) config.repository.database = url(repository)
  writeFileSync(configFile, JSON.stringify(config, undefined, 2))
}

/** Empty ones on the same server, for what is restored: flags of `carnet restore`. */
export async function emptyDatabases({ cluster, repository }: Server): Promise<string[]> {
  const url = async () => `postgres://carnet@127.0.0.1:${cluster.port}/${await cluster.create()}`
  return [
    ...['--registry-database', await url()],
    ...(repository === undefined ? [] : ['--repository-database', await url()]),
  ]
}
