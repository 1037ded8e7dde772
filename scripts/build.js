// Compiles TypeScript to dist/. Where the compiler is absent (npm ci --omit=dev), an existing dist/ is kept.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const compiler = findCompiler()

if (compiler === undefined) {
  if (existsSync(join(root, 'dist', 'cli', 'main.js'))) process.exit(0)
  console.error('carnet: TypeScript is not installed and dist/ does not exist; run "npm ci" without --omit=dev once.')
  process.exit(1)
}
rmSync(join(root, 'dist'), { recursive: true, force: true })
const { status } = spawnSync(process.execPath, [compiler, '-p', root], { stdio: 'inherit' })
process.exit(status ?? 1)

function findCompiler() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  } catch {
    return undefined
  }
}
