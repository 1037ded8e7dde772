// Servers that services lean on, killed like these: registry and repository on PostgreSQL, documents on an object storage.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { aRealStorage } from '../../test/s3/versitygw.js'
import { type Cluster, startCluster } from '../../test/store/postgres/a-cluster.js'
import { type Deployment, patienceMs, pause, type ServiceName } from '../deployment.js'

export interface Server {
  name: 'PostgreSQL' | 'S3'
  /** At once, in the middle of whatever it does. */
  kill(): Promise<void>
  /** Over what the killed one has left. */
  start(): Promise<void>
  end(): Promise<void>
  /** Which services lean on it, and by what settings. */
  settings: Partial<Record<ServiceName, Record<string, unknown>>>
}

/** Of a server that syncs, as one that is in earnest. */
export async function aPostgresServer(): Promise<Server> {
  const cluster: Cluster = await startCluster({ fsync: 'on', full_page_writes: 'on', autovacuum: 'on' })
  const at = async () => `postgres://carnet@127.0.0.1:${cluster.port}/${await cluster.create()}`
  const settings = {
    registry: { database: await at(), folder: '.' },
    repository: { database: await at(), folder: '.' },
  }
  return {
    name: 'PostgreSQL',
    kill: async () => cluster.kill(),
    start: () => cluster.startAgain(),
    end: async () => cluster.stop('immediate'),
    settings,
  }
}

export async function anObjectStorage(): Promise<Server> {
  const { endpoint, credentialsFile, caFile, ...storage } = await aRealStorage()
  return {
    name: 'S3',
    kill: () => storage.kill(),
    start: () => storage.start(),
    end: () => storage.end(),
    settings: {
      repository: {
        documents: 's3://bucket/documents',
        objectStorage: { endpoint, credentials: credentialsFile, ca: caFile },
      },
    },
  }
}

/** Lets a deployment that holds nothing yet go on over these servers. */
export async function leanOn(servers: readonly Server[], carnet: Deployment): Promise<void> {
  const file = join(carnet.folder, 'carnet.json')
  const config = JSON.parse(readFileSync(file, 'utf8'))
  const leaning = new Set<ServiceName>()
  for (const [service, settings] of servers.flatMap(each => Object.entries(each.settings) as [ServiceName, object][])) {
    config[service] = { ...config[service], ...settings }
    leaning.add(service)
  }
  writeFileSync(file, JSON.stringify(config))
  for (const service of leaning) {
    const pid = carnet.pids()[service]
    if (pid === undefined) throw new Error(`${service} does not run`)
    process.kill(pid, 'SIGKILL')
    while (carnet.pids()[service] === pid) await pause(20)
  }
  await carnet.ready(patienceMs)
}
