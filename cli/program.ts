// The commands of carnet, as `carnet --help` shows them: each family of them and its flags have a file, *-commands.ts.
import { Command } from 'commander'
import { addAudit } from './audit-commands.js'
import { addCertificates } from './certs-commands.js'
import { addCodes } from './codes-commands.js'
import { addCommunities } from './community-commands.js'
import { addConformance } from './conformance-commands.js'
import type { Context } from './context.js'
import { addConfig, addDoctor, addToken } from './deployment-commands.js'
import { addDocuments } from './document-commands.js'
import { addExplanations } from './explanation-commands.js'
import { addHolds, addImport, addOperations } from './operations-commands.js'
import { addPatients } from './patient-commands.js'
import { addPersons } from './person-commands.js'
import { addServices } from './service-commands.js'

/** In the order of the help. */
const families = [
  addServices,
  addDocuments,
  addPersons,
  addPatients,
  addAudit,
  addExplanations,
  addCodes,
  addToken,
  addConfig,
  addCertificates,
  addCommunities,
  addDoctor,
  addImport,
  addOperations,
  addHolds,
  addConformance,
]

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

export function carnetProgram(version: string, context: Context): Command {
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
