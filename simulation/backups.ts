// Backups of the world while partners are at work and things go wrong, by the code of `carnet backup`, on a machine of their own that may end or
// be full in the middle of one.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { backup } from '../cli/backup/backup.js'
import { generationsIn } from '../cli/backup/folder.js'
import type { Ports } from '../ports/ports.js'
import type { RunningService } from '../server/service.js'
import { playedTerminal } from '../test/cli/played-terminal.js'
import { type BackupFaults, backupsName, withFaults } from './backup-faults.js'
import { pauseOf } from './boot.js'
import type { Chance } from './chance.js'
import {
  type Certainty,
  keptCertainty,
  type Ledger,
  outcomeSoFar,
  registeredCertainty,
  type SentDocument,
  type SentSubmission,
} from './ledger.js'
import { type Machine, openMachine } from './machine.js'
import type { Beginning, World } from './world.js'

/** What was known when a backup began. */
export interface Moment {
  atMs: number
  documents: ReadonlyMap<SentDocument, { registered: Certainty; kept: Certainty }>
  acknowledged: ReadonlySet<SentSubmission>
}

export interface Backups {
  readonly machine: Machine
  /** Whole ones, in their order. */
  readonly whole: readonly { generation: string; moment: Moment }[]
  readonly counts: Record<string, number>
  /** Nothing goes wrong here any more. */
  calm(): void
  /** No backup begins any more. */
  end(): void
  /** All that its disk has, on the real one. */
  save(folder: string): void
}

export function openBackups(
  world: World,
  {
    ledger,
    beginning,
    chance,
    faults = {},
  }: { ledger: Ledger; beginning: Beginning; chance: Chance; faults?: BackupFaults | undefined },
): Backups {
  const { timeline, internet, config } = world
  const folder = join(world.folder, backupsName)
  const place = join(folder, 'place')
  const data = join(world.folder, 'deployment')
  for (const made of [folder, data]) mkdirSync(made)
  writeFileSync(join(data, 'carnet.json'), JSON.stringify(config))
  const at = (name: string) => join(beginning.folder, 'certs', name)
  const whole: Backups['whole'][number][] = []
  const counts = { 'whole backups': 0, 'backups that failed': 0 }
  let isCalm = false
  let isOver = false

  async function make(ports: Ports): Promise<void> {
    const moment = momentOf(ledger, timeline.nowMs)
    timeline.note('a backup begins')
    const context = { ports, terminal: playedTerminal() }
    try {
      await backup({ to: place, data, cert: at('admin.pem'), key: at('admin.key'), ca: at('ca.pem') }, context)
      const generation = (await generationsIn({ folder: place, context })).at(-1) ?? ''
      whole.push({ generation, moment })
      counts['whole backups'] += 1
      timeline.note(`backup ${generation} is whole`)
      for (const line of context.terminal.complained)
        if (line.startsWith('damaged')) ledger.faults.push(`a backup says: ${line}`)
    } catch (problem) {
      counts['backups that failed'] += 1
      timeline.note(`no backup: ${(problem as Error).message.replaceAll(world.folder, '').slice(0, 200)}`)
    }
  }

  const machine = openMachine({
    ...{ name: backupsName, folder, timeline, internet, chance: chance.fork('machine'), faults, owned: /\.lock$/ },
    async run(given): Promise<RunningService> {
      const ports = withFaults(given, faults, config)
      const next = () => {
        ports.clock.after(pauseOf(chance, 200, 6_000), () => {
          if (!isOver) void make(ports).then(next)
        })
      }
      next()
      return { close: async () => {} }
    },
  })
  machine.start()

  function goWrong(): void {
    timeline.at(pauseOf(chance, 500, 15_000), '', () => {
      if (isCalm) return
      const { weather } = machine
      const kind = chance.whole(0, 4)
      if (kind < 3) machine.crashAfter(chance.whole(1, 300), kind === 0 ? 'kill' : 'power')
      else if (kind === 3) {
        weather.isFull = true
        timeline.at(pauseOf(chance, 100, 10_000), '', () => {
          weather.isFull = false
        })
      } else machine.crash('power')
      goWrong()
    })
  }
  goWrong()

  return {
    ...{ machine, whole, counts },
    calm() {
      isCalm = true
      machine.crashAfter(Number.POSITIVE_INFINITY, 'kill')
      machine.weather.clear()
    },
    end() {
      isOver = true
    },
    save(to) {
      for (const { path, bytes } of machine.contents()) {
        const file = join(to, path.slice('/place'.length))
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, bytes)
      }
    },
  }
}

function momentOf({ documents, submissions }: Ledger, atMs: number): Moment {
  return {
    atMs,
    documents: new Map(
      documents.map(each => [each, { registered: registeredCertainty(each), kept: keptCertainty(each) }]),
    ),
    acknowledged: new Set(submissions.filter(each => outcomeSoFar(each) === 'acknowledged')),
  }
}
