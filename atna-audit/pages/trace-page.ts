// One exchange across all who took part in it.
import { type Answer, page } from '../../pages/answers.js'
import { at, type Html, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import { searchAudit } from '../repository/search.js'
import { type Comparison, compared, type Mark, type Step } from './comparison.js'
import { whole } from './layout.js'
import { withoutPatient } from './masking.js'
import { outcomeChip, sentence } from './record-view.js'
import { may } from './roles.js'
import type { TextName } from './texts/texts.js'
import { type Told, toldOf } from './told.js'
import type { Reading } from './visit.js'

const mostRecords = 500

/** A trace that is none is one without records. The two sides are compared before anything is hidden from a reader. */
export function tracePage(visit: Reading): Answer {
  const { rest, house, texts, times, person } = visit
  const traceId = rest.toLowerCase()
  const records = /^[0-9a-f]{32}$/.test(traceId) ? searchAudit(house.store, { traceId, limit: mostRecords }) : []
  const told = records.map(record => toldOf(record))
  // Compared before anything is hidden: whether two sides agree tells nothing of a patient.
  const comparison = compared(told)
  const isCut = records.length === mostRecords
  const count = comparison.marks.length + comparison.steps.reduce((sum, { marks }) => sum + marks.length, 0)
  const shown = (one: Told) => (may(person, 'patients') ? one : withoutPatient(one))
  const body = html`<h1>${texts['trace.title']}</h1>
<p><code>${rest.slice(0, 64)}</code></p>
${isCut && html`<p class="mark">${filled(texts['trace.cut'], { count: times.number(mostRecords) })}</p>`}
${records.length === 0 ? html`<p class="paper">${texts['trace.none']}</p>` : whatWasFound(visit, comparison, count, shown)}`
  const answer = page(whole(visit, { title: texts['trace.title'], section: 'find' }, body))
  return records.length === 0 ? { ...answer, status: 404 } : answer
}

function whatWasFound(
  visit: Reading,
  { steps, others, marks }: Comparison,
  count: number,
  shown: (told: Told) => Told,
): Html {
  const { texts } = visit
  return html`<p>${texts['trace.intro']}</p>
<p class="${count === 0 ? 'mark fine' : 'mark'}">${count === 0 ? texts['trace.fine'] : filled(texts['trace.marks'], { count })}</p>
${marks.map(mark => markOf(visit, mark))}
${steps.map((step, index) => stepOf(visit, step, index + 1, shown))}
${
  others.length > 0 &&
  html`<section aria-labelledby="others"><h2 id="others">${texts['trace.others']}</h2>${others.map(told => recordOf(visit, shown(told)))}</section>`
}`
}

function stepOf(visit: Reading, step: Step, number: number, shown: (told: Told) => Told): Html {
  const { texts } = visit
  return html`<section class="step paper" aria-labelledby="step-${number}">
<h2 id="step-${number}">${number}. ${step.kind} <span class="soft">${step.kindText}</span></h2>
<div class="two">${sideOfStep(visit, 'trace.asking', step.asking, shown)}${sideOfStep(visit, 'trace.answering', step.answering, shown)}</div>
${step.marks.length === 0 ? html`<p class="mark fine">${texts['trace.agree']}</p>` : step.marks.map(mark => markOf(visit, mark))}
</section>
`
}

function sideOfStep(visit: Reading, heading: TextName, records: Told[], shown: (told: Told) => Told): Html {
  const { texts } = visit
  return html`<div class="${records.length === 0 ? 'side missing' : 'side'}"><h3>${texts[heading]}</h3>
${records.length === 0 ? html`<p class="soft">–</p>` : records.map(told => recordOf(visit, shown(told)))}</div>`
}

function recordOf(visit: Reading, told: Told): Html {
  const { texts, times } = visit
  return html`<div><p><a href="${at(`/record/${told.id}`)}">${times.element(told.eventMs)}</a> ${outcomeChip(told.outcome, texts)}</p>
<p class="says">${sentence(visit, told)}</p>
${told.description !== undefined && told.outcome !== 0 && html`<p class="reason"><bdi>${told.description.slice(0, 600)}</bdi></p>`}
<p class="hint">${texts['column.writer']}: <bdi>${[told.source, told.host].filter(Boolean).join(' – ')}</bdi></p></div>`
}

function markOf({ texts }: Reading, { text, values }: Mark): Html {
  const inWords = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, (texts as Record<string, string>)[String(value)] ?? value]),
  )
  return html`<p class="mark">${filled(texts[text], inWords)}</p>`
}
