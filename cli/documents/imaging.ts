// `carnet imaging add FILE…`: gives images to the Imaging Document Source of the deployment and submits a manifest for each study, so
// that consumers find them; `carnet imaging remove` takes images from it. RAD-68 is an ITI-41. IHE RAD TF-3 §4.68.
import { createHash } from 'node:crypto'
import { type AffinityDomain, openDomain } from '../../affinity/affinity-domain.js'
import { DicomProblem, dataSetIn, looksLikeDicom, withoutPixels } from '../../dicom/data-set.js'
import { type DicomInstance, instanceOf } from '../../dicom/instance.js'
import { writeManifest } from '../../dicom/manifest.js'
import type { DocumentEntry } from '../../metadata/model.js'
import { uuidOid, uuidUrn } from '../../ports/randomness.js'
import type { RemovedInstances } from '../../repository/imaging/imaging-resources.js'
import { openParcelSource } from '../admin-parcels.js'
import { openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, dataFlag, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { ourIdentity } from '../our-identity.js'
import { assertCx } from '../patients/patient.js'
import { type DocumentFlags, describeFile, type FileFacts } from './metadata-from-file.js'
import { type FileToSend, factsOfFile } from './read-file.js'
import { sourceIdOf, submissionOf } from './submission.js'
import { documentFlags, inDomain, type Prepared, report, type SubmitOptions, send } from './submit.js'

export type ImagingAddOptions = SubmitOptions

interface Image {
  facts: FileFacts
  file: FileToSend
  instance: DicomInstance
}

export async function imagingAdd(paths: string[], options: ImagingAddOptions, context: Context): Promise<void> {
  assertCx(options.patient)
  const deployment = await openDeployment(options, context)
  const domain = await openDomain(deployment.config.profile, context.ports.files)
  const images: Image[] = []
  for (const path of paths) images.push(await imageAt(path, context))
  assertOnce(images)
  const prepared = await manifestsOf(images, { deployment, domain, options, context })
  for (const note of prepared.notes) context.terminal.complain(`note: ${note}`)
  await give(images, prepared.manifests, { deployment, domain, options, context })
  const traceId = await send(prepared, deployment, options, context)
  report(prepared.submission.documentEntries, traceId, options, context)
  const [first] = prepared.submission.documentEntries
  context.terminal.print(`next: npx carnet retrieve --images ${first?.uniqueId} -o images${dataFlag(options)}`)
}

async function imageAt(path: string, context: Context): Promise<Image> {
  const { facts, file } = await factsOfFile(path, context)
  if (!looksLikeDicom(facts.head)) throw new Failure('usage', `${path} is no DICOM file; submit it by carnet submit.`)
  try {
    const head = withoutPixels(facts.head)
    return { facts: { ...facts, head }, file, instance: instanceOf(dataSetIn(head)) }
  } catch (problem) {
    if (!(problem instanceof DicomProblem)) throw problem
    throw new Failure('usage', `${path} cannot be read: ${problem.message}.`)
  }
}

function assertOnce(images: readonly Image[]): void {
  const named = new Map<string, string>()
  for (const { facts, instance } of images) {
    const before = named.get(instance.sopInstanceUID)
    if (before !== undefined) throw new Failure('usage', `${before} and ${facts.name} are the same image.`)
    named.set(instance.sopInstanceUID, facts.name)
  }
}

interface Making {
  deployment: Deployment
  domain: AffinityDomain
  options: ImagingAddOptions
  context: Context
}

/** uniqueIds, by the study. */
type Manifests = ReadonlyMap<string, string>

/** One manifest a study, all in one submission. */
async function manifestsOf(images: readonly Image[], making: Making): Promise<Prepared & { manifests: Manifests }> {
  const { deployment, domain, options, context } = making
  const byStudy = new Map<string, Image[]>()
  for (const image of images) {
    const { studyInstanceUID } = image.instance
    byStudy.set(studyInstanceUID, [...(byStudy.get(studyInstanceUID) ?? []), image])
  }
  const flags = documentFlags(options, domain)
  const made = [...byStudy.values()].map(ofStudy => manifestOf(ofStudy, flags, making))
  const { cert } = await ourIdentity(deployment.folder, 'client', options, context)
  const submission = submissionOf(
    {
      patientId: options.patient,
      sourceId: options.sourceId ?? sourceIdOf(cert),
      entries: made.map(({ entry }) => entry),
      ...inDomain(domain, flags),
    },
    context.ports,
  )
  const manifests = new Map([...byStudy.keys()].map((study, index) => [study, made[index]?.entry.uniqueId ?? '']))
  const [files, notes] = [made.map(({ file }) => file), made.flatMap(each => each.notes)]
  return { submission, files, notes, domain, manifests }
}

/** Type, author, times and ids as the images tell them; modality and region of all of them. [IHE RAD TF-3: 4.68.4.1.2.3] */
function manifestOf(images: readonly Image[], flags: DocumentFlags, { deployment, domain, options, context }: Making) {
  const { clock, randomness } = context.ports
  const [first] = images
  if (first === undefined) throw new Failure('usage', 'There is no image.')
  const bytes = writeManifest(
    {
      sopInstanceUID: uuidOid(randomness),
      seriesInstanceUID: uuidOid(randomness),
      retrieveLocationUID: deployment.config.repository.repositoryUniqueId,
      nowMs: clock.now(),
    },
    images.map(({ instance }) => instance),
    dataSetIn(first.facts.head),
  )
  const described = (facts: FileFacts) =>
    describeFile(
      facts,
      options.patient,
      flags,
      { entryUUID: uuidUrn(randomness), uniqueId: uuidOid(randomness) },
      domain,
    )
  const name = `manifest of study ${first.instance.studyInstanceUID}`
  const facts = { name, sizeBytes: bytes.length, sha1: sha1Of(bytes), modifiedMs: clock.now(), head: bytes }
  const manifest = described(facts)
  const ofImages = images.map(image => described(image.facts).entry)
  const like = ofImages[0] ?? manifest.entry
  const events = new Map(
    ofImages.flatMap(({ eventCodeList }) => eventCodeList).map(code => [`${code.codingScheme} ${code.code}`, code]),
  )
  const entry: DocumentEntry = {
    ...manifest.entry,
    typeCode: like.typeCode,
    classCode: like.classCode,
    author: like.author,
    eventCodeList: [...events.values()],
  }
  return { entry, file: { name, sizeBytes: bytes.length, open: () => once(bytes) }, notes: manifest.notes }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

const sha1Of = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex')

/** Before the manifest is submitted, so that nobody finds what is not there. */
async function give(
  images: readonly Image[],
  manifests: Manifests,
  { deployment, options, context }: Making,
): Promise<void> {
  const source = await openParcelSource(deployment, options, context)
  try {
    for (const [index, { facts, file, instance }] of images.entries()) {
      context.terminal.progress(`image ${index + 1} of ${images.length}: ${facts.name}`)
      const manifest = manifests.get(instance.studyInstanceUID) ?? ''
      const query = new URLSearchParams({ patient: options.patient, manifest })
      await source.send(`${deployment.urls.repository}/admin/imaging/instances?${query}`, file.open())
      context.terminal.progress('')
      context.terminal.print(`image      ${instance.sopInstanceUID}  (${facts.name}, ${facts.sizeBytes} bytes)`)
    }
  } finally {
    source.close()
  }
}

export async function imagingRemove(
  sopInstanceUIDs: string[],
  options: DeploymentOptions & { yes?: boolean },
  context: Context,
): Promise<void> {
  if (options.yes !== true) {
    throw new Failure('usage', 'What is removed is gone for good; say --yes. Manifests are removed by carnet remove.')
  }
  const administration = await openAdministration(await openDeployment(options, context), options, context)
  try {
    const told = await administration.resource<RemovedInstances>('repository', 'imaging/remove', { sopInstanceUIDs })
    for (const uid of told.removed) context.terminal.print(`removed    ${uid}`)
    for (const { sopInstanceUID, why } of told.kept) context.terminal.complain(`not removed ${sopInstanceUID}: ${why}`)
    if (told.kept.length > 0) throw new Failure('refused', `${told.kept.length} of these were not removed.`)
  } finally {
    administration.close()
  }
}
