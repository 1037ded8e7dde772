// Tests in several processes side by side, told as one.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js')

/** Each share are arguments of mocha, for a process of its own; what the command was given goes to all. Sets the exit code. */
export async function runShares(shares, { timeoutMs, variables = {} }) {
  const began = Date.now()
  // Made here for all: each process would take seconds for its own.
  const { makeCertificates } = await import('../dist/test/cli/certificates-once.js')
  const certificates = mkdtempSync(join(tmpdir(), 'carnet-certificates-'))
  process.once('exit', () => rmSync(certificates, { recursive: true, force: true }))
  await makeCertificates(certificates)
  const settings = [
    ...['--no-config', '--node-option', 'enable-source-maps', '--forbid-only'],
    // It ends what hangs; how long something takes says nothing on a machine that does other things.
    ...['--timeout', String(timeoutMs), '--require', 'dist/test/house/ending.js'],
  ]
  const env = { ...process.env, ...variables, CARNET_TEST_CERTIFICATES: certificates }
  const runs = shares.map(share => run([...settings, ...share, ...process.argv.slice(2)], env))
  const codes = []
  for (const one of runs) {
    one.show()
    codes.push(await one.ended)
  }
  // Once more, for those of the first ones stand far above.
  for (const [index, one] of runs.entries())
    if (codes[index] !== 0 && index < runs.length - 1) process.stdout.write(one.failures())
  const count = word => runs.reduce((sum, one) => sum + one.count(word), 0)
  const seconds = Math.round((Date.now() - began) / 1000)
  console.log(`\n  all together\n\n  ${count('passing')} passing (${seconds}s)`)
  for (const word of ['pending', 'failing']) if (count(word) > 0) console.log(`  ${count(word)} ${word}`)
  process.exitCode = codes.every(code => code === 0) ? 0 : 1
}

/** What it prints is held back until it is shown, and shown as it comes from then on. */
function run(args, env) {
  const child = spawn(process.execPath, [mocha, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let shown = false
  const take = bytes => {
    output += bytes
    if (shown) process.stdout.write(bytes)
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  process.once('SIGTERM', () => child.kill('SIGTERM'))
  return {
    ended: new Promise(resolve => child.once('close', code => resolve(code ?? 1))),
    show() {
      process.stdout.write(output)
      shown = true
    },
    /** What it says of them at its end. */
    failures: () => output.slice(Math.max(0, output.search(/^ +\d+ failing/m))).slice(-20_000),
    count: word => Number([...output.matchAll(new RegExp(`^ +(\\d+) ${word}\\b`, 'gm'))].at(-1)?.[1] ?? 0),
  }
}
