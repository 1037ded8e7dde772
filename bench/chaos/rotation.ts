// Certificates renewed and a CA replaced, with an overlap, while partners submit and ask: nobody may be refused, and afterwards every
// door shows the new certificate and the old CA opens none.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { requestOf } from '../../certs/authority.js'
import { type Credential, issueCa, issueLeaf, newKey } from '../../certs/issue.js'
import { systemPorts } from '../../ports/ports.js'
import { auditFaultsOf } from '../after-the-kills.js'
import { runCommand } from '../command.js'
import { type Deployment, type Identity, identity, pause } from '../deployment.js'
import { getDocumentsByUniqueId } from '../messages.js'
import { ask, startSubmitters } from '../submitters.js'
import type { Result } from './results-table.js'

const names = ['registry', 'repository', 'audit', 'client', 'admin']
/** Services look at their files every two seconds. */
const takenMs = 5_000
const audited = 40

export async function rotateCertificates(carnet: Deployment): Promise<Result> {
  const faults: string[] = []
  const load = startSubmitters(carnet, { writers: 4, readers: 0, pauseMs: 50 })
  const questions = askAllTheWhile(carnet, faults)
  const old = carnet.client
  try {
    await pause(1_000)
    for (let round = 0; round < 2; round += 1) {
      const { status, output } = await runCommand(['certs', 'renew', ...names, '--data', carnet.folder])
      if (status !== 0) faults.push(`carnet certs renew: ${output}`)
      await pause(takenMs)
    }
    await replaceCa(carnet)
    await pause(takenMs)
  } finally {
    await load.stop()
  }
  const asked = await questions.stop()
  for (const { uniqueId, outcome, why } of load.submitted) {
    if (outcome !== 'acknowledged') faults.push(`submission ${uniqueId}: ${why}`)
  }
  faults.push(...(await wrongDoors(carnet)))
  const isOldLetIn = await ask(
    { ...carnet, client: old },
    carnet.urls.registry,
    getDocumentsByUniqueId(['2.999.1']),
  ).then(
    () => true,
    () => false,
  )
  if (isOldLetIn) faults.push('a certificate of the old CA is let in after that was taken away')
  for (const one of load.submitted.slice(-audited)) faults.push(...(await auditFaultsOf(carnet, one, 20_000)))
  const seen = `${load.submitted.length} submissions and ${asked} queries, each over a connection of its own, none refused`
  return { tried: 3, faults, seen }
}

/** Both CAs, then certificates of the new one, then the new CA alone. */
async function replaceCa(carnet: Deployment): Promise<void> {
  const folder = join(carnet.folder, 'certs')
  const now = Date.now()
  const validity = { fromMs: now - 3_600_000, toMs: now + 30 * 86_400_000 }
  const ca = issueCa(await newKey(), 'The next CA', validity, systemPorts.randomness)
  const path = join(folder, 'ca.pem')
  const partnersHave = () =>
    Object.assign(carnet, { client: identity(carnet.folder, 'client'), admin: identity(carnet.folder, 'admin') })
  put(path, `${readFileSync(path, 'utf8')}\n${ca.cert}`)
  partnersHave()
  await pause(takenMs)
  for (const name of names) await issueAnew(name, folder, { ca, validity })
  await pause(takenMs)
  partnersHave()
  await pause(takenMs)
  put(path, ca.cert)
  partnersHave()
}

async function issueAnew(
  name: string,
  folder: string,
  { ca, validity }: { ca: Credential; validity: { fromMs: number; toMs: number } },
): Promise<void> {
  const path = join(folder, `${name}.pem`)
  const key = await newKey()
  const { cert } = issueLeaf(key, requestOf(readFileSync(path, 'utf8')), ca, validity, systemPorts.randomness)
  put(join(folder, `${name}.key`), key)
  put(path, cert)
}

function put(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

function askAllTheWhile(carnet: Deployment, faults: string[]): { stop(): Promise<number> } {
  let isRunning = true
  let asked = 0
  const asking = (async () => {
    while (isRunning) {
      await ask(carnet, carnet.urls.registry, getDocumentsByUniqueId(['2.999.1'])).then(
        ({ status, errors }) => status === 'Success' || faults.push(`query: ${status} ${JSON.stringify(errors)}`),
        problem => faults.push(`query: ${(problem as Error).message}`),
      )
      asked += 1
      await pause(20)
    }
  })()
  return {
    async stop() {
      isRunning = false
      await asking
      return asked
    },
  }
}

/** Offsets of the ports that speak TLS. */
const doors = { registry: 1, repository: 2, audit: 3, syslog: 14, MLLP: 16 }

async function wrongDoors({ portBase, client }: Deployment): Promise<string[]> {
  const found: string[] = []
  for (const [door, offset] of Object.entries(doors)) {
    const issuer = await issuerAt(portBase + offset, client).catch((problem: Error) => problem.message)
    if (issuer !== 'The next CA') found.push(`${door} shows a certificate of another CA: ${issuer}`)
  }
  return found
}

function issuerAt(port: number, tls: Identity): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: 'localhost', port, ...tls }, () => {
      resolve(String(socket.getPeerCertificate().issuer.CN))
      socket.destroy()
    })
    socket.once('error', reject)
  })
}
