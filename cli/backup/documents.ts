// The documents of a backup: those that are not there yet are asked for, many in one request, and named only when they are whole.
import { join } from 'node:path'
import type { Parcel } from '../../server/administration/parcels.js'
import { forgetFile, keepFiles, receiveFile } from '../admin-parcels.js'
import { mebibytes } from '../quantities.js'
import { factsOf, type ListedDocument, listFile, pathInBackup } from './folder.js'
import type { Backup } from './run.js'

/** Bounds of one request. */
const mostDocuments = 200
const mostBytes = 64 * 1024 * 1024

export async function copyDocuments(listed: AsyncIterable<ListedDocument>, run: Backup): Promise<void> {
  const { files } = run.context.ports
  const list = join(run.generation, listFile)
  const lines = await run.vault.create(list)
  try {
    for await (const batch of batchesOf(listed)) {
      const there = await isThere(batch, run)
      await fetchDocuments(
        batch.filter(({ id }) => !there.has(id)),
        there,
        run,
      )
      const kept = batch.filter(({ id }) => there.has(id))
      for (const { sizeBytes } of kept) run.manifest.documents.bytes += sizeBytes
      run.manifest.documents.count += kept.length
      await lines.write(Buffer.from(kept.map(({ id, sizeBytes, sha256 }) => `${id} ${sizeBytes} ${sha256}\n`).join('')))
      const { count, bytes } = run.manifest.documents
      run.context.terminal.progress(`documents: ${count}, ${mebibytes(bytes)}`)
    }
    await lines.finish()
  } finally {
    await lines.close()
  }
  await files.syncFile(list)
  run.manifest.documents.list = { file: listFile, ...(await factsOf(run, list)) }
}

async function* batchesOf(listed: AsyncIterable<ListedDocument>): AsyncGenerator<ListedDocument[]> {
  let batch: ListedDocument[] = []
  let bytes = 0
  for await (const document of listed) {
    batch.push(document)
    bytes += document.sizeBytes
    if (batch.length < mostDocuments && bytes < mostBytes) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

/** A file has its name only since it was whole and durable: its size tells enough here, and `restore` reads it all. */
async function isThere(batch: ListedDocument[], { folder, vault, context }: Backup): Promise<Set<string>> {
  const there = new Set<string>()
  for (const { id, sizeBytes } of batch) {
    const found = await context.ports.files.stat(pathInBackup(folder, id))
    if (found !== undefined && vault.fits(found.sizeBytes, sizeBytes)) there.add(id)
  }
  return there
}

/** Adds to `there` what has come. */
async function fetchDocuments(wanted: ListedDocument[], there: Set<string>, run: Backup): Promise<void> {
  if (wanted.length === 0) return
  const { source, deployment, folder, manifest, context } = run
  const byId = new Map(wanted.map(document => [document.id, document]))
  const url = `${deployment.urls.repository}/admin/backup/documents`
  const whole: string[] = []
  const parcels = source.parcels(url, { ids: [...byId.keys()] })
  for (let next = await parcels.next(); next.done !== true; next = await parcels.next()) {
    const parcel = next.value
    if (parcel.kind === 'absent') noteAbsent(parcel, run)
    if (parcel.kind !== 'begin') continue
    const { name } = parcel
    const watch = (bytes: number) => context.terminal.progress(`document ${name}: ${mebibytes(bytes)}`)
    const path = pathInBackup(folder, name)
    const written = await receiveFile(parcels, path, run, watch)
    if ('kind' in written) {
      noteAbsent(written, run)
    } else if (written.sha256 === byId.get(name)?.sha256) {
      whole.push(name)
    } else {
      manifest.damaged.push({ id: name, why: 'its bytes are not those that the database tells of' })
      await forgetFile(path, context)
    }
  }
  await keepFiles(
    whole.map(id => pathInBackup(folder, id)),
    context,
  )
  for (const id of whole) there.add(id)
}

function noteAbsent({ name, gone, why }: Parcel & { kind: 'absent' }, { manifest }: Backup): void {
  if (gone) manifest.removedMeanwhile.push(name)
  else manifest.damaged.push({ id: name, why })
}
