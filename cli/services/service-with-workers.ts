// One service as several workers on this machine: `workers` in carnet.json. docs/decisions/0261.
import { join } from 'node:path'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { asFlags, type Overrides } from '../../config/overrides.js'
import { packageRoot } from '../../ports/processes.js'
import type { ServiceName } from '../../server/service.js'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'
import type { ServiceMessage } from './supervisor.js'
import { runWorkers } from './workers.js'

export interface ManyOf {
  name: ServiceName
  config: CarnetConfig
  /** Each worker is told the same; `supervised` is whether the parent says what there is to say. */
  options: { config: string; overrides: Overrides; supervised: boolean }
  endAsked: Promise<void>
}

/** As long as a service alone has. */
const endMs = 3_700
/** Idle connections end by themselves after `limits.idleMs`; what is under way then has so long again. */
const drainFactor = 2

/** Of folders `worker-N` that belong to none of so many workers: there were more once, or one while the others were renewed. */
function numbersAbove(count: number, names: readonly string[]): number[] {
  const numbers = names.flatMap(name => /^worker-(\d+)$/.exec(name)?.[1] ?? []).map(Number)
  return numbers.filter(number => number >= count)
}

/** Until it is told to end; SIGHUP renews the workers. */
export async function serveWithWorkers(
  count: number,
  { name, config, options, endAsked }: ManyOf,
  context: Context,
): Promise<void> {
  const { processes, clock, network } = context.ports
  const report = (line: string) => context.terminal.complain(`carnet: ${name}: ${line}`)
  const { limits, health, folder = '' } = name === 'registry' ? config.registry : config.repository
  const common = [name, '--config', options.config, '--supervised', ...asFlags(options.overrides)]
  const workers = runWorkers({
    ...{ count, clock, processes, report },
    script: join(packageRoot, 'scripts', 'carnet.js'),
    args: number => [...common, '--worker', String(number)],
    left: async () => numbersAbove(count, await context.ports.files.list(folder)),
    drainMs: limits.idleMs * drainFactor,
  })
  const { workersHealth } = await import('../../server/worker-health.js')
  const asked = workersHealth(workers.serving, ms => clock.sleep(ms, { idle: true }))
  workers.onStarted(asked.add)
  try {
    const door = await network.serveHttp(health, (request, reply) => {
      asked.answer(request, reply).catch(() => reply.abort())
    })
    await Promise.race([workers.ready, endAsked])
    processes.tellParent({ ready: true } satisfies ServiceMessage)
    if (!options.supervised) context.terminal.complain(`${name} is ready, with ${count} workers`)
    processes.onHangup(() => {
      report('its workers are renewed, one after the other')
      workers.renew().then(
        () => report('all workers are new'),
        (problem: Error) => report(`not all workers could be renewed: ${problem.message}`),
      )
    })
    await endAsked
    await door.close(0)
  } catch (problem) {
    throw new Failure('configuration', (problem as Error).message)
  } finally {
    await workers.stop(endMs)
  }
}
