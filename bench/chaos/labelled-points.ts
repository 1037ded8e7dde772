// Each durable step of the services has labelled points before and after it (see points.ts). First partners do all that they can, to see
// which points there are; then every one of them ends its process once, while the partners do the same again; then all is judged,
// as after a simulation.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemPorts } from '../../ports/ports.js'
import { chanceOf } from '../../simulation/chance.js'
import type { Doing } from '../../simulation/doing.js'
import { auditIsComplete, judge } from '../../simulation/judge.js'
import { openLedger, outcomeSoFar } from '../../simulation/ledger.js'
import { operations, removeDocument, send } from '../../simulation/operations.js'
import { openParty } from '../../simulation/party.js'
import { newSubmission } from '../../simulation/sending.js'
import { repositoryUniqueId, type Surroundings } from '../../simulation/world.js'
import { runCommand } from '../command.js'
import { type Deployment, deploy, patienceMs, pause, root, type ServiceName } from '../deployment.js'
import { aBucket, rotateKeys, settingsOf } from './bucket-and-keys.js'
import type { Result } from './results-table.js'
import { controlVariable, duringFile, killedFile, passedFile, wantedFile } from './wanted-point.js'

/** Of one point: what was being done, and whether its process ended there. */
export interface Point {
  label: string
  /** What was being done when it was first passed, and all that passes it. */
  during: string
  passedBy: string[]
  isKilled: boolean
}

interface Scene {
  carnet: Deployment
  control: string
  doing: Doing
  /** Whether a process is to end at a point just now: that is a death which nobody has counted yet. */
  isArmed: boolean
  /** When each service has died. */
  deaths: Record<ServiceName, number[]>
}

type Work = (scene: Scene) => Promise<void>

/** How often each is done to see its points: some go different ways by chance. */
const works: Record<string, [times: number, work: Work]> = {
  'ITI-41': [10, named('submit')],
  'ITI-41 of a new patient': [2, submitOfNewPatient],
  'ITI-41 sent again': [3, named('sendAgain')],
  'ITI-41 with RPLC': [3, named('replace')],
  'ITI-41 with APND': [2, named('append')],
  'ITI-41 with other bytes': [2, named('impersonate')],
  'ITI-57': [3, named('update')],
  'ITI-62, ITI-86': [4, named('remove')],
  'ITI-62, ITI-86 of a large document': [1, removeLarge],
  'ITI-44': [2, named('announce')],
  'ITI-18': [2, named('query')],
  'ITI-43': [2, named('retrieve')],
  'moving to the bucket': [
    1,
    async ({ carnet }) => void (await carnetDoes(carnet, 'move', '--to', 's3://bucket/moved')),
  ],
  'moving to the folder': [1, async ({ carnet }) => void (await carnetDoes(carnet, 'move', '--to', 'folder'))],
  'wrapping keys anew': [
    1,
    async scene => {
      rotateKeys(scene.carnet.folder)
      await restart('repository', scene)
      await carnetDoes(scene.carnet, 'rewrap')
    },
  ],
  'compaction at the start': [
    2,
    async scene => {
      for (let times = 0; times < 3; times++) await named('submit')(scene)
      await restart('repository', scene)
      for (let times = 0; times < 6; times++) await named('remove')(scene)
      await restart('repository', scene)
    },
  ],
  'start of the registry': [1, scene => restart('registry', scene)],
  'start of the repository': [1, scene => restart('repository', scene)],
  'start of the audit service': [1, scene => restart('atna-audit', scene)],
}

function named(name: string): Work {
  const [, operation] = operations.find(([, { name: its }]) => its === name) ?? []
  if (operation === undefined) throw new Error(`partners do not know how to ${name}`)
  return ({ doing }) => operation(doing)
}

/** What a registry does with the first document of a patient it does once for each. */
async function submitOfNewPatient({ doing }: Scene): Promise<void> {
  const { party, chance, ledger } = doing
  const patientId = `NEW-${ledger.submissions.length}^^^&2.999.5&ISO`
  await send(newSubmission({ sentBy: party.name, patientId, documents: 1 }, chance, ledger), doing)
}

