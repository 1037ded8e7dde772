// `npm run capacity`: what submissions, queries and retrievals leave on disks and cost of processors, and from that what a
// population needs. docs/SCALING.md has the figures, with what is assumed.
import { parseArgs } from 'node:util'
import { type Cost, type Engine, type Kind, measure } from './capacity/measure.js'
import { type Assumed, needs } from './capacity/plan.js'
import { table } from './table.js'

const usage = `npm run capacity -- [options]
  --submissions N   measured, and as many queries and retrievals (2000)
  --engines LIST    SQLite,PostgreSQL (SQLite)
  --patients LIST   populations (100000,70000000)
  --documents N     a patient and year (10)
  --kilobytes N     of a document (250)
  --queries N       a patient and year (20)
  --retrievals N    a patient and year (10)
  --years N         that documents are kept (10)
  --audit-years N   that audit records are kept (10)`

const text = (otherwise: string) => ({ type: 'string', default: otherwise }) as const
const { values: options } = parseArgs({
  options: {
    submissions: text('2000'),
    engines: text('SQLite'),
    patients: text('100000,70000000'),
    documents: text('10'),
    kilobytes: text('250'),
    queries: text('20'),
    retrievals: text('10'),
    years: text('10'),
    'audit-years': text('10'),
    help: { type: 'boolean', default: false },
  },
})

if (options.help) console.log(usage)
else for (const engine of options.engines.split(',')) await tell(engine as Engine)

async function tell(engine: Engine): Promise<void> {
  const amounts = { submissions: Number(options.submissions), documentsOfAPatient: 30, documentBytes: 10_000 }
  const costs = await measure(engine, amounts)
  console.log(`\n${engine}: of one, measured by ${amounts.submissions} of each\n`)
  console.log(table((Object.entries(costs) as [Kind, Cost][]).map(([kind, cost]) => row(kind, cost))))
  const assumed: Assumed = {
    documents: Number(options.documents),
    documentBytes: Number(options.kilobytes) * 1_000,
    queries: Number(options.queries),
    retrievals: Number(options.retrievals),
    years: Number(options.years),
    auditYears: Number(options['audit-years']),
  }
  const plans = options.patients.split(',').map(patients => needs(Number(patients), assumed, costs))
  console.log(`\n${engine}: needed, with ${JSON.stringify(assumed)}\n`)
  console.log(table(plans))
}

function row(kind: Kind, { cpuMs, ...bytes }: Cost): Record<string, string | number> {
  const rounded = Object.fromEntries(Object.entries(bytes).map(([name, value]) => [name, Math.round(value)]))
  const cpu = Object.fromEntries(Object.entries(cpuMs).map(([name, value]) => [`${name} CPU ms`, value]))
  return { of: kind, ...rounded, ...cpu }
}
