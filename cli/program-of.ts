// What all commands of carnet have in common.
import { Command } from 'commander'
import type { Context } from './context.js'

/** Adds some commands. */
export type Family = (program: Command, context: Context, version: string) => void

const footer = `
Examples:
  carnet start
  carnet patient add 'P1^^^&2.999.1&ISO'
  carnet submit report.xml --patient 'P1^^^&2.999.1&ISO'
  carnet query --patient 'P1^^^&2.999.1&ISO'
  carnet retrieve 2.25.1234 -o report.xml

Exit codes:
  0  done
  1  refused by a service, or a check not passed
  2  called in a wrong way
  3  a service cannot be reached
  4  carnet.json or a certificate cannot be used
  70 unforeseen; please report it`

export function programOf(families: readonly Family[], version: string, context: Context): Command {
  const program = new Command('carnet')
    .description('IHE XDS.b Document Registry and Document Repository with an ATNA audit service')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: text => context.terminal.print(text.trimEnd()),
      writeErr: text => context.terminal.complain(text.trimEnd().replace(/^error: /, 'carnet: ')),
    })
    .showHelpAfterError('"carnet --help" lists the commands, "carnet COMMAND --help" its flags.')
    .showSuggestionAfterError()
    .helpCommand(true)
    .addHelpText('after', footer)
  for (const add of families) add(program, context, version)
  return program
}
