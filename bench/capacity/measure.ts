// What one submission, one query and one retrieval leave on the disks and cost of the processors, measured by many of them.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '../../store/sqlite-driver.js'
import type { Cluster } from '../../test/store/postgres/a-cluster.js'
import { readAnswer } from '../answers.js'
import { cpuUs, settled } from '../cost.js'
import { type Deployment, deploy, root, serviceNames } from '../deployment.js'
import { httpRequest, openConnection } from '../http-connection.js'
import { findDocuments, freshOid, type Message, provideAndRegister, retrieve } from '../messages.js'
import { preparedFolder, type Server } from '../postgres-server.js'

export type Engine = 'SQLite' | 'PostgreSQL'
export type Kind = 'submission' | 'query' | 'retrieval'

/** Of one submission, query or retrieval. */
export interface Cost {
  registryBytes: number
  /** The database, without documents. */
  repositoryBytes: number
  auditBytes: number
  /** Documents as they lie there. */
  documentBytes: number
  /** User and system time of each process. */
  cpuMs: { registry: number; repository: number; audit: number; server: number }
}

export interface Amounts {
  submissions: number
  documentsOfAPatient: number
  documentBytes: number
}

const connections = 8

export async function measure(engine: Engine, amounts: Amounts): Promise<Record<Kind, Cost>> {
  const { folder, server } = await preparedFolder('carnet-capacity-', engine === 'PostgreSQL' ? 'server' : 'files')
  const carnet = await deploy(['--accept-unknown-patients'], root, folder)
  try {
    const uniqueIds = Array.from({ length: amounts.submissions }, freshOid)
    const patientOf = (index: number) => `C-${Math.floor(index / amounts.documentsOfAPatient)}^^^&2.999.1&ISO`
    const document = Buffer.alloc(amounts.documentBytes, 'What was found is as it should be.\n')
    const described = (index: number) => ({ uniqueId: uniqueIds[index] ?? '', patientId: patientOf(index) })
    const phases: Record<Kind, [service: 'registry' | 'repository', message: (index: number) => Message]> = {
      submission: ['repository', index => provideAndRegister(described(index), document)],
      query: ['registry', index => findDocuments(patientOf(index))],
      retrieval: ['repository', index => retrieve(carnet.repositoryUniqueId, [uniqueIds[index] ?? ''])],
    }
    // What is made once belongs to nobody.
    await ask(carnet, 'repository', 20, () =>
      provideAndRegister({ uniqueId: freshOid(), patientId: 'C^^^&2.999.1&ISO' }, document),
    )
    const costs = {} as Record<Kind, Cost>
    for (const [kind, [service, message]] of Object.entries(phases) as [Kind, (typeof phases)[Kind]][]) {
      const before = await state(carnet, server)
      await ask(carnet, service, amounts.submissions, message)
      costs[kind] = perOne(before, await state(carnet, server), amounts.submissions)
    }
    return costs
  } finally {
    await carnet.stop()
    server?.cluster.stop('immediate')
  }
}

async function ask(
  carnet: Deployment,
  service: 'registry' | 'repository',
  count: number,
  message: (index: number) => Message,
): Promise<void> {
  const url = new URL(carnet.urls[service])
  let next = 0
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = await openConnection(url, carnet.client)
      try {
        for (let index = next++; index < count; index = next++) {
          const answer = readAnswer(await connection.send(httpRequest('POST', url, message(index))))
          if (answer.status !== 'Success')
            throw new Error(`${index}: ${JSON.stringify(answer.errors)} ${answer.fault ?? ''}`)
        }
      } finally {
        connection.close()
      }
    }),
  )
}

type State = Cost

/** All counters as they stand once nothing is put off any more and every audit record has arrived. */
async function state(carnet: Deployment, server: Server | undefined): Promise<State> {
  const pids = carnet.pids()
  const pid = (name: (typeof serviceNames)[number]) => [pids[name] ?? -1]
  await settled(serviceNames.flatMap(pid), 60_000)
  if (server !== undefined) await server.cluster.run('VACUUM', server.database)
  const file = (name: string) => join(carnet.folder, `${name}.sqlite`)
  return {
    registryBytes: server === undefined ? await pagesOf(file('registry')) : await sizeOn(server),
    repositoryBytes: await pagesOf(file('repository')),
    auditBytes: await pagesOf(file('audit')),
    documentBytes: sizeOf(join(carnet.folder, 'documents')),
    cpuMs: {
      registry: cpuUs(pid('registry')) / 1_000,
      repository: cpuUs(pid('repository')) / 1_000,
      audit: cpuUs(pid('atna-audit')) / 1_000,
      server: server === undefined ? 0 : cpuUs(processesOf(server.cluster)) / 1_000,
    },
  }
}

function perOne(before: State, after: State, count: number): Cost {
  const each = <Key extends string>(one: Record<Key, number>, other: Record<Key, number>) =>
    Object.fromEntries((Object.keys(one) as Key[]).map(key => [key, (other[key] - one[key]) / count])) as Record<
      Key,
      number
    >
  const { cpuMs: cpuBefore, ...bytesBefore } = before
  const { cpuMs: cpuAfter, ...bytesAfter } = after
  return { ...each(bytesBefore, bytesAfter), cpuMs: each(cpuBefore, cpuAfter) }
}

async function pagesOf(path: string): Promise<number> {
  const connection = await connect(path, { readOnly: true })
  const number = (pragma: string) => Number(Object.values(connection.prepare(`PRAGMA ${pragma}`).get() as object)[0])
  try {
    return number('page_count') * number('page_size')
  } finally {
    connection.close()
  }
}

async function sizeOn({ cluster, database }: Server): Promise<number> {
  const [row] = await cluster.run(`SELECT pg_database_size('${database}') AS bytes`)
  return Number(row?.bytes)
}

function processesOf({ folder }: Cluster): number[] {
  const postmaster = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').split(' ').filter(Boolean)
  return children.map(Number)
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
