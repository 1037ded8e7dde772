// Everything that happened around one patient, or one document, day by day.
import { type Answer, page } from '../../pages/answers.js'
import { at, type Html, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import { cursorIn, findAddress } from './filters.js'
import { type Ending, recordsFound } from './find.js'
import { closing, opening } from './layout.js'
import { emergencyPurposes, outcomeChip, purposeText, sentence } from './record-view.js'
import type { Told } from './told.js'
import type { Reading } from './visit.js'

const perPage = 200

export function patientTimeline(visit: Reading): Answer {
  return timeline(visit, 'patient')
}

export function documentTimeline(visit: Reading): Answer {
  return timeline(visit, 'document')
}

function timeline(visit: Reading, of: 'patient' | 'document'): Answer {
  const { query, house } = visit
  const id = (query.get('id') ?? '').trim().slice(0, 512)
  const finding = {
    fields: { [of]: id === '' ? '\u0000' : id, looks: 'yes' },
    span: {},
    seesPatients: true,
    limit: perPage,
    cursor: cursorIn(query),
  }
  const found = recordsFound({ store: house.store, clock: house.ports.clock }, finding)
  return page(grown(visit, of, id, found))
}

async function* grown(
  visit: Reading,
  of: 'patient' | 'document',
  id: string,
  found: AsyncGenerator<Told, Ending>,
): AsyncGenerator<Html> {
  const { texts, times } = visit
  const title = texts[of === 'patient' ? 'timeline.patient' : 'timeline.document']
  yield html`${opening(visit, { title, section: 'find' })}<h1>${title}</h1>
<p class="row"><code>${id}</code> <a href="${findAddress({ [of]: id })}">${texts['nav.find']}</a></p>
`
  let day: string | undefined
  const seen = new Map<string, number>()
  for (;;) {
    const one = await found.next()
    if (one.done === true) {
      if (day !== undefined) yield html`</ol>`
      yield html`${endingOf(visit, of, id, one.value, seen)}${closing()}`
      return
    }
    const told = one.value
    const itsDay = times.dayOf(told.eventMs)
    if (itsDay !== day) {
      yield html`${day !== undefined && html`</ol>`}<h2>${times.element(told.eventMs, 'day')}</h2><ol class="line">`
      day = itsDay
    }
    for (const { name } of told.people) if (seen.size < 100 || seen.has(name)) seen.set(name, (seen.get(name) ?? 0) + 1)
    yield entryOf(visit, told)
  }
}

function entryOf(visit: Reading, told: Told): Html {
  const { texts, times } = visit
  const emergency = told.purposes.find(({ code }) => emergencyPurposes.has(code))
  const look = emergency !== undefined ? 'urgent' : told.outcome === 0 ? 'fine' : 'bad'
  return html`<li class="${look}"><a class="time" href="${at(`/record/${told.id}`)}">${times.element(told.eventMs, 'hour')}</a> <span class="says">${sentence(visit, told)}</span> ${
    told.outcome !== 0 && outcomeChip(told.outcome, texts)
  }${emergency !== undefined && html` <span class="chip warn">${purposeText(emergency.code, texts, emergency.text)}</span>`}</li>
`
}

function endingOf(
  { texts, times }: Reading,
  of: 'patient' | 'document',
  id: string,
  { found, next }: Ending,
  seen: Map<string, number>,
): Html {
  return html`<div class="ending" role="status">${
    found === 0
      ? html`<strong>${texts['timeline.none']}</strong>`
      : html`<strong>${filled(texts['timeline.accesses'], { count: times.number(found) })}</strong>`
  }${next !== undefined && html`<a class="button quiet" href="${at(`/${of}`, { id, before: next })}">${texts['find.continue']}</a>`}</div>
${
  seen.size > 0 &&
  html`<h2>${texts['timeline.seen']}</h2><ul>${[...seen].map(([name, count]) => html`<li><a href="${findAddress({ [of]: id, person: name })}"><bdi>${name}</bdi></a> <span class="soft">${times.number(count)}</span></li>`)}</ul>`
}`
}
