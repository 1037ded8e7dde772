// ITI-18 at a registry and at the gateway before it, in turns: 1, 3 and 10 other communities, then with one of them dead or slow.
import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { readAnswer } from '../answers.js'
import { cpuUs, settled } from '../cost.js'
import { type Deployment, deploy } from '../deployment.js'
import { httpRequest, openConnection } from '../http-connection.js'
import { sendAll } from '../measure.js'
import { findDocuments, freshOid, register } from '../messages.js'
import { median } from '../table.js'
import { processesOf } from './processes.js'
import type { StandIns } from './stand-ins.js'

export interface QueriesPlan {
  rounds: number
  requests: number
  progress(line: string): void
}

/** How the last of the communities is. */
type Last = 'well' | 'dead' | 'slow'

const cases: [communities: number, last: Last][] = [
  [1, 'well'],
  [3, 'well'],
  [10, 'well'],
  [3, 'dead'],
  [3, 'slow'],
  [10, 'slow'],
]

/** What a community has; one that is slow takes ten times as long. */
const deadlineMs = 2_000
const patientId = 'GATEWAY^^^&2.999.1&ISO'
const entries = 10
const homeOf = (index: number) => `urn:oid:2.999.88.${index + 1}`

export async function measureQueries(plan: QueriesPlan): Promise<{ rows: Row[]; faults: string[] }> {
  const carnet = await deploy()
  const standIns = fork(join(import.meta.dirname, 'stand-ins.js'))
  try {
    await seed(carnet)
    const port = await begun(standIns, carnet)
    const rows: Row[] = []
    const faults: string[] = []
    for (const [communities, last] of cases) {
      plan.progress(`${communities} communities, the last one ${last}`)
      await carnet.startAgain(async () => configure(carnet, port, communities, last))
      const { row, fault } = await measured(carnet, { communities, last }, plan)
      rows.push(row)
      if (fault !== undefined) faults.push(`${communities} communities, the last one ${last}: ${fault}`)
    }
    return { rows, faults }
  } finally {
    standIns.disconnect()
    await carnet.stop()
  }
}

type Row = Record<string, string | number>

async function seed(carnet: Deployment): Promise<void> {
  const { repositoryUniqueId } = carnet
  const described = { patientId, repositoryUniqueId, hash: '0'.repeat(40), sizeBytes: 1 }
  const messages = Array.from({ length: entries }, () => register({ ...described, uniqueId: freshOid() }))
  await sendAll(carnet, carnet.urls.registry, messages)
}

/** Each answers what the registry has answered, as its own. */
async function begun(standIns: ChildProcess, carnet: Deployment): Promise<number> {
  const url = new URL(carnet.urls.registry)
  const connection = await openConnection(url, carnet.client)
  const { contentType, body } = await connection.send(httpRequest('POST', url, findDocuments(patientId)))
  connection.close()
  const answers: StandIns['answers'] = {}
  for (let index = 0; index < 10; index += 1) {
    const theirs = body.toString().replaceAll(/\shome="[^"]*"/g, ` home="${homeOf(index)}"`)
    answers[`/${index}`] = { contentType, body: theirs, afterMs: 0 }
    answers[`/slow/${index}`] = { contentType, body: theirs, afterMs: 10 * deadlineMs }
  }
  const read = (name: string) => readFileSync(join(carnet.folder, 'certs', name), 'utf8')
  standIns.send({ key: read('registry.key'), cert: read('registry.pem'), ca: read('ca.pem'), answers })
  const { port } = await new Promise<{ port: number }>(resolve => standIns.once('message', resolve as () => void))
  return port
}

function configure({ folder, portBase }: Deployment, port: number, communities: number, last: Last): void {
  const path = join(folder, 'carnet.json')
  const config = JSON.parse(readFileSync(path, 'utf8'))
  config.gateway.communities = Array.from({ length: communities }, (_, index) => {
    const isLast = index === communities - 1
    const at = isLast && last === 'slow' ? `/slow/${index}` : `/${index}`
    // Nothing listens on the last of the ports that a deployment has to itself.
    const url = `https://localhost:${isLast && last === 'dead' ? portBase + 23 : port}${at}`
    const name = `community ${index + 1}`
    return { name, homeCommunityId: homeOf(index), query: url, retrieve: url, timeoutMs: deadlineMs }
  })
  writeFileSync(path, JSON.stringify(config, null, 2))
}

