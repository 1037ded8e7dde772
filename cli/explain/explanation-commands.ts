// The commands that say why a service refuses what it is sent.
import { type Command, Option } from 'commander'
import type { Context } from '../context.js'
import { talking } from '../program-options.js'
import { type ValidateOptions, validate } from '../validate/validate.js'
import { type ExplainOptions, explain } from './explain.js'

export function addExplanations(program: Command, context: Context): void {
  talking(
    program
      .command('explain')
      .description('say why an exchange was refused: request, rules, clauses, audit, what to do'),
  )
    .argument('[trace]', 'trace id of the exchange; it stands in each error and fault')
    .option('--last [n]', 'list the latest refusals instead')
    .option('--request <file>', 'write the request there, as it is kept: without documents')
    .option('--json', 'as JSON')
    .action((trace: string | undefined, options: ExplainOptions) => explain(trace, options, context))

  program
    .command('validate')
    .description(
      'find what a service would refuse in a message, offline: ITI-8, 44, 41, 42, 61, 57, 92, 18, 51, 62 and 86',
    )
    .argument('<file>', 'a SOAP message, plain or as captured with its parts, the bare request, or a message of HL7 v2')
    .option('--domain <name>', 'affinity domain whose rules hold: ihe, ch-epr, or the path of a folder', 'ihe')
    .option('--as <transaction>', 'ITI-61 for example, where the message does not tell')
    .addOption(new Option('--profile <name>', 'the same').hideHelp())
    .action((file: string, options: ValidateOptions) => validate(file, options, context))
}
