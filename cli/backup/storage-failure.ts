// A problem of an object storage as the failure of a command.
import { S3Problem } from '../../s3/problem.js'
import { Failure } from '../failure.js'

/** Any other problem stays what it is. */
export function asStorageFailure(problem: unknown, whatNext = ''): unknown {
  if (!(problem instanceof S3Problem)) return problem
  return new Failure(problem.kind === 'away' ? 'unreachable' : 'refused', `${problem.message}${whatNext}.`)
}
