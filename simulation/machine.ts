// A machine with one service on it: starts it, ends it, and after a crash starts it again from what its disk still holds.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ports } from '../ports/ports.js'
import type { RunningService } from '../server/service.js'
import { type Boot, type CrashKind, pauseOf, type StartBoot, startBoot } from './boot.js'
import { type Chance, randomnessFrom } from './chance.js'
import { clockOf } from './clock.js'
import { type Disk, openDisk } from './disk.js'
import { type EngineFaults, type EngineFiles, openEngineFiles } from './engine-files.js'
import { type FilesFaults, filesOf } from './files.js'
import type { Internet } from './network.js'
import { snapshotThreads } from './snapshot-threads.js'
import type { Timeline } from './timeline.js'
import { fairWeather, type Weather } from './weather.js'

export interface Machine {
  readonly name: string
  readonly isUp: boolean
  readonly weather: Weather
  readonly clock: { offsetMs: number }
  /** When power was lost, by simulated time. */
  readonly powerLosses: readonly number[]
  readonly crashes: number
  /** All that its disk has, the files of the database engine too. */
  contents(): { path: string; bytes: Buffer }[]
  /** Starts the service and from now on keeps it running. */
  start(): void
  crash(kind: CrashKind): void
  crashAfter(points: number, kind: CrashKind): void
  /** Ends it in order and starts it again. */
  restart(): void
  /** Is gone for good. */
  end(): void
}

export interface OpenMachine {
  name: string
  /** Where its files are. */
  folder: string
  timeline: Timeline
  internet: Internet
  chance: Chance
  faults: EngineFaults & FilesFaults
  run(ports: Ports): Promise<RunningService>
  endsAt?: StartBoot['endsAt'] | undefined
  /** Files of its database engine, where it has no service. */
  owned?: RegExp
  /** Puts there what it begins with. */
  begin?(disk: Disk): void
}

export function openMachine(options: OpenMachine): Machine {
  const { name, folder, timeline, internet, chance, faults, run, endsAt, owned } = options
  const disk: Disk = openDisk(folder)
  options.begin?.(disk)
  const weather = fairWeather(chance.fork('weather'))
  const clock = { offsetMs: chance.whole(-2_000, 2_000) }
  const engine: EngineFiles = openEngineFiles({
    ...{ weather, chance: chance.fork('engine'), faults },
    ...(owned === undefined ? {} : { owned }),
  })
  const powerLosses: number[] = []
  let boot: Boot | undefined
  let service: RunningService | undefined
  let crashes = 0
  let lives = 0
  let isOver = false

  /** Ends the service in order and starts it again. */
  function restart(): void {
    const life = boot
    if (service === undefined || life === undefined) return
    timeline.note(`${name} is asked to end`)
    const closing = service.close(10_000)
    service = undefined
    closing.then(
      () => {
        if (!life.alive) return
        life.ended()
        timeline.note(`${name} has ended`)
        timeline.at(pauseOf(chance, 100, 2_000), '', start)
      },
      problem => {
        timeline.note(`${name} ends badly: ${(problem as Error).message.replaceAll(folder, '')}`)
        life.crash('kill')
      },
    )
  }

  function start(): void {
    lives += 1
    const life = startBoot({
      host: name,
      timeline,
      clock,
      onCrash: crashed,
      ...(endsAt === undefined ? {} : { endsAt }),
    })
    boot = life
    service = undefined
    timeline.note(`${name} starts`)
    const ports = portsOf(life, {
      ...{ folder, disk, engine, weather, faults, internet, name },
      chance: chance.fork(`life ${lives}`),
    })
    run(ports).then(
      running => {
        if (!life.alive) return
        service = running
        timeline.note(`${name} is up`)
        // As whoever keeps it running does.
        void running.failing?.then(() => (service === running ? restart() : undefined))
      },
      problem => {
        if (!life.alive) return
        timeline.note(`${name} cannot start: ${(problem as Error).message.replaceAll(folder, '')}`)
        life.crash('kill')
      },
    )
  }

  function crashed(kind: CrashKind): void {
    crashes += 1
    service = undefined
    if (isOver) return
    if (kind === 'power') {
      powerLosses.push(timeline.nowMs)
      // What was written since then waits behind it.
      for (const fromMs of weather.logSyncsUnderWay) weather.failedLogSyncs.push({ fromMs, toMs: timeline.nowMs })
      disk.losePower(chance)
    }
    weather.logSyncsUnderWay.clear()
    timeline.at(pauseOf(chance, 100, 5_000), '', start)
  }

  return {
    name,
    get isUp() {
      return service !== undefined
    },
    weather,
    clock,
    powerLosses,
    get crashes() {
      return crashes
    },
    contents: () => [
      ...disk.contents().map(({ path, bytes }) => ({ path: path.slice(folder.length), bytes })),
      ...readdirSync(folder)
        .filter(file => engine.owns(file))
        .map(file => ({ path: `/${file}`, bytes: readFileSync(join(folder, file)) })),
    ],
    start,
    crash: kind => boot?.crash(kind),
    crashAfter: (points, kind) => boot?.crashAfter(points, kind),
    end() {
      isOver = true
      boot?.crash('kill')
    },
    restart,
  }
}

interface Outside {
  name: string
  folder: string
  disk: Disk
  engine: EngineFiles
  weather: Weather
  faults: FilesFaults
  chance: Chance
  internet: Internet
}

export function portsOf(boot: Boot, { name, internet, chance, ...files }: Outside): Ports {
  return {
    clock: clockOf(boot),
    files: filesOf(boot, { ...files, chance }),
    network: internet.of(boot, name),
    randomness: randomnessFrom(chance.fork('randomness')),
    processes: {
      pid: 4_711,
      hostName: name,
      start: () => {
        throw new Error('no service starts processes here')
      },
      startWorker: () => {
        throw new Error('nobody starts workers here')
      },
      processors: 1,
      hasTerminal: false,
      onHangup() {},
      onParentMessage() {},
      onEnd: () => () => {},
      tellParent() {},
      exit: () => {
        throw new Error('no service ends itself here')
      },
      memoryBytes: () => 0,
      memoryLimitBytes: Number.POSITIVE_INFINITY,
      cpuMs: () => 0,
    },
    threads: snapshotThreads(boot, { weather: files.weather, chance }),
  }
}
