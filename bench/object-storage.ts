// Real services with their documents on a real object storage: in and out, moved, removed, and ended in the middle. Needs versitygw.
// `node dist/bench/object-storage.js [--size MiB] [--engine postgres]`, then with the repository's database on a server.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemPorts } from '../ports/ports.js'
import { openCaller } from '../server/caller.js'
import { aSource, type Kept } from '../test/cli/a-source.js'
import type { RunningDeployment } from '../test/peers/a-deployment.js'
import { aRealStorage } from '../test/s3/versitygw.js'
import { removeDocuments } from '../transactions/remove.js'
import { aPostgresServer, leanOn } from './chaos/servers.js'
import { holds, same, startChecks } from './checks.js'
import { runCommand } from './command.js'
import { cpuUs, memoryOf, settled } from './cost.js'
import { deploy, patienceMs, pause } from './deployment.js'
import { measureLarge } from './large.js'

const { values } = parseArgs({
  options: { size: { type: 'string', default: '200' }, engine: { type: 'string', default: 'sqlite' } },
})
const largeBytes = Number(values.size) * 1_048_576
const to = 's3://bucket/documents'
const smallTimes = 200

const { check, conclude } = startChecks()
const storage = await aRealStorage()
const carnet = await deploy()
const database = values.engine === 'postgres' ? await aPostgresServer() : undefined
const partner = { urls: carnet.urls, repositoryUniqueId: carnet.repositoryUniqueId, partner: carnet.client }
const source = aSource(partner as unknown as RunningDeployment)
const administrator = openCaller({ tls: carnet.admin, ports: systemPorts })

try {
  await run()
} finally {
  source.close()
  administrator.close()
  await carnet.stop()
  await database?.end()
  await storage.end()
}
conclude()

async function run(): Promise<void> {
  if (database !== undefined) await leanOn([database], carnet)
  const before: Kept[] = []
  let inFolder = { inUs: 0, outUs: 0 }

  await check('documents in the folder, and the repository started again with a bucket in its settings', async () => {
    inFolder = await costOfSmall()
    source.acknowledged.length = 0
    for (const length of [10_000, 10_000, 300_000]) before.push(await source.submit(randomBytes(length)))
    const { endpoint, credentialsFile, caFile } = storage
    configure({ documents: to, objectStorage: { endpoint, credentials: credentialsFile, ca: caFile } })
    await startAgain()
    await areServed(before)
  })

  await check('documents of 10 kB: in, out', async () => {
    const { inUs, outUs } = await costOfSmall()
    same(objects().length, 2 * smallTimes, 'objects')
    const ratio = (us: number, folderUs: number) => `${us.toFixed(0)} µs (${(us / folderUs).toFixed(2)} of the folder)`
    console.log(`     CPU of the repository: in ${ratio(inUs, inFolder.inUs)}, out ${ratio(outUs, inFolder.outUs)}`)
  })

  await check(`a document of ${values.size} MiB: in, out, in constant memory`, async () => {
    const measured = await measureLarge(carnet, largeBytes, () => {})
    same(measured.faults, [], 'faults')
    const { inSeconds, outSeconds, growthBytes } = measured
    const growth = (growthBytes.repository ?? 0) / 1_048_576
    const rate = (seconds: number) => `${(largeBytes / 1_048_576 / seconds).toFixed(0)} MiB/s`
    console.log(
      `     in ${rate(inSeconds)}, out ${rate(outSeconds)}, memory of the repository +${growth.toFixed(0)} MiB`,
    )
    holds(growth < 64, `the memory of the repository grew by ${growth.toFixed(0)} MiB`)
  })

  await check('eight documents of 32 MiB at a time: in, out, in bounded memory', async () => {
    const many = Array.from({ length: 8 }, () => randomBytes(32 * 1_048_576))
    const pid = repositoryPid()
    const idle = memoryOf(pid).nowBytes
    let most = idle
    const looking = setInterval(() => {
      most = Math.max(most, memoryOf(pid).nowBytes)
    }, 20)
    const kept = await Promise.all(many.map(bytes => source.submit(bytes)))
    await Promise.all(kept.map(one => areServed([one])))
    clearInterval(looking)
    source.acknowledged.length = 0
    const growth = (most - idle) / 1_048_576
    console.log(`     memory of the repository +${growth.toFixed(0)} MiB`)
    holds(growth < 128, `the memory of the repository grew by ${growth.toFixed(0)} MiB`)
  })

  await check('documents move from the folder while they are read', async () => {
    let ended = false
    const reading = (async () => {
      while (!ended) await areServed(before)
    })()
    const { status, output } = await runCommand(['documents', 'move', '--data', carnet.folder, '--to', to])
    ended = true
    await reading
    same(status, 0, output)
    holds(/moved \d{3} documents/.test(output), output)
    await areServed(before)
    same(filesBelow(join(carnet.folder, 'documents')).filter(isDocument), [], 'documents left in the folder')
  })

  await check('a removed document is nowhere any more', async () => {
    const [{ uniqueId }] = before.splice(0, 1) as [Kept]
    const count = objects().length
    const wanted = { repositoryUniqueId: carnet.repositoryUniqueId, documentUniqueId: uniqueId }
    const { response } = await administrator.call(
      removeDocuments,
      { documents: [wanted] },
      { url: carnet.urls.repository },
    )
    same(response.status, 'Success', 'answer')
    same(objects().length, count - 1, 'objects')
    same(await source.retrieve(uniqueId), undefined, 'document')
  })

  await check(
    'a storage that is killed is told by /readyz and to sources, and all goes on when it is back',
    async () => {
      await storage.kill()
      const { response } = await source.send(randomBytes(10_000))
      same(
        response.errors.map(({ errorCode }) => errorCode),
        ['XDSRepositoryError'],
        'answer',
      )
      same(await readiness(), 503, 'readiness')
      await storage.start()
      await carnet.ready(patienceMs)
      await source.submit(randomBytes(10_000))
      await areServed(before)
    },
  )

  await check(
    'a repository that is killed in the middle loses nothing acknowledged and leaves nothing else',
    async () => {
      const acknowledged: Kept[] = []
      let ended = false
      const submitting = together(8, 100_000, async () => {
        if (ended) return
        const length = Math.random() < 0.2 ? 12_000_000 : 20_000
        await source.submit(randomBytes(length)).then(
          kept => acknowledged.push(kept),
          () => pause(20),
        )
      })
      // Three ends within ten seconds would end all. docs/decisions/0062
      const untilMayEnd = () => pause(5_500 + Math.random() * 1_500)
      for (let kills = 0; kills < 5; kills++) {
        await untilMayEnd()
        process.kill(repositoryPid(), 'SIGKILL')
        await carnet.ready(patienceMs)
      }
      ended = true
      await submitting
      await untilMayEnd()
      await startAgain()
      const rows = await untilSwept()
      await areServed(acknowledged)
      holds(acknowledged.length > 0, 'nothing was acknowledged between the kills')
      console.log(
        `     ${acknowledged.length} acknowledged between 5 kills; ${rows} rows, as many objects, no upload left`,
      )
    },
  )
}

