// The commands and flags of carnet, as `carnet --help` shows them.
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Overrides } from '../config/overrides.js'
import type { ServiceName } from '../server/service.js'
import { addAudit } from './audit-commands.js'
import { addCertificates } from './certs-commands.js'
import { type ImportCodesOptions, importCodes } from './codes-import.js'
import { type ListCodesOptions, listCodes } from './codes-list.js'
import { addCommunities } from './community-commands.js'
import { checkConfig, showConfig } from './config-command.js'
import { type ConformanceOptions, conformance } from './conformance.js'
import type { Context } from './context.js'
import type { DeploymentOptions } from './deployment.js'
import { type DoctorOptions, doctor } from './doctor.js'
import { type ExplainOptions, explain } from './explain.js'
import { Failure } from './failure.js'
import type { RetrieveOptions } from './fetching.js'
import { type ImagingAddOptions, imagingAdd, imagingRemove } from './imaging.js'
import { type OnDemandOptions, registerOnDemand } from './on-demand.js'
import { addHolds, addImport, addOperations } from './operations-commands.js'
import { patientAdd, patientMerge } from './patient.js'
import {
  type PatientListOptions,
  type PatientShowOptions,
  patientList,
  patientShow,
  patientUnmerge,
} from './patient-admin.js'
import {
  type PersonOptions,
  personDecide,
  personJoin,
  personReviews,
  personSeparate,
  personShow,
  personUnmerge,
  type ReasonedOptions,
} from './person.js'
import {
  type AddedPerson,
  type NumberOptions,
  personAdd,
  personCancelNumber,
  personInactivateNumber,
  personNumber,
} from './person-number.js'
import { dataOption, talking, talkingFor } from './program-options.js'
import { type QueryOptions, query } from './query.js'
import { type RemoveOptions, remove } from './remove.js'
import { retrieve } from './retrieve.js'
import { retrieveImages } from './retrieve-images.js'
import { runAlone } from './service.js'
import { type StartOptions, start } from './start.js'
import { type SubmitOptions, submit } from './submit.js'
import { type SweepOptions, sweep } from './sweep.js'
import { type TokenOptions, token } from './token.js'
import { type ValidateOptions, validate } from './validate.js'

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
  addServices(program, context)
  addDocuments(program, context)
  addCare(program, context)
  addImport(program, context)
  addOperations(program, context)
  addHolds(program, context)
  addConformance(program, version, context)
  return program
}

