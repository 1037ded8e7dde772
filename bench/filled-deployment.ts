// A Carnet whose registry has so many entries before anybody measures it, on the engine that is asked for.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startCluster } from '../test/store/postgres/a-cluster.js'
import type { Counted } from './cost.js'
import { type Deployment, deploy } from './deployment.js'
import { type Filling, fill, postgresTables, sampleSubmissions, sqliteTables } from './fill.js'
import { sendAll } from './measure.js'

export type EngineName = 'sqlite' | 'postgres'

export interface FilledDeployment extends Deployment {
  filling: Filling
  /** From its start with all its entries to `ready`. */
  startMs: number
  /** What works for it: its services, and the server of its database. */
  counted(): Counted[]
}

/** As a server is run that is to keep what it has. */
const durable = {
  fsync: 'on',
  full_page_writes: 'on',
  autovacuum: 'on',
  shared_buffers: '256MB',
  max_wal_size: '4GB',
}

export async function deployFilled(
  engine: EngineName,
  filling: Filling,
  progress: (line: string) => void,
): Promise<FilledDeployment> {
  const carnet = await deploy()
  try {
    const cluster = engine === 'postgres' ? await startCluster(durable) : undefined
    const database = await cluster?.create()
    if (cluster !== undefined && database !== undefined) {
      await carnet.startAgain(async () => {
        configure(carnet, { database: `postgres://carnet@127.0.0.1:${cluster.port}/${database}` })
      })
    }
    await sendAll(carnet, carnet.urls.registry, sampleSubmissions(carnet.repositoryUniqueId))
    const startMs = await carnet.startAgain(async () => {
      const tables =
        cluster === undefined || database === undefined
          ? await sqliteTables(join(carnet.folder, readConfig(carnet).registry.database ?? 'registry.db'))
          : await postgresTables(cluster.server(database))
      await fill(tables, filling, progress)
      await tables.close()
    })
    const server = cluster === undefined ? [] : [{ family: cluster.pid() }]
    return Object.assign(carnet, { filling, startMs, counted: () => [...Object.values(carnet.pids()), ...server] })
  } catch (problem) {
    await carnet.stop()
    throw problem
  }
}

function configure(carnet: Deployment, registry: object): void {
  const config = readConfig(carnet)
  Object.assign(config.registry, registry)
  writeFileSync(join(carnet.folder, 'carnet.json'), JSON.stringify(config, undefined, 2))
}

function readConfig({ folder }: Deployment): { registry: { database?: string } } {
  return JSON.parse(readFileSync(join(folder, 'carnet.json'), 'utf8'))
}
