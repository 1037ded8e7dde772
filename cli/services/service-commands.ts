// `carnet start`, and each service alone.
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Overrides } from '../../config/overrides.js'
import type { ServiceName } from '../../server/service.js'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'
import { dataOption } from '../program-options.js'
import { runAlone } from './service.js'
import type { StartOptions } from './start.js'

const services: readonly [ServiceName, string][] = [
  ['registry', 'run the Document Registry alone'],
  ['repository', 'run the Document Repository alone'],
  ['atna-audit', 'run the audit service alone'],
  ['patient-index', 'run the patient index alone'],
  ['gateway', 'run the gateway to other communities alone'],
]

export function addServices(program: Command, context: Context): void {
  withOverrides(
    program
      .command('start')
      .description(
        'start registry, repository, audit service, patient index and gateway on this machine; the first start makes all they need',
      )
      .addOption(dataOption()),
  )
    .allowExcessArguments()
    .action(async (options: StartOptions, command: Command) => {
      refuseStray(command.args)
      // Makes certificates at the first start, for which no service has a use.
      const { start } = await import('./start.js')
      return start(options, context)
    })
  for (const [name, description] of services) {
    withOverrides(
      program.command(name).description(description).requiredOption('--config <file>', 'carnet.json of the deployment'),
    )
      .addOption(new Option('--supervised').hideHelp())
      .addOption(new Option('--worker <number>').hideHelp().argParser(Number))
      .action(({ config, supervised, worker, ...overrides }: ServiceFlags) =>
        runAlone(name, { config, overrides, supervised: supervised === true, worker }, context),
      )
  }
}

interface ServiceFlags extends Overrides {
  config: string
  supervised?: boolean
  worker?: number
}

// `npm start --port-base 9000` keeps the flag for npm itself and hands on the 9000 alone.
function refuseStray(stray: string[]): void {
  if (stray.length === 0) return
  throw new Failure(
    'usage',
    `"${stray.join(' ')}" is not understood; behind "npm start" flags come after two dashes: npm start -- --port-base 9000`,
  )
}

function withOverrides(command: Command): Command {
  return command
    .option(
      '--port-base <n>',
      'move all ports: registry at n+1, repository n+2, audit n+3, health n+11…13, syslog n+14, MLLP n+15, over TLS n+16',
      portBase,
    )
    .option('--profile <name>', 'affinity domain: ihe, ch-epr, or the path of a folder of your own')
    .option('--accept-unknown-patients', 'take patients that nobody has announced; not in production')
    .option(
      '--multi-patient-queries',
      'answer queries for several or all patients (ITI-51), to every consumer in peers',
    )
}

function portBase(text: string): number {
  const base = Number(text)
  if (Number.isInteger(base) && base >= 1 && base <= 65_000) return base
  throw new InvalidArgumentError('It must be a whole number from 1 to 65000.')
}
