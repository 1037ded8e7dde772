// Where answers come to questions of our own, by requests of their own. [ITI TF-2: Appendix V.3]
import type { HttpRequest } from '../ports/network.js'
import type { Partner } from './actor.js'
import type { ExchangeAnswer } from './trail.js'

export interface AnswersDoor {
  /** Below that of the actor, with a slash behind it. */
  path: string
  /** What is said to whoever has sent it; never throws. */
  take(arriving: ArrivingAnswer): Promise<ExchangeAnswer>
}

export interface ArrivingAnswer extends Pick<HttpRequest, 'headers' | 'body'> {
  /** What stands behind the path. */
  name: string
  partner: Partner
}
