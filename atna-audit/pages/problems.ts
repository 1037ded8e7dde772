// Pages for what cannot be shown: in words, with nothing of what went wrong inside.
import { type Answer, page } from '../../pages/answers.js'
import { at, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import { whole } from './layout.js'
import type { TextName } from './texts/texts.js'
import type { Visit } from './visit.js'

const hints: Partial<Record<TextName, TextName>> = {
  'problem.notFound': 'problem.notFoundHint',
  'problem.notAllowed': 'problem.notAllowedHint',
  'problem.form': 'problem.formHint',
  'problem.search': 'problem.searchHint',
  'problem.ours': 'problem.oursHint',
}

export function problemPage(visit: Visit, status: number, name: TextName, values: Record<string, string> = {}): Answer {
  const { texts } = visit
  const hint = hints[name]
  const title = filled(texts[name], values)
  const body = html`<div class="paper narrow" role="alert"><h1>${title}</h1>
${hint !== undefined && html`<p>${filled(texts[hint], values)}</p>`}
<p><a href="${at('/')}">${texts['nav.back']}</a></p></div>`
  return page(whole(visit, { title }, body), status)
}
