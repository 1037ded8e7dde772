// npm run tour: Carnet in under a minute, in a folder that is gone afterwards. Every step is a command as a user types it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endServices, freePortBases, run as runIn, say, seconds, startServices } from './tour/commands.js'
import { writeDocuments } from './tour/documents.js'

const folder = mkdtempSync(join(tmpdir(), 'carnet-tour-'))
const data = join(folder, 'data')
const patient = 'DEMO-1^^^&2.999.1&ISO'
const began = Date.now()
const run = (...args) => runIn(args, { data })
let services

process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143))
process.on('exit', () => {
  services?.kill('SIGKILL') // its children leave when it is gone
  rmSync(folder, { recursive: true, force: true })
})

try {
  await tour()
} catch (problem) {
  console.error(`\nThe tour ends early: ${problem.message}`)
  process.exitCode = 1
}
await end()

async function tour() {
  const documents = writeDocuments(folder)
  say('1. Start the services on free ports, in a temporary folder, by the rules of the Swiss EPR')
  const [base] = await freePortBases(1)
  const started = startServices(['--data', data, '--port-base', String(base), '--profile', 'ch-epr'])
  services = started.services
  await started.ready

  say('2. Submit a CDA document (its header gives the metadata), a PDF and an image')
  const first = uniqueIdIn(await run('submit', documents.cda, '--patient', patient))
  const title = 'Ward round of the third day'
  await run(
    'submit',
    documents.pdf,
    '--patient',
    patient,
    '--title',
    title,
    '--type',
    '371532007',
    '--author',
    '^Beispiel^Lukas',
  )
  await run(
    'submit',
    documents.image,
    '--patient',
    patient,
    '--title',
    'Wound, left forearm',
    '--author',
    '^Beispiel^Lukas',
    '--confidentiality',
    '263856008',
  )

  say('3. Find them')
  await run('query', '--patient', patient)

  say('4. Take one back; it gets its name only when its hash is right')
  await run('retrieve', first, '-o', join(folder, 'retrieved.xml'))

  say('5. Replace it; the older version becomes Deprecated')
  const replacing = await run('submit', documents.correctedCda, '--patient', patient, '--replace', first)
  await run('query', '--patient', patient, '--status', 'all')

  say('6. What the audit has recorded of the replacement, on each side, and then of everything')
  await seconds(1) // records travel to the audit service within a moment, not within the answer
  await run('audit', 'tail', '--trace', /trace\s+([0-9a-f]{32})/.exec(replacing)?.[1] ?? '')
  await run('audit', 'tail')
}

async function end() {
  if (services !== undefined && services.exitCode === null) {
    say('7. End')
    await endServices(services)
  }
  console.log(`\nThe tour took ${((Date.now() - began) / 1000).toFixed(1)} s. Next: npm start`)
}

function uniqueIdIn(printed) {
  return /^uniqueId\s+(\S+)$/m.exec(printed)[1]
}