/** CPU of the repository for one document of 10 kB, after as many to warm up. */
async function costOfSmall(): Promise<{ inUs: number; outUs: number }> {
  const pid = repositoryPid()
  const submit = () => together(8, smallTimes, async () => void (await source.submit(randomBytes(10_000))))
  const retrieve = () => together(8, smallTimes, index => areServed([last(index)]))
  await submit()
  await retrieve()
  const inUs = await cpuOf(pid, submit)
  const outUs = await cpuOf(pid, retrieve)
  return { inUs: inUs / smallTimes, outUs: outUs / smallTimes }
}

function last(index: number): Kept {
  return source.acknowledged[source.acknowledged.length - 1 - (index % 100)] as Kept
}

function configure(settings: object): void {
  const file = join(carnet.folder, 'carnet.json')
  const config = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...config, repository: { ...config.repository, ...settings } }))
}

/** By its supervisor, as after any end that nobody wanted. */
async function startAgain(): Promise<void> {
  const pid = carnet.pids().repository
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  while (carnet.pids().repository === pid) await pause(20)
  await carnet.ready(patienceMs)
}

function repositoryPid(): number {
  const pid = carnet.pids().repository
  if (pid === undefined) throw new Error(`no repository is running\n${carnet.output()}`)
  return pid
}

async function areServed(documents: readonly Kept[]): Promise<void> {
  for (const { uniqueId, bytes } of documents) {
    const found = await source.retrieve(uniqueId)
    holds(found?.equals(bytes) === true, `${uniqueId} is ${found === undefined ? 'not there' : 'not what was sent'}`)
  }
}

async function together(lines: number, times: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: lines }, async () => {
      while (next < times) await work(next++)
    }),
  )
}

async function cpuOf(pid: number, work: () => Promise<void>): Promise<number> {
  await settled([pid])
  const before = cpuUs([pid])
  await work()
  await settled([pid])
  return cpuUs([pid]) - before
}

async function readiness(): Promise<number> {
  return (await fetch(`http://127.0.0.1:${carnet.portBase + 12}/readyz`)).status
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}

function isDocument(path: string): boolean {
  return /\/[0-9a-f-]{36}$/.test(path)
}

/** As the storage keeps them: a file each. */
function objects(): string[] {
  return filesBelow(join(storage.folder, 'bucket', 'documents')).filter(isDocument)
}

function unfinished(): string[] {
  return filesBelow(storage.folder).filter(path => path.includes('/.sgwtmp/'))
}

/** The sweep runs beside the service, and so does whatever asks the registry for its word. */
async function untilSwept(): Promise<number> {
  let found = ''
  for (let tries = 0; tries < 120; tries++) {
    const { output } = await runCommand(['documents', 'places', '--data', carnet.folder])
    const rows = Number(/s3:\/\/bucket\/documents +(\d+)/.exec(output)?.[1])
    if (objects().length === rows && unfinished().length === 0) return rows
    found = `${rows} rows, ${objects().length} objects, ${unfinished().length} files of unfinished uploads`
    await pause(500)
  }
  throw new Error(found)
}
