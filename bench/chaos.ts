// `npm run chaos`: real faults on real processes. Connections cut at every byte, slow and silent partners, system calls that
// fail, kills under load; afterwards nothing acknowledged may be missing and nothing may be half there.
import { parseArgs } from 'node:util'
import { betweenCommunities } from './chaos/communities.js'
import { cutAnswers, cutDocuments, cutRequests } from './chaos/cuts.js'
import { failingCalls } from './chaos/failing-calls.js'
import { leaveHalfOpen } from './chaos/half-open.js'
import { holdConnections } from './chaos/held-connections.js'
import { labelledPoints } from './chaos/labelled-points.js'
import { notePoints } from './chaos/points-table.js'
import { noteResult, type Result } from './chaos/results-table.js'
import { rotateCertificates } from './chaos/rotation.js'
import { run } from './chaos/run.js'
import { type Deployment, deploy } from './deployment.js'

const usage = `npm run chaos -- [options]
  --all        cut at every byte instead of at a sample
  --cuts N     places of the sample in each direction (200)
  --slow N     slow connections at the same time (2000)
  --kills N    kills at random under load (50)
  --engine E   of registry and repository in these: sqlite, or postgres, killed too (sqlite)
  --storage S  of the documents: folder, or s3, killed too (folder)
  --minutes N  at most for the labelled points (as long as they take)
  --note       writes what each part came to into docs/RELIABILITY.md, and the labelled points
  --only TEXT  the parts whose names contain it`

const usual = { cuts: '200', slow: '2000', kills: '50', engine: 'sqlite', storage: 'folder' } as const

const { values: options } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    cuts: { type: 'string', default: usual.cuts },
    slow: { type: 'string', default: usual.slow },
    kills: { type: 'string', default: usual.kills },
    engine: { type: 'string', default: usual.engine },
    storage: { type: 'string', default: usual.storage },
    minutes: { type: 'string', default: 'Infinity' },
    note: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
})

/** What became of one part: how much was tried, and sentences about what does not hold. */
const places = options.all ? 'every byte' : Number(options.cuts)
const onServers = ['--engine', options.engine, '--storage', options.storage]

const parts: [name: string, part: (carnet: Deployment) => Promise<Result>][] = [
  ['requests cut on their way', carnet => cutRequests(carnet, places)],
  ['answers cut on their way', carnet => cutAnswers(carnet, places)],
  ['documents cut on their way', carnet => cutDocuments(carnet, places)],
  ['slow headers', carnet => holdConnections(carnet, { count: Number(options.slow), holds: 'header' })],
  ['slow bodies', carnet => holdConnections(carnet, { count: Number(options.slow), holds: 'body' })],
  ['silent partners', carnet => holdConnections(carnet, { count: 200, holds: 'nothing' })],
  ['half-open peers', leaveHalfOpen],
  ['system calls that fail', failingCalls],
  ['certificates renewed and a CA replaced under load', rotateCertificates],
  ['two communities', carnet => betweenCommunities(carnet, options.all ? 'every byte' : Number(options.cuts))],
  ['labelled points', pointsOneByOne],
  ['kills under load', () => run('kills', ['dist/bench/accept.js', '--rounds', options.kills, ...onServers])],
  [
    'a disk that is really full',
    () =>
      run('tests', [
        'node_modules/mocha/bin/mocha.js',
        '--no-config',
        '--timeout',
        '120000',
        '--spec',
        'dist/test/server/full-disk.test.js',
      ]),
  ],
]

if (options.help) console.log(usage)
else await chaos()

async function pointsOneByOne(): Promise<Result> {
  const { points, ...result } = await labelledPoints(Number(options.minutes))
  if (options.note) notePoints(points, result.seen, today())
  return result
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

/** With the options that change what is tried. */
function commandFor(name: string): string {
  const counts = Object.entries(usual).flatMap(([option, value]) => {
    const given = options[option as keyof typeof usual]
    return given === value ? [] : [`--${option} ${given}`]
  })
  const words = [...(options.all ? ['--all'] : []), ...counts]
  return `npm run chaos -- ${[...words, `--only "${name}"`].join(' ')}`
}

async function chaos(): Promise<void> {
  let failed = 0
  let passed = 0
  for (const [name, part] of parts) {
    if (!name.includes(options.only)) continue
    const began = performance.now()
    const { tried, faults, seen } = await ofOwnDeployment(part)
    const seconds = Math.round((performance.now() - began) / 1000)
    console.log(`${faults.length === 0 ? 'held' : 'FAILED'}  ${name}: ${tried} tried in ${seconds} s; ${seen}`)
    if (options.note) noteResult({ date: today(), command: commandFor(name), tried, seconds, seen, faults })
    for (const fault of faults.slice(0, 20)) console.log(`        ${fault}`)
    if (faults.length === 0) passed += 1
    else failed += 1
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

async function ofOwnDeployment(part: (carnet: Deployment) => Promise<Result>): Promise<Result> {
  const carnet = await deploy()
  try {
    return await part(carnet)
  } catch (problem) {
    return { tried: 0, faults: [(problem as Error).stack ?? String(problem)], seen: 'it broke off' }
  } finally {
    await carnet.stop()
  }
}
