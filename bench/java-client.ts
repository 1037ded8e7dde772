// A Java client of another make against a running Carnet: `node dist/bench/java-client.js FOLDER`, FOLDER being its Maven project.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deploy } from './deployment.js'
import { built } from './peers.js'

const folder = process.argv[2]
if (folder === undefined) {
  console.error('node dist/bench/java-client.js FOLDER')
  process.exit(64)
}
const work = mkdtempSync(join(tmpdir(), 'carnet-java-'))
process.once('exit', () => rmSync(work, { recursive: true, force: true }))
const jar = built(folder, join(work, 'client'), 'mvn', ['-q', '-B', '-DskipTests', 'package'], 'target/ipf-peer.jar')
const carnet = await deploy()
let passed = 0
let failed = 0

try {
  const { registry, repository } = carnet.urls
  const certs = join(carnet.folder, 'certs')
  const everywhere = [
    ...['--iti41', repository, '--iti43', repository, '--iti18', registry, '--iti42', registry, '--replace'],
    ...[
      '--keystore',
      join(certs, 'client.p12'),
      '--truststore',
      join(certs, 'truststore.p12'),
      '--password',
      'changeit',
    ],
  ]
  run('one document', everywhere)
  run('a document of 5 MB, sent with its length', [...everywhere, '--size', '5000000', '--no-chunking'])
  run('without hash and size', [...everywhere, '--no-hash'])
  run('one path per transaction', [
    ...everywhere,
    ...[
      '--iti41',
      `${repository}/iti41`,
      '--iti43',
      `${repository}/iti43`,
      '--iti18',
      `${registry}/iti18`,
      '--iti42',
      `${registry}/iti42`,
    ],
  ])
} finally {
  await carnet.stop()
}
console.log(`${passed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1

function run(name: string, args: string[]): void {
  const { stdout, stderr } = spawnSync('java', ['-jar', jar, 'client', ...args], { encoding: 'utf8', timeout: 300_000 })
  const steps = stdout.split('\n').filter(line => /^(?:PASS|FAIL) (?!total)/.test(line))
  for (const step of steps) console.log(step.replace(/^(PASS|FAIL) /, `$1 ${name}: `))
  passed += steps.filter(step => step.startsWith('PASS')).length
  failed += steps.filter(step => step.startsWith('FAIL')).length
  if (steps.length > 0) return
  failed += 1
  console.log(`FAIL ${name}: the client said nothing\n${stdout}${stderr}`)
}
