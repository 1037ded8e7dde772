// `npm run nightly`: what takes hours. Random tests with many more steps, kills, benches and the acceptance suite; the results
// go to docs/nightly/DATE.md. `--hours N` says how long it may take (default 3), `--only TEXT` which steps.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const flag = (name, otherwise) => {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : process.argv[at + 1]
}
const hours = Number(flag('--hours', '3'))
const only = flag('--only', '')
if (!(hours > 0 && hours <= 24)) {
  console.error('nightly: --hours is a number up to 24, as --hours 3')
  process.exit(2)
}

const seed = String(Math.floor(Date.now() / 1000))
const scaled = count => String(Math.max(1, Math.round((count * hours) / 3)))
const mocha = (...specs) => [
  process.execPath,
  'node_modules/mocha/bin/mocha.js',
  '--no-config',
  '--timeout',
  '0',
  ...specs.flatMap(spec => ['--spec', spec]),
]

/** Name, command, environment; the last lines of what a step prints go into the report. */
const steps = [
  ['all tests', ['npm', 'test'], {}],
  ['whole deployments', ['npm', 'run', 'test:deployed'], {}],
  [
    'updates, removals and merges against naive models',
    mocha('dist/test/registry/*model*.test.js', 'dist/test/registry/merges.test.js'),
    { CARNET_STEPS: '250', CARNET_SEQUENCES: scaled(200), CARNET_SEED: seed },
  ],
  [
    'mutated messages down the whole road',
    mocha('dist/test/domain/fuzz.test.js'),
    { CARNET_FUZZ_COUNT: scaled(100_000), CARNET_FUZZ_SEED: seed },
  ],
  [
    'mutated XML beside two other parsers',
    mocha('dist/test/soap/xml-differential.test.js'),
    { CARNET_XML_FUZZ_COUNT: scaled(600_000), CARNET_XML_FUZZ_SEED: seed },
  ],
  [
    'assertions edited at random',
    mocha('dist/test/xua/attacks.test.js', 'dist/test/xua/canonical.test.js'),
    { CARNET_XUA_EDITS: String(Math.max(10_000, Number(scaled(100_000)))), CARNET_XUA_SEED: seed },
  ],
  [
    'many at once',
    mocha('dist/test/domain/races.test.js', 'dist/test/registry/races.test.js'),
    { CARNET_RACERS: scaled(5_000) },
  ],
  [
    'worlds in which things go wrong',
    [process.execPath, 'dist/simulation/simulate.js', '--from', seed, '--seeds', scaled(3_000)],
    {},
  ],
  ['connections cut at every byte', [process.execPath, 'dist/bench/chaos.js', '--all', '--only', 'cut on'], {}],
  ['slow partners', [process.execPath, 'dist/bench/chaos.js', '--only', 'slow'], {}],
  [
    'two communities with faults and lies between them',
    [process.execPath, 'dist/bench/chaos.js', '--only', 'two communities', '--cuts', scaled(300)],
    {},
  ],
  ['system calls that fail', [process.execPath, 'dist/bench/chaos.js', '--only', 'system calls'], {}],
  ['kills under load', [process.execPath, 'dist/bench/accept.js', '--rounds', scaled(400)], {}],
  ['a restore drill', [process.execPath, 'dist/bench/drill.js', '--documents', scaled(5_000), '--backups', '9'], {}],
  ['a restore drill, databases on PostgreSQL', [process.execPath, 'dist/bench/drill.js', '--postgres'], {}],
  ['a restore drill, encrypted', [process.execPath, 'dist/bench/drill.js', '--encrypted'], {}],
  ['matching of patients', [process.execPath, 'dist/bench/matching.js', '--patients', scaled(100_000)], {}],
  ['large documents', [process.execPath, 'dist/bench/bench.js', '--only', '--large', '--mib', '2048', '--many'], {}],
  [
    'the registry as it grows',
    [process.execPath, 'dist/bench/bench.js', '--only', '--growth', '--entries', `10000,${scaled(1_000_000)}`],
    {},
  ],
  ['bench beside a bare server', [process.execPath, 'dist/bench/bench.js', '--seconds', '20'], {}],
]

const began = new Date()
const results = []
for (const [name, command, environment] of steps) {
  if (!name.includes(only)) continue
  console.log(`==== ${name} (${new Date().toISOString().slice(11, 19)})`)
  const result = await run(command, environment)
  results.push({ name, command, environment, ...result })
  console.log(`     ${result.code === 0 ? 'passed' : `FAILED (${result.code})`} in ${result.seconds} s`)
  write()
}
const failed = results.filter(({ code }) => code !== 0).length
console.log(`${results.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function run([command, ...args], environment) {
  const startMs = Date.now()
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', piece => {
      process.stdout.write(piece)
      output = (output + piece).slice(-20_000)
    })
  }
  return new Promise(resolve => {
    child.once('close', code => resolve({ code, output, seconds: Math.round((Date.now() - startMs) / 1000) }))
  })
}

/** After each step, so that an ended night leaves what it has. */
function write() {
  const folder = join(root, 'docs', 'nightly')
  mkdirSync(folder, { recursive: true })
  const day = began.toISOString().slice(0, 10)
  const sections = results.map(({ name, command, environment, code, seconds, output }) => {
    const shown = [
      ...Object.entries(environment).map(([key, value]) => `${key}=${value}`),
      ...command.map(word => (existsSync(word) && word.startsWith('/') ? 'node' : word)),
    ]
    const last = output
      .trimEnd()
      .split('\n')
      .filter(line => !/✔/.test(line))
      .slice(-25)
      .join('\n')
    return `## ${name}: ${code === 0 ? 'passed' : 'FAILED'}, ${seconds} s\n\n    ${shown.join(' ')}\n\n\`\`\`\n${last}\n\`\`\`\n`
  })
  const head = `# The night of ${day}\n\nNode ${process.versions.node}, begun ${began.toISOString()}, seed ${seed}; \`npm run nightly -- --hours ${hours}\`.\n`
  writeFileSync(join(folder, `${day}.md`), `${head}\n${sections.join('\n')}`)
}
