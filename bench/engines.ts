// How long the databases of a deployment are away while they go from SQLite to PostgreSQL and back, how much memory that takes, and what a
// backup keeps of a database on a server. docs/SCALING.md has the figures.
import { spawn } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemPorts } from '../ports/ports.js'
import { packageRoot } from '../ports/processes.js'
import { openContentSegments } from '../repository/segments/content-segments.js'
import { chunkHashes } from '../soap/chunk-digests.js'
import { connect } from '../store/sqlite-driver.js'
import { startCluster } from '../test/store/postgres/a-cluster.js'
import { deploy } from './deployment.js'
import { fill, sampleSubmissions, sqliteTables } from './fill.js'
import { sendAll } from './measure.js'

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '100000' },
    documents: { type: 'string', default: '10000' },
    moves: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** Documents that are kept with one sync. */
const together = 500

if (values.help)
  console.log(`node dist/bench/engines.js [options]
  --entries N     of the registry (100000)
  --documents N   of 2 kB, of the repository (10000)
  --moves         and no backups`)
else await measured(Number(values.entries), Number(values.documents))

async function measured(entries: number, documents: number): Promise<void> {
  const carnet = await deploy()
  await sendAll(carnet, carnet.urls.registry, sampleSubmissions(carnet.repositoryUniqueId))
  const cluster = await startCluster({ fsync: 'on', full_page_writes: 'on', autovacuum: 'on', shared_buffers: '256MB' })
  const backups = await systemPorts.files.temporaryFolder('carnet-engines-backups-')
  const url = (database: string) => `postgres://carnet@127.0.0.1:${cluster.port}/${database}`
  const say = async (...args: string[]) => tell(args, await run([...args, '--data', carnet.folder]))
  const backUp = async (what: string, change?: string) => {
    if (change !== undefined) await cluster.run(change, registry)
    await systemPorts.clock.sleep(1_000)
    console.log(`-- ${what}`)
    await say('backup', '--to', backups)
  }
  const [registry, repository] = [await cluster.create(), await cluster.create()]
  try {
    await carnet.startAgain(async () => {
      const tables = await sqliteTables(join(carnet.folder, 'registry.sqlite'))
      await fill(tables, { entries, ofOnePatient: 0 }, console.error)
      await tables.close()
      await fillRepository(carnet.folder, documents)
      await say('database', 'move', 'registry', '--to', url(registry))
      await say('database', 'move', 'repository', '--to', url(repository))
    })
    if (!values.moves) {
      await backUp('first backup')
      await backUp('nothing new')
      await backUp('200 entries anywhere have another status', changed(200))
      await backUp('1 of 100 entries has another status', changed(entries / 100))
    }
    await carnet.startAgain(async () => {
      await say('database', 'move', 'registry', '--to', 'back.sqlite')
      await say('database', 'move', 'repository', '--to', 'back-too.sqlite')
    })
  } finally {
    await carnet.stop()
    rmSync(backups, { recursive: true, force: true })
  }
}

/** As updates leave them: rows that lie elsewhere now. */
function changed(rows: number): string {
  return `UPDATE document_entries SET status = 3 - status
    WHERE object IN (SELECT object FROM document_entries ORDER BY md5(object::text) LIMIT ${Math.ceil(rows)})`
}

/** Documents that no entry names: what is measured is how many there are. */
async function fillRepository(folder: string, documents: number): Promise<void> {
  const { files, clock } = systemPorts
  const segments = await openContentSegments({
    ...{ files, clock, folder: join(folder, 'documents', 'segments') },
    onProblem: console.error,
  })
  const { repository } = JSON.parse(readFileSync(join(folder, 'carnet.json'), 'utf8'))
  const database = await connect(join(folder, repository.database))
  const submission = database.prepare(
    `INSERT INTO submission VALUES (?, ?, 'hospital', NULL, ?, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'registered', 1, 2, ?, ?, NULL, NULL)`,
  )
  const document = database.prepare(
    `INSERT INTO document SELECT ?, ?, ?, ?, 'P1^^^&2.999.1&ISO', 'text/plain', 2000, ?, ?, ?, NULL, ?, NULL`,
  )
  for (let done = 0; done < documents; done += together) {
    const contents = Array.from({ length: together }, () => ({
      id: randomUUID(),
      content: aContent(randomBytes(2_000)),
    }))
    const places = await segments.put(contents)
    segments.final(contents.map(({ id }) => id))
    database.exec('BEGIN')
    for (const { id, content } of contents) {
      const of = randomUUID()
      submission.run(of, `2.999.${done}.${of}`, content.sha256, '{"status":"Success","errors":[]}', `urn:uuid:${of}`)
      const { sha1, sha256, chunkDigests } = content
      document.run(id, of, `2.999.7.${id}`, `urn:uuid:${id}`, sha1, sha256, chunkDigests, places.get(id) ?? '')
    }
    database.exec('COMMIT')
  }
  await segments.close()
  database.close()
}

function aContent(bytes: Buffer) {
  const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex')
  return {
    ...{ sizeBytes: bytes.length, bytes, path: undefined },
    ...{ sha1: digest('sha1'), sha256: digest('sha256'), chunkDigests: chunkHashes(bytes) },
    keepAs: async () => {},
    discard: async () => {},
  }
}

interface Run {
  said: string
  seconds: number
  peakMiB: number
}

function run(args: readonly string[]): Promise<Run> {
  const startedMs = systemPorts.clock.monotonicMs()
  const child = spawn(process.execPath, [join(packageRoot, 'scripts', 'carnet.js'), ...args])
  let said = ''
  let peakMiB = 0
  child.stdout.on('data', piece => {
    said += piece
  })
  child.stderr.on('data', piece => {
    said += piece
  })
  const looking = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      peakMiB = Math.max(peakMiB, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024)
    } catch {
      // It has ended.
    }
  }, 50)
  return new Promise((resolve, reject) =>
    child.once('exit', code => {
      clearInterval(looking)
      const seconds = (systemPorts.clock.monotonicMs() - startedMs) / 1000
      if (code === 0) resolve({ said, seconds, peakMiB })
      else reject(new Error(`carnet ${args.join(' ')} ended with ${code}: ${said}`))
    }),
  )
}

function tell(args: readonly string[], { said, seconds, peakMiB }: Run): void {
  console.log(`${args.slice(0, 3).join(' ')}: ${seconds.toFixed(1)} s, ${peakMiB.toFixed(0)} MiB at most`)
  for (const line of said.trim().split('\n')) console.log(`   ${line}`)
}