/** What is large is a file of its own. */
async function removeLarge({ doing }: Scene): Promise<void> {
  const { party, chance, ledger } = doing
  const wanted = { sentBy: party.name, patientId: 'LARGE^^^&2.999.5&ISO', documents: 1 }
  const sent = newSubmission(wanted, chance, ledger)
  const [document] = sent.documents
  if (document === undefined) return
  document.bytes = chance.bytes(200_000)
  await send(sent, doing)
  if (outcomeSoFar(sent) === 'acknowledged') await removeDocument(document, doing)
}

/** Three deaths of one service in ten seconds count as a service that cannot run, and everything is stopped. */
const windowMs = 10_500
const triesOfAPoint = 12

/** Nothing new is tried after so many minutes; what there is then is judged. */
export async function labelledPoints(mostMinutes = Number.POSITIVE_INFINITY): Promise<Result & { points: Point[] }> {
  const untilMs = performance.now() + mostMinutes * 60_000
  const bucket = await aBucket()
  const control = mkdtempSync(join(tmpdir(), 'carnet-points-'))
  const carnet = await underWatch(control, () => deploy())
  try {
    const scene = await sceneOf(carnet, control)
    settingsOf(carnet.folder, bucket, { repositoryUniqueId, resubmission: 'replay' })
    for (const service of ['registry', 'repository'] as const) await restart(service, scene)
    const points = await survey(scene, bucket !== undefined)
    const tried: Point[] = []
    // Some are passed by chance only, and have a second round.
    for (const point of [...inTurn(points), ...points]) {
      if (performance.now() > untilMs) break
      point.isKilled ||= await endAt(point, scene)
      if (!tried.includes(point) && tried.push(point) % 25 === 0)
        console.error(`${tried.length} of ${points.length} points`)
    }
    const hadBothRounds = performance.now() < untilMs
    await judged(scene)
    const { ledger } = scene.doing
    const killed = points.filter(({ isKilled }) => isKilled).length
    const of = (outcome: string) => ledger.submissions.filter(sent => outcomeSoFar(sent) === outcome).length
    // Who is passed by chance only has a second round, if there is time for one.
    const missed = tried
      .filter(({ isKilled }) => !isKilled && hadBothRounds)
      .map(({ label }) => `no process came to its end at "${label}"`)
    return {
      tried: tried.length,
      faults: [...ledger.faults, ...missed],
      seen: `${killed} of ${points.length} points ended their process${notCome(points.length - tried.length)}; ${ledger.calls.length} calls, ${ledger.submissions.length} submissions meanwhile: ${of('acknowledged')} acknowledged, ${of('refused')} refused`,
      points,
    }
  } finally {
    await carnet.stop()
    await bucket?.end()
    rmSync(control, { recursive: true, force: true })
  }
}

const notCome = (count: number) => (count === 0 ? '' : ` (time was over before ${count} of them)`)

/** Of one service after the other: none has died so often lately that it must not. */
function inTurn(points: readonly Point[]): Point[] {
  const serviceOf = ({ label }: Point) => label.split(':', 1)[0]
  const rows = [...new Set(points.map(serviceOf))].map(service => points.filter(each => serviceOf(each) === service))
  const longest = Math.max(0, ...rows.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => rows.flatMap(row => row[at] ?? [])).flat()
}

/** For the services of a deployment, and for nobody else. */
async function underWatch<Opened>(control: string, open: () => Promise<Opened>): Promise<Opened> {
  const before = process.env.NODE_OPTIONS
  process.env.NODE_OPTIONS = `${before ?? ''} --import=${join(root, 'dist/bench/chaos/points.js')}`
  process.env[controlVariable] = control
  try {
    return await open()
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = before
    delete process.env[controlVariable]
  }
}

async function sceneOf(carnet: Deployment, control: string): Promise<Scene> {
  const ledger = openLedger()
  const party = openParty('administrator', surroundingsOf(carnet), ledger)
  const doing = { party, ledger, chance: chanceOf('labelled points') }
  return { carnet, control, doing, isArmed: false, deaths: { registry: [], repository: [], 'atna-audit': [] } }
}

