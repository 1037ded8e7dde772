// The documents of a request: which of them are the same, and which go to one place.
import type { DocumentRequest } from '../../transactions/xds-messages.js'

/** In the order in which each key comes first. */
export function groupedBy<Wanted>(
  documents: readonly Wanted[],
  keyOf: (document: Wanted) => string,
): [string, Wanted[]][] {
  const groups = new Map<string, Wanted[]>()
  for (const document of documents) {
    const key = keyOf(document)
    const others = groups.get(key)
    if (others === undefined) groups.set(key, [document])
    else others.push(document)
  }
  return [...groups]
}

/** Within a community. */
export function documentKey({ repositoryUniqueId, documentUniqueId }: DocumentRequest): string {
  return `${repositoryUniqueId.replace(/^urn:oid:/i, '')}\n${documentUniqueId}`
}

/** Each document once, however often it is asked for. */
export function distinct<Wanted extends DocumentRequest>(documents: readonly Wanted[]): Wanted[] {
  const byName = new Map<string, Wanted>()
  for (const document of documents) {
    const name = `${document.homeCommunityId ?? ''}\n${documentKey(document)}`
    if (!byName.has(name)) byName.set(name, document)
  }
  return [...byName.values()]
}