async function measured(
  carnet: Deployment,
  { communities, last }: { communities: number; last: Last },
  { rounds, requests }: QueriesPlan,
): Promise<{ row: Row; fault: string | undefined }> {
  const gateway = `https://localhost:${carnet.portBase + 4}/gateway`
  const answering = communities + (last === 'well' ? 1 : 0)
  const [direct, through]: [Sample[], Sample[]] = [[], []]
  // Code that is compiled at its hundredth use is no cost of a request.
  await sample(carnet, carnet.urls.registry, requests, entries)
  const first = await sample(carnet, gateway, requests, answering * entries)
  for (let round = 0; round < rounds; round += 1) {
    direct.push(await sample(carnet, carnet.urls.registry, requests, entries))
    through.push(await sample(carnet, gateway, requests, answering * entries))
  }
  const of = (samples: Sample[], figure: (sample: Sample) => number) => median(samples.map(figure))
  const ratio = (figure: (sample: Sample) => number) =>
    median(direct.map((each, index) => figure(through[index] as Sample) / figure(each)))
  // The first requests find out that one is dead or slow; soon after it is left alone.
  const worstMs = Math.max(...[first, ...through].map(({ p99Ms }) => p99Ms))
  const isInTime = last === 'well' || worstMs <= deadlineMs + othersMs()
  const fault = through.find(({ wrong }) => wrong !== undefined)?.wrong
  return {
    row: {
      communities: `${communities}, last ${last}`,
      'p50 direct ms': of(direct, ({ p50Ms }) => p50Ms),
      'p50 gateway ms': of(through, ({ p50Ms }) => p50Ms),
      ratio: ratio(({ p50Ms }) => p50Ms),
      'p99 gateway ms': worstMs,
      'deadline ms': deadlineMs,
      'in part': through.reduce((sum, { inPart }) => sum + inPart, 0),
      'CPU direct us': of(direct, ({ cpuUs: spent }) => spent),
      'CPU gateway us': of(through, ({ cpuUs: spent }) => spent),
      'CPU ratio': ratio(({ cpuUs: spent }) => spent),
      'CPU an answer': ratio(({ cpuUs: spent }) => spent) / answering,
    },
    fault: fault ?? (isInTime ? undefined : `p99 of ${worstMs} ms, and the deadline is ${deadlineMs} ms`),
  }
}

/** Whoever else wants the machine takes time that nobody can keep back. */
function othersMs(): number {
  return (loadavg()[0] ?? 0) > 2 * availableParallelism() ? 1_000 : 0
}

interface Sample {
  p50Ms: number
  p99Ms: number
  /** Of the registry, the gateway and the audit together, for a request. */
  cpuUs: number
  /** Answers in which one that is well was missing. */
  inPart: number
  wrong: string | undefined
}

async function sample(carnet: Deployment, to: string, requests: number, objects: number): Promise<Sample> {
  const url = new URL(to)
  const pids = Object.values(processesOf(carnet))
  const request = httpRequest('POST', url, findDocuments(patientId))
  const connections = await Promise.all(Array.from({ length: 4 }, () => openConnection(url, carnet.client)))
  await settled(pids)
  const before = cpuUs(pids)
  const timesMs: number[] = []
  let left = requests
  let wrong: string | undefined
  let inPart = 0
  await Promise.all(
    connections.map(async connection => {
      while (left > 0) {
        left -= 1
        const sent = performance.now()
        const answer = await connection.send(request)
        timesMs.push(performance.now() - sent)
        const found = answer.body.toString().split('<rim:ExtrinsicObject ').length + ownNames(answer.body) - 1
        const missing = objects - found
        if (missing === 0) continue
        inPart += 1
        // On a busy machine one that is well may be too late too; then it has to be named.
        const silent = readAnswer(answer).errors.filter(({ code }) => code === 'XDSUnavailableCommunity').length
        if (missing % entries !== 0 || silent * entries < missing) wrong = `${found} objects of ${objects}`
      }
    }),
  )
  await settled(pids)
  for (const connection of connections) connection.close()
  timesMs.sort((a, b) => a - b)
  const percentile = (share: number) => timesMs[Math.min(timesMs.length - 1, Math.floor(timesMs.length * share))] ?? 0
  return { p50Ms: percentile(0.5), p99Ms: percentile(0.99), cpuUs: (cpuUs(pids) - before) / requests, inPart, wrong }
}

/** A gateway writes objects without a prefix. */
const ownNames = (body: Buffer) => body.toString().split('<ExtrinsicObject ').length - 1
