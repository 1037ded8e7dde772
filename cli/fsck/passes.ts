// The looks that `carnet fsck` takes: what was left half done; every document, its bytes, its entry, its audit; every entry, its document.
// Things change meanwhile: what looks wrong is looked at again before it is told.
import type { TraceRecord } from '../../atna-audit/repository/examination-resources.js'
import type { ExaminedEntry } from '../../registry/examination-resources.js'
import type {
  ExaminedDocument,
  ScrubAnswer,
  UnsettledAnswer,
} from '../../repository/administration/examination-resources.js'
import { oneLine } from '../table.js'
import { type Examination, note } from './report.js'

/** Within this time a submission is simply under way. */
const underWayMs = 60_000
const page = 200

export async function examineUnsettled(examination: Examination): Promise<void> {
  const { administration, context } = examination
  const { pending, halfRemoved } = await administration.resource<UnsettledAnswer>('repository', 'examine/unsettled')
  const now = context.ports.clock.now()
  for (const { submissionId, receivedMs, traceId } of pending.filter(each => now - each.receivedMs > underWayMs)) {
    const minutes = Math.round((now - receivedMs) / 60_000)
    note(examination, {
      kind: 'unsettled',
      traceId,
      words: `submission ${submissionId}, for ${minutes} min; trace ${traceId}`,
    })
  }
  for (const { id, uniqueId } of await stillHalf(halfRemoved, examination)) {
    note(examination, { kind: 'half removed', documentId: id, uniqueId, words: `document ${oneLine(uniqueId)}` })
  }
}

/** A removal that is just under way has ended a little later. */
async function stillHalf(
  halfRemoved: UnsettledAnswer['halfRemoved'],
  { administration, context }: Examination,
): Promise<UnsettledAnswer['halfRemoved']> {
  if (halfRemoved.length === 0) return []
  await context.ports.clock.sleep(removalMs)
  const now = await administration.resource<UnsettledAnswer>('repository', 'examine/unsettled')
  const before = new Set(halfRemoved.map(({ id }) => id))
  return now.halfRemoved.filter(({ id }) => before.has(id))
}

const removalMs = 3_000

export async function examineDocuments(examination: Examination): Promise<void> {
  const { administration, context, report } = examination
  for (let after = ''; ; ) {
    const query = new URLSearchParams({ after, limit: String(page) })
    const { documents } = await administration.resource<{ documents: ExaminedDocument[] }>(
      'repository',
      `examine/documents?${query}`,
    )
    const last = documents.at(-1)
    if (last === undefined) return
    after = last.id
    const described = documents.filter(({ isInstance }) => isInstance !== true)
    await entriesOf(described, examination)
    await auditOf(described, examination)
    await bytesOf(documents, examination)
    report.looked.documents += documents.length
    context.terminal.progress(`documents: ${report.looked.documents}`)
  }
}

async function entriesOf(documents: ExaminedDocument[], examination: Examination): Promise<void> {
  const without = await undescribed(documents, examination)
  if (without.length === 0) return
  // Removed meanwhile, perhaps: then the repository does not know it any more either.
  const still = await keptOf(
    without.map(({ uniqueId }) => uniqueId),
    examination,
  )
  for (const { id, uniqueId, traceId } of without.filter(each => still.has(each.uniqueId))) {
    note(examination, { kind: 'no entry', documentId: id, uniqueId, traceId, words: `document ${oneLine(uniqueId)}` })
  }
}

async function undescribed(documents: ExaminedDocument[], examination: Examination): Promise<ExaminedDocument[]> {
  const known = await describedAmong(
    documents.map(({ uniqueId }) => uniqueId),
    examination,
  )
  return documents.filter(({ uniqueId }) => !known.has(uniqueId))
}

async function keptOf(uniqueIds: string[], { administration }: Examination): Promise<Map<string, Kept>> {
  const { kept } = await administration.resource<{ kept: Kept[] }>('repository', 'examine/kept', { uniqueIds })
  return new Map(kept.map(each => [each.uniqueId, each]))
}

type Kept = Omit<ExaminedDocument, 'traceId'>

/** What each submission has left in the audit; of alternatives one. A document that was made on demand came by an ITI-43. [ITI TF-2:3.20] */
const expectedRecords: readonly { transactions: readonly string[]; source: string }[] = [
  { transactions: ['ITI-41', 'ITI-43'], source: 'carnet-repository' },
  { transactions: ['ITI-42'], source: 'carnet-repository' },
  { transactions: ['ITI-42'], source: 'carnet-registry' },
]

