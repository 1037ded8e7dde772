// Requests per second and CPU per request: Carnet and a bare Node server with the same bodies, in turns.
import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readAnswer } from './answers.js'
import type { BareServer } from './bare-server.js'
import { type Counted, cpuUs, memoryOf, settled } from './cost.js'
import type { Deployment } from './deployment.js'
import { httpRequest, openConnection } from './http-connection.js'
import type { Job, Outcome, RowName } from './job.js'
import { freshOid, provideAndRegister, register } from './messages.js'
import { rowOf } from './requests.js'
import { median } from './table.js'

export interface Plan {
  rows: RowName[]
  connections: number[]
  seconds: number
  rounds: number
  progress(line: string): void
}

export interface Measured {
  row: RowName
  connections: number
  requestsPerSecond: number
  cpuUsPerRequest: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
  bareRequestsPerSecond: number
  bareCpuUsPerRequest: number
  /** Rate of a bare hello on as many connections. */
  helloRequestsPerSecond: number
  /** Resident, of all services together, when the row is done. */
  memoryBytes: number
  failures: number
  firstFailure: string | undefined
}

const documentBytesOf = (row: RowName) => (row.endsWith('1 MB') ? 1_048_576 : 10_240)
const entriesOf: Partial<Record<RowName, number>> = {
  'ITI-18 1 entry': 1,
  'ITI-18 10 entries': 10,
  'ITI-18 100 entries': 100,
}
const authority = '&2.999.1&ISO'

/** A deployment; where others than its services work for it, they count too. */
export type Measurable = Deployment & { counted?(): Counted[] }

export async function measure(carnet: Measurable, plan: Plan): Promise<Measured[]> {
  plan.progress('seeding')
  const jobs = await seeded(carnet, plan)
  const bare = await startBareServer(carnet, await answersTo(jobs, carnet))
  const load = fork(join(import.meta.dirname, 'load.js'))
  try {
    const measured: Measured[] = []
    for (const connections of plan.connections) {
      for (const job of jobs) measured.push(await oneRow({ ...job, connections }, carnet, bare, load, plan))
    }
    return measured
  } finally {
    load.disconnect()
    bare.process.disconnect()
  }
}

async function oneRow(job: Job, carnet: Measurable, bare: Bare, load: ChildProcess, plan: Plan): Promise<Measured> {
  const services = Object.values(carnet.pids())
  const counted = carnet.counted?.() ?? services
  const ours: Sample[] = []
  const theirs: Sample[] = []
  const hellos: Sample[] = []
  const at = (path: string) => ({ ...job, bare: true, url: `${bare.origin}${path}` })
  await sample({ ...job, seconds: Math.min(1, job.seconds) }, counted, load)
  for (let round = 1; round <= plan.rounds; round++) {
    plan.progress(`${job.row}, ${job.connections} connections, round ${round} of ${plan.rounds}`)
    ours.push(await sample(job, counted, load))
    theirs.push(await sample(at(pathOf(job.row)), bare.pids, load))
    hellos.push(await sample({ ...at('/hello'), row: 'hello' }, bare.pids, load))
  }
  const of = (samples: Sample[], figure: (sample: Sample) => number) => median(samples.map(figure))
  const rate = ({ outcome }: Sample) => outcome.requests / outcome.seconds
  const cpu = ({ outcome, cpuUs: spent }: Sample) => spent / outcome.requests
  const failed = [...ours, ...theirs, ...hellos].filter(({ outcome }) => outcome.failures > 0)
  return {
    row: job.row,
    connections: job.connections,
    requestsPerSecond: of(ours, rate),
    cpuUsPerRequest: of(ours, cpu),
    p50Ms: of(ours, ({ outcome }) => outcome.p50Ms),
    p95Ms: of(ours, ({ outcome }) => outcome.p95Ms),
    p99Ms: of(ours, ({ outcome }) => outcome.p99Ms),
    bareRequestsPerSecond: of(theirs, rate),
    bareCpuUsPerRequest: of(theirs, cpu),
    helloRequestsPerSecond: of(hellos, rate),
    memoryBytes: services.reduce((sum, pid) => sum + memoryOf(pid).nowBytes, 0),
    failures: failed.reduce((sum, { outcome }) => sum + outcome.failures, 0),
    firstFailure: failed[0]?.outcome.firstFailure,
  }
}

