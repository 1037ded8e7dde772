#!/usr/bin/env node
// The door of the carnet command: plain JavaScript, so that it can say what is missing before anything is compiled.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
if (existsSync(main)) {
  const { run } = await import(main)
  await run(process.argv.slice(2))
} else {
  console.error('carnet: not built yet; run "npm ci" (or "npm run build") in the checkout first.')
  process.exitCode = 1
}