async function auditOf(documents: ExaminedDocument[], examination: Examination): Promise<void> {
  const { clock } = examination.context.ports
  const settled = documents.filter(({ receivedMs }) => clock.now() - receivedMs > underWayMs)
  const traceIds = [...new Set(settled.map(({ traceId }) => traceId).filter(traceId => traceId !== ''))]
  if (traceIds.length === 0) return
  const { records } = await examination.administration.resource<{ records: TraceRecord[] }>('audit', 'examine/traces', {
    traceIds,
  })
  const known = new Set(records.map(({ traceId, type, source }) => `${traceId} ${type} ${source}`))
  for (const traceId of traceIds) {
    const missing = expectedRecords.filter(
      ({ transactions, source }) => !transactions.some(type => known.has(`${traceId} ${type} ${source}`)),
    )
    if (missing.length === 0) continue
    const which = missing.map(({ transactions: [type], source }) => `${type} of ${source}`).join(', ')
    note(examination, { kind: 'no audit', traceId, words: `trace ${traceId}: ${which}` })
  }
}

/** So much is read in one request. */
const mostSeconds = 5

async function bytesOf(documents: ExaminedDocument[], examination: Examination): Promise<void> {
  const { bytesPerSecond, source, deployment, report, context } = examination
  if (bytesPerSecond === undefined) return
  for (const some of parts(documents, bytesPerSecond * mostSeconds)) {
    const json = { ids: some.map(({ id }) => id), bytesPerSecond }
    const answer = await source.slow<ScrubAnswer>(`${deployment.urls.repository}/admin/examine/bytes`, json)
    report.looked.bytes += answer.bytes
    context.terminal.progress(
      `documents: ${report.looked.documents}, ${Math.round(report.looked.bytes / 1024 / 1024)} MiB read`,
    )
    for (const { id, uniqueId, why } of answer.damaged) {
      note(examination, { kind: 'damaged', documentId: id, uniqueId, words: why })
    }
  }
}

function* parts(documents: ExaminedDocument[], mostBytes: number): Generator<ExaminedDocument[]> {
  let part: ExaminedDocument[] = []
  let bytes = 0
  for (const document of documents) {
    part.push(document)
    bytes += document.sizeBytes
    if (bytes < mostBytes) continue
    yield part
    part = []
    bytes = 0
  }
  if (part.length > 0) yield part
}

export async function examineEntries(examination: Examination): Promise<void> {
  const { administration, deployment, context, report } = examination
  const ours = deployment.config.repository.repositoryUniqueId
  for (let after: number | undefined = 0; after !== undefined; ) {
    const query = new URLSearchParams({ after: String(after), limit: String(page) })
    const { entries, next }: EntriesAnswer = await administration.resource<EntriesAnswer>(
      'registry',
      `examine/entries?${query}`,
    )
    after = next
    const asked = entries.filter(each => each.repositoryUniqueId === ours && each.objectType === 'stable')
    await documentsOf(asked, examination)
    report.looked.entries += entries.length
    context.terminal.progress(`entries: ${report.looked.entries}`)
  }
}

interface EntriesAnswer {
  entries: ExaminedEntry[]
  next?: number
}

async function documentsOf(entries: ExaminedEntry[], examination: Examination): Promise<void> {
  const uniqueIds = [...new Set(entries.map(({ uniqueId }) => uniqueId ?? ''))]
  if (uniqueIds.length === 0) return
  const kept = await keptOf(uniqueIds, examination)
  const without = entries.filter(({ uniqueId }) => !kept.has(uniqueId ?? ''))
  await noteWithout(without, examination)
  for (const { entryUUID, uniqueId = '', hash, size } of entries) {
    const document = kept.get(uniqueId)
    if (document === undefined) continue
    const says = `${hash?.toLowerCase()}, ${size} bytes`
    const has = `${document.sha1}, ${document.sizeBytes} bytes`
    if (says === has) continue
    const words = `${entryUUID} says ${says}; document ${oneLine(uniqueId)} has ${has}`
    note(examination, { kind: 'other bytes', entryUUID, uniqueId, documentId: document.id, words })
  }
}

/** Its entry may have been removed since it was listed. */
async function noteWithout(entries: ExaminedEntry[], examination: Examination): Promise<void> {
  if (entries.length === 0) return
  const described = await describedAmong(
    entries.map(({ uniqueId }) => uniqueId ?? ''),
    examination,
  )
  for (const { entryUUID, uniqueId = '' } of entries.filter(each => described.has(each.uniqueId ?? ''))) {
    note(examination, {
      kind: 'no document',
      entryUUID,
      uniqueId,
      words: `${entryUUID}, document ${oneLine(uniqueId)}`,
    })
  }
}

async function describedAmong(uniqueIds: string[], { administration }: Examination): Promise<Set<string>> {
  const path = 'entries/described'
  return new Set((await administration.resource<{ described: string[] }>('registry', path, { uniqueIds })).described)
}
