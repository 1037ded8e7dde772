// One record: what it says in a sentence and in facts, beside the record as it came.
import { type Answer, page } from '../../pages/answers.js'
import { at, type Html, html } from '../../pages/html.js'
import { messageOf } from '../repository/record-json.js'
import { recordById } from '../repository/search.js'
import { indented } from './indented.js'
import { whole } from './layout.js'
import { withoutPatient } from './masking.js'
import { problemPage } from './problems.js'
import { outcomeChip, purposeText, sentence } from './record-view.js'
import { may } from './roles.js'
import type { TextName } from './texts/texts.js'
import { type Told, toldOf } from './told.js'
import type { Reading } from './visit.js'

export function recordPage(visit: Reading): Answer {
  const { rest, house, texts, person } = visit
  const record = /^\d{1,15}$/.test(rest) ? recordById(house.store, Number(rest)) : undefined
  if (record === undefined) return problemPage(visit, 404, 'problem.noRecord', { id: rest.slice(0, 40) })
  const seesPatients = may(person, 'patients')
  const told = seesPatients ? toldOf(record) : withoutPatient(toldOf(record))
  const title = texts['record.title'].replace('{id}', String(record.id))
  const raw = seesPatients
    ? html`<p class="hint">${texts['record.rawHint']}</p><pre tabindex="0" aria-labelledby="raw"><code>${indented(messageOf(record).toString())}</code></pre>`
    : html`<p class="mark">${texts['record.hidden']}</p>`
  return page(
    whole(
      visit,
      { title, section: 'find' },
      html`<h1>${title}</h1>
<p class="paper says">${sentence(visit, told)}</p>
<p class="row">${onwards(visit, told)}</p>
<div class="two">
<section aria-labelledby="facts"><h2 id="facts">${texts['record.facts']}</h2><div class="paper">${factsOf(visit, told)}</div></section>
<section aria-labelledby="raw"><h2 id="raw">${texts['record.raw']}</h2>${raw}</section>
</div>`,
    ),
  )
}

function onwards({ texts, person }: Reading, { traceId, patients, documents }: Told): Html[] {
  const sees = may(person, 'patients')
  const [patient] = patients
  const [document] = documents
  return [
    ...(traceId === undefined
      ? []
      : [html`<a class="button quiet" href="${at(`/trace/${traceId}`)}">${texts['record.wholeTrace']}</a>`]),
    ...(sees && patient !== undefined
      ? [html`<a class="button quiet" href="${at('/patient', { id: patient })}">${texts['record.patientTimeline']}</a>`]
      : []),
    ...(sees && document !== undefined
      ? [
          html`<a class="button quiet" href="${at('/document', { id: document })}">${texts['record.documentTimeline']}</a>`,
        ]
      : []),
  ]
}

function factsOf({ texts, times }: Reading, told: Told): Html {
  const { people, from, to, application, queries } = told
  const roleNames = (roles: string[]) => roles.map(role => (texts as Record<string, string>)[`role.${role}`] ?? role)
  const system = (one: Told['from']) =>
    one === undefined
      ? []
      : [html`<bdi>${one.name}</bdi>${one.address !== undefined && html` <span class="soft">${one.address}</span>`}`]
  const facts: [TextName, Html[]][] = [
    ['record.event', [times.element(told.eventMs)]],
    ['record.received', [times.element(told.receivedMs)]],
    ['record.kind', [html`${told.kind} ${told.kindText}`]],
    ['record.outcome', [outcomeChip(told.outcome, texts)]],
    ['record.why', texted([told.description])],
    ['record.unreadable', texted([told.problem])],
    [
      'record.purpose',
      told.purposes.map(({ code, text }) => html`${purposeText(code, texts, text)} <code>${code}</code>`),
    ],
    [
      'record.person',
      people.map(
        ({ name, id, roles }) =>
          html`<bdi>${name}</bdi>${id !== name && html` <code>${id}</code>`} <span class="soft">${roleNames(roles).join(', ')}</span>`,
      ),
    ],
    ['record.from', system(from)],
    ['record.to', system(to)],
    ['record.application', system(application)],
    ['record.patient', coded(told.patients)],
    ['record.document', coded(told.documents)],
    ['record.set', coded(told.submissionSets)],
    [
      'record.query',
      queries
        .filter(({ id, text }) => id !== '' || text !== undefined)
        .map(
          ({ id, text }) =>
            html`<code>${id}</code>${text !== undefined && html`<pre tabindex="0"><code>${indented(text)}</code></pre>`}`,
        ),
    ],
    [
      'record.other',
      told.others.map(
        ({ id, name, details }) =>
          html`<code>${id}</code> ${name}${details.map(({ type, value }) => html`<div class="soft"><bdi>${type}</bdi>: <bdi>${value.slice(0, 2_000)}</bdi></div>`)}`,
      ),
    ],
    ['record.site', coded([...(told.site === undefined ? [] : [told.site]), ...told.organisations])],
    ['record.writer', texted([[told.source, told.host].filter(Boolean).join(' – ')])],
    ['record.origin', texted([told.origin])],
    ['record.trace', coded(told.traceparent === undefined ? [] : [told.traceparent])],
  ]
  return html`<dl class="facts">
${facts
  .filter(([, values]) => values.length > 0)
  .map(([name, values]) => html`<dt>${texts[name]}</dt>${values.map(value => html`<dd>${value}</dd>`)}\n`)}</dl>`
}

function texted(values: (string | undefined)[]): Html[] {
  return values.filter(value => value !== undefined && value !== '').map(value => html`<bdi>${value}</bdi>`)
}

function coded(values: string[]): Html[] {
  return values.map(value => html`<code>${value}</code>`)
}
