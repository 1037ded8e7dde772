// The commands that submit, find, fetch and remove documents.
import type { Command } from 'commander'
import type { Context } from '../context.js'
import type { DeploymentOptions } from '../deployment.js'
import { repeated, talking, talkingFor } from '../program-options.js'
import { type RemoveOptions, remove } from '../removal/remove.js'
import { type SweepOptions, sweep } from '../removal/sweep.js'
import type { RetrieveOptions } from './fetching.js'
import { type ImagingAddOptions, imagingAdd, imagingRemove } from './imaging.js'
import { type OnDemandOptions, registerOnDemand } from './on-demand.js'
import { type QueryOptions, query } from './query.js'
import { retrieve } from './retrieve.js'
import { retrieveImages } from './retrieve-images.js'
import { type SubmitOptions, submit } from './submit.js'

export function addDocuments(program: Command, context: Context): void {
  addSubmission(program, context)
  addRetrieval(program, context)
  addImaging(program, context)
  addOnDemand(program, context)
  addRemoval(program, context)
}

function addSubmission(program: Command, context: Context): void {
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
    .option(
      '--home <community>',
      'name or homeCommunityId of the community that they are for; sent by the gateway (ITI-80)',
    )
    .option('--dry-run', 'show the metadata and what a registry would refuse; send nothing')
    .action((files: string[], options: SubmitOptions) => submit(files, options, context))
}

function addRetrieval(program: Command, context: Context): void {
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
}

function addImaging(program: Command, context: Context): void {
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
}

function addOnDemand(program: Command, context: Context): void {
  const onDemand = program.command('on-demand').description('documents that are made when they are retrieved')
  talkingFor(onDemand.command('register').description('register an on-demand entry for a patient (ITI-61)'))
    .requiredOption('--patient <CX>', "patient id, as 'ID^^^&OID&ISO'")
    .option('--type <name>', 'what is made: a type of repository.onDemand.types', 'summary')
    .option('--title <text>', 'title of the entry')
    .option('--mime <type>', 'media type of what is made')
    .option('--language <code>', 'languageCode, as de-CH')
    .option('--role <code>', 'role of who registers, where the domain asks for one')
    .action((options: OnDemandOptions) => registerOnDemand(options, context))
}

function addRemoval(program: Command, context: Context): void {
  talkingFor(
    program.command('remove').description('remove metadata and documents, as an administrator (ITI-62, ITI-86)'),
  )
    .argument('[ids...]', 'entryUUIDs or uniqueIds of documents, submission sets or folders')
    .option('--yes', 'do it; without, only what would go is shown')
    .option('--with-dependents', 'also documents that were made from these')
    .option('--resume', 'go on with removals that were interrupted')
    .action((ids: string[], options: RemoveOptions) => remove(ids, options, context))

  talking(program.command('sweep').description('find removals of which one half is missing, as an administrator'))
    .option('--patient <CX>', 'look at the entries of this patient too; may be repeated', repeated, [])
    .option('--limit <n>', 'how many documents to look at', '1000')
    .option('--after <id>', 'go on where an earlier sweep stopped')
    .option('--repair', 'remove the other half')
    .option('--yes', 'do it; without, only what was found is shown')
    .action((options: SweepOptions) => sweep(options, context))
}
