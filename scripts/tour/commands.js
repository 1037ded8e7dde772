// What the tours are made of: services that are started, commands as a user types them, free ports, and an end of it all.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const carnet = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'scripts', 'carnet.js')

const started = []
let steps = 0

/** Takes a tour in a folder that is gone afterwards, as is all that it has started, however it ends. */
export async function takeTour(name, tour, farewell) {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  const began = Date.now()
  process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143))
  process.on('exit', () => {
    for (const services of started) services.kill('SIGKILL') // its children leave when it is gone
    rmSync(folder, { recursive: true, force: true })
  })
  try {
    await tour(folder)
  } catch (problem) {
    console.error(`\nThe tour ends early: ${problem.message}`)
    process.exitCode = 1
  }
  const left = started.filter(isRunning)
  if (left.length > 0) say('End')
  await Promise.all(left.map(endServices))
  console.log(`\nThe tour took ${((Date.now() - began) / 1000).toFixed(1)} s. ${farewell}`)
}

/** The next step of the tour. */
export function say(line) {
  steps += 1
  console.log(`\n── ${steps}. ${line}\n`)
}

/** Resolves with the process once it is ready. What it prints is shown unless `quietly`. */
export function startServices(args, { quietly = false } = {}) {
  console.log(`$ npm start -- ${args.map(quoted).join(' ')}`)
  const services = spawn(process.execPath, ['--enable-source-maps', carnet, 'start', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(services)
  const ready = new Promise((resolve, reject) => {
    services.once('exit', code => reject(new Error(`the services did not start (exit code ${code})`)))
    let printed = ''
    services.stdout.on('data', piece => {
      if (!quietly) process.stdout.write(piece)
      printed += piece
      if (/^ready$/m.test(printed)) resolve(services)
    })
  })
  return { services, ready }
}

export async function endServices(services) {
  if (!isRunning(services)) return
  const ended = new Promise(resolve => services.once('exit', resolve))
  services.kill('SIGTERM')
  await ended
}

const isRunning = ({ exitCode, signalCode }) => exitCode === null && signalCode === null

/** Types a command and resolves with all that it said. `mayEndWith` are further exit codes that are as they should be. */
export function run(args, { data, quietly = false, mayEndWith = [] }) {
  const typed = [...args, '--data', data]
  console.log(`${quietly ? '' : '\n'}$ npx carnet ${typed.map(quoted).join(' ')}`)
  const child = spawn(process.execPath, [carnet, ...typed], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const hear = to => piece => {
    if (!quietly) to.write(piece)
    said += piece
  }
  child.stdout.on('data', hear(process.stdout))
  child.stderr.on('data', hear(process.stderr))
  return new Promise((resolve, reject) => {
    child.once('close', code => {
      if (code === 0 || mayEndWith.includes(code)) return resolve(said)
      if (quietly) process.stderr.write(said)
      reject(new Error(`carnet ${args[0]} ended with ${code}`))
    })
  })
}

/** Types it again until that is said: what a command looks at comes to services a moment later. */
export async function untilSaid(pattern, args, options) {
  for (let tries = 1; ; tries += 1) {
    const said = await run(args, options)
    if (pattern.test(said) || tries === 30) return said
    await seconds(1)
  }
}

export function seconds(count) {
  return new Promise(resolve => setTimeout(resolve, count * 1_000))
}

function quoted(text) {
  return /^[\w./:-]+$/.test(text) ? text : `'${text}'`
}

/** Ports of one deployment above its base. */
const offsets = [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16, 17, 18]
const apart = 20

/** As many bases, one behind the other, below the ports that outgoing connections are given (32768 and up on Linux). */
export async function freePortBases(count) {
  for (let base = 20_000 + (process.pid % 600) * 20; base < 32_700; base += apart) {
    const bases = basesFrom(base, count)
    const free = await Promise.all(bases.flatMap(each => offsets.map(offset => isFree(each + offset))))
    if (free.every(Boolean)) return bases
  }
  throw new Error(`no ${count * apart} ports in a row are free enough on this machine`)
}

export function basesFrom(first, count) {
  return Array.from({ length: count }, (_, index) => first + index * apart)
}

function isFree(port) {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
