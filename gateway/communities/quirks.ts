// Peers as they are: in what a community differs from what the framework says, a row each. Nobody else in the gateway knows of it: requests are
// made what the peer wants just before they leave, answers what the framework says as soon as they are read. docs/COMMUNITIES.md
import type { CommunityConfig, CommunityQuirks } from '../../config/gateway-config.js'
import type { CallOptions } from '../../server/caller.js'
import type { ForeignQueryResponse } from '../../transactions/communities/foreign-objects-codec.js'
import type { Transaction } from '../../transactions/transaction.js'
import type {
  AdhocQueryRequest,
  DocumentRequest,
  ProvideToCommunityRequest,
  RetrieveDocumentSetRequest,
  RetrieveDocumentSetResponse,
} from '../../transactions/xds-messages.js'
import { FalseAnswer } from '../truth/truthful.js'

export type Peer = Pick<CommunityConfig, 'name' | 'homeCommunityId' | 'quirks' | 'asynchronous' | 'answeredBy'>

interface Quirk {
  holds(quirks: CommunityQuirks): boolean
  /** How a request of any transaction is sent. */
  sent?(options: CallOptions, quirks: CommunityQuirks): CallOptions
  /** ITI-38 and ITI-63. */
  query?(request: AdhocQueryRequest): AdhocQueryRequest
  /** ITI-80. */
  provide?(request: ProvideToCommunityRequest): ProvideToCommunityRequest
  answered?(response: ForeignQueryResponse, peer: Peer): ForeignQueryResponse
  /** Each DocumentRequest of an ITI-39 or RAD-75, and each document of its answer, or of that to an ITI-63. */
  document?<Named extends DocumentRequest>(named: Named): Named
  retrieved?<Named extends DocumentRequest>(named: Named, peer: Peer): Named
}

const prefixed = (id: string) => (/^[0-9]/.test(id) ? `urn:oid:${id}` : id)
const bare = (id: string) => id.replace(/^urn:oid:/, '')

const quirks: Readonly<Record<keyof CommunityQuirks, Quirk>> = {
  withoutHeaders: {
    holds: ({ withoutHeaders }) => withoutHeaders.length > 0,
    sent: (options, { withoutHeaders }) => ({
      ...options,
      ...(withoutHeaders.includes('Security') ? { headers: [] } : {}),
      headerShape: { ...options.headerShape, without: withoutHeaders.filter(name => name !== 'Security') },
    }),
  },
  mustUnderstand: {
    holds: ({ mustUnderstand }) => !mustUnderstand,
    sent: options => ({ ...options, headerShape: { ...options.headerShape, mustUnderstand: false } }),
  },
  headerOrder: {
    holds: ({ headerOrder }) => headerOrder === 'security',
    sent: options => ({ ...options, headerShape: { ...options.headerShape, furtherFirst: true } }),
  },
  // Said to the connection itself: onward.ts has another one for such peers.
  sha1Certificates: { holds: () => false },
  homeCommunityIds: {
    holds: ({ homeCommunityIds }) => homeCommunityIds === 'bare',
    query: request => (request.home === undefined ? request : { ...request, home: bare(request.home) }),
    provide: request => ({ ...request, homes: request.homes.map(bare) }),
    answered: response => ({
      ...response,
      objects: response.objects.map(object =>
        object.home === undefined ? object : { ...object, home: prefixed(object.home) },
      ),
    }),
    document: named => withHome(named, bare),
    retrieved: named => withHome(named, prefixed),
  },
  missingHome: {
    holds: ({ missingHome }) => missingHome === 'refused',
    answered(response) {
      for (const { home, id } of response.objects) assertHome(home, id)
      return response
    },
    retrieved(named) {
      assertHome(named.homeCommunityId, named.documentUniqueId)
      return named
    },
  },
  repositoryUniqueIds: {
    holds: ({ repositoryUniqueIds }) => repositoryUniqueIds === 'urn:oid',
    document: named => ({ ...named, repositoryUniqueId: prefixed(named.repositoryUniqueId) }),
    retrieved: named => ({ ...named, repositoryUniqueId: bare(named.repositoryUniqueId) }),
  },
}

/** Nobody's quirk: a URN in capitals is the same one. [RFC 8141:3.1] */
const spelling: Quirk = {
  holds: () => true,
  answered: response => ({
    ...response,
    objects: response.objects.map(object =>
      object.home === undefined ? object : { ...object, home: inSmallLetters(object.home) },
    ),
  }),
  retrieved: named => withHome(named, inSmallLetters),
}

function inSmallLetters(urn: string): string {
  return urn.replace(/^urn:oid:/i, 'urn:oid:')
}

function withHome<Named extends DocumentRequest>(named: Named, as: (id: string) => string): Named {
  return named.homeCommunityId === undefined ? named : { ...named, homeCommunityId: as(named.homeCommunityId) }
}

/** [ITI TF-2:3.38.4.1.3, 3.39.4.1.3] */
function assertHome(home: string | undefined, id: string): void {
  if (home !== undefined) return
  throw new FalseAnswer(`its answer names no community for ${id.slice(0, 128)}, which missingHome says to refuse`)
}

const rowsFor = (peer: Peer | undefined): Quirk[] =>
  peer === undefined ? [] : [spelling, ...Object.values(quirks)].filter(quirk => quirk.holds(peer.quirks))

const queries: ReadonlySet<string> = new Set(['ITI-38', 'ITI-63'])
const retrievals: ReadonlySet<string> = new Set(['ITI-39', 'RAD-75'])
const bringing: ReadonlySet<string> = new Set([...retrievals, 'ITI-63'])

type Contract<Request, Response> = Pick<Transaction<Request, Response>, 'id'>

/** The request as this peer wants it. */
export function asWanted<Request, Response>(
  { id }: Contract<Request, Response>,
  request: Request,
  peer: Peer | undefined,
): Request {
  let wanted: unknown = request
  for (const { query, document, provide } of rowsFor(peer)) {
    if (id === 'ITI-80' && provide !== undefined) wanted = provide(wanted as ProvideToCommunityRequest)
    if (queries.has(id) && query !== undefined) wanted = query(wanted as AdhocQueryRequest)
    if (retrievals.has(id) && document !== undefined) {
      const set = wanted as RetrieveDocumentSetRequest
      wanted = { ...set, documents: set.documents.map(each => document(each)) }
    }
  }
  return wanted as Request
}

/** For whoever is no community of ours (`undefined`) nothing changes. */
export function asSent(options: CallOptions, peer: Peer | undefined): CallOptions {
  let sent = options
  for (const { sent: changed } of rowsFor(peer)) if (changed && peer) sent = changed(sent, peer.quirks)
  return sent
}

/** What this peer answered, in the words of the framework. @throws FalseAnswer where the answer is not to be taken as it is */
export function asMeant<Request, Response>(
  { id }: Contract<Request, Response>,
  response: Response,
  peer: Peer | undefined,
): Response {
  let meant: unknown = response
  for (const { answered, retrieved } of rowsFor(peer)) {
    if (peer === undefined) break
    if (queries.has(id) && answered !== undefined) meant = answered(meant as ForeignQueryResponse, peer)
    if (bringing.has(id) && retrieved !== undefined) {
      const answer = meant as RetrieveDocumentSetResponse
      meant = { ...answer, documents: answer.documents.map(each => retrieved(each, peer)) }
    }
  }
  return meant as Response
}
