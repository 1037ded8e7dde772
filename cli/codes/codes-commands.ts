// The commands of `carnet codes`.
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { dataOption, repeated } from '../program-options.js'
import { type ImportCodesOptions, importCodes } from './import.js'
import { type ListCodesOptions, listCodes } from './list.js'

export function addCodes(program: Command, context: Context): void {
  const codes = program.command('codes').description('codes that the affinity domain takes')
  codes
    .command('list')
    .description('show which attributes have codes of their own, or the codes of one')
    .argument('[attribute]', 'as typeCode or SubmissionSet.contentTypeCode')
    .addOption(dataOption())
    .option('--domain <name>', 'ihe, ch-epr, or the path of a folder; by default that of the deployment')
    .option('--language <code>', 'language of the names, as de', 'en')
    .action((attribute: string | undefined, options: ListCodesOptions) => listCodes(attribute, options, context))
  codes
    .command('import')
    .description('take codes of FHIR value sets and code systems (JSON) or of codes.xml of the IHE toolkit')
    .argument('<files...>', 'a file for each list, or one with several')
    .addOption(dataOption())
    .option('--attribute <name>', 'what the codes are for, as DocumentEntry.classCode, where the file does not say it')
    .option('--into <dir>', 'folder of the affinity domain; by default that of the deployment')
    .option('--system <URL=OID>', 'the OID of a code system of FHIR; may be repeated', repeated)
    .action((files: string[], options: ImportCodesOptions) => importCodes(files, options, context))
}
