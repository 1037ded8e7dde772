// Pairs that wait for somebody, the surest first.
import { page } from '../../pages/answers.js'
import { at, type Html, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import type { PatientRecord } from '../kept/records.js'
import type { Place, ReviewPair } from '../kept/reviews.js'
import { whole } from './layout.js'
import { bornOf, nameOf } from './told.js'
import { base, type Page, type Visit } from './visit.js'

const aPage = 20
/** Further they are not counted. */
const mostCounted = 1_000

interface Shown {
  pair: ReviewPair
  records: [PatientRecord, PatientRecord]
}

export function listPage(visit: Visit): Page {
  const { context, query, texts, times } = visit
  const { persons } = context
  const after = placeIn(query)
  const pairs = persons.waiting(aPage + 1, after)
  const shown = pairs.slice(0, aPage).flatMap((pair): Shown[] => {
    const [one, other] = [persons.record(pair.one), persons.record(pair.other)]
    return one === undefined || other === undefined ? [] : [{ pair, records: [one, other] }]
  })
  const last = pairs.length > aPage ? shown.at(-1)?.pair : undefined
  const counted = persons.waitingCount(mostCounted + 1)
  const count = times.number(Math.min(counted, mostCounted))
  const body = html`${doneIn(visit)}<h1>${texts['list.title']}</h1><p>${texts['list.intro']}</p>
<p><strong>${filled(texts[counted > mostCounted ? 'list.moreThan' : 'list.count'], { count })}</strong></p>
${
  shown.length === 0
    ? html`<p class="mark fine">${texts['list.none']}</p>`
    : html`<div class="scroll"><table class="records"><caption>${texts['list.caption']}</caption>
<thead><tr><th scope="col">${texts['list.weight']}</th><th scope="col">${texts['list.one']}</th><th scope="col">${texts['list.other']}</th><th scope="col">${texts['list.differs']}</th><th scope="col">${texts['list.look']}</th></tr></thead>
<tbody>
${shown.map(one => rowOf(one, visit))}</tbody></table></div>`
}
<nav class="row" aria-label="${texts['list.pages']}">${after !== undefined && html`<a class="button quiet" href="${at(base)}">${texts['list.first']}</a>`}
${last !== undefined && html`<a class="button quiet" href="${at(base, { after: `${last.weight}:${last.review}` })}">${texts['list.next']}</a>`}</nav>`
  return {
    answer: page(whole(visit, { title: texts['list.title'], section: 'list' }, body)),
    shows: [...new Set(shown.flatMap(({ records }) => records.map(({ patientId }) => patientId)))],
  }
}

function rowOf({ pair, records: [one, other] }: Shown, { texts }: Visit): Html {
  const differing = pair.parts.filter(({ finding }) => !finding.startsWith('same'))
  const names = differing.map(({ trait }) => texts[`trait.${trait}`]).join(', ')
  return html`<tr><td>${pair.weight}</td><td>${whoOf(one)}</td><td>${whoOf(other)}</td><td>${names === '' ? texts['list.nothing'] : names}</td>
<td><a class="button quiet" href="${at(`${base}/pair/${pair.review}`)}" aria-label="${filled(texts['list.openPair'], { one: nameOf(one), other: nameOf(other) })}">${texts['list.open']}</a></td></tr>
`
}

function whoOf(record: PatientRecord): Html {
  return html`${nameOf(record)}<br><span class="soft">${bornOf(record)} <code>${record.patientId}</code></span>`
}

function doneIn({ query, texts }: Visit): Html | undefined {
  const done = (['same', 'different'] as const).find(one => one === query.get('done'))
  return done && html`<p class="mark fine" role="status">${texts[`done.${done}`]}</p>`
}

function placeIn(query: URLSearchParams): Place | undefined {
  const [, weight, review] = /^(-?\d{1,6}(?:\.\d{1,6})?):(\d{1,15})$/.exec(query.get('after') ?? '') ?? []
  return weight === undefined || review === undefined ? undefined : { weight: Number(weight), review: Number(review) }
}
