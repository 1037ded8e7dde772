// `carnet retrieve UNIQUE-ID -o FILE`: finds the entry, fetches the document, and gives it its name only when hash and size hold. ITI-43.
import { createHash } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import type { DocumentEntry } from '../../metadata/model.js'
import type { RetrievedDocument } from '../../transactions/xds-messages.js'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'
import { type Fetching, fetching, type RetrieveOptions, retrieved } from './fetching.js'

export function retrieve(uniqueId: string, asked: RetrieveOptions, context: Context): Promise<void> {
  return fetching(uniqueId, asked, context, async fetched => {
    const { document, traceId } = await retrieved(fetched, 'The retrieval')
    await deliver(document, fetched)
    if (asked.output !== '-') context.terminal.print(`trace ${traceId}`)
  })
}

async function deliver(document: RetrievedDocument, { entry, folder, options, context }: Fetching): Promise<void> {
  const { output } = options
  const { ports, terminal } = context
  const toTerminal = output === '-'
  const target = resolve(terminal.workingFolder, output)
  // Beside its target, so that it can be renamed; what goes to a pipe is checked before its first byte leaves, too.
  const beside = toTerminal ? join(folder, 'document') : join(dirname(target), `.${ports.randomness.uuid()}.part`)
  try {
    const found = await write(document, beside, context)
    assertUnspoilt(found, entry)
    if (toTerminal) return await copyToTerminal(beside, context)
    await ports.files.rename(beside, target)
    terminal.print(
      `${target}: ${found.sizeBytes} bytes, ${document.mimeType}, SHA-1 ${found.sha1}${standingOf(document)}`,
    )
  } catch (problem) {
    await ports.files.remove(beside)
    throw problem
  }
}

function standingOf({ newDocumentUniqueId, newRepositoryUniqueId }: RetrievedDocument): string {
  if (newDocumentUniqueId === undefined) return ' as registered'
  const kept = newRepositoryUniqueId === undefined ? 'not kept' : 'kept'
  return `, made on demand and ${kept} as ${newDocumentUniqueId}`
}

interface Written {
  sizeBytes: number
  sha1: string
}

async function write(document: RetrievedDocument, path: string, { ports }: Context): Promise<Written> {
  const sha1 = createHash('sha1')
  let sizeBytes = 0
  const file = await ports.files.create(path)
  try {
    for await (const piece of document.open()) {
      sha1.update(piece)
      sizeBytes += piece.length
      await file.write(piece)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { sizeBytes, sha1: sha1.digest('hex') }
}

// The hash is hexadecimal; its case has no meaning. [ITI TF-3:4.2.3.2.10]
export function assertUnspoilt({ sizeBytes, sha1 }: Written, { hash, size }: DocumentEntry): void {
  const wrong = [
    ...(hash !== undefined && hash.toLowerCase() !== sha1 ? [`SHA-1 is ${sha1}, registered is ${hash}`] : []),
    ...(size !== undefined && Number(size) !== sizeBytes ? [`size is ${sizeBytes}, registered is ${size}`] : []),
  ]
  if (wrong.length === 0) return
  throw new Failure(
    'refused',
    `The document that came is not the one registered (${wrong.join('; ')}); it was thrown away. Tell the operator of the repository.`,
  )
}

async function copyToTerminal(path: string, { ports, terminal }: Context): Promise<void> {
  const file = await ports.files.open(path)
  try {
    for (let position = 0; ; ) {
      const piece = await file.read(position, 524_288)
      if (piece.length === 0) return
      await terminal.printBytes(piece)
      position += piece.length
    }
  } finally {
    await file.close()
  }
}
