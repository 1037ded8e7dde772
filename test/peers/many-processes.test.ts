// Two registries and two repositories behind balancers that remember nothing, each a process of its own, on one PostgreSQL server and one
// folder of documents; and one service as several workers.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { join } from 'node:path'
import { expect } from 'chai'
import { prepare } from '../../cli/services/prepare.js'
import { systemPorts } from '../../ports/ports.js'
import { packageRoot } from '../../ports/processes.js'
import { removeDocuments } from '../../transactions/remove.js'
import { contentToSend } from '../../transactions/submission-codec.js'
import { provideAndRegisterDocumentSet, registryStoredQuery } from '../../transactions/xds.js'
import { aSource } from '../cli/a-source.js'
import { playedTerminal } from '../cli/played-terminal.js'
import { freePortBase } from '../cli/started.js'
import { until } from '../house/waiting.js'
import { anEntry } from '../repository/a-repository.js'
import { aSubmission, samplePatientId } from '../samples/submission.js'
import { needsPostgres, theCluster } from '../store/postgres/a-cluster.js'
import { type Balancer, balancer } from './a-balancer.js'
import type { RunningDeployment } from './a-deployment.js'

interface Process {
  child: ChildProcess
  complained(): string
  says(text: RegExp): Promise<void>
  ended: Promise<unknown>
}

type Json = Partial<Record<string, Record<string, unknown>>>

