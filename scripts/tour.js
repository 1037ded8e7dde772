// npm run tour: Carnet in under a minute, in a folder that is gone afterwards. Every step is a command as a user types it.
import { join } from 'node:path'
import { freePortBases, run as runIn, say, seconds, startServices, takeTour } from './tour/commands.js'
import { writeDocuments } from './tour/documents.js'

const patient = 'DEMO-1^^^&2.999.1&ISO'

await takeTour('carnet-tour', tour, 'Next: npm start')

async function tour(folder) {
  const data = join(folder, 'data')
  const run = (...args) => runIn(args, { data })
  const documents = writeDocuments(folder)
  say('Start the services on free ports, in a temporary folder, by the rules of the Swiss EPR')
  const [base] = await freePortBases(1)
  await startServices(['--data', data, '--port-base', String(base), '--profile', 'ch-epr']).ready

  say('Submit a CDA document (its header gives the metadata), a PDF and an image')
  const first = uniqueIdIn(await run('submit', documents.cda, '--patient', patient))
  const author = ['--author', '^Beispiel^Lukas']
  const round = ['--title', 'Ward round of the third day', '--type', '371532007']
  await run('submit', documents.pdf, '--patient', patient, ...round, ...author)
  const wound = ['--title', 'Wound, left forearm', '--confidentiality', '263856008']
  await run('submit', documents.image, '--patient', patient, ...wound, ...author)

  say('Find them')
  await run('query', '--patient', patient)

  say('Take one back; it gets its name only when its hash is right')
  await run('retrieve', first, '-o', join(folder, 'retrieved.xml'))

  say('Replace it; the older version becomes Deprecated')
  const replacing = await run('submit', documents.correctedCda, '--patient', patient, '--replace', first)
  await run('query', '--patient', patient, '--status', 'all')

  say('What the audit has recorded of the replacement, on each side, and then of everything')
  await seconds(1) // records travel to the audit service within a moment, not within the answer
  await run('audit', 'tail', '--trace', /trace\s+([0-9a-f]{32})/.exec(replacing)?.[1] ?? '')
  await run('audit', 'tail')
}

function uniqueIdIn(printed) {
  return /^uniqueId\s+(\S+)$/m.exec(printed)[1]
}
