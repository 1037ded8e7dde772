// A large document from one community to the consumer of another, ITI-43 at the one gateway, ITI-39 between them, ITI-43 at the repository;
// beside the same document from the repository itself.
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { memoryOf } from '../cost.js'
import { type Deployment, deploy, type Identity } from '../deployment.js'
import { documentIn, streamed, submission, taken } from '../large.js'
import { freshOid, type Message, retrieve } from '../messages.js'
import { median } from '../table.js'
import { type ProcessName, processesOf } from './processes.js'

export interface ThroughPlan {
  sizeBytes: number
  rounds: number
  progress(line: string): void
}

interface Through {
  rows: Record<string, string | number>[]
  growth: Record<string, string | number>[]
  faults: string[]
}

/** A service may grow by less than this while it passes a document of any size. */
const mostGrowthBytes = 64 * 1_048_576

export async function measureLargeThrough({ sizeBytes, rounds, progress }: ThroughPlan): Promise<Through> {
  progress('two communities')
  const here = await deploy()
  const there = await deploy()
  try {
    await connect(here, there)
    const faults: string[] = []
    progress(`${sizeBytes / 1_048_576} MiB into the repository of the other community`)
    const document = await submitted(there, sizeBytes, faults)
    // A small one first: code that is loaded at its first use is no growth.
    const small = await submitted(there, 4_194_304, faults)
    await through(here, there, small, faults)
    const watched = watch({ here, there })
    const direct: Timed[] = []
    const passed: Timed[] = []
    for (let round = 1; round <= rounds; round += 1) {
      progress(`round ${round} of ${rounds}: from the repository`)
      direct.push(
        await from(
          there.urls.repository,
          there.client,
          retrieve(there.repositoryUniqueId, [document.uniqueId]),
          document,
          faults,
        ),
      )
      progress(`round ${round} of ${rounds}: through both gateways`)
      passed.push(await through(here, there, document, faults))
    }
    const growth = watched.stop()
    for (const { service, bytes } of growth) {
      if (bytes > mostGrowthBytes) faults.push(`${service} grew by ${Math.round(bytes / 1_048_576)} MiB`)
    }
    return {
      faults,
      rows: rowsOf(sizeBytes, direct, passed),
      growth: growth.map(({ service, bytes }) => ({ service, MiB: bytes / 1_048_576 })),
    }
  } finally {
    await here.stop()
    await there.stop()
  }
}

interface Timed {
  seconds: number
  firstByteMs: number
}

function rowsOf(sizeBytes: number, direct: Timed[], passed: Timed[]): Through['rows'] {
  const rate = (all: Timed[]) => sizeBytes / 1_048_576 / median(all.map(({ seconds }) => seconds))
  const first = (all: Timed[]) => median(all.map(({ firstByteMs }) => firstByteMs))
  const ratio = median(direct.map(({ seconds }, index) => (passed[index] as Timed).seconds / seconds))
  return [
    { way: 'from the repository', 'MiB/s': rate(direct), 'first byte ms': first(direct), 'times as long': 1 },
    { way: 'through both gateways', 'MiB/s': rate(passed), 'first byte ms': first(passed), 'times as long': ratio },
  ]
}

/** Each trusts the CA of the other, lets its gateway in and knows its address. */
async function connect(here: Deployment, there: Deployment): Promise<void> {
  const certificate = ({ folder }: Deployment, name: string) => readFileSync(join(folder, 'certs', `${name}.pem`))
  for (const [own, other] of [
    [here, there],
    [there, here],
  ] as const) {
    const theirs = JSON.parse(readFileSync(join(other.folder, 'carnet.json'), 'utf8'))
    const url = `https://localhost:${other.portBase + 4}/gateway`
    const { homeCommunityId } = theirs.gateway
    const fingerprint = new X509Certificate(certificate(other, 'gateway')).fingerprint256
    await own.startAgain(async () => {
      writeFileSync(join(own.folder, 'certs', 'partners.pem'), certificate(other, 'ca'))
      const path = join(own.folder, 'carnet.json')
      const config = JSON.parse(readFileSync(path, 'utf8'))
      config.peers.push({ name: 'the other gateway', fingerprints: [fingerprint], roles: ['gateway'] })
      config.gateway.communities = [{ name: 'the other', homeCommunityId, query: url, retrieve: url }]
      writeFileSync(path, JSON.stringify(config, null, 2))
    })
  }
}

interface Submitted {
  uniqueId: string
  sizeBytes: number
  sha256: string
}

async function submitted(carnet: Deployment, sizeBytes: number, faults: string[]): Promise<Submitted> {
  const uniqueId = freshOid()
  const sent = createHash('sha256')
  faults.push(
    ...(await taken(
      carnet,
      submission(uniqueId, sizeBytes, piece => sent.update(piece)),
    )),
  )
  return { uniqueId, sizeBytes, sha256: sent.digest('hex') }
}

function through(here: Deployment, there: Deployment, document: Submitted, faults: string[]): Promise<Timed> {
  const { homeCommunityId } = JSON.parse(readFileSync(join(there.folder, 'carnet.json'), 'utf8')).gateway
  const { contentType, body } = retrieve(there.repositoryUniqueId, [document.uniqueId])
  const home = `<xdsb:HomeCommunityId>${homeCommunityId}</xdsb:HomeCommunityId><xdsb:RepositoryUniqueId>`
  const asked = { contentType, body: Buffer.from(body.toString().replace('<xdsb:RepositoryUniqueId>', home)) }
  return from(`https://localhost:${here.portBase + 4}/gateway`, here.client, asked, document, faults)
}

async function from(
  url: string,
  client: Identity,
  { contentType, body }: Message,
  { uniqueId, sizeBytes, sha256 }: Submitted,
  faults: string[],
): Promise<Timed> {
  const started = performance.now()
  let firstByteMs = Number.NaN
  const answer = await streamed(url, client, { contentType, pieces: [body] })
  async function* timed(): AsyncIterable<Buffer> {
    for await (const piece of answer) {
      if (Number.isNaN(firstByteMs)) firstByteMs = performance.now() - started
      yield piece
    }
  }
  const received = await documentIn(timed(), sizeBytes)
  if (received !== sha256) faults.push(`the document ${uniqueId} of ${url} is not what was submitted: ${received}`)
  return { seconds: (performance.now() - started) / 1000, firstByteMs }
}

interface Growth {
  service: string
  bytes: number
}

function watch(sides: Record<string, Deployment>): { stop(): Growth[] } {
  const watched = Object.entries(sides).flatMap(([side, carnet]) =>
    (Object.entries(processesOf(carnet)) as [ProcessName, number][]).map(([name, pid]) => {
      const { nowBytes } = memoryOf(pid)
      return { service: `${name}, ${side}`, pid, before: nowBytes, highest: nowBytes }
    }),
  )
  const look = () => {
    for (const one of watched) one.highest = Math.max(one.highest, memoryOf(one.pid).nowBytes)
  }
  const timer = setInterval(look, 20)
  return {
    stop() {
      clearInterval(timer)
      look()
      return watched.map(({ service, before, highest }) => ({ service, bytes: highest - before }))
    },
  }
}
