// `npm run simulate`: so many worlds, each from its seed, several processes at a time. A seed that fails is named, and the
// same command with it does the very same again.
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { mutations, rareMutations } from './mutations.js'
import { type Ending, endedAt, pointsPassed } from './points.js'
import { simulate, type Verdict } from './run.js'
import { type Beginning, prepareBeginning } from './world.js'

const usage = `npm run simulate -- [options]
  --seeds N   worlds to simulate (20)
  --from N    the first seed (1); the others follow
  --seed S    this one alone, and what happened in it last
  --mutations what is broken on purpose, and how many worlds it takes to see it
  --points    in place of chance: a world for each labelled point, in which a machine ends there
  --ops N     operations of the partners in each world (80)
  --jobs N    processes at a time (as many as there are cores)`

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    ops: { type: 'string', default: '80' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    points: { type: 'boolean', default: false },
    mutations: { type: 'boolean', default: false },
    worker: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const operations = Number(options.ops)
const from = Number(options.from)
const seeds = Number(options.seeds)
const played = { seed: options.seed ?? '1', operations }
/** Seeds of one process: each leaves a little behind in the measuring of its services. */
const batch = 25
/** Of a mutation. */
const mostWorlds = 40

if (options.help) console.log(usage)
else if (options.worker) await work()
else if (options.mutations) await broken()
else if (options.points) await points()
else if (options.seed !== undefined) await one(options.seed)
else await all({ first: from, count: seeds, more: [] })

/** In a process of its own: tells its parent each verdict. */
async function work(): Promise<void> {
  const beginning = await prepareBeginning()
  const ends = options.points ? await endings(beginning) : []
  for (let seed = from; seed < from + seeds; seed++) {
    const verdict = options.points
      ? await endedAt(ends[seed - 1]!, played, beginning)
      : await simulate({ seed: String(seed), operations }, beginning)
    process.send?.({ ...verdict, recent: verdict.faults.length > 0 ? verdict.recent.slice(-60) : [] })
  }
  beginning.close()
  process.disconnect()
}

/** Each labelled point twice: the process killed, and the power lost. */
async function endings(beginning: Beginning): Promise<Ending[]> {
  const points = await pointsPassed(played, beginning)
  return points.flatMap(point => (['kill', 'power'] as const).map(kind => ({ ...point, kind })))
}

async function points(): Promise<void> {
  const beginning = await prepareBeginning()
  const count = (await endings(beginning)).length
  beginning.close()
  console.log(`${count / 2} labelled points, each ended by kill -9 and by a loss of power`)
  await all({ first: 1, count, more: ['--points', '--seed', played.seed] })
}

/** Each has to be found: of what cannot be seen nothing is proved. */
async function broken(): Promise<void> {
  const beginning = await prepareBeginning()
  let missed = 0
  for (const { title, faults, found } of [...mutations, ...rareMutations]) {
    const began = performance.now()
    let told: string[] = []
    let worlds = 0
    while (told.length === 0 && worlds < mostWorlds) {
      const world = { seed: String(from + worlds), operations, faults: faults() }
      told = (await simulate(world, beginning)).faults
      worlds += 1
    }
    const isFound = told.some(fault => found.test(fault))
    if (!isFound) missed += 1
    const seconds = Math.round((performance.now() - began) / 1_000)
    console.log(`${isFound ? 'found' : 'FAILED'} in ${worlds} worlds, ${seconds} s: ${title} (${told[0] ?? 'nothing'})`)
  }
  beginning.close()
  console.log(`${mutations.length + rareMutations.length - missed} passed, ${missed} failed`)
  process.exitCode = missed > 0 ? 1 : 0
}

async function one(seed: string): Promise<void> {
  const beginning = await prepareBeginning()
  const verdict = await simulate({ seed, operations }, beginning)
  beginning.close()
  console.log(verdict.recent.join('\n'))
  tell(verdict)
  finish([verdict])
}

/** Of seeds, or of points in their order. */
interface Range {
  first: number
  count: number
  /** What else a worker has to know. */
  more: readonly string[]
}

async function all({ first: from, count: seeds, more }: Range): Promise<void> {
  const verdicts: Verdict[] = []
  const lost: number[] = []
  const starts = Array.from({ length: Math.ceil(seeds / batch) }, (_, index) => from + index * batch)
  const began = performance.now()
  const lane = async () => {
    for (let first = starts.shift(); first !== undefined; first = starts.shift()) {
      const count = Math.min(batch, from + seeds - first)
      const args = ['--worker', '--from', String(first), '--seeds', String(count), '--ops', options.ops, ...more]
      const child = fork(fileURLToPath(import.meta.url), args, { execArgv: ['--enable-source-maps'] })
      let told = 0
      child.on('message', (verdict: Verdict) => {
        told += 1
        verdicts.push(verdict)
        if (verdict.faults.length > 0) tell(verdict)
        progress(verdicts.length, seeds, began)
      })
      await new Promise(resolve => child.once('exit', resolve))
      if (told < count) {
        lost.push(first + told)
        console.log(`FAILED seed ${first + told} ended its process`)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Number(options.jobs)) }, lane))
  finish(verdicts, lost)
}

function tell({ seed, faults, digest, recent }: Verdict): void {
  if (faults.length === 0) {
    console.log(`seed ${seed} holds (${digest.slice(0, 16)})`)
    return
  }
  const again = options.points ? '' : `; again: npm run simulate -- --seed ${seed} --ops ${operations}`
  console.log(`FAILED ${options.points ? '' : 'seed '}${seed}${again}`)
  for (const fault of faults.slice(0, 10)) console.log(`       ${fault}`)
  if (options.seed === undefined) for (const line of recent.slice(-15)) console.log(`         ${line}`)
}

function progress(done: number, of: number, began: number): void {
  const seconds = (performance.now() - began) / 1000
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${done} of ${of} worlds in ${seconds.toFixed(0)} s`)
  else if (done % 500 === 0) console.error(`${done} of ${of} worlds in ${seconds.toFixed(0)} s`)
}

function finish(verdicts: Verdict[], lost: number[] = []): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K')
  const counts: Record<string, number> = {}
  let simulatedMs = 0
  for (const verdict of verdicts) {
    simulatedMs += verdict.simulatedMs
    for (const [name, count] of Object.entries(verdict.counts)) counts[name] = (counts[name] ?? 0) + count
  }
  for (const [name, count] of Object.entries(counts).sort()) console.log(`${String(count).padStart(9)} ${name}`)
  console.log(`${(simulatedMs / 3_600_000).toFixed(1)} simulated hours`)
  const failed = verdicts.filter(({ faults }) => faults.length > 0).length + lost.length
  console.log(`${verdicts.length + lost.length - failed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
