// Answers of several communities as one. ITI TF-2 §3.18.4.1.3, §3.38.4.1.3.
import type { RegistryError } from '../../metadata/model.js'
import type { ForeignObject, ForeignQueryResponse } from '../../transactions/communities/foreign-objects-codec.js'
import type { ResponseStatus } from '../../transactions/xds-messages.js'

/** Also of one that has not answered: then objects are none and errors say why. */
export interface CommunityAnswer {
  homeCommunityId: string
  objects: ForeignObject[]
  errors: RegistryError[]
  /** It has answered, with whatever. */
  hasAnswered: boolean
}

/** Each object once, whoever tells it; each error with the community that it comes from. */
export function merged(answers: readonly CommunityAnswer[]): ForeignQueryResponse {
  const objects = new Map<string, ForeignObject>()
  for (const answer of answers) {
    for (const object of answer.objects) {
      const key = `${object.home}\n${object.element.name}\n${object.id}`
      if (!objects.has(key)) objects.set(key, object)
    }
  }
  const errors = answers.flatMap(answer =>
    answer.errors.map(error => (error.location === undefined ? { ...error, location: answer.homeCommunityId } : error)),
  )
  const status = statusOf(answers, errors)
  return { status, errors, registryObjects: [], objects: [...objects.values()] }
}

/**
 * What a Responding Gateway finds wrong it locates at its community, for another one cannot tell what is inside; which document it is stands in
 * the context. [ITI TF-2:3.38.4.1.3, 3.39.4.1.3]
 */
export function locatedAt<Response extends { errors: RegistryError[] }>(
  location: string,
  response: Response,
): Response {
  return { ...response, errors: response.errors.map(error => ({ ...error, location })) }
}

/** What failed at one community does not take away what others have told. */
function statusOf(answers: readonly CommunityAnswer[], errors: readonly RegistryError[]): ResponseStatus {
  if (!errors.some(({ severity }) => severity === 'Error')) return 'Success'
  const isGood = ({ hasAnswered, errors: own, objects }: CommunityAnswer) =>
    hasAnswered && (objects.length > 0 || !own.some(({ severity }) => severity === 'Error'))
  return answers.some(isGood) ? 'PartialSuccess' : 'Failure'
}

/**
 * The answer of a community that gave none: its error makes the whole PartialSuccess at best, with the community's id as location. [ITI
 * TF-2:3.18.4.1.3]
 */
export function unavailable(homeCommunityId: string, why: string, traceId: string): CommunityAnswer {
  const codeContext = `the community ${homeCommunityId} did not answer: ${why} (trace ${traceId})`
  return {
    homeCommunityId,
    objects: [],
    errors: [{ errorCode: 'XDSUnavailableCommunity', codeContext, severity: 'Error', location: homeCommunityId }],
    hasAnswered: false,
  }
}
