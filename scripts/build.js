// Compiles TypeScript to dist/, unless dist/ is of these very sources already: npm runs this more often than one would
// think, and services may be running from dist/. Where the compiler is absent (npm ci --omit=dev), an existing dist/ is kept.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const stamp = join(dist, '.sources')
const beside = join(root, '.build', String(process.pid))

const compiler = findCompiler()
if (compiler === undefined) {
  if (existsSync(join(dist, 'cli', 'main.js'))) process.exit(0)
  console.error('carnet: TypeScript is not installed and dist/ does not exist; run "npm ci" without --omit=dev once.')
  process.exit(1)
}

const sources = digestOfSources()
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) process.exit(0)

const { status } = spawnSync(process.execPath, [compiler, '-p', root, '--outDir', join(beside, 'new')], {
  stdio: 'inherit',
})
if (status === 0) {
  writeFileSync(join(beside, 'new', '.sources'), sources)
  // The old build stays whole until the new one is.
  if (existsSync(dist)) renameSync(dist, join(beside, 'old'))
  renameSync(join(beside, 'new'), dist)
}
rmSync(beside, { recursive: true, force: true })
process.exit(status ?? 1)

function digestOfSources() {
  const hash = createHash('sha256')
  for (const file of ['package.json', 'package-lock.json', 'tsconfig.json', ...sourcesBelow('')].sort()) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

function sourcesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(node_modules|dist|var|\..*)$/.test(entry.name) ? [] : sourcesBelow(path)
    return entry.name.endsWith('.ts') ? [path] : []
  })
}

function findCompiler() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  } catch {
    return undefined
  }
}
