// What rare shapes cost as they grow: long chains of replacements, addenda by the thousand, Folders and versions without end, merged
// patients, legal holds. One registry, asked in its own process: what is told is milliseconds of one
// request, the quickest of some, since others want the processors too.
import { parseArgs } from 'node:util'
import type { DocumentEntry } from '../metadata/model.js'
import { systemPorts } from '../ports/ports.js'
import { ihe, registryOver } from '../test/registry/a-registry.js'
import { type Engine, openEmbedded, openOnPostgres } from '../test/registry/engines.js'
import { samplePatientId } from '../test/samples/submission.js'
import { hiddenType, otherShapes } from './rare/more-shapes.js'
import { type Grown, relationShapes } from './rare/shapes.js'

const { values } = parseArgs({
  options: {
    engines: { type: 'string', default: 'sqlite,postgres' },
    sizes: { type: 'string', default: '100,1000,10000' },
    only: { type: 'string', default: '' },
    turns: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help)
  console.log(`node dist/bench/rare.js [options]
  --engines LIST   sqlite,postgres
  --sizes LIST     how far each shape grows (100,1000,10000)
  --only TEXT      shapes with this in their name
  --turns N        requests of each kind; the quickest counts (5)`)
else for (const engine of values.engines.split(',')) await measureOn(engine)

async function measureOn(engine: string): Promise<void> {
  const sizes = values.sizes.split(',').map(Number)
  for (const [name, shape] of Object.entries({ ...relationShapes, ...otherShapes }).filter(([name]) =>
    name.includes(values.only),
  )) {
    const domain =
      shape.hides === true ? { ...ihe, hides: ({ mimeType }: DocumentEntry) => mimeType === hiddenType } : ihe
    const made: Engine = await (engine === 'postgres' ? openOnPostgres : openEmbedded)(domain, systemPorts, ':memory:')
    const registry = registryOver(made, { domain, config: { maxResults: 25_000, resubmission: 'replay' } })
    await registry.addPatient(samplePatientId)
    const taken = new Map<string, number[]>()
    const grown = await shape.begin(registry)
    let size = 0
    for (const to of sizes) {
      await grown.grow(size, to)
      size = to
      if (engine === 'postgres') await registry.sql('ANALYZE')
      for (const [what, ms] of await timesOf(grown)) taken.set(what, [...(taken.get(what) ?? []), ms])
    }
    await registry.close()
    console.log(`| ${engine} | ${name} | ${sizes.join(' | ')} |`)
    for (const [what, all] of taken)
      console.log(`| | ${what} | ${all.map(ms => (ms < 10 ? ms.toFixed(1) : ms.toFixed(0))).join(' | ')} |`)
  }
  if (engine === 'postgres') setImmediate(() => process.exit())
}

async function timesOf({ requests }: Grown): Promise<Map<string, number>> {
  const quickest = new Map<string, number>()
  for (const [what, request] of Object.entries(requests)) {
    const times: number[] = []
    for (let turn = 0; turn < Number(values.turns); turn++) {
      const ask = await request()
      const began = process.cpuUsage()
      const { errors = [] } = await ask()
      const { user, system } = process.cpuUsage(began)
      times.push((user + system) / 1_000)
      const refused = errors.find(({ severity }) => severity === 'Error')
      if (refused !== undefined) throw new Error(`${what}: ${refused.codeContext}`)
    }
    quickest.set(what, Math.min(...times))
  }
  return quickest
}
