// What one other community answers to a query: of its patient, within its time, and only what is an answer to the question.
// ITI TF-2 §3.38.4.1.2.
import type { Exchange } from '../../server/actor.js'
import { type ForeignQueryResponse, ofCommunity } from '../../transactions/communities/foreign-objects-codec.js'
import { crossGatewayQuery } from '../../transactions/communities/xca.js'
import type { AdhocQueryRequest } from '../../transactions/xds-messages.js'
import type { Community } from '../communities/communities.js'
import type { Allowance } from '../communities/in-time.js'
import type { GatewayContext } from '../context.js'
import { lied } from '../truth/lies.js'
import { FalseAnswer, falsehoodIn } from '../truth/truthful.js'
import { type CommunityAnswer, unavailable } from './merged.js'
import { queryFor } from './patient-parameter.js'

/** A query, and whose patient it is about. */
export interface Asked {
  query: AdhocQueryRequest
  patientId: string | undefined
}

/** Whether it need not be asked: it is asked where it is located, and nobody has named it there. A query that names it itself goes there. [ITI TF-2:3.56] */
export async function isSpared(
  community: Community,
  { query, patientId }: Asked,
  context: GatewayContext,
  exchange: Exchange,
): Promise<boolean> {
  if (query.home !== undefined || patientId === undefined) return false
  const told = (locator: Community, why: string) => lied(locator, why, context, exchange)
  return !(await context.locations.areWorthAsking(community, patientId, exchange, told))
}

/** [ITI TF-2:3.38.4.1.2] */
export function communityAnswer(
  community: Community,
  asked: Asked,
  allowed: Allowance,
  context: GatewayContext,
  exchange: Exchange<ForeignQueryResponse>,
): Promise<CommunityAnswer> {
  const { homeCommunityId: home, query: url, form } = community
  return aboutItsPatient(community, asked, { allowed, context, exchange }, async query => {
    const ask = () => {
      const to = { url, timeoutMs: allowed.leftMs(), form, homeCommunityId: home }
      return context.onward.askForObjects(crossGatewayQuery, query, to, exchange)
    }
    const answer = await community.run(ask)
    const falsehood = falsehoodIn(answer, query)
    if (falsehood !== undefined) throw new FalseAnswer(falsehood)
    const { objects, errors } = answer
    context.told.remember(home, objects)
    return {
      ...{ homeCommunityId: home, errors, hasAnswered: true },
      objects: objects.map(object => ofCommunity(object, home)),
    }
  })
}

/** Asks about the patient by the id that the community has; `ask` throws FalseAnswer where its answer is none to the question. */
export async function aboutItsPatient<Answer extends CommunityAnswer>(
  community: Community,
  { query, patientId }: Asked,
  { allowed, context, exchange }: { allowed: Allowance; context: GatewayContext; exchange: Exchange<never> },
  ask: (query: AdhocQueryRequest) => Promise<Answer>,
): Promise<Answer | CommunityAnswer> {
  const { homeCommunityId: home } = community
  const { correlations } = context
  // Who is not known there has nothing there.
  if (patientId !== undefined && correlations.isUnknownAt(community, patientId)) return nothingFrom(home)
  try {
    community.assertOpen()
    if (patientId === undefined) return await ask(queryFor(query, home))
    // Whom it knows and what it has are two questions, and one deadline.
    const there = await allowed.within(correlations.idAt(community, patientId, exchange))
    if (there === undefined) return nothingFrom(home)
    const answer = await ask(queryFor(query, home, there))
    const isUnknown = answer.errors.some(({ errorCode }) => errorCode === 'XDSUnknownPatientId')
    if (isUnknown) correlations.forget(community, patientId)
    return answer
  } catch (problem) {
    if (problem instanceof FalseAnswer) return lied(community, problem.message, context, exchange)
    return unavailable(home, (problem as Error).message, exchange.trace.traceId)
  }
}

export const nothingFrom = (homeCommunityId: string): CommunityAnswer => ({
  ...{ homeCommunityId, objects: [], errors: [], hasAnswered: true },
})
