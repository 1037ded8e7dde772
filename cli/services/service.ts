// One service in a process of its own: `carnet registry|repository|atna-audit|patient-index|gateway --config FILE`.
import { resolve } from 'node:path'
import { readTlsIdentity, UnusableTls } from '../../certs/tls-identity.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { loadConfig } from '../../config/load.js'
import type { Overrides } from '../../config/overrides.js'
import { settingOf } from '../../config/sections.js'
import type { TlsFiles } from '../../config/service-config.js'
import { asWorker, workersOf } from '../../config/workers.js'
import type { RunningService, ServiceName } from '../../server/service.js'
import type { Context } from '../context.js'
import { exitCodes, Failure } from '../failure.js'
import { failureOf } from '../in-words.js'
import { serveWithWorkers } from './service-with-workers.js'
import type { ServiceMessage } from './supervisor.js'
import type { WorkerMessage } from './workers.js'

export interface ServiceOptions {
  config: string
  overrides: Overrides
  /** The parent says what there is to say. */
  supervised: boolean
  /** Its number, where this is one of several behind one parent. */
  worker?: number | undefined
}

/** Shorter than what the supervisor allows before it cuts a service off: 4 s. */
const graceMs = 3_000
/** Whatever is not done by then is not waited for: the databases bear it, and say so less than a kill does. */
const atMostMs = 3_700

/** Runs until it is told to end. */
export async function runAlone(name: ServiceName, options: ServiceOptions, context: Context): Promise<never> {
  const { processes, clock } = context.ports
  context.terminal.outliveReaders()
  const endAsked = new Promise<void>(done => processes.onEnd(() => done()))
  try {
    const config = await configOf(options, context)
    const { count, told } = options.worker === undefined ? workersOf(config, name, processes.processors) : alone
    if (told !== undefined) context.terminal.complain(`carnet: ${told}`)
    if (count !== undefined) await serveWithWorkers(count, { name, config, options, endAsked }, context)
    else {
      const running = await started(name, config, context)
      processes.tellParent({ ready: true } satisfies ServiceMessage)
      if (!options.supervised) context.terminal.complain(`${name} is ready`)
      if (options.worker === undefined) refuseToRenew(name, context)
      adoptWhenTold(running, context)
      const why = await Promise.race([endAsked, drained(running, context), running.failing ?? endAsked])
      await Promise.race([running.close(graceMs), clock.sleep(atMostMs, { idle: true })])
      if (typeof why === 'string') throw new Failure('unforeseen', `${name} ends to be started again: ${why}`)
    }
  } catch (problem) {
    return giveUp(failureOf(problem), options, context)
  }
  return processes.exit(0)
}

const alone = { count: undefined, told: undefined }

async function configOf({ config: file, overrides, worker }: ServiceOptions, context: Context): Promise<CarnetConfig> {
  const config = await loadConfig(resolve(context.terminal.workingFolder, file), context.ports, overrides)
  return worker === undefined ? config : asWorker(config, worker)
}

/** SIGHUP would end a process that does not listen to it. */
function refuseToRenew(name: ServiceName, { ports, terminal }: Context): void {
  ports.processes.onHangup(() =>
    terminal.complain(
      `carnet: ${name} is one process and cannot be renewed while it serves: end it and start it again`,
    ),
  )
}

/** Of a worker: resolves when its parent wanted it and no connection is left. */
function drained(running: RunningService, { ports: { processes } }: Context): Promise<void> {
  return new Promise(resolve => {
    processes.onParentMessage(message => {
      const { drain, atMostMs: most = 0 } = message as Partial<WorkerMessage>
      if (drain === true) void (running.drain?.(most) ?? Promise.resolve()).then(resolve)
    })
  })
}

/** What cannot be taken over now is when workers are next renewed. */
function adoptWhenTold(running: RunningService, { ports: { processes } }: Context): void {
  processes.onParentMessage(message => {
    const { adopt } = message as Partial<WorkerMessage>
    if (adopt === undefined) return
    const adopting = running.adopt?.(adopt) ?? Promise.resolve()
    void adopting.catch(() => {}).then(() => processes.tellParent({ adopted: adopt } satisfies ServiceMessage))
  })
}

async function started(name: ServiceName, config: CarnetConfig, context: Context): Promise<RunningService> {
  const section = config[settingOf(name)]
  if (section === undefined) {
    throw new Failure('configuration', `carnet.json has no section "${settingOf(name)}"; add one, or start the others.`)
  }
  await assertTls(section.tls, context)
  // Loaded here, so that a short command need not load the services.
  const [{ runService }, { CannotStart }] = await Promise.all([
    import('./run-service.js'),
    import('../../server/service.js'),
  ])
  return runService(name, config, context.ports).catch((problem: unknown) => {
    throw problem instanceof CannotStart ? new Failure('configuration', problem.message) : problem
  })
}

// What was half opened must not keep us alive; but the parent has to hear why first.
async function giveUp(failure: Failure, options: ServiceOptions, { ports, terminal }: Context): Promise<never> {
  ports.processes.tellParent({ failed: failure.message } satisfies ServiceMessage)
  if (!options.supervised) terminal.complain(`carnet: ${failure.message}`)
  await ports.clock.sleep(100)
  return ports.processes.exit(exitCodes[failure.reason])
}

/** @throws Failure (configuration) which names the file and what to do. */
export async function assertTls(files: TlsFiles, { ports }: Context): Promise<void> {
  try {
    await readTlsIdentity(files, ports)
  } catch (problem) {
    if (!(problem instanceof UnusableTls)) throw problem
    const advice = problem.isUnfit
      ? `. Put a matching key, certificate and CA there, or remove ${files.cert} and its key to have "carnet start" issue new ones by the development CA.`
      : '; correct the tls section of carnet.json.'
    throw new Failure('configuration', `${problem.isUnfit ? 'The certificate ' : ''}${problem.message}${advice}`)
  }
}
