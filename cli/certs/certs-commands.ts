// The commands of `carnet certs`.
import { type Command, Option } from 'commander'
import { peerRoles } from '../../config/peer-roles.js'
import type { Context } from '../context.js'
import type { DeploymentOptions } from '../deployment.js'
import { dataOption, talking } from '../program-options.js'
import {
  installFromCa,
  listCertificates,
  type MakeOptions,
  makeCertificate,
  type RequestOptions,
  renewCertificates,
  requestFromCa,
  revokeCertificate,
} from './certs.js'
import { checkPartner, showRefused, type TrustOptions, trustPartner } from './trust.js'

export function addCertificates(program: Command, context: Context): void {
  const certs = program.command('certs').description('certificates of the deployment, and partners by theirs')
  const command = (text: string, description: string) =>
    certs.command(text).description(description).addOption(dataOption())
  const days = () => new Option('--days <n>', 'how long it is valid').default('825')

  command('list', 'show all certificates, how long they are valid, and the peers').action(
    (options: DeploymentOptions) => listCertificates(options, context),
  )
  command('make <name>', 'make NAME.pem and NAME.key by the development CA')
    .option('--server', 'for a server; for a client otherwise')
    .option('--names <list>', 'host names and addresses of a server, separated by commas')
    .addOption(days())
    .action((name: string, options: MakeOptions) => makeCertificate(name, options, context))
  command('renew <name...>', 'the same again with a new key; running services take it')
    .addOption(days())
    .action((names: string[], options: DeploymentOptions & { days: string }) =>
      renewCertificates(names, options, context),
    )
  command('request <name>', 'make a key and a request for another CA')
    .option('--cn <name>', 'common name; that of the present certificate by default')
    .option('--names <list>', 'host names and addresses, separated by commas')
    .option('--organization <name>', 'organisation')
    .action((name: string, options: RequestOptions) => requestFromCa(name, options, context))
  command('install <name> <file>', 'put what that CA has made of the request in its place').action(
    (name: string, file: string, options: DeploymentOptions) => installFromCa(name, file, options, context),
  )
  command('revoke <name>', 'shut a certificate of the development CA out (a name in the folder, or a file)').action(
    (name: string, options: DeploymentOptions) => revokeCertificate(name, options, context),
  )
  talking(
    certs.command('trust <which>').description('let a partner in: a file, or the fingerprint of one that was refused'),
  )
    .option('--name <name>', 'of the partner; a second certificate of one is added to the first')
    .option('--roles <list>', `what it may do: ${peerRoles.join(', ')}, separated by commas`)
    .option('--issuer <file>', 'CA of the partner, where it is not among ours')
    .action((which: string, options: TrustOptions) => trustPartner(which, options, context))
  talking(certs.command('refused').description('who was refused by TLS since the services started, and why'))
    .option('--json', 'as JSON')
    .action((options: DeploymentOptions & { json?: boolean }) => showRefused(options, context))
  command('check <file>', 'whether the services would let a certificate in, check by check').action(
    (file: string, options: DeploymentOptions) => checkPartner(file, options, context),
  )
}
