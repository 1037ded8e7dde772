// Two communities and what may go wrong between their gateways: cut, slow, silent, lying. Nothing wrong may reach a consumer, the truth
// has to come through again afterwards, and each lie is to be found in the audit.
import { randomBytes } from 'node:crypto'
import { recordsOf } from '../after-the-kills.js'
import { type Entry, type Reading, readAnswer } from '../answers.js'
import { type Deployment, pause } from '../deployment.js'
import { findDocuments, sha1Of } from '../messages.js'
import { faultsOnTheWay } from './faults-on-the-way.js'
import type { Mischief } from './liar.js'
import { actionEnd, actionEnds, apart, asMischief, lies } from './lies.js'
import type { Result } from './results-table.js'
import { sent, soap, type TwoCommunities, twoCommunities } from './two-communities.js'

/** What a consumer may see while something is wrong: all of it, or plainly less. */
type Seen = 'the truth' | 'less, and why' | 'a broken connection'

interface Try {
  name: string
  mischief: Mischief
  isLie: boolean
}

export async function betweenCommunities(near: Deployment, places: number | 'every byte'): Promise<Result> {
  const two = await twoCommunities(near)
  try {
    const truth = await found(two)
    if (truth.entries.length !== 3 || (await fetched(two)) !== 'the truth') {
      throw new Error(`without any mischief: ${JSON.stringify(truth).slice(0, 2_000)}`)
    }
    return await allOf(await triesFor(two, places), two, truth)
  } finally {
    await two.stop()
  }
}

async function triesFor({ liar }: TwoCommunities, places: number | 'every byte'): Promise<Try[]> {
  const truths = new Map(
    Object.values(actionEnds).map(to => {
      const answer = liar.lastTruth(to)
      if (answer === undefined) throw new Error(`nothing was asked by ${to}`)
      return [to as string, answer]
    }),
  )
  return [
    ...faultsOnTheWay(truths, places).map(fault => ({ ...fault, isLie: false })),
    ...lies.map(lie => {
      const earlier = truths.get(actionEnd(lie))
      if (earlier === undefined) throw new Error(`there is no answer to ${lie.to}`)
      return { name: lie.name, mischief: asMischief(lie, apart(earlier)), isLie: true }
    }),
  ]
}

async function allOf(tries: Try[], two: TwoCommunities, truth: Reading): Promise<Result> {
  const faults: string[] = []
  const seen: Record<Seen, number> = { 'the truth': 0, 'less, and why': 0, 'a broken connection': 0 }
  let longestMs = 0
  for (const { name, mischief, isLie } of tries) {
    const traceId = randomBytes(16).toString('hex')
    const at = `${name} (trace ${traceId})`
    const began = performance.now()
    two.liar.becomes(mischief)
    try {
      const outcome = await (mischief.to === actionEnds['ITI-39'] ? fetched(two, traceId) : asked(two, truth, traceId))
      seen[outcome] += 1
      if (isLie && outcome === 'the truth') faults.push(`${at}: nobody noticed`)
    } catch (problem) {
      faults.push(`${at}: ${(problem as Error).message}`)
    }
    longestMs = Math.max(longestMs, performance.now() - began)
    if (!two.liar.hasActed()) faults.push(`${at}: it was never tried`)
    two.liar.becomes()
    if (isLie && !(await isAudited(two.near, traceId))) faults.push(`${at}: it is not in the audit`)
    if (!(await comesThrough(two))) faults.push(`${at}: afterwards the truth did not come through`)
  }
  const lied = tries.filter(({ isLie }) => isLie).length
  const counted = Object.entries(seen).map(([what, count]) => `${what} ${count} times`)
  return {
    tried: tries.length,
    faults,
    seen: `${tries.length - lied} faults on the way and ${lied} lies; a consumer saw ${counted.join(', ')}; the slowest answer took ${Math.round(longestMs)} ms`,
  }
}

