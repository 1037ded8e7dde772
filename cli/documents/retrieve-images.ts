// `carnet retrieve --images UNIQUE-ID -o FOLDER`: fetches a manifest, then the images that it names, and gives each its name only when
// it is the one that was asked for. ITI-43, RAD-69.
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { DicomProblem, dataSetIn, dicomHeadBytes } from '../../dicom/data-set.js'
import { instanceIn } from '../../dicom/instance.js'
import { type ManifestReference, manifestIn } from '../../dicom/manifest.js'
import { transferSyntaxes } from '../../dicom/transfer-syntaxes.js'
import type { DocumentEntry, RegistryError } from '../../metadata/model.js'
import { retrieveImagingDocumentSet } from '../../transactions/imaging.js'
import type { RetrievedDocument } from '../../transactions/xds-messages.js'
import type { Context } from '../context.js'
import type { Deployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { lineOf } from '../in-words.js'
import { ofCommunity } from './elsewhere.js'
import { type Fetching, fetching, type RetrieveOptions, retrieved } from './fetching.js'
import { assertUnspoilt } from './retrieve.js'

/** In one request. */
const mostAtOnce = 50
const mostManifestBytes = 64 * 1024 * 1024

export function retrieveImages(uniqueId: string, asked: RetrieveOptions, context: Context): Promise<void> {
  return fetching(uniqueId, asked, context, async fetched => {
    const references = await manifestFrom(fetched)
    const into = resolve(context.terminal.workingFolder, fetched.options.output)
    await context.ports.files.makeFolder(into)
    await fetchAll(references, into, fetched)
  })
}

/** An instance and where it is. */
type Placed = ManifestReference & { retrieveLocationUID: string }

async function manifestFrom(fetched: Fetching): Promise<Placed[]> {
  const { entry, deployment, options } = fetched
  const { document } = await retrieved(fetched, 'The retrieval of the manifest')
  const { sizeBytes = Number.POSITIVE_INFINITY } = document
  if (sizeBytes > mostManifestBytes) throw notManifest(entry, `it has ${sizeBytes} bytes`)
  const pieces: Uint8Array[] = []
  for await (const piece of document.open()) pieces.push(piece)
  const bytes = Buffer.concat(pieces)
  assertUnspoilt({ sizeBytes: bytes.length, sha1: createHash('sha1').update(bytes).digest('hex') }, entry)
  try {
    const references = placed(manifestIn(dataSetIn(bytes)), entry)
    if (options.home === undefined) assertOurs(references, deployment)
    return references
  } catch (problem) {
    throw problem instanceof DicomProblem ? notManifest(entry, problem.message) : problem
  }
}

function notManifest({ uniqueId }: DocumentEntry, why: string): Failure {
  return new Failure('refused', `The document ${uniqueId} is no manifest of images: ${why}.`)
}

/** Where a manifest says nothing of it, its images are where it is. */
function placed(references: ManifestReference[], { repositoryUniqueId = '' }: DocumentEntry): Placed[] {
  if (references.length === 0) throw new DicomProblem('it names no instance')
  return references.map(each => ({ ...each, retrieveLocationUID: each.retrieveLocationUID ?? repositoryUniqueId }))
}

function assertOurs(references: readonly Placed[], { config }: Deployment): void {
  const ours = config.repository.repositoryUniqueId
  const elsewhere = references.find(({ retrieveLocationUID }) => retrieveLocationUID !== ours)
  if (elsewhere === undefined) return
  throw new Failure(
    'refused',
    `The images are at ${elsewhere.retrieveLocationUID}, which is not the repository of this deployment (${ours}); ask there.`,
  )
}

async function fetchAll(references: Placed[], into: string, fetching: Fetching): Promise<void> {
  const errors: RegistryError[] = []
  const most = Math.min(mostAtOnce, fetching.deployment.config.repository.limits.attachments)
  let trace = ''
  for (let at = 0; at < references.length; at += most) {
    const some = new Map(references.slice(at, at + most).map(each => [each.sopInstanceUID, each]))
    const { response, traceId } = await ask([...some.values()], fetching)
    trace = traceId
    errors.push(...response.errors.filter(({ severity }) => severity === 'Error'))
    for (const document of response.documents) await keep(document, some, into, fetching.context)
    if (some.size > 0 && errors.length === 0)
      throw new Failure('refused', `The answer lacks images (trace ${traceId}).`)
  }
  if (errors.length === 0) return fetching.context.terminal.print(`trace ${trace}`)
  throw new Failure('refused', ['Not all images came:', ...errors.map(lineOf), `(trace ${trace})`].join('\n'))
}

function ask(references: readonly Placed[], { caller, deployment, options }: Fetching) {
  const documents = references.map(({ studyInstanceUID, seriesInstanceUID, sopInstanceUID, retrieveLocationUID }) => ({
    ...{ studyInstanceUID, seriesInstanceUID, documentUniqueId: sopInstanceUID },
    ...{ ...ofCommunity(options), repositoryUniqueId: retrieveLocationUID },
  }))
  const request = { documents, transferSyntaxUIDs: [...transferSyntaxes] }
  return caller.call(retrieveImagingDocumentSet, request, { url: deployment.urls.repository })
}

/** Takes it out of those that are waited for. */
async function keep(
  document: RetrievedDocument,
  waiting: Map<string, ManifestReference>,
  into: string,
  context: Context,
): Promise<void> {
  const reference = waiting.get(document.documentUniqueId)
  waiting.delete(document.documentUniqueId)
  if (reference === undefined) throw new Failure('refused', 'The answer holds an image that was not asked for.')
  const { files, randomness } = context.ports
  const beside = join(into, `.${randomness.uuid()}.part`)
  try {
    const head = await write(document, beside, context)
    assertIsThat(head, reference)
    // It is a UID: digits and dots.
    const path = join(into, `${reference.sopInstanceUID}.dcm`)
    await files.rename(beside, path)
    context.terminal.print(`${path}: ${document.sizeBytes} bytes`)
  } catch (problem) {
    await files.remove(beside)
    throw problem
  }
}

async function write(document: RetrievedDocument, path: string, { ports }: Context): Promise<Buffer> {
  const head: Uint8Array[] = []
  let length = 0
  const file = await ports.files.create(path)
  try {
    for await (const piece of document.open()) {
      if (length < dicomHeadBytes) head.push(Buffer.from(piece.subarray(0, dicomHeadBytes - length)))
      length += piece.length
      await file.write(piece)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return Buffer.concat(head)
}

function assertIsThat(head: Buffer, reference: ManifestReference): void {
  const wrong = wrongIn(head, reference)
  if (wrong === undefined) return
  throw new Failure(
    'refused',
    `The image that came for ${reference.sopInstanceUID} is not that one (${wrong}); it was thrown away. Tell the operator of its source.`,
  )
}

function wrongIn(head: Buffer, reference: ManifestReference): string | undefined {
  try {
    const found = instanceIn(head)
    const names = ['sopInstanceUID', 'seriesInstanceUID', 'studyInstanceUID', 'sopClassUID'] as const
    const other = names.find(name => found[name] !== reference[name])
    return other && `its ${other} is ${found[other]}`
  } catch (problem) {
    if (problem instanceof DicomProblem) return problem.message
    throw problem
  }
}
