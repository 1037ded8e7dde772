// What one other community answers to a query: of its patient, within its time, and only what is an answer to the question.
// ITI TF-2 §3.38.4.1.2.
import type { Exchange } from '../server/actor.js'
import { type ForeignQueryResponse, ofCommunity } from '../transactions/foreign-objects-codec.js'
import { crossGatewayQuery } from '../transactions/xca.js'
import type { AdhocQueryRequest } from '../transactions/xds-messages.js'
import type { Community } from './communities.js'
import type { GatewayContext } from './context.js'
import type { Allowance } from './in-time.js'
import { lied } from './lies.js'
import { type CommunityAnswer, unavailable } from './merged.js'
import { queryFor } from './patient-parameter.js'
import { FalseAnswer, falsehoodIn } from './truthful.js'

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
export async function communityAnswer(
  community: Community,
  { query, patientId }: Asked,
  allowed: Allowance,
  context: GatewayContext,
  exchange: Exchange<ForeignQueryResponse>,
): Promise<CommunityAnswer> {
  const { homeCommunityId: home, query: url, form } = community
  // Who is not known there has nothing there.
  if (patientId !== undefined && context.correlations.isUnknownAt(community, patientId)) return nothingFrom(home)
  try {
    community.assertOpen()
    // Whom it knows and what it has are two questions, and one deadline.
    const there =
      patientId === undefined
        ? undefined
        : await allowed.within(context.correlations.idAt(community, patientId, exchange))
    if (patientId !== undefined && there === undefined) return nothingFrom(home)
    return await community.run(async () => {
      const asked = queryFor(query, home, there)
      const to = { url, timeoutMs: allowed.leftMs(), form, homeCommunityId: home }
      const answer = await context.onward.askForObjects(crossGatewayQuery, asked, to, exchange)
      const { objects, errors } = answer
      if (patientId !== undefined && errors.some(({ errorCode }) => errorCode === 'XDSUnknownPatientId')) {
        context.correlations.forget(community, patientId)
      }
      const falsehood = falsehoodIn(answer, asked)
      if (falsehood !== undefined) return await lied(community, falsehood, context, exchange)
      context.told.remember(home, objects)
      return {
        homeCommunityId: home,
        objects: objects.map(object => ofCommunity(object, home)),
        errors,
        hasAnswered: true,
      }
    })
  } catch (problem) {
    if (problem instanceof FalseAnswer) return lied(community, problem.message, context, exchange)
    return unavailable(home, (problem as Error).message, exchange.trace.traceId)
  }
}

export const nothingFrom = (homeCommunityId: string): CommunityAnswer => ({
  ...{ homeCommunityId, objects: [], errors: [], hasAnswered: true },
})
