// A query for DocumentEntries, however many there are: references first, then the entries page by page, so that no answer has more
// objects than a registry gives at once, nor more elements than its reader takes. ITI TF-2 §3.18.4.1.2.6, §3.18.4.1.2.3.7.5.
import type { DocumentEntry } from '../metadata/model.js'
import { hiddenParameter } from './hidden-entries.js'
import { listValue } from './query-values.js'
import type { AdhocQueryRequest, QueryResult } from './xds-messages.js'

const getDocuments = 'urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4'

const pageLength = 500

/** Parameters that hold for whatever is asked. */
const everywhere: ReadonlySet<string> = new Set(['$MetadataLevel', hiddenParameter])

/** What is removed between the two is not told; what changes is told as it has become. */
export async function entriesInPages(
  find: AdhocQueryRequest,
  ask: (request: AdhocQueryRequest) => Promise<QueryResult>,
): Promise<DocumentEntry[]> {
  const { objectRefs } = await ask({ ...find, returnType: 'ObjectRef' })
  const ids = objectRefs.map(({ id }) => id)
  const slots = find.slots.filter(({ name }) => everywhere.has(name))
  const entries: DocumentEntry[] = []
  for (let at = 0; at < ids.length; at += pageLength) {
    const named = { name: '$XDSDocumentEntryEntryUUID', values: [listValue(ids.slice(at, at + pageLength))] }
    const page = await ask({ ...find, id: getDocuments, returnType: 'LeafClass', slots: [named, ...slots] })
    for (const entry of page.documentEntries) entries.push(entry)
  }
  return entries
}
