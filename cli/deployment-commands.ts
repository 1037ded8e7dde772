// The commands that look at a deployment as it is set up, and the one that signs by its development key.
import type { Command } from 'commander'
import { checkConfig, showConfig } from './config-command.js'
import type { Context } from './context.js'
import type { DeploymentOptions } from './deployment.js'
import { type DoctorOptions, doctor } from './operations/doctor.js'
import { dataOption, repeated, talking } from './program-options.js'
import { type TokenOptions, token } from './token.js'

export function addConfig(program: Command, context: Context): void {
  const config = program.command('config').description('the configuration of a deployment')
  config
    .command('show')
    .description('show carnet.json with all defaults')
    .addOption(dataOption())
    .option('--json', 'as JSON')
    .action((options: DeploymentOptions & { json?: boolean }) => showConfig(options, context))
  config
    .command('check')
    .description('check carnet.json and the certificates it names')
    .addOption(dataOption())
    .action((options: DeploymentOptions) => checkConfig(options, context))
}

export function addDoctor(program: Command, context: Context): void {
  talking(program.command('doctor').description('examine certificates, ports, clocks, reachability and disk'))
    .option('--to <url>', 'examine the way to a partner instead')
    .action((options: DoctorOptions) => doctor(options, context))
}

export function addToken(program: Command, context: Context): void {
  program
    .command('token')
    .description('sign the assertion of a user with the key of a development deployment (XUA)')
    .addOption(dataOption())
    .requiredOption('--role <code>', 'HCP, ASS, TCU, PAT, REP, PADM or DADM')
    .requiredOption('--patient <EPR-SPID>', 'whose record: 18 digits, alone or as CX')
    .option('--purpose <code>', 'NORM, EMER, AUTO or DICOM_AUTO; by default the first that goes with the role')
    .option('--id <id>', 'NameID of the user: a GLN, an EPR-SPID, an id')
    .option('--name <text>', 'name of the user')
    .option('--alias <text>', 'SPProvidedID of the user')
    .option('--principal-id <GLN>', 'professional for whom an assistant or technical user acts')
    .option('--principal-name <text>', 'name of that professional')
    .option('--organisation <urn=name>', "group of the user, as 'urn:oid:2.999.1=Ward'; may be repeated", repeated, [])
    .option('--community <urn>', 'homeCommunityId; that of the registry by default')
    .option('--minutes <n>', 'how long it is to hold', '5')
    .option('--audience <urn>', 'for whom it is; all communities by default')
    .option('--once', 'for one use')
    .option('--holder <file>', 'certificate (PEM) whose holder alone may use it')
    .option('-o, --output <file>', 'where to; standard output by default')
    .action((options: TokenOptions) => token(options, context))
}
