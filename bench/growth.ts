// Whether cost grows with the work: registries with few and with many entries, all up and warm, asked in turns.
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { memoryOf } from './cost.js'
import { pause, type ServiceName } from './deployment.js'
import { patientsIn, patientWithMany } from './fill.js'
import { deployFilled, type EngineName, type FilledDeployment } from './filled-deployment.js'
import { httpRequest, openConnection } from './http-connection.js'
import type { Job, RowName } from './job.js'
import { type Sample, sample } from './measure.js'
import { findDocuments } from './messages.js'
import { median } from './table.js'

export interface GrowthPlan {
  engines: EngineName[]
  entries: number[]
  connections: number[]
  seconds: number
  rounds: number
  progress(line: string): void
}

export interface Grown {
  engine: EngineName
  entries: number
  startMs: number
  rows: GrownRow[]
  /** All entries of a patient who has ten thousand: references, and whole. */
  many: { entries: number; referencesMs: number; wholeMs: number; wholeBytes: number; grewBytes: number }
  memoryBytes: Partial<Record<ServiceName, number>>
  failures: string[]
}

export interface GrownRow {
  row: RowName
  connections: number
  cpuUs: number
  requestsPerSecond: number
  p50Ms: number
  p99Ms: number
}

const rows: RowName[] = ['ITI-18 30 entries', 'ITI-42 12 kB']
const ofOnePatient = 10_000

export async function measureGrowth(plan: GrowthPlan): Promise<Grown[]> {
  const grown: Grown[] = []
  for (const engine of plan.engines) grown.push(...(await measureEngine(engine, plan)))
  return grown
}

async function measureEngine(engine: EngineName, plan: GrowthPlan): Promise<Grown[]> {
  const deployments: FilledDeployment[] = []
  const load = fork(join(import.meta.dirname, 'load.js'))
  try {
    for (const entries of plan.entries) {
      const progress = (line: string) => plan.progress(`${engine}, ${entries} entries: ${line}`)
      deployments.push(await deployFilled(engine, { entries, ofOnePatient }, progress))
    }
    return await inTurns(engine, deployments, load, plan)
  } finally {
    load.disconnect()
    for (const carnet of deployments) await carnet.stop()
  }
}

async function inTurns(
  engine: EngineName,
  deployments: readonly FilledDeployment[],
  load: ChildProcess,
  plan: GrowthPlan,
): Promise<Grown[]> {
  const grown = deployments.map(({ filling, startMs }): Grown => {
    const many = { entries: 0, referencesMs: 0, wholeMs: 0, wholeBytes: 0, grewBytes: 0 }
    return { engine, entries: filling.entries, startMs, rows: [], many, memoryBytes: {}, failures: [] }
  })
  for (const row of rows) {
    for (const carnet of deployments) await sample(jobFor(carnet, row, 8, 4), carnet.counted(), load)
  }
  for (const row of rows) {
    for (const connections of plan.connections) {
      const samples: Sample[][] = deployments.map(() => [])
      for (let round = 1; round <= plan.rounds; round++) {
        for (const [index, carnet] of turnsOf(deployments, round)) {
          plan.progress(
            `${engine}, ${carnet.filling.entries} entries, ${row}, ${connections} connections, round ${round}`,
          )
          samples[index]?.push(await sample(jobFor(carnet, row, connections, plan.seconds), carnet.counted(), load))
        }
      }
      for (const [index, one] of grown.entries()) {
        const taken = samples[index] ?? []
        const of = (figure: (each: Sample) => number) => median(taken.map(figure))
        one.rows.push({
          row,
          connections,
          cpuUs: of(({ cpuUs, outcome }) => cpuUs / outcome.requests),
          requestsPerSecond: of(({ outcome }) => outcome.requests / outcome.seconds),
          p50Ms: of(({ outcome }) => outcome.p50Ms),
          p99Ms: of(({ outcome }) => outcome.p99Ms),
        })
        one.failures.push(...taken.flatMap(({ outcome }) => outcome.firstFailure ?? []))
      }
    }
  }
  for (const [index, carnet] of deployments.entries()) {
    const one = grown[index] as Grown
    for (const [name, pid] of Object.entries(carnet.pids()))
      one.memoryBytes[name as ServiceName] = memoryOf(pid).peakBytes
    one.many = await manyEntries(carnet)
  }
  return grown
}

/** Whoever comes last finds the processors warm, or tired: each begins in its turn. */
function turnsOf<Each>(all: readonly Each[], round: number): [number, Each][] {
  const entries = [...all.entries()]
  return round % 2 === 1 ? entries : entries.reverse()
}

function jobFor(carnet: FilledDeployment, row: RowName, connections: number, seconds: number): Job {
  return {
    ...{ row, connections, seconds, url: carnet.urls.registry, certificates: carnet.folder },
    ...{ repositoryUniqueId: carnet.repositoryUniqueId, patientId: '', patients: patientsIn(carnet.filling) },
    ...{ uniqueIds: [], documentBytes: 10_240, bare: false },
  }
}

/** Asked thrice, the median counts; memory is looked at all the while. */
async function manyEntries(carnet: FilledDeployment): Promise<Grown['many']> {
  const url = new URL(carnet.urls.registry)
  const connection = await openConnection(url, carnet.client)
  const pid = carnet.pids().registry ?? 0
  const before = memoryOf(pid).nowBytes
  let highest = before
  const looking = setInterval(() => {
    highest = Math.max(highest, memoryOf(pid).nowBytes)
  }, 10)
  const ask = async (returnType: string) => {
    const timesMs: number[] = []
    let bytes = 0
    let entries = 0
    for (let turn = 0; turn < 3; turn++) {
      const started = performance.now()
      const { body } = await connection.send(httpRequest('POST', url, findDocuments(patientWithMany, returnType)))
      timesMs.push(performance.now() - started)
      bytes = body.length
      entries =
        body.toString('latin1').split(returnType === 'LeafClass' ? '<rim:ExtrinsicObject' : '<rim:ObjectRef').length - 1
      await pause(200)
    }
    return { ms: median(timesMs), bytes, entries }
  }
  const references = await ask('ObjectRef')
  const whole = await ask('LeafClass')
  clearInterval(looking)
  connection.close()
  return {
    ...{ entries: Math.min(references.entries, whole.entries), referencesMs: references.ms },
    ...{ wholeMs: whole.ms, wholeBytes: whole.bytes, grewBytes: highest - before },
  }
}
