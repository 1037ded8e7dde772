// The newcomer with a stopwatch: clones the checkout, types what README.md says, and has a document back. `node dist/bench/newcomer.js`
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { holds, same, startChecks } from './checks.js'
import { collected, ended, freePortBase, patienceMs, root, untilSaid } from './deployment.js'
import { table } from './table.js'

const { check, conclude } = startChecks()
const folder = mkdtempSync(join(tmpdir(), 'carnet-newcomer-'))
const clone = join(folder, 'carnet')
const portBase = await freePortBase()
const times: { command: string; seconds: number }[] = []
const started = performance.now()
let firstDocument: { commands: number; seconds: number } | undefined
let printed = ''

process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

await check('git clone', () => typed('git clone', `git clone --quiet '${root}' '${clone}'`, folder))
const [start = '', ...blocks] = existsSync(clone) ? commandsIn(readFileSync(join(clone, 'README.md'), 'utf8')) : []
await check('README begins with npm ci and npm start', async () => {
  same(start.trim(), 'npm ci && npm start', 'first commands of the section')
  holds(blocks.length > 3, 'there are too few commands to have a document back')
})
await check('npm ci', () => typed('npm ci', 'npm ci', clone))

let carnet: ChildProcess | undefined
await check('npm start says ready', async () => {
  const at = performance.now()
  carnet = spawn('bash', ['-c', `exec npm start -- --port-base ${portBase}`], {
    cwd: clone,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  process.once('exit', () => carnet?.kill('SIGKILL'))
  await untilSaid(/^ready$/m, carnet, collected(carnet), patienceMs)
  timed('npm start (until "ready")', at)
})
for (const block of blocks) {
  await check(firstLineOf(block), () => typed(firstLineOf(block), block, clone))
  if (/retrieve/.test(block))
    firstDocument ??= { commands: times.length, seconds: (performance.now() - started) / 1000 }
}
await check('every retrieved document is the one that was submitted', async () => {
  const expected = new Map([
    ['discharge-summary.xml', readFileSync(join(clone, 'scripts/tour/discharge-summary.xml'))],
    [
      'note.txt',
      Buffer.from(
        /<xdsb:Document [^>]*>([^<]*)</.exec(
          readFileSync(join(clone, 'docs/first-document/submit.xml'), 'utf8'),
        )?.[1] ?? '',
        'base64',
      ),
    ],
  ])
  for (const [name, bytes] of expected) {
    holds(bytes.length > 0 && readFileSync(join(clone, 'var', name)).equals(bytes), `var/${name} has other bytes`)
  }
})
if (spawnSync('keytool', ['-help']).error === undefined) {
  await check('a Java keytool sees the CA in truststore.p12', async () => {
    const store = join(clone, 'var', 'certs', 'truststore.p12')
    const { stdout } = spawnSync(
      'keytool',
      ['-list', '-storetype', 'PKCS12', '-keystore', store, '-storepass', 'changeit'],
      { encoding: 'utf8' },
    )
    holds(/trustedCertEntry/.test(stdout), stdout)
  })
}
await check('SIGTERM ends everything, without orphans', async () => {
  if (carnet === undefined) throw new Error('it was not started')
  const pids = descendantsOf(carnet.pid ?? -1)
  holds(pids.length >= 3, `only ${pids.length} processes were running`)
  const at = performance.now()
  await ended(carnet)
  const seconds = (performance.now() - at) / 1000
  // Within five seconds by the supervisor's clock, which a test counts; a machine that does other things takes a little longer.
  holds(seconds < 9, `it took ${seconds.toFixed(1)} s`)
  same(
    pids.filter(pid => existsSync(`/proc/${pid}`)),
    [],
    'processes left',
  )
})

console.log(`\n${table(times)}\n`)
if (firstDocument !== undefined) {
  const { commands, seconds } = firstDocument
  console.log(`from git clone to the first retrieved document: ${commands} commands, ${seconds.toFixed(1)} s\n`)
}
conclude()

/** What a shell makes of some lines of README.md, with the ports and the ids of this run. */
async function typed(name: string, lines: string, cwd: string): Promise<void> {
  const at = performance.now()
  const here = lines
    .replaceAll(/\b84(4[1-9]|5[1-9])\b/g, port => String(Number(port) - 8440 + portBase))
    .replaceAll(/(?<!-)UNIQUE-ID/g, /^uniqueId +(\S+)$/m.exec(printed)?.[1] ?? 'UNIQUE-ID')
  const { status, stdout, stderr } = await finished(
    spawn('bash', ['-euo', 'pipefail', '-c', here], { cwd, stdio: ['ignore', 'pipe', 'pipe'] }),
  )
  printed += stdout
  timed(name, at)
  if (status !== 0) throw new Error(`exit code ${status}\n${stdout}${stderr}`)
  // An answer of XDS that says no travels under HTTP 200.
  if (stdout.includes('Envelope>')) holds(/ResponseStatusType:Success"/.test(stdout), stdout)
}

/** The shell commands of the section that leads to the first document. */
function commandsIn(readme: string): string[] {
  const section = /^## Five minutes to the first document$(.*?)^## /ms.exec(readme)?.[1] ?? ''
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(found => found[1] ?? '')
}

function firstLineOf(block: string): string {
  const line = block.trim().split('\n')[0] ?? ''
  return line.length > 70 ? `${line.slice(0, 70)}…` : line
}

function timed(command: string, since: number): void {
  times.push({ command, seconds: (performance.now() - since) / 1000 })
}

function descendantsOf(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(child => parentOf(child) === pid)
  return [...children, ...children.flatMap(descendantsOf)]
}

function parentOf(pid: number): number {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[1],
    )
  } catch {
    return -1
  }
}

async function finished(child: ChildProcess): Promise<{ status: number | null; stdout: string; stderr: string }> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', piece => {
    stdout += piece
  })
  child.stderr?.on('data', piece => {
    stderr += piece
  })
  const status = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { status, stdout, stderr }
}
