// Submissions of folders as IHE XDM lays them out on media: IHE_XDM/<submission>/METADATA.XML and the documents it names by URI.
// ITI TF-2 §3.32.4.1.2.
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { DocumentEntry, Submission } from '../../metadata/model.js'
import { decodeSubmission } from '../../metadata/submission.js'
import { namespaces } from '../../soap/namespaces.js'
import { isElement, parseXml, type XmlElement } from '../../soap/xml.js'
import type { Context } from '../context.js'
import { factsOfFile } from '../documents/read-file.js'
import { Failure } from '../failure.js'
import { type ImportedSubmission, type ImportItem, keyOf } from './items.js'

export interface XdmSource {
  folder: string
  /** In the place of the patient of the medium. */
  patient: string | undefined
}

/** Of one medium, or of a folder with many. */
export async function* xdmItems(source: XdmSource, context: Context): AsyncGenerator<ImportItem> {
  for await (const path of metadataBelow(source.folder, context, mostLevels)) {
    const bytes = await metadataIn(path, context)
    yield {
      key: keyOf('XDM', relative(source.folder, path), bytes.toString('latin1'), source.patient ?? ''),
      name: relative(source.folder, dirname(path)) || '.',
      read: () => read(path, bytes, source, context),
    }
  }
}

const mostLevels = 8
/** As much as a repository takes of an envelope, and more than any medium has. */
const mostMetadataBytes = 64 * 1024 * 1024

async function metadataIn(path: string, { ports: { files } }: Context): Promise<Buffer> {
  const { sizeBytes = 0 } = (await files.stat(path)) ?? {}
  if (sizeBytes > mostMetadataBytes) {
    throw new Failure('usage', `${path} has ${sizeBytes} bytes; no METADATA.XML has more than ${mostMetadataBytes}.`)
  }
  return files.readFile(path)
}

async function* metadataBelow(folder: string, context: Context, levels: number): AsyncGenerator<string> {
  const { files } = context.ports
  const names = (await files.list(folder)).sort()
  for (const name of names.filter(each => /^metadata\.xml$/i.test(each))) yield join(folder, name)
  if (levels === 0) return
  for (const name of names) {
    const path = join(folder, name)
    if ((await files.stat(path))?.isFolder === true) yield* metadataBelow(path, context, levels - 1)
  }
}

async function read(path: string, bytes: Buffer, source: XdmSource, context: Context): Promise<ImportedSubmission> {
  const submission = withPatient(submissionIn(bytes, path), source.patient)
  if (submission.documentEntries.length === 0) throw new Failure('usage', `${path} describes no document.`)
  const entries: DocumentEntry[] = []
  const files: ImportedSubmission['files'] = []
  for (const entry of submission.documentEntries) {
    const { facts, file } = await factsOfFile(await pathOf(entry, path, source, context), context)
    assertAsDescribed(entry, facts, path)
    entries.push(asSubmitted(entry, facts))
    files.push(file)
  }
  return { submission: { ...submission, documentEntries: entries }, files }
}

function submissionIn(bytes: Buffer, path: string): Submission {
  let root: XmlElement
  try {
    root = parseXml(bytes)
  } catch (problem) {
    throw new Failure('usage', `${path} cannot be read as XML: ${(problem as Error).message}.`)
  }
  const request = found(root)
  if (request === undefined) throw new Failure('usage', `${path} holds no lcm:SubmitObjectsRequest.`)
  return decodeSubmission(request)
}

/** Some makers put more around it. */
function found(element: XmlElement, levels = 3): XmlElement | undefined {
  if (isElement(element, namespaces.lcm, 'SubmitObjectsRequest')) return element
  if (levels === 0) return undefined
  for (const child of element.children) {
    const inside = typeof child === 'string' ? undefined : found(child, levels - 1)
    if (inside !== undefined) return inside
  }
  return undefined
}

function withPatient(submission: Submission, patientId: string | undefined): Submission {
  if (patientId === undefined) return submission
  const { submissionSets, documentEntries, folders } = submission
  return {
    ...submission,
    submissionSets: submissionSets.map(each => ({ ...each, patientId })),
    documentEntries: documentEntries.map(each => ({ ...each, patientId })),
    folders: folders.map(each => ({ ...each, patientId })),
  }
}

/** The URI is relative to METADATA.XML and leads nowhere outside of what is imported. [ITI TF-2:3.32.4.1.2.2] */
async function pathOf(
  entry: DocumentEntry,
  metadata: string,
  { folder }: XdmSource,
  { ports }: Context,
): Promise<string> {
  const { URI: uri, entryUUID } = entry
  if (uri === undefined || uri === '')
    throw new Failure('usage', `${metadata}: ${entryUUID} has no URI that names its file.`)
  const named = resolve(dirname(metadata), decoded(uri))
  if (!`${named}${sep}`.startsWith(`${resolve(folder)}${sep}`)) {
    throw new Failure('usage', `${metadata}: the URI ${uri} of ${entryUUID} leads out of ${folder}.`)
  }
  const path = await presentAs(named, resolve(folder), ports)
  if (path === undefined) {
    throw new Failure('usage', `${metadata}: ${named}, the document of ${entryUUID}, is not there.`)
  }
  // A link on somebody's medium may name any file of this machine.
  const [real, within] = await Promise.all([path, folder].map(each => ports.files.realPath(each)))
  if (real?.startsWith(`${within}${sep}`) !== true) {
    throw new Failure(
      'usage',
      `${metadata}: ${path}, the document of ${entryUUID}, is a link that leads out of ${folder}.`,
    )
  }
  return path
}

/** Discs are often mounted with their names in lower case, and are then without what METADATA.XML calls DOC00001.TXT. */
async function presentAs(path: string, folder: string, ports: Context['ports']): Promise<string | undefined> {
  if ((await ports.files.stat(path)) !== undefined) return path
  if (path === folder) return undefined
  const parent = await presentAs(dirname(path), folder, ports)
  if (parent === undefined || (await ports.files.stat(parent))?.isFolder !== true) return undefined
  const wanted = basename(path).toLowerCase()
  const [only, ...others] = (await ports.files.list(parent)).filter(name => name.toLowerCase() === wanted)
  return only === undefined || others.length > 0 ? undefined : join(parent, only)
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri)
  } catch {
    return uri
  }
}

function assertAsDescribed(
  { hash, size, entryUUID }: DocumentEntry,
  facts: { sha1: string; sizeBytes: number },
  path: string,
): void {
  const isAsDescribed =
    (hash === undefined || hash.toLowerCase() === facts.sha1) &&
    (size === undefined || Number(size) === facts.sizeBytes)
  if (isAsDescribed) return
  throw new Failure(
    'usage',
    `${path}: the document of ${entryUUID} is not the one that is described: hash or size differ.`,
  )
}

/** What holds on the medium alone stays there. */
function asSubmitted(entry: DocumentEntry, { sha1, sizeBytes }: { sha1: string; sizeBytes: number }): DocumentEntry {
  const { URI: _, repositoryUniqueId: __, availabilityStatus: ___, ...rest } = entry
  return { ...rest, hash: sha1, size: String(sizeBytes) }
}
