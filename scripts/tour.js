// npm run tour: Carnet in under a minute, in a folder that is gone afterwards. Every step is a command as a user types it.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeDocuments } from './tour/documents.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const carnet = join(root, 'scripts', 'carnet.js')
const folder = mkdtempSync(join(tmpdir(), 'carnet-tour-'))
const data = join(folder, 'data')
const patient = 'DEMO-1^^^&2.999.1&ISO'
const began = Date.now()
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
  say('1. Start the three services on free ports, in a temporary folder, by the rules of the Swiss EPR')
  await start(await freePortBase())

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
  await settled()
  await run('audit', 'tail', '--trace', /trace\s+([0-9a-f]{32})/.exec(replacing)?.[1] ?? '')
  await run('audit', 'tail')
}

async function end() {
  if (services !== undefined && services.exitCode === null) {
    say('7. End')
    const ended = new Promise(resolve => services.once('exit', resolve))
    services.kill('SIGTERM')
    await ended
  }
  console.log(`\nThe tour took ${((Date.now() - began) / 1000).toFixed(1)} s. Next: npm start`)
}

function start(portBase) {
  const args = ['start', '--data', data, '--port-base', String(portBase), '--profile', 'ch-epr']
  console.log(`$ npm ${args[0]} -- ${args.slice(1).join(' ')}`)
  services = spawn(process.execPath, ['--enable-source-maps', carnet, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    services.once('exit', code => reject(new Error(`the services did not start (exit code ${code})`)))
    let printed = ''
    services.stdout.on('data', piece => {
      process.stdout.write(piece)
      printed += piece
      if (/^ready$/m.test(printed)) resolve()
    })
  })
}

function run(...args) {
  console.log(`\n$ npx carnet ${args.map(quoted).join(' ')} --data ${data}`)
  const child = spawn(process.execPath, [carnet, ...args, '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.on('data', piece => {
    process.stdout.write(piece)
    printed += piece
  })
  return new Promise((resolve, reject) => {
    child.once('close', code =>
      code === 0 ? resolve(printed) : reject(new Error(`carnet ${args[0]} ended with ${code}`)),
    )
  })
}

function uniqueIdIn(printed) {
  return /^uniqueId\s+(\S+)$/m.exec(printed)[1]
}

// Records travel to the audit service within a moment, not within the answer.
function settled() {
  return new Promise(resolve => setTimeout(resolve, 1_000))
}

function say(line) {
  console.log(`\n── ${line}\n`)
}

function quoted(text) {
  return /^[\w./-]+$/.test(text) ? text : `'${text}'`
}

async function freePortBase() {
  const offsets = [1, 2, 3, 11, 12, 13, 14]
  for (let base = 20_000 + (process.pid % 1_000) * 20; base < 60_000; base += 20) {
    const free = await Promise.all(offsets.map(offset => isFree(base + offset)))
    if (free.every(Boolean)) return base
  }
  throw new Error('no seven ports in a row of twenty are free on this machine')
}

function isFree(port) {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
