// Flags that many commands share.
import { type Command, Option } from 'commander'

/** A command that speaks to running services. */
export function talking(command: Command): Command {
  return command
    .addOption(dataOption())
    .option('--cert <file>', 'certificate to call with (PEM); by default one of the data folder')
    .option('--key <file>', 'its key')
    .option('--ca <file>', 'CAs of the services')
}

/** A command that speaks for a user. */
export function talkingFor(command: Command): Command {
  return talking(command).option('--token <file>', 'assertion of the user to send along (XUA); carnet token makes one')
}

export function dataOption(): Option {
  return new Option(
    '--data <dir>',
    'data folder with carnet.json, certificates and databases (default: var/ of the checkout)',
  )
}

/** A flag that may be said several times. */
export function repeated(value: string, before: string[] = []): string[] {
  return [...before, value]
}
