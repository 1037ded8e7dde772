// A person by any of the ids: the records, what was joined and told apart, the history with its reasons, and how each step is undone.
import { page } from '../../pages/answers.js'
import { tokenField } from '../../pages/frame.js'
import { at, type Html, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import type { HistoryEntry } from '../kept/history.js'
import type { PatientRecord } from '../kept/records.js'
import { mergeOf } from '../unmerging.js'
import { whole } from './layout.js'
import type { TextName } from './texts/texts.js'
import { bornOf, nameOf } from './told.js'
import { base, type Page, type Visit } from './visit.js'

const mostHistory = 200
const mostMerged = 50
const mostToldApart = 50

export function personPage(visit: Visit): Page {
  const { context, query, texts } = visit
  const id = (query.get('id') ?? '').trim().slice(0, 500)
  const person = id === '' ? undefined : context.persons.personBy(id)
  const title = texts['person.title']
  const around = { title, section: 'person' as const }
  const search = searchForm(id, visit)
  if (person === undefined) {
    const unknown = id !== '' && html`<p class="mark" role="status">${filled(texts['person.unknown'], { id })}</p>`
    return { answer: page(whole(visit, around, html`<h1>${title}</h1>${search}${unknown}`)), shows: [] }
  }
  const { persons } = context
  const ids = persons.idsOf(person)
  const records = persons.recordsOf(person)
  const undone = query.get('done') === 'undone' && html`<p class="mark fine" role="status">${texts['done.undone']}</p>`
  const body = html`${undone}<h1>${title}</h1>${search}
<h2>${texts['person.ids']}</h2><ul>${ids.map(each => html`<li><code>${each}</code></li>`)}</ul>
<h2>${texts['person.records']}</h2>${records.map(record => recordCard(record, { id, count: records.length }, visit))}
${mergesOf(person, id, visit)}${apartOf(records, id, visit)}${historyOf(person, visit)}`
  return { answer: page(whole(visit, around, body)), shows: ids }
}

function searchForm(id: string, { texts }: Visit): Html {
  return html`<form class="paper" method="get" action="${at(`${base}/person`)}"><label for="id">${texts['person.id']}</label>
<div class="searchline"><div><input id="id" name="id" value="${id}" aria-describedby="id-hint"></div><button>${texts['person.show']}</button></div><p class="hint" id="id-hint">${texts['person.idHint']}</p></form>`
}

function recordCard(record: PatientRecord, { id, count }: { id: string; count: number }, visit: Visit): Html {
  const { texts, times } = visit
  const { patientId, changedMs } = record
  const form = { path: 'separate', name: 'record', value: patientId, id, button: 'undo.separate' } as const
  return html`<div class="paper"><p><strong>${nameOf(record)}</strong> ${bornOf(record)} <code>${patientId}</code> <span class="soft">${filled(texts['pair.changed'], { time: times.text(changedMs) })}</span></p>
${count > 1 && undoForm(form, visit)}</div>`
}

/** Persons, and records that their sources have merged away. */
function mergesOf(person: number, id: string, visit: Visit): Html | false {
  const { context, texts } = visit
  const { persons, config } = context
  const merged = persons
    .mergedInto(person, mostMerged)
    .flatMap(each => persons.ownIdOf(each, config.assigningAuthority) ?? [])
    .filter(each => mergeOf(each, context) !== undefined)
  if (merged.length === 0) return false
  const hint = config.registries.length > 0 && html`<p class="hint">${texts['undo.registries']}</p>`
  return html`<h2>${texts['person.merged']}</h2>${hint}${merged.map(
    each => html`<div class="paper"><p><code>${each}</code></p>
${undoForm({ path: 'undo', name: 'merged', value: each, id, button: 'undo.merge' }, visit)}</div>`,
  )}`
}

function apartOf(records: readonly PatientRecord[], id: string, visit: Visit): Html | false {
  const { context, texts } = visit
  const { persons } = context
  const apart = records
    .flatMap(({ record }) => persons.toldApart(record, mostToldApart).map(pair => ({ pair, own: record })))
    .slice(0, mostToldApart)
  const told = apart.flatMap(({ pair, own }) => {
    const other = persons.record(pair.one === own ? pair.other : pair.one)
    return other === undefined || other.hasEnded ? [] : [{ pair, other }]
  })
  if (told.length === 0) return false
  return html`<h2>${texts['person.apart']}</h2>${told.map(
    ({
      pair,
      other,
    }) => html`<div class="paper"><p><a href="${at(`${base}/pair/${pair.review}`)}"><bdi>${nameOf(other)}</bdi> ${bornOf(other)}</a> <code>${other.patientId}</code></p>
${undoForm({ path: 'again', name: 'review', value: String(pair.review), id, button: 'undo.again' }, visit)}</div>`,
  )}`
}

interface Undoing {
  path: 'separate' | 'undo' | 'again'
  /** Of the field that says what. */
  name: string
  value: string
  /** By which the person was found. */
  id: string
  button: TextName
}

function undoForm({ path, name, value, id, button }: Undoing, { texts, formToken }: Visit): Html {
  const label = filled(texts['undo.why'], { what: value })
  return html`<form class="row" method="post" action="${at(`${base}/${path}`)}">${tokenField(formToken)}<input type="hidden" name="${name}" value="${value}"><input type="hidden" name="id" value="${id}">
<div><input name="why" required maxlength="400" aria-label="${label}" placeholder="${texts['decide.why']}"></div><button class="quiet small">${texts[button]}</button></form>`
}

function historyOf(person: number, { context, texts, times }: Visit): Html {
  const entries = context.persons.historyOf(person, mostHistory)
  const told = ({ what, why, by, atMs }: HistoryEntry) =>
    html`<li>${times.element(atMs)} <strong>${Object.hasOwn(texts, `history.${what}`) ? texts[`history.${what}` as TextName] : what}</strong> ${filled(texts['history.by'], { by })}<div class="soft">${why}</div></li>\n`
  return html`<h2>${texts['person.history']}</h2><ol class="line">${entries.map(told)}</ol>
${entries.length === mostHistory && html`<p class="hint">${filled(texts['history.cut'], { count: times.number(mostHistory) })}</p>`}`
}
