// `npm run matching`: a patient index fed with a population from a seed, how well it puts records together, how fast it answers, and
// what one more record costs. docs/PATIENT-INDEX.md has the results.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { anIndex, type MeasuredIndex } from './matching/an-index.js'
import { findingsWorth } from './matching/findings.js'
import { habitsNamed } from './matching/habits.js'
import { population, type SourceRecord } from './matching/population.js'
import { type Quality, qualityOf, truths } from './matching/quality.js'
import { type Known, questions, timed } from './matching/questions.js'
import { table } from './table.js'

const usage = `npm run matching -- [options]
  --patients N    records, of some seven tenths as many people (10000)
  --seed TEXT     another population (1)
  --habits NAME   how its people and those who write are: usual, or hasty, by which nothing was weighed (usual)
  --times N       each question so often (200)
  --findings      what each finding of a comparison is worth, and nothing else
  --database FILE kept there; a folder of its own, which is gone afterwards, without it`

const { values: options } = parseArgs({
  options: {
    patients: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    habits: { type: 'string', default: 'usual' },
    times: { type: 'string', default: '200' },
    database: { type: 'string' },
    findings: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const recordsAtOnce = 1_000
const habits = habitsNamed[options.habits]
if (habits === undefined)
  throw new Error(`--habits ${options.habits}: expected ${Object.keys(habitsNamed).join(' or ')}`)
const everybody = () => population(options.seed, Number(options.patients), habits)

if (options.help) console.log(usage)
else if (options.findings) console.log(table(worths()))
else await run(Number(options.patients), Number(options.times))

async function run(records: number, times: number): Promise<void> {
  const scratch = options.database === undefined ? mkdtempSync(join(tmpdir(), 'carnet-matching-')) : undefined
  const path = options.database ?? join(scratch as string, 'patient-index.sqlite')
  try {
    const known = truths()
    const asked: Known[] = []
    const filling = await anIndex(path)
    await fill(filling, records, record => {
      known.note(record)
      if (asked.length < times && record.person.addresses.length > 0 && record.person.telecoms.length > 0) {
        if (records < 10 * times || record.truth % Math.ceil(records / (times * 12)) === 0) asked.push(record)
      }
    })
    tell(qualityOf(filling.context.store, known))
    await filling.close()
    console.log(`\non the disk ${Math.round(statSync(path).size / records)} bytes a record\n`)
    const answering = await anIndex(path)
    const rows: Record<string, string | number>[] = []
    for (const question of questions) {
      const { name, p50Ms, p99Ms, mostMs, cpuP50Ms, cpuP99Ms, answered } = await timed(answering, question, asked)
      rows.push({
        ...{ question: name, 'p50 ms': p50Ms, 'p99 ms': p99Ms, 'most ms': mostMs },
        ...{ 'CPU p50': cpuP50Ms, 'CPU p99': cpuP99Ms, answered },
      })
    }
    await answering.close()
    console.log(table(rows))
  } finally {
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
  }
}

function worths(): Record<string, string | number>[] {
  const told = (worth: number) => (Number.isFinite(worth) ? worth : '')
  return findingsWorth(everybody, options.seed).map(
    ({ trait, finding, ofOne, ofOthers, ofAHousehold, worth, worthAtHome, weight, weightAtHome = '' }) => ({
      ...{ trait: `${trait}: ${finding}`, 'of one, %': ofOne, 'of two, %': ofOthers },
      ...{ 'log2 of the ratio': told(worth), weight },
      ...{ 'of two at home, %': ofAHousehold, 'log2, at home': told(worthAtHome), 'weight at home': weightAtHome },
    }),
  )
}

async function fill(index: MeasuredIndex, records: number, note: (record: SourceRecord) => void): Promise<void> {
  const marks = [10_000, 30_000, 100_000, 300_000, 1_000_000].filter(mark => mark <= records)
  let some: SourceRecord[] = []
  let done = 0
  let [beganCpu, began] = [process.cpuUsage(), done]
  for (const record of everybody()) {
    note(record)
    some.push(record)
    if (some.length < recordsAtOnce && done + some.length < records) continue
    await index.feed(some)
    if (done === 0) forBulk(index)
    done += some.length
    some = []
    // Over the last tenth before each mark, so that it is the cost at that size.
    if (marks.some(mark => done === mark * 0.9)) [beganCpu, began] = [process.cpuUsage(), done]
    if (done === began || (!marks.includes(done) && done % 50_000 !== 0)) continue
    const { user, system } = process.cpuUsage(beganCpu)
    console.log(`fed ${done} of ${records}: ${Math.round((user + system) / (done - began))} µs of CPU a record`)
    ;[beganCpu, began] = [process.cpuUsage(), done]
  }
}

/** What is measured of the filling is the processor's work, not how often the disk is waited for; the store has its own way before. */
function forBulk({ context: { store } }: MeasuredIndex): void {
  for (const pragma of ['cache_size = -2000000', 'synchronous = OFF', 'wal_autocheckpoint = 100000']) {
    store.prepare(`PRAGMA ${pragma}`).all()
  }
}

function tell(quality: Quality): void {
  const percent = (share: number) => `${(100 * share).toFixed(3)} %`
  const { records, people, persons, truePairs, precision, recall, mixed, asked, askedRightly, recallAfterReview } =
    quality
  console.log(`\n${records} records of ${people} people, taken for ${persons} persons; ${truePairs} pairs are of one`)
  console.log(`precision ${percent(precision)}, recall ${percent(recall)}; ${mixed} persons are two people`)
  console.log(
    `somebody is asked of ${percent(asked)} of the records, rightly in ${percent(askedRightly)}; recall after that ${percent(recallAfterReview)}\n`,
  )
  const weights = [...quality.byWeight].sort(([one], [other]) => one - other)
  const right = ({ count, right: rightly }: { count: number; right: number }) =>
    count === 0 ? '' : (100 * rightly) / count
  console.log(
    table(
      weights.map(([weight, { linked, asked: questions }]) => ({
        ...{ weight: `${weight} to ${weight + 3}`, linked: linked.count, 'rightly, %': right(linked) },
        ...{ asked: questions.count, 'of one, %': right(questions) },
      })),
    ),
  )
  const slips = [...quality.bySlip].sort(([, one], [, other]) => other.records - one.records)
  console.log(
    `\n${table(slips.map(([name, { records: all, linked, asked: waiting }]) => slipRow(name, all, linked, waiting)))}`,
  )
}

function slipRow(slip: string, all: number, linked: number, asked: number): Record<string, string | number> {
  const share = (count: number) => (100 * count) / all
  return {
    slip,
    records: all,
    'linked, %': share(linked),
    'asked, %': share(asked),
    'missed, %': share(all - linked - asked),
  }
}
