// `npm run drill`: a restore drill. Backups are made while documents are being submitted, the deployment is lost, the backups are
// restored elsewhere and started there; whatever was acknowledged before a backup began must be there, whole and audited.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { auditFaultsOf, faultsOf } from './after-the-kills.js'
import { holds, startChecks } from './checks.js'
import { runCommand } from './command.js'
import { type Deployment, deploy, pause } from './deployment.js'
import { emptyDatabases, preparedFolder, type Server } from './postgres-server.js'
import { type Submitted, type Submitters, startSubmitters } from './submitters.js'

const usage = `npm run drill -- [options]
  --documents N  acknowledged before the first backup begins (500)
  --backups N    one after another, under load (3)
  --postgres     registry and repository on a server, restored into empty databases there
  --encrypted    with keys that only the drill has
  --writers N    submitting all the while (4)
  --pause MS     of each between two requests, on average (20)`

const { values: options } = parseArgs({
  options: {
    documents: { type: 'string', default: '500' },
    backups: { type: 'string', default: '3' },
    postgres: { type: 'boolean', default: false },
    encrypted: { type: 'boolean', default: false },
    writers: { type: 'string', default: '4' },
    pause: { type: 'string', default: '20' },
    help: { type: 'boolean', default: false },
  },
})

const flags = ['--accept-unknown-patients']
/** Flags of `carnet backup` and `carnet restore`. */
let encryption: string[] = []

/** A backup, and what had been acknowledged when it was begun. */
interface Made {
  name: string
  before: Submitted[]
}

if (options.help) console.log(usage)
else await drill()

async function drill(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'carnet-drill-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const { check, conclude } = startChecks()
  const backups = join(folder, 'backups')
  if (options.encrypted) encryption = ['--encryption-keys', newKeys(join(folder, 'keys.json'))]
  const made: Made[] = []
  let server: Server | undefined
  let submitted: Submitted[] = []
  await check('backups are made under load', async () => {
    const prepared = await preparedFolder('carnet-drill-', options.postgres ? 'server with the repository' : 'files')
    server = prepared.server
    const first = await deploy(flags, undefined, prepared.folder)
    const load = startSubmitters(first, {
      writers: Number(options.writers),
      readers: 1,
      pauseMs: Number(options.pause),
    })
    try {
      while (acknowledgedIn(load).length < Number(options.documents)) await pause(100)
      for (let count = 0; count < Number(options.backups); count += 1) {
        // Backups of one second would have one name.
        await pause(1_100)
        made.push(await backedUp(first, load, backups))
      }
    } finally {
      await load.stop()
      // With its data folder, keys included: all that is left is the folder of the backups.
      await first.stop()
    }
    submitted = load.submitted
    holds(load.wrongReads.length === 0, `read meanwhile: ${load.wrongReads.slice(0, 3).join('; ')}`)
  })
  const [oldest, newest] = [made[0], made.at(-1)]
  if (oldest === undefined || newest === undefined) return conclude()
  console.log(`${submitted.length} submitted in all; the folder of the backups has ${mebibytes(sizeOf(backups))}`)
  for (const one of oldest === newest ? [newest] : [newest, oldest]) {
    const data = join(folder, `of-${one.name}`)
    await check(
      `${one.name} is restored elsewhere, and all that was acknowledged before it began is there`,
      async () => {
        const seconds = await restored(backups, one, data, server)
        const started = performance.now()
        const again = await deploy(flags, undefined, data)
        const upSeconds = (performance.now() - started) / 1000
        console.log(`  restored and verified in ${seconds.toFixed(1)} s, serving ${upSeconds.toFixed(1)} s later`)
        try {
          await examined(again, one, submitted)
        } finally {
          await again.stop()
        }
      },
    )
  }
  conclude()
}

function newKeys(path: string): string {
  const keys = { drill: randomBytes(32).toString('base64') }
  writeFileSync(path, JSON.stringify({ current: 'drill', keys }), { mode: 0o600 })
  return path
}

function acknowledgedIn({ submitted }: Submitters): Submitted[] {
  return submitted.filter(({ outcome }) => outcome === 'acknowledged')
}

async function backedUp(carnet: Deployment, load: Submitters, to: string): Promise<Made> {
  const before = acknowledgedIn(load)
  const sizeBefore = sizeOf(to)
  const started = performance.now()
  const { status, output } = await runCommand([
    'backup',
    '--to',
    to,
    '--data',
    carnet.folder,
    '--with-keys',
    ...encryption,
  ])
  holds(status === 0, `carnet backup ended with ${status}: ${output}`)
  const seconds = (performance.now() - started) / 1000
  const name =
    readdirSync(to)
      .filter(each => /Z$/.test(each))
      .sort()
      .at(-1) ?? ''
  const meanwhile = acknowledgedIn(load).length - before.length
  const grownBy = mebibytes(sizeOf(to) - sizeBefore)
  console.log(
    `  ${name}: ${before.length} acknowledged before, ${meanwhile} meanwhile, ${seconds.toFixed(1)} s, ${grownBy} more`,
  )
  return { name, before }
}

async function restored(backups: string, { name }: Made, data: string, server?: Server): Promise<number> {
  const started = performance.now()
  const { status, output } = await runCommand([
    'restore',
    backups,
    '--at',
    name,
    '--data',
    data,
    '--verify',
    ...encryption,
    ...(server === undefined ? [] : await emptyDatabases(server)),
  ])
  holds(status === 0 && output.includes('verified: all is as it was backed up'), `carnet restore: ${output}`)
  return (performance.now() - started) / 1000
}

async function examined(carnet: Deployment, { before }: Made, submitted: Submitted[]): Promise<void> {
  const promised = new Set(before)
  const faults: string[] = []
  const queue = [...submitted]
  const lookAtSome = async () => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      if (promised.has(one)) {
        faults.push(...(await faultsOf(carnet, one)), ...(await auditFaultsOf(carnet, one, 60_000)))
      } else {
        // Of what came later nothing is promised but that it is not half there; the repository alone may have it.
        const found = await faultsOf(carnet, one.outcome === 'acknowledged' ? { ...one, outcome: 'unknown' } : one)
        faults.push(...found.filter(fault => !fault.endsWith('it can be retrieved and is not registered')))
      }
    }
  }
  await Promise.all(Array.from({ length: 4 }, lookAtSome))
  holds(faults.length === 0, `${faults.length} faults: ${faults.slice(0, 5).join('; ')}`)
  const { output } = await runCommand(['fsck', '--data', carnet.folder, '--rate', '1000', '--json'])
  const { found, looked } = JSON.parse(output.slice(output.indexOf('{'))) as Found
  const ids = new Set(before.map(({ uniqueId }) => uniqueId))
  const wrong = found.filter(({ kind, uniqueId }) => kind !== 'no entry' || ids.has(uniqueId ?? ''))
  holds(wrong.length === 0, `carnet fsck: ${JSON.stringify(wrong.slice(0, 5))}`)
  console.log(
    `  ${before.length} of ${before.length} there, with metadata, bytes and audit; fsck read ${looked.documents} documents; ${found.length} came later and are in the repository alone`,
  )
}

interface Found {
  looked: { documents: number }
  found: { kind: string; uniqueId?: string }[]
}

function sizeOf(folder: string): number {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return 0
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