describe('several processes of each service', function () {
  this.timeout(120_000)
  const processes: Process[] = []
  const balancers: Balancer[] = []
  let folder: string
  let base: number
  let deployment: RunningDeployment
  let settings: (number: number, own: number, changes?: Record<string, unknown>) => Promise<string>
  let repositories: Process[]

  before(async function () {
    needsPostgres(this)
    folder = await systemPorts.files.temporaryFolder('carnet-many-')
    const context = { ports: systemPorts, terminal: playedTerminal(folder) }
    const { configFile } = await prepare(folder, context)
    const written = JSON.parse(await readFile(configFile, 'utf8')) as Json
    const cluster = await theCluster()
    const [metadata, documents] = [await cluster.create(), await cluster.create()]
    base = await freePortBase()
    const bases = [base, base + 20]
    const registries = await balancer(bases.map(own => own + 1))
    const front = await balancer(bases.map(own => own + 2))
    balancers.push(registries, front)
    const at = (name: string) => `postgres://carnet@127.0.0.1:${cluster.port}/${name}`
    settings = async (number, own, changes = {}) => {
      const section = (name: string, place: number) => ({
        ...written[name],
        listen: { port: own + place },
        health: { port: own + 10 + place },
        audit: { port: base + 14 },
        folder: `process-${number}`,
      })
      const config = {
        ...written,
        registry: { ...section('registry', 1), database: at(metadata), mllp: {}, acceptUnknownPatients: true },
        repository: {
          ...section('repository', 2),
          database: at(documents),
          documents: 'shared-documents',
          registry: { url: `https://localhost:${registries.port}/registry` },
          resubmission: 'replay',
          ...changes,
        },
        atnaAudit: {
          ...written.atnaAudit,
          listen: { port: own + 3 },
          health: { port: own + 13 },
          syslog: { port: own + 14 },
        },
      }
      const file = join(folder, `carnet-${number}.json`)
      await writeFile(file, JSON.stringify(config))
      return file
    }
    const files = await Promise.all(bases.map((own, number) => settings(number, own)))
    const started = (name: string, number: number) => run(name, files[number]!)
    await (await started('atna-audit', 0)).says(/is ready/)
    // Two at once on empty databases.
    repositories = await Promise.all([started('repository', 0), started('repository', 1)])
    const all = [...repositories, ...(await Promise.all([started('registry', 0), started('registry', 1)]))]
    await Promise.all(all.map(process => process.says(/is ready/)))
    const file = (name: string) => readFileSync(join(folder, 'certs', name))
    deployment = {
      urls: {
        repository: `https://localhost:${front.port}/repository`,
        registry: `https://localhost:${registries.port}/registry`,
      },
      partner: { key: file('admin.key'), cert: file('admin.pem'), ca: file('ca.pem') },
      repositoryUniqueId: String(written.repository?.repositoryUniqueId),
    } as RunningDeployment
  })
  after(async () => {
    for (const { child } of processes) child.kill('SIGTERM')
    await Promise.all(processes.map(({ ended }) => ended))
    for (const each of balancers) await each.close()
    if (folder !== undefined) await systemPorts.files.removeFolder(folder)
  })

  async function run(name: string, file: string): Promise<Process> {
    const script = join(packageRoot, 'scripts', 'carnet.js')
    const child = spawn(process.execPath, [script, name, '--config', file], { stdio: ['ignore', 'ignore', 'pipe'] })
    let complained = ''
    child.stderr?.on('data', piece => {
      complained += piece
    })
    const started: Process = {
      child,
      complained: () => complained,
      ended: new Promise(resolve => child.once('close', resolve)),
      async says(text) {
        for (let tries = 0; tries < 1_200 && !text.test(complained); tries++) {
          if (child.exitCode !== null) throw new Error(`${name} ended: ${complained}`)
          await new Promise(resolve => setTimeout(resolve, 50))
        }
        if (!text.test(complained)) throw new Error(`${name} never said ${text}: ${complained}`)
      },
    }
    processes.push(started)
    return started
  }

  /** Each connection is a new one, and so goes to the next process. */
  async function each<Result>(work: (source: ReturnType<typeof aSource>) => Promise<Result>): Promise<Result> {
    const source = aSource(deployment)
    try {
      return await work(source)
    } finally {
      source.close()
    }
  }

  async function found(): Promise<number> {
    const slots = [
      { name: '$XDSDocumentEntryPatientId', values: [`'${samplePatientId}'`] },
      { name: '$XDSDocumentEntryStatus', values: ["('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"] },
    ]
    const id = 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d'
    const { response } = await each(({ caller }) =>
      caller.call(registryStoredQuery, { id, returnType: 'ObjectRef', slots }, { url: deployment.urls.registry }),
    )
    return response.result?.objectRefs.length ?? 0
  }

  it('answer as one: what one has taken in the other finds, hands out, knows again and removes', async () => {
    const entry = anEntry()
    const submission = aSubmission({ documentEntries: [entry] })
    const bytes = randomBytes(100_000)
    const send = () =>
      each(({ caller }) => {
        const content = contentToSend({ contentType: entry.mimeType, sizeBytes: bytes.length, open: () => [bytes] })
        const documents = [{ id: entry.entryUUID, content }]
        const url = deployment.urls.repository
        return caller.call(provideAndRegisterDocumentSet, { submission, documents }, { url, messageID: 'urn:uuid:one' })
      })
    const answers = [(await send()).response, (await send()).response, (await send()).response]
    expect(answers.map(({ status }) => status)).to.deep.equal(['Success', 'Success', 'Success'])
    for (let times = 0; times < 2; times++) {
      expect(await found()).to.equal(1)
      expect(await each(source => source.retrieve(entry.uniqueId ?? ''))).to.deep.equal(bytes)
    }
    const wanted = [{ repositoryUniqueId: deployment.repositoryUniqueId, documentUniqueId: entry.uniqueId ?? '' }]
    const { response } = await each(({ caller }) =>
      caller.call(removeDocuments, { documents: wanted }, { url: deployment.urls.repository }),
    )
    expect(response.status).to.equal('Success')
    for (let times = 0; times < 2; times++)
      expect(await each(source => source.retrieve(entry.uniqueId ?? ''))).to.equal(undefined)
    for (const { given } of balancers) expect(Math.min(...given), `connections given: ${given}`).to.be.at.least(1)
  })

  it('lose nothing that was acknowledged when one of them is killed in the middle', async () => {
    const kept: { uniqueId: string; bytes: Buffer }[] = []
    let broken = 0
    let stop = false
    const line = async () => {
      while (!stop) {
        await each(async source => {
          for (let times = 0; times < 5 && !stop; times++) kept.push(await source.submit())
        }).catch(() => {
          broken += 1
        })
      }
    }
    const lines = [line(), line(), line()]
    await until(() => kept.length >= 12, 'some are acknowledged', 60_000)
    repositories[0]?.child.kill('SIGKILL')
    const before = kept.length
    await until(() => kept.length >= before + 12, 'it goes on', 60_000)
    stop = true
    await Promise.all(lines)
    for (const { uniqueId, bytes } of kept)
      expect(await each(source => source.retrieve(uniqueId)), uniqueId).to.deep.equal(bytes)
    expect(broken, 'those who were just being answered').to.be.at.most(6)
  })

  it('are renewed without a request refused, where they are workers of one service, and what dies is started again', async () => {
    const port = base + 42
    const file = await settings(2, base + 40, { workers: 2, limits: { idleMs: 1_000 } })
    const service = await run('repository', file)
    await service.says(/repository is ready, with 2 workers/)
    const own = { ...deployment, urls: { ...deployment.urls, repository: `https://localhost:${port}/repository` } }
    const problems: string[] = []
    let answered = 0
    let stop = false
    const line = async () => {
      const source = aSource(own)
      while (!stop) {
        await source.submit().then(
          () => {
            answered += 1
          },
          (problem: Error) => void problems.push(problem.message),
        )
      }
      source.close()
    }
    const lines = [line(), line(), line(), line()]
    await until(() => answered >= 8, 'some are answered', 60_000)
    const pids = workersOf(service)
    expect(pids).to.have.length(2)
    service.child.kill('SIGHUP')
    await service.says(/all workers are new/)
    const renewed = workersOf(service)
    const before = answered
    await until(() => answered >= before + 8, 'it goes on', 60_000)
    stop = true
    await Promise.all(lines)
    expect(problems).to.deep.equal([])
    expect(renewed).to.have.length(2).and.not.include.members([pids[0]]).and.not.include.members([pids[1]])

    const metrics = await textAt(port + 10, '/metrics')
    for (const worker of [0, 1]) expect(metrics).to.match(new RegExp(`xds_exchange_seconds_count{.*worker="${worker}"`))
    process.kill(renewed[0] ?? 0, 'SIGKILL')
    await service.says(/worker \d ended \(SIGKILL\); it is started again/)
    expect(JSON.parse(await textAt(port + 10, '/readyz')).status).to.equal('ready')
    const source = aSource(own)
    await source.submit()
    source.close()
  })
})

/** Children of a process, as the system lists them. */
function workersOf({ child: { pid } }: Process): number[] {
  const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return listed === '' ? [] : listed.split(' ').map(Number)
}

function textAt(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, path, host: '127.0.0.1' }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', piece => {
        text += piece
      })
      response.on('end', () => resolve(text))
    }).on('error', reject)
  })
}
