// What goes wrong, and when: one mishap after another, each for a while.
import { type CrashKind, pauseOf } from './boot.js'
import type { Chance } from './chance.js'
import type { Machine } from './machine.js'
import { serviceNames, type World } from './world.js'

export interface Mishaps {
  readonly counts: Readonly<Record<string, number>>
  /** Nothing new goes wrong, and what is wrong is put right. */
  end(): void
}

type Mishap = (machine: Machine, world: World, chance: Chance) => void

/** How often, among the others; and what. */
const mishaps: Record<string, [weight: number, mishap: Mishap]> = {
  'kill -9 in the middle of something': [6, crashSoon('kill')],
  'power lost in the middle of something': [10, crashSoon('power')],
  'kill -9 at any time': [2, machine => machine.crash('kill')],
  'power lost at any time': [3, machine => machine.crash('power')],
  'power lost everywhere': [2, powerLostEverywhere],
  'restart in order': [3, machine => machine.restart()],
  'bad network': [8, badNetwork],
  'out of reach': [3, outOfReach],
  'full disk': [3, fullDisk],
  'no more files': [2, noMoreFiles],
  'no more handles': [3, noMoreHandles],
  'failing disk': [3, failingDisk],
  'slow disk': [2, slowDisk],
  'disk stands still': [2, diskStandsStill],
  'clock jumps': [3, clockJumps],
  'clock a year off for a while': [2, clockAYearOff],
  'keys rotated': [2, keysRotated],
  'object storage ends': [3, (_, { storage }) => storage?.crash()],
  'object storage stumbles': [5, storageStumbles],
}

export function beginMishaps(world: World, chance: Chance): Mishaps {
  const counts: Record<string, number> = {}
  let isOver = false

  function next(): void {
    world.timeline.at(pauseOf(chance, 100, 4_000), '', () => {
      if (isOver) return
      const name = pickName(world, chance)
      const machine = world.machines[chance.pick(serviceNames)]
      counts[name] = (counts[name] ?? 0) + 1
      world.timeline.note(`${name}: ${machine.name}`)
      mishaps[name]![1](machine, world, chance)
      next()
    })
  }

  next()
  return {
    counts,
    end() {
      isOver = true
      world.internet.badness = 0
      world.internet.outOfReach = undefined
      if (world.storage !== undefined) world.storage.badness = 0
      for (const name of serviceNames) {
        const machine = world.machines[name]
        machine.crashAfter(Number.POSITIVE_INFINITY, 'kill')
        const hadFailures = machine.weather.diskFailures > 0
        machine.weather.clear()
        if (hadFailures) machine.crash('power')
      }
    },
  }
}

function pickName({ storage, keys }: World, chance: Chance): string {
  const possible = Object.entries(mishaps).filter(([name]) => {
    if (name.startsWith('object storage')) return storage !== undefined
    return keys !== undefined || !name.startsWith('keys')
  })
  let left = chance.whole(
    1,
    possible.reduce((sum, [, [weight]]) => sum + weight, 0),
  )
  for (const [name, [weight]] of possible) {
    left -= weight
    if (left <= 0) return name
  }
  throw new Error('the weights do not add up')
}

function crashSoon(kind: CrashKind): Mishap {
  return (machine, _, chance) => machine.crashAfter(chance.whole(1, 60), kind)
}

function badNetwork(_: Machine, { internet, timeline }: World, chance: Chance): void {
  internet.badness = chance.whole(5, 60)
  timeline.at(pauseOf(chance, 2_000, 20_000), '', () => {
    internet.badness = 0
  })
}

/** Of a whole computing centre: nobody has synced more than the others. */
function powerLostEverywhere(_: Machine, { machines, storage }: World): void {
  for (const name of serviceNames) machines[name].crash('power')
  storage?.crash()
}

function outOfReach({ name }: Machine, { internet, timeline }: World, chance: Chance): void {
  internet.outOfReach = name
  timeline.at(pauseOf(chance, 2_000, 40_000), '', () => {
    if (internet.outOfReach === name) internet.outOfReach = undefined
  })
}

/** A start knows the new one; until then the service goes on with those it has read. docs/decisions/0231 */
function keysRotated(_: Machine, { keys, machines }: World): void {
  keys?.rotate()
  machines.repository.restart()
}

function noMoreFiles({ weather }: Machine, { timeline }: World, chance: Chance): void {
  weather.isFullOfFiles = true
  timeline.at(pauseOf(chance, 1_000, 15_000), '', () => {
    weather.isFullOfFiles = false
  })
}

function noMoreHandles({ weather }: Machine, { timeline }: World, chance: Chance): void {
  weather.isWithoutHandles = true
  timeline.at(pauseOf(chance, 500, 8_000), '', () => {
    weather.isWithoutHandles = false
  })
}

function fullDisk(machine: Machine, { timeline }: World, chance: Chance): void {
  machine.weather.isFull = true
  machine.weather.hidesRoom = chance.percent(30)
  timeline.at(pauseOf(chance, 1_000, 15_000), '', () => {
    machine.weather.isFull = false
  })
}

function storageStumbles(_: Machine, { storage, timeline }: World, chance: Chance): void {
  if (storage === undefined) return
  storage.badness = chance.whole(5, 60)
  timeline.at(pauseOf(chance, 2_000, 20_000), '', () => {
    storage.badness = 0
  })
}

/** Sometimes somebody starts the service anew afterwards; else it has to find out by itself that its store takes nothing until then. */
function failingDisk(machine: Machine, { timeline }: World, chance: Chance): void {
  machine.weather.diskFailures = chance.whole(1, 15)
  timeline.at(pauseOf(chance, 1_000, 15_000), '', () => {
    if (machine.weather.diskFailures === 0) return
    machine.weather.diskFailures = 0
    if (chance.percent(50)) machine.crash(chance.pick(['kill', 'power']))
  })
}

function slowDisk(machine: Machine, { timeline }: World, chance: Chance): void {
  machine.weather.diskIsSlow = true
  timeline.at(pauseOf(chance, 1_000, 15_000), '', () => {
    machine.weather.diskIsSlow = false
  })
}

function diskStandsStill({ weather }: Machine, { timeline }: World, chance: Chance): void {
  weather.diskStandsStill = true
  timeline.at(pauseOf(chance, 1_000, 90_000), '', () => {
    weather.diskStandsStill = false
  })
}

function clockAYearOff({ clock }: Machine, { timeline }: World, chance: Chance): void {
  const years = chance.pick([-1, 1]) * 365 * 86_400_000
  clock.offsetMs += years
  timeline.at(pauseOf(chance, 500, 15_000), '', () => {
    clock.offsetMs -= years
  })
}

function clockJumps(machine: Machine, _: World, chance: Chance): void {
  const { clock } = machine
  const jump = chance.pick([-3_600_000, 3_600_000, -1_000, 1_000, 86_400_000, -86_400_000])
  // Windows of days stay windows of days.
  if (Math.abs(clock.offsetMs + jump) < 2 * 86_400_000) clock.offsetMs += jump
}
