// The N-th system call of a service fails, as strace makes it: whatever a submission was told then must be true after a restart.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { auditFaultsOf, faultsOf } from '../after-the-kills.js'
import { readAnswer } from '../answers.js'
import { type Deployment, patienceMs, pause, type ServiceName, serviceNames } from '../deployment.js'
import { httpRequest, openConnection } from '../http-connection.js'
import { freshOid, provideAndRegister } from '../messages.js'
import { type Submitted, told } from '../submitters.js'
import type { Result } from './results-table.js'

const ofTheDisk = ['fsync', 'fdatasync', 'pwrite64', 'openat', 'rename', 'unlink']
const ofTheNetwork = ['accept4', 'connect', 'socket', 'writev']

/** As strace is told: a call, its error, and which call of its kind it is. */
const injections: readonly string[] = [
  ...ofTheDisk.flatMap(call => ['EIO', 'ENOSPC'].flatMap(error => [1, 3].map(nth => injectionOf(call, error, nth)))),
  ...ofTheNetwork.flatMap(call => ['ENOMEM', 'ECONNRESET'].map(error => injectionOf(call, error, 1))),
]

function injectionOf(call: string, error: string, nth: number): string {
  return `${call}:error=${error}:when=${nth}`
}

export async function failingCalls(carnet: Deployment): Promise<Result> {
  if (spawnSync('strace', ['-V']).status !== 0)
    return { tried: 0, faults: [], seen: 'not tried: strace is not installed' }
  const sent: Submitted[] = []
  let tried = 0
  for (const service of serviceNames) {
    for (const injection of injections) {
      await failing(carnet, service, injection, async () => {
        for (const size of [500, 100_000]) sent.push(await submit(carnet, size))
      })
      tried += 1
    }
  }
  const faults: string[] = []
  for (const deadline = performance.now() + 90_000; ; await pause(2_000)) {
    faults.length = 0
    for (const one of sent) faults.push(...(await faultsOf(carnet, one)))
    if (faults.length === 0 || performance.now() > deadline) break
  }
  for (const one of sent.filter(({ outcome }) => outcome === 'acknowledged'))
    faults.push(...(await auditFaultsOf(carnet, one, 60_000)))
  const of = (outcome: Submitted['outcome']) => sent.filter(one => one.outcome === outcome).length
  const seen = `${sent.length} submissions meanwhile: ${of('acknowledged')} acknowledged, ${of('refused')} refused, ${of('unknown')} without a clear answer; all as they were told, with their audit, after each service was killed and started again`
  return { tried, faults, seen }
}

async function failing(
  carnet: Deployment,
  service: ServiceName,
  injection: string,
  work: () => Promise<void>,
): Promise<void> {
  const pid = carnet.pids()[service]
  if (pid === undefined) throw new Error(`${service} does not run`)
  const [call] = injection.split(':')
  const strace = spawn(
    'strace',
    ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${injection}`, '-p', String(pid)],
    { stdio: 'ignore' },
  )
  const ended = new Promise(resolve => strace.once('exit', resolve))
  await pause(300)
  await work()
  strace.kill('SIGINT')
  await ended
  // A store that could not sync takes nothing until it is started again, as an operator would; it may have ended by itself.
  if (carnet.pids()[service] === pid) process.kill(pid, 'SIGKILL')
  await pause(100)
  await carnet.ready(patienceMs)
  // Three deaths of one service in ten seconds count as a service that cannot run.
  await pause(3_500)
}

async function submit(carnet: Deployment, size: number): Promise<Submitted> {
  const bytes = randomBytes(size)
  const uniqueId = freshOid()
  const patientId = 'CALLS^^^&2.999.1&ISO'
  const message = provideAndRegister({ uniqueId, patientId, mimeType: 'application/octet-stream' }, bytes)
  const traceId = randomBytes(16).toString('hex')
  const headers = { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` }
  const one: Submitted = { uniqueId, patientId, message, bytes, traceId, outcome: 'unknown', why: 'no answer' }
  const target = new URL(carnet.urls.repository)
  try {
    const connection = await openConnection(target, carnet.client, 30_000)
    const answer = await connection.send(httpRequest('POST', target, { ...message, headers })).finally(connection.close)
    Object.assign(one, told(readAnswer(answer)))
  } catch (problem) {
    one.why = (problem as Error).message
  }
  return one
}
