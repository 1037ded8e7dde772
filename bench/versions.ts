// This checkout beside an earlier one: what each request costs with both up and warm, asked in turns.
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Deployment, deploy } from './deployment.js'
import type { Job } from './job.js'
import { type Plan, type Sample, sample, seeded } from './measure.js'
import type { PeerMeasured } from './peer-table.js'

interface Version {
  pids: number[]
  jobs: Job[]
}

/** `checkout` has been built: `npm ci` there does it. The load is that of this checkout for both. */
export async function measureVersions(
  checkout: string,
  carnet: Deployment,
  plan: Plan & { measured(row: PeerMeasured): void },
): Promise<PeerMeasured[]> {
  if (!existsSync(join(checkout, 'dist'))) throw new Error(`${checkout} has not been built: run npm ci there`)
  const earlier = await deploy(undefined, resolve(checkout))
  const load = fork(join(import.meta.dirname, 'load.js'))
  try {
    const sides = { ours: await version(carnet, plan), theirs: await version(earlier, plan) }
    for (const side of [sides.ours, sides.theirs]) await warmUp(side, load, plan)
    const measured: PeerMeasured[] = []
    for (const [index] of plan.rows.entries()) {
      for (const connections of plan.connections) {
        const one = await compared(index, connections, sides, load, plan)
        measured.push(one)
        plan.measured(one)
      }
    }
    return measured
  } finally {
    load.disconnect()
    await earlier.stop()
  }
}

async function version(deployment: Deployment, plan: Plan): Promise<Version> {
  plan.progress('seeding')
  return { pids: Object.values(deployment.pids()), jobs: await seeded(deployment, plan) }
}

async function warmUp({ jobs, pids }: Version, load: ChildProcess, plan: Plan): Promise<void> {
  for (const job of jobs) {
    plan.progress(`warming up: ${job.row}`)
    await sample({ ...job, connections: 8, seconds: 5 }, pids, load)
  }
}

async function compared(
  index: number,
  connections: number,
  sides: { ours: Version; theirs: Version },
  load: ChildProcess,
  plan: Plan,
): Promise<PeerMeasured> {
  const samples: Record<'ours' | 'theirs', Sample[]> = { ours: [], theirs: [] }
  const row = plan.rows[index] ?? 'hello'
  for (let round = 1; round <= plan.rounds; round++) {
    // Whoever comes second finds the processors warm, or tired: each does half of the time.
    const turns = round % 2 === 1 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const)
    for (const name of turns) {
      plan.progress(`${row}, ${connections} connections, round ${round} of ${plan.rounds}, ${name}`)
      const { jobs, pids } = sides[name]
      const job = jobs[index]
      if (job !== undefined) samples[name].push(await sample({ ...job, connections }, pids, load))
    }
  }
  const figures = (of: Sample[]) => ({
    cpuUs: of.map(({ outcome, cpuUs }) => cpuUs / outcome.requests),
    requestsPerSecond: of.map(({ outcome }) => outcome.requests / outcome.seconds),
  })
  return {
    ...{ row, connections, ours: figures(samples.ours), theirs: figures(samples.theirs) },
    failures: [...samples.ours, ...samples.theirs].flatMap(({ outcome }) => outcome.firstFailure ?? []),
  }
}
