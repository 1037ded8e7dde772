// The community that a request names, as it is meant: some leave `urn:oid:` out, or write it in capitals. RFC 8141 §3.1.
import { isOid } from '../metadata/data-types.js'

/** Whatever is neither stays as it is, and is that of no community. */
export function homeMeant(named: string): string {
  const oid = named.replace(/^urn:oid:/i, '')
  return isOid(oid) ? `urn:oid:${oid}` : named
}

/** The same query, to the community that is meant. */
export function atHome<Query extends { home?: string | undefined }>(query: Query): Query {
  return query.home === undefined ? query : Object.assign({}, query, { home: homeMeant(query.home) })
}

/** The same requests, each with the home as homeMeant reads it. */
export function atHomes<Wanted extends { homeCommunityId?: string | undefined }>(
  documents: readonly Wanted[],
): Wanted[] {
  return documents.map(document =>
    document.homeCommunityId === undefined
      ? document
      : Object.assign({}, document, { homeCommunityId: homeMeant(document.homeCommunityId) }),
  )
}