export interface Sample {
  outcome: Outcome
  cpuUs: number
}

export async function sample(job: Job, pids: readonly Counted[], load: ChildProcess): Promise<Sample> {
  await settled(pids)
  const before = cpuUs(pids)
  const outcome = await answerOf<Outcome>(load, job)
  await settled(pids)
  return { outcome, cpuUs: cpuUs(pids) - before }
}

/** Patients with 1, 10 and 100 entries, and documents to retrieve. */
export async function seeded(carnet: Deployment, plan: Plan): Promise<Job[]> {
  const { registry, repository } = carnet.urls
  const job = (row: RowName, url: string, patientId: string): Job => ({
    row,
    url,
    certificates: carnet.folder,
    connections: 1,
    seconds: plan.seconds,
    repositoryUniqueId: carnet.repositoryUniqueId,
    patientId,
    uniqueIds: [],
    documentBytes: documentBytesOf(row),
    bare: false,
  })
  const jobs: Job[] = []
  for (const row of plan.rows) {
    const patientId = `${row.replaceAll(/[^A-Z0-9]/g, '')}^^^${authority}`
    const one = job(row, /ITI-4[13]/.test(row) ? repository : registry, patientId)
    jobs.push(one)
    if (row.startsWith('ITI-43')) await seedDocuments(carnet, one)
    const entries = Array.from({ length: entriesOf[row] ?? 0 }, () => {
      const { repositoryUniqueId } = carnet
      return register({ uniqueId: freshOid(), patientId, repositoryUniqueId, hash: '0'.repeat(40), sizeBytes: 1 })
    })
    await sendAll(carnet, registry, entries)
  }
  return jobs
}

async function seedDocuments(carnet: Deployment, job: Job): Promise<void> {
  const { patientId, documentBytes } = job
  for (let count = 0; count < 50; count += 1) {
    const uniqueId = freshOid()
    job.uniqueIds.push(uniqueId)
    await sendAll(carnet, carnet.urls.repository, [
      provideAndRegister({ uniqueId, patientId }, Buffer.alloc(documentBytes, uniqueId)),
    ])
  }
}

export async function sendAll(
  carnet: Deployment,
  url: string,
  messages: { contentType: string; body: Buffer }[],
): Promise<void> {
  if (messages.length === 0) return
  const connection = await openConnection(new URL(url), carnet.client)
  for (const message of messages) {
    const answer = await connection.send(httpRequest('POST', new URL(url), message))
    const { status, errors, fault } = readAnswer(answer)
    if (status !== 'Success')
      throw new Error(`seeding failed: HTTP ${answer.status} ${status} ${fault ?? ''} ${JSON.stringify(errors)}`)
  }
  connection.close()
}

export interface Bare {
  process: ChildProcess
  pids: number[]
  origin: string
}

/** The very bytes that Carnet has answered once. */
async function answersTo(jobs: Job[], carnet: Deployment): Promise<BareServer['answers']> {
  const answers: BareServer['answers'] = {
    '/hello': { contentType: 'text/plain', base64: Buffer.from('hello\n').toString('base64') },
  }
  for (const job of jobs) {
    const connection = await openConnection(new URL(job.url), carnet.client)
    const { contentType, body } = await connection.send(rowOf(job).next())
    connection.close()
    answers[pathOf(job.row)] = { contentType, base64: body.toString('base64') }
  }
  return answers
}

export async function startBareServer(carnet: Deployment, answers: BareServer['answers']): Promise<Bare> {
  const read = (name: string) => readFileSync(join(carnet.folder, 'certs', name), 'utf8')
  const server = fork(join(import.meta.dirname, 'bare-server.js'))
  const told: BareServer = { key: read('registry.key'), cert: read('registry.pem'), ca: read('ca.pem'), answers }
  const { port } = await answerOf<{ port: number }>(server, told)
  return { process: server, pids: [server.pid ?? -1], origin: `https://localhost:${port}` }
}

function pathOf(row: RowName): string {
  return `/${row.replaceAll(' ', '-')}`
}

function answerOf<Answer>(child: ChildProcess, message: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null) => reject(new Error(`a helper process ended with ${code}`))
    child.once('exit', gone)
    child.once('message', answer => {
      child.off('exit', gone)
      resolve(answer as Answer)
    })
    child.send(message)
  })
}
