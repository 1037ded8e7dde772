// The commands that see to the databases of services that are at rest.
import { Argument, type Command } from 'commander'
import type { Context } from '../context.js'
import { dataOption } from '../program-options.js'
import { type MoveDatabaseOptions, moveDatabase } from './move-database.js'
import type { MovedService } from './moved-settings.js'

export function addDatabase(program: Command, context: Context): void {
  program
    .command('database')
    .description('where registry and repository keep their databases')
    .command('move')
    .description('move the database of a service that has been ended from its file to a PostgreSQL server, or back')
    .addArgument(new Argument('<service>', 'whose database').choices(['registry', 'repository']))
    .requiredOption('--to <place>', 'an empty database, postgres://user@host:port/name, or a new file')
    .addOption(dataOption())
    .addHelpText(
      'after',
      `
The password and the CA of the server stand in carnet.json beforehand, in "postgres" of the service.
All rows are written in one transaction and read again. What is there afterwards is all of it or nothing;
then carnet.json names the new database, and the old one stays as it was. docs/SCALING.md has it step by step.`,
    )
    .action((service: MovedService, options: MoveDatabaseOptions) => moveDatabase(service, options, context))
}
