// One simulation from its seed: partners at work while things go wrong, then calm, then the judgement.
import { openBackups } from './backups.js'
import { chanceOf } from './chance.js'
import type { Doing } from './doing.js'
import { auditIsComplete, judge } from './judge.js'
import { openKeeper } from './keeper.js'
import { type Ledger, openLedger, outcomeSoFar } from './ledger.js'
import { nothingIsLeft } from './leftovers.js'
import { beginMishaps, type Mishaps } from './mishaps.js'
import { doSomething } from './operations.js'
import { openParty, type Party } from './party.js'
import { restoringHolds } from './restoring.js'
import { rotIsNoticed } from './rot.js'
import { type Beginning, type EndsAt, type Faults, openWorld, serviceNames, type World } from './world.js'

export interface Simulation {
  seed: string
  /** Operations of all partners together. */
  operations: number
  /** What a test breaks to see that it is found. */
  faults?: Faults
  onProgress?(operations: number): void
  /** In its place nothing goes wrong by chance. */
  endsAt?: EndsAt
}

export interface Verdict {
  seed: string
  faults: string[]
  /** Of everything that happened, in order. */
  digest: string
  counts: Record<string, number>
  simulatedMs: number
  /** The last things that happened, for people. */
  recent: string[]
}

const partnerNames = ['hospital', 'praxis']
const hands = ['0', '1']
const handsInCalm = ['2', '3']
/** Longer than anybody waits before trying again: 5 minutes at most. */
const calmMs = 330_000
const longestMs = 24 * 3_600_000
/** For one more backup, when nothing goes wrong any more. */
const lastBackupMs = 30_000
/** Of a hundred. */
const worldsWithBackups = 40

/** Never rejects for what the services do: that is in `faults`, with the seed to play it again. */
export async function simulate(simulation: Simulation, beginning: Beginning): Promise<Verdict> {
  const { seed, operations, faults, onProgress, endsAt } = simulation
  const world = openWorld(seed, beginning, faults, endsAt)
  const ledger = openLedger()
  const chance = chanceOf(`${seed}/partners`)
  const { timeline } = world
  let left = operations
  let counts: Record<string, number> = {}
  try {
    for (const name of serviceNames) world.machines[name].start()
    await timeline.run(() => isUp(world), 60_000)
    const parties = partnerNames.map(name => openParty(name, world, ledger))
    const keeper = openKeeper(world, { keys: world.keys, places: world.storage?.places ?? [] })
    const hasBackups = chanceOf(`${seed}/backups`).percent(worldsWithBackups) || faults?.backups !== undefined
    const backups =
      endsAt === undefined && hasBackups
        ? openBackups(world, { ledger, beginning, chance: chanceOf(`${seed}/backups`), faults: faults?.backups })
        : undefined
    const mishaps = endsAt === undefined ? beginMishaps(world, chanceOf(`${seed}/mishaps`)) : noMishaps
    counts = mishaps.counts

    const work = async (party: Party, hand: string) => {
      const own = chance.fork(`${party.name} ${hand}`)
      while (left > 0 && ledger.faults.length === 0) {
        left -= 1
        onProgress?.(operations - left)
        await doSomething({ party, ledger, chance: own, keeper })
        await party.ports.clock.sleep(own.whole(0, 1_500))
      }
    }
    const workAll = (names: readonly string[]) =>
      during(Promise.all(parties.flatMap(party => names.map(hand => work(party, hand)))), world)
    await workAll(hands)
    mishaps.end()
    if (backups !== undefined) {
      backups.calm()
      // Most become whole now: some of them while there is work, some when there is none any more.
      const calm = chanceOf(`${seed}/backups/calm`)
      const isLong = calm.percent(50)
      left = isLong || calm.percent(50) ? Math.ceil(operations / 2) : 0
      await workAll(handsInCalm)
      await timeline.run(() => false, isLong ? lastBackupMs : 0)
      backups.end()
    }
    await timeline.run(() => false, calmMs)
    if (!isUp(world)) ledger.faults.push('not all services run again although all is calm')
    if (ledger.faults.length === 0) {
      for (const party of parties) await during(judge({ ...doingOf(party, ledger, seed), keeper }), world)
      world.machines.repository.restart()
      await timeline.run(() => false, calmMs)
      await during(nothingIsLeft(world, keeper, ledger), world)
      await during(auditIsComplete(world, doingOf(parties[0]!, ledger, seed)), world)
      const rotting = { ...doingOf(parties[0]!, ledger, seed), chance: chanceOf(`${seed}/rot`) }
      const calm = () => rotting.party.ports.clock.sleep(calmMs)
      await during(
        rotIsNoticed(world, rotting, calm).then(damaged => {
          counts = { ...counts, 'documents told as damaged': damaged }
        }),
        world,
      )
    }
    if (backups !== undefined) counts = { ...counts, ...backups.counts }
    if (backups !== undefined && ledger.faults.length === 0) {
      await restoringHolds(world, { seed, beginning, backups, ledger, during, calmMs })
    }
  } catch (problem) {
    ledger.faults.push(`the simulation itself failed: ${(problem as Error).stack}`)
  } finally {
    world.close()
  }
  return {
    seed,
    faults: [...new Set(ledger.faults)],
    digest: timeline.digest(),
    counts: { ...counts, ...crashesOf(world), ...told(ledger), events: timeline.happened },
    simulatedMs: Math.round(timeline.nowMs),
    recent: timeline.recent(),
  }
}

const noMishaps: Mishaps = { counts: {}, end() {} }

const isUp = ({ machines }: World) => serviceNames.every(name => machines[name].isUp)

const doingOf = (party: Party, ledger: Ledger, seed: string): Doing => ({
  party,
  ledger,
  chance: chanceOf(`${seed}/judge`),
})

/** Time passes while a work goes on. */
async function during(work: Promise<unknown>, { timeline }: World): Promise<void> {
  let isDone = false
  let failure: unknown
  work.then(
    () => {
      isDone = true
    },
    problem => {
      isDone = true
      failure = problem
    },
  )
  await timeline.run(() => isDone, longestMs)
  if (failure !== undefined) throw failure
  if (!isDone) throw new Error('a day has passed, and the partners are not done')
}

function crashesOf({ machines, storage, keys }: World): Record<string, number> {
  const ofServices = serviceNames.map(name => [`crashes of the ${name}`, machines[name].crashes])
  const ofStorage = storage === undefined ? [] : [['worlds with an object storage', 1]]
  const ofKeys = keys === undefined ? [] : [['encrypted worlds', 1]]
  return Object.fromEntries([...ofServices, ...ofStorage, ...ofKeys])
}

function told({ submissions, calls }: Ledger): Record<string, number> {
  const counted: Record<string, number> = { calls: calls.length, submissions: submissions.length }
  for (const submission of submissions) {
    const outcome = outcomeSoFar(submission)
    counted[outcome] = (counted[outcome] ?? 0) + 1
  }
  return counted
}
