// For administrators: how the chain stands, its verification, records with their proofs, a new key. docs/AUDIT-PROOF.md.
import type { Ports } from '../../../ports/ports.js'
import { lastParcel, writeParcel } from '../../../server/administration/parcels.js'
import {
  AdminProblem,
  type AdminRequest,
  type AdminResource,
  Parcels,
} from '../../../server/administration/resources.js'
import type { Store } from '../../../store/store.js'
import { foundRecords } from '../find-records.js'
import type { RecordQuery } from '../record-query.js'
import { bundleOf, tarOf } from './bundle.js'
import type { Chain } from './chain.js'
import { readRoot, rootCovering } from './roots.js'
import type { Verification } from './verification.js'

export interface ChainResources {
  store: Store
  chain: Chain
  verification: Verification
  ports: Pick<Ports, 'clock'>
}

/** Records of one bundle. */
const mostBundled = 10_000

export function chainResources({ store, chain, verification, ports: { clock } }: ChainResources): AdminResource[] {
  return [
    {
      path: '/admin/chain',
      method: 'GET',
      does: 'see the state of the chain of audit records',
      answer: async () => ({ ...chain.state(), verifications: verification.history(10) }),
    },
    {
      path: '/admin/chain/seal',
      method: 'POST',
      does: 'sign the audit records as they are',
      answer: async () => (await chain.seal()) ?? {},
    },
    {
      path: '/admin/chain/rotate-key',
      method: 'POST',
      does: 'sign audit records with a new key',
      answer: () => chain.rotateKey(),
    },
    {
      path: '/admin/chain/verify',
      method: 'POST',
      does: 'verify the chain of audit records',
      answer: async ({ body }) => {
        if (!verification.start(verifyOptions(body))) throw new AdminProblem(409, 'a verification is running already')
        return verification.state()
      },
    },
    {
      path: '/admin/chain/verify',
      method: 'GET',
      does: 'see how the verification of audit records goes',
      answer: async () => verification.state(),
    },
    {
      path: '/admin/chain/bundle',
      method: 'POST',
      does: 'export audit records with their proofs',
      answer: async request => {
        await chain.seal()
        const { query, ids, formerSize } = bundleWanted(request)
        if (formerSize !== undefined && !isRootOver(store, formerSize))
          throw new AdminProblem(404, `no root was signed over ${formerSize} records`)
        const found = ids ?? (await idsOf(store, query, clock))
        if (found.length === 0) throw new AdminProblem(404, 'there is no such record')
        const about = `carnet audit bundle 1\nmade ${new Date(clock.now()).toISOString()}\nfor ${request.partner.name}\nasked ${JSON.stringify(ids === undefined ? query : { ids })}`
        const files = bundleOf(
          store,
          { ids: found, about, ...(formerSize !== undefined && { formerSize }) },
          { sign: text => chain.sign(text) },
        )
        return new Parcels(inParcel(tarOf(files, clock.now())))
      },
    },
  ]
}

function isRootOver(store: Store, size: number): boolean {
  const root = rootCovering(store, size)
  return root !== undefined && readRoot(root.text)?.size === size
}

async function* inParcel(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* writeParcel({ name: 'audit-bundle.tar', pieces: eachOf(pieces) })
  yield lastParcel()
}

async function* eachOf(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield piece
}

function verifyOptions(body: unknown): { first?: number; last?: number; index?: boolean } {
  const { first, last, index } = (body ?? {}) as Record<string, unknown>
  for (const id of [first, last]) {
    if (id !== undefined && !(Number.isSafeInteger(id) && (id as number) > 0)) {
      throw new AdminProblem(400, 'first and last are numbers of records, from 1')
    }
  }
  return {
    ...(first !== undefined && { first: first as number }),
    ...(last !== undefined && { last: last as number }),
    ...(index === true && { index }),
  }
}

const texts = [
  'patient',
  'person',
  'organisation',
  'object',
  'purpose',
  'role',
  'event',
  'type',
  'source',
  'trace',
  'anything',
] as const

function bundleWanted({ body }: AdminRequest): { query: RecordQuery; ids?: number[]; formerSize?: number } {
  const asked = (body ?? {}) as Record<string, unknown>
  const query: RecordQuery = {}
  for (const name of texts) if (typeof asked[name] === 'string') query[name] = asked[name]
  if (typeof asked.sinceMs === 'number') query.sinceMs = asked.sinceMs
  if (typeof asked.untilMs === 'number') query.untilMs = asked.untilMs
  const { ids, formerSize } = asked
  const areIds = Array.isArray(ids) && ids.length <= mostBundled && ids.every(id => Number.isSafeInteger(id))
  if (ids !== undefined && !areIds) throw new AdminProblem(400, `ids is a list of at most ${mostBundled} numbers`)
  if (ids === undefined && Object.keys(query).length === 0) {
    throw new AdminProblem(400, `say which records: ids, ${texts.join(', ')}, sinceMs or untilMs`)
  }
  return {
    query,
    ...(areIds && { ids: (ids as number[]).toSorted((one, other) => one - other) }),
    ...(typeof formerSize === 'number' && { formerSize }),
  }
}

async function idsOf(store: Store, query: RecordQuery, clock: Ports['clock']): Promise<number[]> {
  const ids: number[] = []
  for await (const { records } of foundRecords(store, query, { limit: 500 }, clock)) {
    for (const { id } of records) ids.push(id)
    if (ids.length > mostBundled) {
      throw new AdminProblem(413, `more than ${mostBundled} records: ask for a shorter time`)
    }
  }
  return ids.sort((one, other) => one - other)
}
