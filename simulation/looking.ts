// What is seen from outside: of a document its entry and its bytes, held against what was sent.

import { listValue, storedQueryIds } from '../acceptance/stored-queries.js'
import type { DocumentEntry, Folder, SubmissionSet } from '../metadata/model.js'
import { registryStoredQuery, retrieveDocumentSet } from '../transactions/xds.js'
import type { SentDocument } from './ledger.js'
import type { Party } from './party.js'
import { sha1Of } from './sending.js'
import { repositoryUniqueId } from './world.js'

/**
 * By uniqueId the entries of these documents, their latest versions; undefined when there was no answer. A query for each
 * patient, since one by ids may not name several. [ITI TF-2:3.18.4.1.3]
 */
export async function entriesOf(
  documents: readonly SentDocument[],
  party: Party,
): Promise<Map<string, DocumentEntry[]> | undefined> {
  const found = new Map<string, DocumentEntry[]>(documents.map(({ uniqueId }) => [uniqueId, []]))
  for (const patientId of new Set(documents.map(document => document.patientId))) {
    const ids = documents.filter(document => document.patientId === patientId).map(({ uniqueId }) => uniqueId)
    const { response } = await party.ask(registryStoredQuery, {
      id: storedQueryIds.GetDocuments,
      returnType: 'LeafClass',
      slots: [{ name: '$XDSDocumentEntryUniqueId', values: [listValue(...ids)] }],
    })
    if (response?.result === undefined || response.status !== 'Success') return undefined
    for (const entry of response.result.documentEntries) found.get(entry.uniqueId ?? '')?.push(entry)
  }
  return found
}

/** The bytes; null when the repository says that there are none, undefined when it says nothing. */
export async function bytesOf(
  { uniqueId }: SentDocument,
  party: Party,
): Promise<Buffer | null | undefined | 'damaged'> {
  const { response } = await party.ask(retrieveDocumentSet, {
    documents: [{ repositoryUniqueId, documentUniqueId: uniqueId }],
  })
  if (response === undefined) return undefined
  const [document] = response.documents
  if (document !== undefined) {
    const pieces: Uint8Array[] = []
    for await (const piece of document.open()) pieces.push(piece)
    return Buffer.concat(pieces)
  }
  const codes = response.errors.map(({ errorCode }) => errorCode)
  if (codes.length > 0 && codes.every(code => code === 'XDSDocumentUniqueIdError')) return null
  return response.errors.some(({ codeContext }) => codeContext.includes('is damaged here')) ? 'damaged' : undefined
}

/** In what an entry differs from the one that was sent. */
export function differencesOf(
  { entry, bytes, titles, formerTitles, patientId }: SentDocument,
  found: DocumentEntry,
): string[] {
  const expected = plain({ ...entry, hash: sha1Of(bytes), size: String(bytes.length), repositoryUniqueId, patientId })
  const seen = plain({ ...found, patientId })
  const names = [...new Set([...Object.keys(expected), ...Object.keys(seen)])]
  const wrong = names.filter(name => name !== 'title' && expected[name] !== seen[name])
  const title = found.title?.[0]?.value ?? ''
  return [
    ...wrong.map(name => `its ${name} is ${seen[name]} and was ${expected[name]}`),
    ...([...titles, ...formerTitles].includes(title) ? [] : [`its title is ${title} and was ${titles.join(' or ')}`]),
  ]
}

/** In what a SubmissionSet or a Folder differs from the one that was sent; whose it is may have changed. */
export function changesOf(sent: SubmissionSet | Folder, found: SubmissionSet | Folder): string[] {
  const [expected, seen] = [plain(sent), plain({ ...found, patientId: sent.patientId! })]
  const names = [...new Set([...Object.keys(expected), ...Object.keys(seen)])]
  return names
    .filter(name => name !== 'lastUpdateTime' && expected[name] !== seen[name])
    .map(name => `its ${name} is ${seen[name]} and was ${expected[name]}`)
}

/** Without what a registry adds, and without the ids of what carries an attribute. */
function plain(object: DocumentEntry | SubmissionSet | Folder): Record<string, string> {
  const { entryUUID, logicalID, version, availabilityStatus, homeCommunityId, identifierIds, ...attributes } = object
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, shown(value)]),
  )
}

/** Equal for values that are, in whatever order their parts were put together. */
function shown(value: unknown): string {
  return JSON.stringify(value, (name, inner) => {
    if (name === 'id' && typeof inner === 'string') return undefined
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
  })
}
