// What the registries of this community say, and what is said of queries that are not for it. ITI TF-2 §3.38.4.1.3.
import { registryErrorOf } from '../../metadata/errors.js'
import type { ErrorCode, RegistryError } from '../../metadata/model.js'
import { quoted } from '../../metadata/words.js'
import type { Exchange } from '../../server/actor.js'
import { type ForeignQueryResponse, ofCommunity } from '../../transactions/communities/foreign-objects-codec.js'
import { storedQueryThrough } from '../../transactions/communities/xca.js'
import type { AdhocQueryRequest } from '../../transactions/xds-messages.js'
import type { GatewayContext } from '../context.js'
import { type CommunityAnswer, unavailable } from './merged.js'

/** What our own registries say, each object as one of this community. */
export async function registriesAnswers(
  query: AdhocQueryRequest,
  { config, onward }: Pick<GatewayContext, 'config' | 'onward'>,
  exchange: Exchange<ForeignQueryResponse>,
): Promise<CommunityAnswer[]> {
  const { homeCommunityId, registries } = config
  const { traceId } = exchange.trace
  const answers = await Promise.all(
    registries.map(async (to): Promise<CommunityAnswer> => {
      try {
        const asked = { ...to, homeCommunityId }
        const { objects, errors } = await onward.askForObjects(storedQueryThrough, query, asked, exchange)
        const ours = objects.map(object => ofCommunity(object, homeCommunityId))
        return { homeCommunityId, objects: ours, errors, hasAnswered: true }
      } catch (problem) {
        const codeContext = `the registry of ${homeCommunityId} did not answer: ${(problem as Error).message} (trace ${traceId})`
        const error = { errorCode: 'XDSRegistryNotAvailable', codeContext, severity: 'Error' } as const
        return { ...unavailable(homeCommunityId, '', traceId), errors: [error] }
      }
    }),
  )
  const isKnown = answers.some(({ hasAnswered, errors }) => hasAnswered && !errors.some(isOfStranger))
  return isKnown ? answers.map(withoutStrangers) : answers
}

/** A patient of one registry need not be known to the next: it is told where it is one of none. [ITI TF-2: Table 4.2.4.1-2] */
function withoutStrangers(answer: CommunityAnswer): CommunityAnswer {
  return { ...answer, errors: answer.errors.filter(error => !isOfStranger(error)) }
}

const isOfStranger = ({ errorCode }: RegistryError) => errorCode === 'XDSUnknownPatientId'

export interface IsFor {
  expected: string
  clause: string
  /** Why a community has to be named. */
  because?: string
}

/** [ITI TF-2:3.38.4.1.3] */
export function missingHome(
  { expected, clause, because = 'for the query names no patient' }: IsFor,
  { trace }: Pick<Exchange, 'trace'>,
): ForeignQueryResponse {
  const finding = { expected: `${expected}, ${because}`, found: 'nothing', clause }
  return refused('XDSMissingHomeCommunityId', finding, trace)
}

/** For what a refusal says was expected. */
export function knownHomes({ config, communities }: GatewayContext): string {
  return [config.homeCommunityId, ...communities.all.map(({ homeCommunityId }) => homeCommunityId)].join(' or ')
}

/** [ITI TF-2:3.38.4.1.3] */
export function unknownHome(
  home: string,
  { expected, clause }: IsFor,
  { trace }: Pick<Exchange, 'trace'>,
): ForeignQueryResponse {
  return refused('XDSUnknownCommunity', { expected, found: quoted(home), clause }, trace)
}

function refused(
  code: ErrorCode,
  { expected, found, clause }: { expected: string; found: string; clause: string },
  { traceId }: Exchange['trace'],
): ForeignQueryResponse {
  const finding = { code, object: 'AdhocQuery', attribute: 'home', rule: clause, expected, found }
  return { status: 'Failure', errors: [registryErrorOf(finding, traceId)], registryObjects: [], objects: [] }
}