function addServices(program: Command, context: Context): void {
  withOverrides(
    program
      .command('start')
      .description(
        'start registry, repository, audit service, patient index and gateway on this machine; the first start makes all they need',
      )
      .addOption(dataOption()),
  )
    .allowExcessArguments()
    .action((options: StartOptions, command: Command) => {
      refuseStray(command.args)
      return start(options, context)
    })
  const services: [ServiceName, string][] = [
    ['registry', 'run the Document Registry alone'],
    ['repository', 'run the Document Repository alone'],
    ['atna-audit', 'run the audit service alone'],
    ['patient-index', 'run the patient index alone'],
    ['gateway', 'run the gateway to other communities alone'],
  ]
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

function addDocuments(program: Command, context: Context): void {
  talkingFor(program.command('submit').description('submit documents of a patient as one submission set (ITI-41)'))
    .argument('<files...>', 'documents; metadata comes from a CDA header, from flags and from defaults')
    .requiredOption('--patient <CX>', "patient id, as 'ID^^^&OID&ISO'")
    .option('--title <text>', 'title of the one document')
    .option('--type <code>', 'typeCode, as code^display^scheme, or a code of the domain alone')
    .option('--class <code>', 'classCode')
    .option('--format <code>', 'formatCode')
    .option('--facility <code>', 'healthcareFacilityTypeCode')
    .option('--practice <code>', 'practiceSettingCode')
    .option('--confidentiality <code>', 'confidentialityCode')
    .option('--mime <type>', 'media type')
    .option('--language <code>', 'languageCode, as de-CH')
    .option('--author <XCN>', "author, as '^Family^Given'")
    .option('--role <code>', 'role of who submits, where the domain asks for one')
    .option('--replace <uniqueId>', 'the document that this one replaces (RPLC)')
    .option('--source-id <OID>', 'sourceId of the submission set; made of the certificate by default')
    .option('--dry-run', 'show the metadata and what a registry would refuse; send nothing')
    .action((files: string[], options: SubmitOptions) => submit(files, options, context))

  talkingFor(program.command('query').description('list the documents of a patient (ITI-18)'))
    .requiredOption('--patient <CX>', "patient id, as 'ID^^^&OID&ISO'")
    .option('--status <status>', 'approved, deprecated or all', 'approved')
    .option('--on-demand', 'also what is made when it is retrieved')
    .option(
      '--hidden',
      'also what the affinity domain hides, as documents whose deletion was requested; for administrators',
    )
    .option('--everywhere', 'of this community and all others, through the gateway')
    .option('--json', 'all metadata as JSON')
    .action((options: QueryOptions) => query(options, context))

  talkingFor(program.command('retrieve').description('fetch a document and check its hash and size (ITI-43)'))
    .argument('<unique-id>', 'uniqueId of the document')
    .requiredOption('-o, --output <file>', 'where to; - for standard output')
    .option(
      '--home <community>',
      'name or homeCommunityId of the community that has it; asked through the gateway (ITI-39, RAD-75)',
    )
    .option('--images', 'it is a manifest: fetch the images that it names into the folder -o, each checked (RAD-69)')
    .action((uniqueId: string, options: RetrieveOptions) =>
      options.images === true ? retrieveImages(uniqueId, options, context) : retrieve(uniqueId, options, context),
    )

  const imaging = program
    .command('imaging')
    .description('DICOM images, kept beside the documents and found by manifests')
  talkingFor(
    imaging
      .command('add')
      .description('keep images and submit a manifest (KOS) for each study, as an administrator and a source (ITI-41)'),
  )
    .argument('<files...>', 'DICOM files')
    .requiredOption('--patient <CX>', "patient id, as 'ID^^^&OID&ISO'")
    .option('--title <text>', 'title of the manifests')
    .option('--type <code>', 'typeCode, as code^display^scheme, or a code of the domain alone')
    .option('--class <code>', 'classCode')
    .option('--facility <code>', 'healthcareFacilityTypeCode')
    .option('--practice <code>', 'practiceSettingCode')
    .option('--confidentiality <code>', 'confidentialityCode')
    .option('--author <XCN>', "author, as '^Family^Given'")
    .option('--role <code>', 'role of who submits, where the domain asks for one')
    .option('--source-id <OID>', 'sourceId of the submission set; made of the certificate by default')
    .action((files: string[], options: ImagingAddOptions) => imagingAdd(files, options, context))
  talking(imaging.command('remove').description('remove images for good, as an administrator'))
    .argument('<uids...>', 'SOP Instance UIDs')
    .option('--yes', 'do it')
    .action((uids: string[], options: DeploymentOptions & { yes?: boolean }) => imagingRemove(uids, options, context))

  const onDemand = program.command('on-demand').description('documents that are made when they are retrieved')
  talkingFor(onDemand.command('register').description('register an on-demand entry for a patient (ITI-61)'))
    .requiredOption('--patient <CX>', "patient id, as 'ID^^^&OID&ISO'")
    .option('--type <name>', 'what is made: a type of repository.onDemand.types', 'summary')
    .option('--title <text>', 'title of the entry')
    .option('--mime <type>', 'media type of what is made')
    .option('--language <code>', 'languageCode, as de-CH')
    .option('--role <code>', 'role of who registers, where the domain asks for one')
    .action((options: OnDemandOptions) => registerOnDemand(options, context))

  talkingFor(
    program.command('remove').description('remove metadata and documents, as an administrator (ITI-62, ITI-86)'),
  )
    .argument('[ids...]', 'entryUUIDs or uniqueIds of documents, submission sets or folders')
    .option('--yes', 'do it; without, only what would go is shown')
    .option('--with-dependents', 'also documents that were made from these')
    .option('--resume', 'go on with removals that were interrupted')
    .action((ids: string[], options: RemoveOptions) => remove(ids, options, context))

  talking(program.command('sweep').description('find removals of which one half is missing, as an administrator'))
    .option('--patient <CX>', 'look at the entries of this patient too; may be repeated', together, [])
    .option('--limit <n>', 'how many documents to look at', '1000')
    .option('--after <id>', 'go on where an earlier sweep stopped')
    .option('--repair', 'remove the other half')
    .option('--yes', 'do it; without, only what was found is shown')
    .action((options: SweepOptions) => sweep(options, context))

  const person = program.command('person').description('persons of the patient index, and who is taken for whom')
  const printing = (command: Command) => talking(command).option('--json', 'print JSON')
  printing(person.command('show').description('show a person: ids, records and why they are together'))
    .argument('<CX>', "any id of the person, as 'ID^^^&OID&ISO'")
    .action((cx: string, options: PersonOptions) => personShow(cx, options, context))
  printing(person.command('reviews').description('list pairs of records that somebody has to look at')).action(
    (options: PersonOptions) => personReviews(options, context),
  )
  printing(person.command('decide').description('say whether the two records of a review are of one person'))
    .argument('<review>', 'its number')
    .argument('<verdict>', 'same or different')
    .action((review: string, verdict: string, options: PersonOptions) =>
      personDecide(review, verdict, options, context),
    )
  printing(person.command('join').description('make two persons one'))
    .argument('<subsumed>', 'a record of the person that ends')
    .argument('<survivor>', 'a record of the one that stays')
    .option('--why <reason>', 'for the history')
    .action((subsumed: string, survivor: string, options: ReasonedOptions) =>
      personJoin(subsumed, survivor, options, context),
    )
  printing(person.command('separate').description('make a record a person of its own'))
    .argument('<CX>', 'the record')
    .option('--why <reason>', 'for the history')
    .action((cx: string, options: ReasonedOptions) => personSeparate(cx, options, context))
  printing(
    person.command('unmerge').description('undo a merge, in the registry too, as an administrator; it is audited'),
  )
    .argument('<CX>', 'the id that was merged into another: of a source, or given by the index')
    .option('--why <reason>', 'for the history')
    .action((cx: string, options: ReasonedOptions) => personUnmerge(cx, options, context))

  const ahvNumber = ['--ahv <number>', 'the AHV number, 756.…; it goes to the UPI and is kept nowhere'] as const
  printing(
    person.command('add').description('register a person, with an EPR-SPID of the UPI where an AHV number is said'),
  )
    .argument('<CX...>', 'the id that the source has given, and the EPR-SPID where it is known')
    .requiredOption('--family <name>', 'family name in use')
    .requiredOption('--given <names>', 'given names')
    .requiredOption('--born <date>', 'YYYY-MM-DD')
    .option('--sex <letter>', 'M or F')
    .option('--birth-name <name>', 'family name of birth')
    .option(...ahvNumber)
    .action((ids: string[], options: AddedPerson) => personAdd(ids, options, context))
  printing(
    person.command('epr-spid').description('ask the UPI for the EPR-SPID of a person, or whether it is still in use'),
  )
    .argument('<CX>', 'any id of the person')
    .option(...ahvNumber)
    .option('--why <reason>', 'for the history')
    .action((cx: string, options: NumberOptions) => personNumber(cx, options, context))
  printing(person.command('cancel-epr-spid').description('have the UPI cancel the EPR-SPID of a person'))
    .argument('<CX>', 'any id of the person')
    .option(...ahvNumber)
    .option('--why <reason>', 'for the history')
    .action((cx: string, options: NumberOptions) => personCancelNumber(cx, options, context))
  printing(
    person
      .command('inactivate-epr-spid')
      .description('two persons are one: have the UPI end one EPR-SPID in the other'),
  )
    .argument('<ends>', 'any id of the person whose EPR-SPID ends')
    .argument('<stays>', 'any id of the person whose EPR-SPID stays')
    .option('--why <reason>', 'for the history')
    .action((ends: string, stays: string, options: ReasonedOptions) =>
      personInactivateNumber(ends, stays, options, context),
    )

  const patient = program.command('patient').description('patients that the registry knows')
  talking(patient.command('add').description('announce a patient to the registry (ITI-44)'))
    .argument('<CX...>', "ids of the one patient, as 'ID^^^&OID&ISO'; under profile ch-epr one of them the EPR-SPID")
    .action((ids: string[], options: DeploymentOptions) => patientAdd(ids, options, context))
  talking(patient.command('merge').description('join two patient ids that are one patient (ITI-44)'))
    .argument('<subsumed>', 'the id that ends, as CX')
    .argument('<survivor>', 'the id that stays, as CX')
    .action((subsumed: string, survivor: string, options: DeploymentOptions) =>
      patientMerge(subsumed, survivor, options, context),
    )
  talking(patient.command('unmerge').description('undo the merge of a patient id, as an administrator; it is audited'))
    .argument('<CX>', 'the id that was merged into another')
    .action((cx: string, options: DeploymentOptions) => patientUnmerge(cx, options, context))
  talking(patient.command('show').description('show what the registry knows of a patient id'))
    .argument('<CX>', 'the id')
    .option('--json', 'as JSON')
    .action((cx: string, options: PatientShowOptions) => patientShow(cx, options, context))
  talking(patient.command('list').description('list patient ids in their order'))
    .option('--after <CX>', 'those after this one')
    .option('--limit <n>', 'how many, at most 1000', '100')
    .action((options: PatientListOptions) => patientList(options, context))
}

function addCare(program: Command, context: Context): void {
  addAudit(program, context)

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

  addCodes(program, context)

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
    .option('--organisation <urn=name>', "group of the user, as 'urn:oid:2.999.1=Ward'; may be repeated", together, [])
    .option('--community <urn>', 'homeCommunityId; that of the registry by default')
    .option('--minutes <n>', 'how long it is to hold', '5')
    .option('--audience <urn>', 'for whom it is; all communities by default')
    .option('--once', 'for one use')
    .option('--holder <file>', 'certificate (PEM) whose holder alone may use it')
    .option('-o, --output <file>', 'where to; standard output by default')
    .action((options: TokenOptions) => token(options, context))

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

  addCertificates(program, context)
  addCommunities(program, context)

  talking(program.command('doctor').description('examine certificates, ports, clocks, reachability and disk'))
    .option('--to <url>', 'examine the way to a partner instead')
    .action((options: DoctorOptions) => doctor(options, context))
}

function addConformance(program: Command, version: string, context: Context): void {
  talking(
    program.command('conformance').description('examine a registry and a repository, ours or others, by IHE rules'),
  )
    .option('--target <URL...>', 'registry and repository; or one transaction of it, as ITI-18=URL')
    .option('--registry <URL>', 'the registry; without any address the deployment of --data')
    .option('--repository <URL>', 'the repository')
    .option('--mllp <HOST:PORT>', 'where ITI-8 is taken without TLS; without it the cases of HL7 v2 are skipped')
    .option('--mllps <HOST:PORT>', 'where ITI-8 is taken over TLS')
    .option(
      '--reply-to <URL>',
      'https address of this host that the target may send answers to; the suite takes them there',
    )
    .option('--reply-cert <file>', 'server certificate for it; by default one of the data folder')
    .option('--reply-key <file>', 'and its key')
    .option(
      '--patient <CX>',
      'a patient whom the target knows; may be repeated; by default they are fed by ITI-44',
      repeated,
    )
    .option('--authority <OID>', 'assigning authority of the patients that are fed')
    .option(
      '--profile <name>',
      'affinity domain of the target, ihe or ch-epr; by default that of the deployment, or ihe',
    )
    .option('--only <pattern>', 'the cases whose id holds it; * stands for anything')
    .option('--list', 'show the cases, try none')
    .option('--report <file>', 'write a report: .html, .json or .junit.xml; may be repeated', repeated)
    .option('--keep', 'leave what the cases have submitted')
    .action((options: ConformanceOptions) => conformance(options, version, context))
}

function addCodes(program: Command, context: Context): void {
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

function repeated(value: string, before: string[] = []): string[] {
  return [...before, value]
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

function together(value: string, before: string[]): string[] {
  return [...before, value]
}
