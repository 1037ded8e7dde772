// One request of somebody at a registration desk, with all that a page is made of.
import type { Answer } from '../../pages/answers.js'
import type { Language } from '../../pages/languages.js'
import type { Times } from '../../pages/times.js'
import type { Partner } from '../../server/actor.js'
import type { PatientIndexContext } from '../context.js'
import type { Texts } from './texts/texts.js'

/** Below which all of these pages are. */
export const base = '/patient-index/reviews'

export interface Visit {
  context: PatientIndexContext
  /** Whoever the certificate of the browser names. */
  partner: Partner
  path: string
  query: URLSearchParams
  /** Of a POST. */
  form: URLSearchParams
  /** What follows upon the path of the route, decoded. */
  rest: string
  language: Language
  texts: Texts
  times: Times
  formToken: string
}

export interface Page {
  answer: Answer
  /** Whose records are on it, as CX. What a decision was about is written down with the decision itself. */
  shows: readonly string[]
}
