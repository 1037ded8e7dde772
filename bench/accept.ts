// `npm run accept`: services are killed at random under load, and afterwards nothing that was acknowledged may be missing.
import { parseArgs } from 'node:util'
import { auditFaultsOf, faultsOf, ofRetrieval } from './after-the-kills.js'
import { anObjectStorage, aPostgresServer, leanOn, type Server } from './chaos/servers.js'
import { type Deployment, deploy, patienceMs, pause, type ServiceName, serviceNames } from './deployment.js'
import { type Submitted, type Submitters, startSubmitters } from './submitters.js'

const usage = `npm run accept -- [options]
  --rounds N    kills (50)
  --writers N   submitting at the same time (8)
  --readers N   retrieving at the same time (2)
  --pause MS    of each between two requests, on average (100)
  --engine E    of registry and repository: sqlite, or postgres, whose server is killed too (sqlite)
  --storage S   of the documents: folder, or s3, whose server is killed too (folder)`

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    writers: { type: 'string', default: '8' },
    readers: { type: 'string', default: '2' },
    pause: { type: 'string', default: '100' },
    engine: { type: 'string', default: 'sqlite' },
    storage: { type: 'string', default: 'folder' },
    help: { type: 'boolean', default: false },
  },
})

// Three deaths of one service in ten seconds count as a service that cannot run, and everything is stopped.
const windowMs = 10_500

if (options.help) console.log(usage)
else await accept()

async function accept(): Promise<void> {
  const rounds = Number(options.rounds)
  const carnet = await deploy()
  const servers: Server[] = []
  const faults: string[] = []
  try {
    if (options.engine === 'postgres') servers.push(await aPostgresServer())
    if (options.storage === 's3') servers.push(await anObjectStorage())
    if (servers.length > 0) await leanOn(servers, carnet)
    const load = startSubmitters(carnet, {
      writers: Number(options.writers),
      readers: Number(options.readers),
      pauseMs: Number(options.pause),
      mayBeAway: servers.length > 0,
    })
    const kills = await killAtRandom(carnet, servers, rounds, () => load.submitted.length).finally(() => load.stop())
    console.log(
      `${rounds} kills (${kills}), ${load.submitted.length} submissions: ${counted(load.submitted)}; ${load.reads} reads meanwhile`,
    )
    faults.push(...(await examined(carnet, load)))
    faults.push(...load.wrongReads.map(fault => `read under fire: ${fault}`))
  } catch (problem) {
    faults.push(`${(problem as Error).message}\n${carnet.output()}`)
  } finally {
    await carnet.stop()
    for (const server of servers) await server.end()
  }
  for (const fault of faults.slice(0, 50)) console.log(`FAILED ${fault}`)
  if (faults.length > 50) console.log(`FAILED and ${faults.length - 50} more`)
  console.log(
    faults.length === 0 ? 'nothing acknowledged is missing, nothing else is half there' : `${faults.length} faults`,
  )
  if (faults.length > 0) process.exitCode = 1
}

/** Kills one after another and waits each time until all answer again. @returns how often each died. */
async function killAtRandom(
  carnet: Deployment,
  servers: readonly Server[],
  rounds: number,
  submissions: () => number,
): Promise<string> {
  const deaths: Record<ServiceName, number[]> = { registry: [], repository: [], 'atna-audit': [] }
  const ended = new Map<string, number>([...serviceNames, ...servers.map(({ name }) => name)].map(name => [name, 0]))
  for (let round = 1; round <= rounds; round++) {
    await pause(200 + Math.random() * 1_500)
    const chosen = Math.floor(Math.random() * (serviceNames.length + servers.length))
    const server = servers[chosen]
    const name = server?.name ?? (await killService(carnet, deaths))
    const killed = performance.now()
    if (server !== undefined) {
      await server.kill()
      // Nobody starts it again by itself.
      await pause(Math.random() * 2_000)
      await server.start()
    }
    ended.set(name, (ended.get(name) ?? 0) + 1)
    await pause(100) // its port may still answer for an instant
    await carnet.ready(patienceMs)
    const backMs = performance.now() - killed
    progress(
      `kill ${round} of ${rounds}: ${name} was back after ${(backMs / 1000).toFixed(1)} s, ${submissions()} submissions so far`,
    )
  }
  progress('')
  return [...ended].map(([name, count]) => `${name} ${count}`).join(', ')
}

async function killService(carnet: Deployment, deaths: Record<ServiceName, number[]>): Promise<ServiceName> {
  const name = await nextVictim(deaths)
  const pid = carnet.pids()[name]
  if (pid === undefined) throw new Error(`${name} does not run`)
  deaths[name].push(performance.now())
  process.kill(pid, 'SIGKILL')
  return name
}

async function nextVictim(deaths: Record<ServiceName, number[]>): Promise<ServiceName> {
  for (;;) {
    const lately = (name: ServiceName) => deaths[name].filter(at => performance.now() - at < windowMs).length
    const mayDie = serviceNames.filter(name => lately(name) < 2)
    const chosen = mayDie[Math.floor(Math.random() * mayDie.length)]
    if (chosen !== undefined) return chosen
    await pause(200)
  }
}

async function examined(carnet: Deployment, { submitted, retrieved }: Submitters): Promise<string[]> {
  // What was under way when a service died is settled by itself, within the time that a repository keeps asking its registry.
  const settled = await untilSettled(carnet, submitted)
  const faults: string[] = settled
  const acknowledged = submitted.filter(({ outcome }) => outcome === 'acknowledged')
  const audited = [
    ...acknowledged.map(({ traceId }) => ({ traceId, wanted: undefined })),
    ...retrieved.map(traceId => ({ traceId, wanted: ofRetrieval })),
  ]
  let done = 0
  await inParallel(audited, async ({ wanted, ...one }) => {
    const missing = await auditFaultsOf(carnet, one, 60_000, wanted)
    const lost = missing.length === 0 ? [] : await auditFaultsOf(carnet, one, 300_000, wanted)
    faults.push(...(lost.length > 0 ? lost : missing.map(fault => `${fault} within a minute; it came later`)))
    progress(`audit of ${++done} of ${audited.length}`)
  })
  progress('')
  return faults
}

async function untilSettled(carnet: Deployment, submitted: Submitted[]): Promise<string[]> {
  const faults: string[] = []
  let left = submitted
  for (const deadline = performance.now() + 60_000; left.length > 0; ) {
    faults.length = 0
    const wrong: Submitted[] = []
    let done = 0
    await inParallel(left, async one => {
      const found = await faultsOf(carnet, one)
      if (found.length > 0) wrong.push(one)
      faults.push(...found)
      progress(`${++done} of ${left.length} documents examined`)
    })
    left = wrong
    if (performance.now() > deadline || left.every(({ outcome }) => outcome === 'acknowledged')) break
    await pause(2_000)
  }
  progress('')
  return faults
}

async function inParallel<Item>(items: Item[], work: (item: Item) => Promise<void>, width = 8): Promise<void> {
  const queue = [...items]
  const one = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: width }, one))
}

function counted(submitted: Submitted[]): string {
  const of = (outcome: Submitted['outcome']) => submitted.filter(one => one.outcome === outcome).length
  return `${of('acknowledged')} acknowledged, ${of('refused')} refused, ${of('unknown')} without a clear answer`
}

function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`)
  else if (/^kill \d*0 /.test(line)) console.error(line)
}
