// Pages for what cannot be shown or done: in words, with nothing of what went wrong inside.
import { type Answer, page } from '../../pages/answers.js'
import { at, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import { AdminProblem } from '../../server/administration/resources.js'
import { NotUndone } from '../undone-elsewhere.js'
import { whole } from './layout.js'
import { base, type Visit } from './visit.js'

type Problem = 'notFound' | 'notAllowed' | 'form' | 'gone' | 'unknown' | 'reason' | 'registry' | 'ours'

export function problemPage(
  visit: Visit,
  status: number,
  problem: Problem,
  values: Record<string, string> = {},
): Answer {
  const { texts } = visit
  const title = filled(texts[`problem.${problem}`], values)
  const body = html`<div class="paper narrow" role="alert"><h1>${title}</h1>
<p>${filled(texts[`problem.${problem}Hint`], values)}</p>
<p><a href="${at(base)}">${texts['nav.back']}</a></p></div>`
  return page(whole(visit, { title }, body), status)
}

/** Somebody was faster, or the link is wrong; undefined for what was not foreseen. */
export function refusalOf(visit: Visit, failure: unknown): Answer | undefined {
  if (failure instanceof NotUndone) {
    const values = { registry: failure.registry, why: failure.message, id: visit.form.get('merged') ?? '' }
    return problemPage(visit, 409, 'registry', values)
  }
  if (!(failure instanceof AdminProblem)) return undefined
  return problemPage(visit, failure.status, failure.status === 404 ? 'unknown' : 'gone')
}
