// How many documents there are and how many bytes, for the metrics: counted page by page beside the service, since no index knows it.
import type { Clock } from '../ports/clock.js'
import type { Metrics } from '../server/metrics.js'
import type { DocumentStore } from './document-store.js'

const countEveryMs = 3_600_000
const page = 500
/** Between pages: a million documents take some two minutes, and nobody waits for more than a page. */
const pauseMs = 50

export interface Holdings {
  documents: number
  bytes: number
}

/** Once an hour, until `closing` is aborted. Not a number (NaN) before the first count is over. */
export function reportHoldings(
  documents: Pick<DocumentStore, 'listed'>,
  { clock, metrics, closing }: { clock: Clock; metrics: Metrics; closing: AbortSignal },
): void {
  let counted: Holdings = { documents: Number.NaN, bytes: Number.NaN }
  let counting = false

  async function count(): Promise<void> {
    if (counting) return
    counting = true
    try {
      counted = await holdingsOf(documents, clock, closing)
    } finally {
      counting = false
    }
  }

  const again = () => void count().catch(() => {})
  const timer = clock.every(countEveryMs, again)
  closing.addEventListener('abort', () => timer.cancel())
  again()
  metrics.gauge('xds_documents', 'Registered documents, as counted within the last hour', () => counted.documents)
  metrics.gauge('xds_document_bytes', 'Bytes of these', () => counted.bytes)
}

/** @throws when `closing` is aborted before all are counted, or the database is. */
export async function holdingsOf(
  documents: Pick<DocumentStore, 'listed'>,
  clock: Clock,
  closing?: AbortSignal,
): Promise<Holdings> {
  const counted = { documents: 0, bytes: 0 }
  for (let after = ''; ; ) {
    const listed = await documents.listed(after, page)
    counted.documents += listed.length
    for (const { sizeBytes } of listed) counted.bytes += sizeBytes
    const last = listed.at(-1)
    if (last === undefined || listed.length < page) return counted
    after = last.id
    await clock.sleep(pauseMs, { idle: true, ...(closing === undefined ? {} : { signal: closing }) })
  }
}