/** ITI-18 at the gateway. */
async function found({ gateway, near, patientId }: TwoCommunities, traceId?: string): Promise<Reading> {
  return readAnswer(await sent(gateway, findDocuments(patientId), near.client, traced(traceId)))
}

/** @throws Error where it is neither the truth nor plainly less */
async function asked(two: TwoCommunities, truth: Reading, traceId: string): Promise<Seen> {
  const { status, errors, entries } = await found(two, traceId)
  const uniqueIds = (of: Reading['entries']) => of.map(({ facts }) => facts.join('\n')).sort()
  const isFar = ({ facts }: Entry) => two.documents.some(({ uniqueId }) => facts.some(fact => fact.includes(uniqueId)))
  const own = truth.entries.filter(entry => !isFar(entry))
  if (status === 'Success' && same(uniqueIds(entries), uniqueIds(truth.entries))) return 'the truth'
  const saysWhy = status === 'PartialSuccess' && errors.some(({ code }) => code === 'XDSUnavailableCommunity')
  if (saysWhy && same(uniqueIds(entries), uniqueIds(own))) return 'less, and why'
  throw new Error(`wrong reached the consumer: ${JSON.stringify({ status, errors, entries }).slice(0, 2_000)}`)
}

/** ITI-43 at the gateway. @throws Error where it is neither the truth nor plainly less */
async function fetched(two: TwoCommunities, traceId?: string): Promise<Seen> {
  const { gateway, near, farHome, documents: wanted } = two
  const requests = wanted.map(
    ({ repositoryUniqueId, uniqueId }) =>
      `<x:DocumentRequest><x:HomeCommunityId>${farHome}</x:HomeCommunityId><x:RepositoryUniqueId>${repositoryUniqueId}</x:RepositoryUniqueId><x:DocumentUniqueId>${uniqueId}</x:DocumentUniqueId></x:DocumentRequest>`,
  )
  const body = `<x:RetrieveDocumentSetRequest xmlns:x="urn:ihe:iti:xds-b:2007">${requests.join('')}</x:RetrieveDocumentSetRequest>`
  const request = soap('urn:ihe:iti:2007:RetrieveDocumentSet', body)
  const answer = await sent(gateway, request, near.client, traced(traceId)).catch(() => undefined)
  if (answer === undefined) return 'a broken connection'
  const { status, errors, documents } = readAnswer(answer)
  const named = (list: readonly { uniqueId: string }[], hashes: readonly string[]) =>
    list.map(({ uniqueId }, index) => `${uniqueId} ${hashes[index]}`).sort()
  const isTrue = same(
    named(
      documents,
      documents.map(({ bytes }) => sha1Of(bytes)),
    ),
    named(
      wanted,
      wanted.map(({ sha1 }) => sha1),
    ),
  )
  if (status === 'Success' && isTrue) return 'the truth'
  const saysWhy = errors.some(({ code }) => code === 'XDSUnavailableCommunity')
  if (status === 'Failure' && saysWhy && documents.length === 0) return 'less, and why'
  throw new Error(`wrong reached the consumer: ${JSON.stringify({ status, errors, documents }).slice(0, 2_000)}`)
}

/** Once whatever was broken has been given up, and a community that failed has been left alone for a while. */
async function comesThrough(two: TwoCommunities): Promise<boolean> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await pause(500)) {
    const { status, entries } = await found(two)
    if (status === 'Success' && entries.length === 3 && (await fetched(two)) === 'the truth') return true
  }
  return false
}

/** As a security alert, or as a transaction of the gateway's that failed. */
async function isAudited(near: Deployment, traceId: string): Promise<boolean> {
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; await pause(200)) {
    const records = await recordsOf(near, traceId)
    const isOfGateway = ({ source = '' }) => source.includes('gateway')
    if (records.some(record => isOfGateway(record) && Number(record.outcome) !== 0)) return true
  }
  return false
}

function traced(traceId?: string): Record<string, string> {
  return traceId === undefined ? {} : { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` }
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index])
}