function surroundingsOf({ urls, admin }: Deployment): Surroundings {
  const machine = { powerLosses: [], weather: { isFull: false, failedLogSyncs: [] } }
  const network = { ...systemPorts.network, httpClient: () => systemPorts.network.httpClient(admin) }
  return {
    timeline: {
      get nowMs() {
        return performance.now()
      },
      note() {},
    },
    machines: { registry: machine, repository: machine, audit: machine },
    urls: { ...urls, audit: `${urls.audit}/records` },
    caller: () => ({ ...systemPorts, network }),
  }
}

async function survey(scene: Scene, hasBucket: boolean): Promise<Point[]> {
  const possible = Object.entries(works).filter(([during]) => hasBucket || !/bucket|folder/.test(during))
  // What is done once in the life of a deployment (the first code, the first author) is not passed again.
  for (const [, [, work]] of possible.filter(([during]) => !/^start|compaction/.test(during))) await work(scene)
  await pause(500)
  for (const [during, [times, work]] of possible) {
    writeFileSync(join(scene.control, duringFile), during)
    for (let count = 0; count < times; count++) await work(scene)
    await pause(500)
  }
  writeFileSync(join(scene.control, duringFile), '')
  const points = new Map<string, Point>()
  for (const line of linesOf(scene.control, passedFile)) {
    const [during = '', label = ''] = line.split('\t')
    if (during === '') continue
    const point = points.get(label) ?? { label, during, passedBy: [], isKilled: false }
    points.set(label, point)
    if (!point.passedBy.includes(during)) point.passedBy.push(during)
  }
  return [...points.values()]
}

/** @returns whether the process came to its end there */
async function endAt({ label, passedBy }: Point, scene: Scene): Promise<boolean> {
  const service = label.split(':', 1)[0] as ServiceName
  const wanted = join(scene.control, wantedFile)
  for (let tries = 0; tries < triesOfAPoint; tries++) {
    const during = passedBy[tries % passedBy.length] ?? ''
    // A restart is a death of its own, and there may be two of them.
    await mayDie(service, /^start|keys|compaction/.test(during) ? 0 : 1, scene)
    writeFileSync(wanted, label)
    scene.isArmed = true
    await works[during]?.[1](scene)
    scene.isArmed = false
    for (let waited = 0; waited < 15 && isThere(wanted); waited++) await pause(100)
    const isKilled = !isThere(wanted)
    rmSync(wanted, { force: true })
    if (isKilled) scene.deaths[service].push(performance.now())
    await pause(100)
    await scene.carnet.ready(patienceMs)
    if (isKilled) return linesOf(scene.control, killedFile).includes(label)
  }
  return false
}

async function mayDie(service: ServiceName, lately: number, { deaths }: Scene): Promise<void> {
  while (deaths[service].filter(at => performance.now() - at < windowMs).length > lately) await pause(100)
}

async function restart(service: ServiceName, scene: Scene): Promise<void> {
  await mayDie(service, scene.isArmed ? 0 : 1, scene)
  const pid = scene.carnet.pids()[service]
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  scene.deaths[service].push(performance.now())
  await pause(100)
  await scene.carnet.ready(patienceMs)
}

/** A command that breaks off because its service has ended is given once more. */
async function carnetDoes({ folder, ready }: Deployment, ...words: string[]): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    const { status } = await runCommand(['documents', ...words, '--data', folder])
    if (status === 0) return
    await pause(200)
    await ready(patienceMs)
  }
}

/** What is under way is settled by itself; audit records travel behind. */
async function judged({ carnet, doing }: Scene): Promise<void> {
  await pause(25_000)
  await judge(doing)
  for (const deadline = performance.now() + 60_000; ; await pause(2_000)) {
    const ledger = { ...doing.ledger, faults: [] as string[] }
    await auditIsComplete(surroundingsOf(carnet), { ...doing, ledger })
    if (ledger.faults.length === 0) return
    if (performance.now() > deadline) return void doing.ledger.faults.push(...ledger.faults)
  }
}

function linesOf(folder: string, name: string): string[] {
  return isThere(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean) : []
}

function isThere(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch {
    return false
  }
}
