// The watch lists: which there are, and each with its records and the reasons why they are on it.
import { type Answer, page } from '../../pages/answers.js'
import { at, type Html, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import { foundRecords } from '../repository/find-records.js'
import { closing, opening, whole } from './layout.js'
import { problemPage } from './problems.js'
import { headOf, rowOf } from './record-view.js'
import { may } from './roles.js'
import { toldOf } from './told.js'
import type { Reading } from './visit.js'
import { hintValues, type WatchList, watchLists } from './watch-lists.js'

export function watchOverview(visit: Reading): Answer {
  const { texts, person, house } = visit
  const values = hintValues(house.config.unusual)
  const cards = watchLists
    .filter(({ leave }) => may(person, leave))
    .map(
      ({ name, title, hint }) =>
        html`<li class="paper"><h2><a href="${at(`/watch/${name}`)}">${texts[title]}</a></h2><p class="soft">${filled(texts[hint], values)}</p></li>\n`,
    )
  const body = html`<h1>${texts['watch.title']}</h1><p>${texts['watch.intro']}</p><ul class="cards">${cards}</ul>`
  return page(whole(visit, { title: texts['watch.title'], section: 'watch' }, body))
}

const usualDays = 7
const mostDays = 366
const mostShown = 500
const mostExamined = 50_000
const batch = 200

export function watchPage(visit: Reading): Answer {
  const { rest, person } = visit
  const list = watchLists.find(({ name }) => name === rest)
  if (list === undefined) return problemPage(visit, 404, 'problem.notFound')
  if (!may(person, list.leave)) {
    const roles = person.roles.map(role => visit.texts[`role.${role}`]).join(', ')
    return problemPage(visit, 403, 'problem.notAllowed', { roles })
  }
  return page(grown(visit, list))
}

async function* grown(visit: Reading, list: WatchList): AsyncGenerator<Html> {
  const { texts, times, house, query } = visit
  const days = daysIn(query)
  const title = texts[list.title]
  yield html`${opening(visit, { title, section: 'watch' })}<h1>${title}</h1><p>${filled(texts[list.hint], hintValues(house.config.unusual))}</p>
<form class="row" method="get" action="${at(`/watch/${list.name}`)}"><label for="days">${texts['watch.days']}</label><div><input id="days" name="days" type="number" min="1" max="${mostDays}" value="${days}"></div><button>${texts['watch.show']}</button></form>
<div class="scroll"><table class="records"><caption>${texts['find.results']}</caption>
${headOf(visit)}<tbody>
`
  const { store, ports, config } = house
  const around = {
    texts,
    times,
    store,
    clock: ports.clock,
    unusual: config.unusual,
    memory: new Map<string, Set<string>>(),
  }
  const sinceMs = ports.clock.now() - days * 86_400_000
  let [examined, found, isCut] = [0, 0, false]
  for await (const { records, next } of foundRecords(
    store,
    { ...list.query, sinceMs },
    { limit: batch },
    ports.clock,
  )) {
    for (const record of records) {
      examined += 1
      const told = toldOf(record)
      const why = await list.why(told, around)
      if (why === undefined) continue
      found += 1
      yield rowOf(visit, told, why)
    }
    isCut = next !== undefined && (found >= mostShown || examined >= mostExamined)
    if (isCut) break
  }
  yield html`</tbody></table></div>
<div class="ending" role="status"><strong>${found === 0 ? texts['watch.none'] : filled(texts['find.count'], { count: times.number(found) })}</strong>
<span class="soft">${filled(texts['watch.examined'], { count: times.number(examined), days })}</span>
${isCut && html`<span class="mark">${filled(texts['watch.cut'], { count: times.number(examined) })}</span>`}</div>${closing()}`
}

function daysIn(query: URLSearchParams): number {
  const days = Number(query.get('days') ?? usualDays)
  return Number.isInteger(days) && days >= 1 && days <= mostDays ? days : usualDays
}
