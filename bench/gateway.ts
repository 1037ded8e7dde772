// `npm run bench:gateway`: what a gateway costs beside asking what is behind it, with other communities that answer, are dead or slow; and a
// document through two gateways. Always in pairs, one after the other on one machine. docs/decisions/0331.
import { parseArgs } from 'node:util'
import { measureLargeThrough } from './gateway/large-through.js'
import { measureQueries } from './gateway/queries.js'
import { table } from './table.js'

const usage = `npm run bench:gateway -- [options]
  --quick          short rounds, and 256 MiB through both gateways
  --only PART      queries or documents
  --mebibytes N    through both gateways (2048; with --quick 256)`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    mebibytes: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (options.help) console.log(usage)
else await measure()

async function measure(): Promise<void> {
  const progress = (line: string) => console.error(`# ${line}`)
  const rounds = options.quick ? { rounds: 2, requests: 60 } : { rounds: 4, requests: 150 }
  const sizeBytes = Number(options.mebibytes ?? (options.quick ? 256 : 2048)) * 1_048_576
  const faults: string[] = []
  if (options.only !== 'documents') {
    const { rows, faults: wrong } = await measureQueries({ ...rounds, progress })
    console.log(
      `ITI-18 with 10 entries, ${rounds.rounds} rounds of ${rounds.requests} requests on 4 connections, in pairs`,
    )
    console.log(table(rows))
    faults.push(...wrong)
  }
  if (options.only !== 'queries') {
    const {
      rows,
      growth,
      faults: wrong,
    } = await measureLargeThrough({ sizeBytes, rounds: options.quick ? 1 : 2, progress })
    console.log(
      `\n${sizeBytes / 1_048_576} MiB: ITI-43, ITI-39, ITI-43 through two gateways, beside ITI-43 at the repository`,
    )
    console.log(table(rows))
    console.log(`\nResident memory, at its highest above what it was before`)
    console.log(table(growth))
    faults.push(...wrong)
  }
  for (const fault of faults) console.error(`WRONG: ${fault}`)
  if (faults.length > 0) process.exitCode = 1
}
