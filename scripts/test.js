// `npm test`: all tests in two processes side by side, those of whole deployments (the command line, the images) and all others: the ones wait for
// services to start while the others compute. Arguments are mocha's, as in `npm test -- --grep ITI-43`, and go to both.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js')
const settings = ['--no-config', '--node-option', 'enable-source-maps', '--timeout', '20000', '--forbid-only']
const shares = [
  ['--spec', 'dist/test/**/*.test.js', '--ignore', 'dist/test/cli/**', '--ignore', 'dist/test/deploy/**'],
  ['--spec', 'dist/test/cli/**/*.test.js', '--spec', 'dist/test/deploy/**/*.test.js'],
]

const began = Date.now()
const [rooms, deployments] = shares.map(share => run([...settings, ...share, ...process.argv.slice(2)]))
rooms.show()
const codes = [await rooms.ended, await deployments.ended]
deployments.show()
if (codes[0] !== 0) process.stdout.write(rooms.failures())
const count = word => [rooms, deployments].reduce((sum, one) => sum + one.count(word), 0)
const seconds = Math.round((Date.now() - began) / 1000)
console.log(`\n  all together\n\n  ${count('passing')} passing (${seconds}s)`)
for (const word of ['pending', 'failing']) if (count(word) > 0) console.log(`  ${count(word)} ${word}`)
process.exitCode = codes.every(code => code === 0) ? 0 : 1

/** What it prints is held back until it is shown, and shown as it comes from then on. */
function run(args) {
  const child = spawn(process.execPath, [mocha, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
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
    /** Once more, for they stand far above. */
    failures: () => output.slice(Math.max(0, output.search(/^ +\d+ failing/m))).slice(-20_000),
    count: word => Number([...output.matchAll(new RegExp(`^ +(\\d+) ${word}\\b`, 'gm'))].at(-1)?.[1] ?? 0),
  }
}
