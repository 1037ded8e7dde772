// The acceptance suite against a started deployment, and against a server of another make: `node dist/bench/conformance.js [PEERS]`
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collected, deploy, ended, freePortBase, root, untilSaid } from './deployment.js'
import { built } from './peers.js'
import { letAnswersBeSent } from './reply-partner.js'

const peers = process.argv[2]
if (peers !== undefined) await examinePeer(join(peers, 'ipf'))

const counts = { passed: 0, failed: 0, skipped: 0 }
for (const profile of ['ihe', 'ch-epr']) await examineOurs(profile)
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)

async function examineOurs(profile: string): Promise<void> {
  const carnet = await deploy(['--profile', profile])
  try {
    const replyTo = await letAnswersBeSent(carnet.folder, carnet.portBase)
    const { status, output } = examined(['--data', carnet.folder, '--profile', profile, '--reply-to', replyTo])
    const lines = output.split('\n')
    const [, passed, failed, skipped] = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(lines.at(-1) ?? '') ?? []
    if (passed === undefined) throw new Error(`the suite did not come to its end under ${profile}:\n${output}`)
    counts.passed += Number(passed)
    counts.failed += Number(failed)
    counts.skipped += Number(skipped)
    console.log(`${lines.slice(0, -1).join('\n')}\n${profile}: ${lines.at(-1)}`)
    if (status !== 0) process.exitCode = status ?? 1
  } finally {
    await carnet.stop()
  }
}

/** What the peer does not do is no failure of ours: its count is told, and that the suite came to its end. */
async function examinePeer(folder: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'carnet-acceptance-'))
  process.once('exit', () => rmSync(work, { recursive: true, force: true }))
  const jar = built(folder, join(work, 'ipf'), 'mvn', ['-q', '-B', '-DskipTests', 'package'], 'target/ipf-peer.jar')
  const certs = join(work, 'certs')
  spawnSync('bash', [join(work, 'ipf', 'certs.sh'), certs], { cwd: work })
  const port = (await freePortBase()) + 1
  const stores = ['--keystore', join(certs, 'server.p12'), '--truststore', join(certs, 'trust.p12')]
  const server = spawn(
    'java',
    ['-Xmx1g', '-jar', jar, 'server', '--port', String(port), ...stores, '--password', 'changeit'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  process.once('exit', () => server.kill('SIGKILL'))
  await untilSaid(/^READY\b/m, server, collected(server), 120_000)
  try {
    const targets = [41, 42, 43, 18].map(number => `ITI-${number}=https://localhost:${port}/services/xds-iti${number}`)
    const patients = [50, 51].flatMap(id => ['--patient', `7613376104113536${id}^^^&2.16.756.5.30.1.127.3.10.3&ISO`])
    const pem = (name: string) => join(certs, name)
    const identity = ['--cert', pem('client.pem'), '--key', pem('client.key'), '--ca', pem('ca.pem')]
    const { output } = examined(['--target', ...targets, ...patients, ...identity])
    const [last = ''] = output.trimEnd().split('\n').slice(-1)
    if (!/^\d+ passed, \d+ failed, \d+ skipped$/.test(last))
      throw new Error(`the suite did not come to its end:\n${output}`)
    console.log(`the peer: ${last} (docs/acceptance has the reasons)`)
  } finally {
    await ended(server)
  }
}

function examined(args: string[]): { status: number | null; output: string } {
  const command = [join(root, 'scripts', 'carnet.js'), 'conformance', ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', timeout: 300_000 })
  return { status, output: `${stdout}${stderr}`.trimEnd() }
}
