// Find: one line, filters below it, records as they are found.
import { type Answer, page, redirected } from '../../pages/answers.js'
import { at, type Html, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import { mostExported } from './export.js'
import {
  cursorIn,
  type FieldName,
  type Fields,
  fieldsIn,
  filterFields,
  findAddress,
  isEmpty,
  labels,
  patientFields,
  searchOf,
  spanIn,
} from './filters.js'
import { countOf, type Ending, recordsFound } from './find.js'
import { closing, opening, tokenField } from './layout.js'
import { problemPage } from './problems.js'
import { headOf, rowOf } from './record-view.js'
import { may } from './roles.js'
import { removeSearch, savedSearches, saveSearch } from './saved-searches.js'
import type { TextName } from './texts/texts.js'
import type { Told } from './told.js'
import type { Reading } from './visit.js'

const perPage = 100

export function findPage(visit: Reading): Answer {
  const { query, house, person } = visit
  const fields = fieldsIn(query)
  const span = spanIn(fields, house.config.timeZone)
  const seesPatients = may(person, 'patients')
  const finding = { fields, span, seesPatients, limit: perPage, cursor: cursorIn(query) }
  const library = { store: house.store, clock: house.ports.clock }
  const all = finding.cursor === undefined ? countOf(library, finding) : undefined
  return page(grown(visit, fields, recordsFound(library, finding), all))
}

async function* grown(
  visit: Reading,
  fields: Fields,
  found: AsyncGenerator<Told, Ending>,
  all: ReturnType<typeof countOf>,
): AsyncGenerator<Html> {
  const { texts, times } = visit
  yield html`${opening(visit, { title: texts['find.title'], section: 'find' })}${searchForm(visit, fields)}
${all !== undefined && all.count > 0 && html`<p class="soft">${filled(texts[all.exact ? 'find.all' : 'find.atLeast'], { count: times.number(all.count) })}</p>`}
<div class="scroll"><table class="records"><caption>${texts['find.results']}</caption>
${headOf(visit)}
<tbody>
`
  for (;;) {
    const one = await found.next()
    if (one.done === true) {
      yield html`</tbody></table></div>
${endingOf(visit, fields, one.value)}${savedPart(visit, fields)}${closing()}`
      return
    }
    yield rowOf(visit, one.value)
  }
}

function searchForm(visit: Reading, fields: Fields): Html {
  const { texts, person } = visit
  const sees = may(person, 'patients')
  const isOpen = Object.keys(fields).some(name => name !== 'q')
  const inner = html`<summary>${texts['find.filters']}</summary>
<div class="fields">
${filterFields.filter(name => sees || !patientFields.includes(name)).map(name => fieldOf(visit, fields, name))}
</div>
${(['looks', 'unreadable'] as const).map(name => html`<label class="check">${tick(name, fields)} ${texts[labels[name]]}</label>`)}`
  return html`<h1>${texts['find.title']}</h1>
<form class="paper" method="get" action="${at('/find')}" role="search">
<label for="q">${texts['find.line']}</label>
<div class="searchline"><input id="q" name="q" type="search" value="${fields.q}" aria-describedby="q-hint" autocomplete="off" spellcheck="false"><button>${texts['find.do']}</button><a class="button quiet" href="${at('/find')}">${texts['find.clear']}</a></div>
<p class="hint" id="q-hint">${texts['find.lineHint']}</p>
${isOpen ? html`<details open>${inner}</details>` : html`<details>${inner}</details>`}
${!sees && html`<p class="mark">${texts['find.patientsHidden']}</p>`}
</form>
`
}

const choices: Partial<Record<FieldName, readonly (readonly [value: string, text: TextName])[]>> = {
  purpose: [
    ['NORM', 'purpose.NORM'],
    ['EMER', 'purpose.EMER'],
    ['AUTO', 'purpose.AUTO'],
    ['DICOM_AUTO', 'purpose.DICOM_AUTO'],
    ['TREAT', 'purpose.TREAT'],
    ['ETREAT', 'purpose.ETREAT'],
    ['BTG', 'purpose.BTG'],
  ],
  role: [
    ['HCP', 'role.HCP'],
    ['ASS', 'role.ASS'],
    ['TCU', 'role.TCU'],
    ['PAT', 'role.PAT'],
    ['REP', 'role.REP'],
    ['PADM', 'role.PADM'],
    ['DADM', 'role.DADM'],
  ],
  outcome: [
    ['success', 'outcome.success'],
    ['failure', 'outcome.failure'],
    ['4', 'outcome.4'],
    ['8', 'outcome.8'],
    ['12', 'outcome.12'],
  ],
}

function fieldOf({ texts }: Reading, fields: Fields, name: FieldName): Html {
  const value = fields[name]
  const options = choices[name]
  if (options !== undefined) {
    const own = value !== undefined && !options.some(([code]) => code === value)
    return html`<div><label for="${name}">${texts[labels[name]]}</label><select id="${name}" name="${name}"><option value="">${texts['find.any']}</option>${options.map(
      ([code, text]) => option(code, texts[text], code === value),
    )}${own && option(value, value, true)}</select></div>\n`
  }
  if (name === 'since' || name === 'until') {
    const isDay = value !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(value)
    return html`<div><label for="${name}">${texts[labels[name]]}</label><input id="${name}" name="${name}" type="datetime-local" value="${isDay ? `${value}T${name === 'since' ? '00:00' : '23:59'}` : value}"></div>\n`
  }
  return html`<div><label for="${name}">${texts[labels[name]]}</label><input id="${name}" name="${name}" value="${value}" autocomplete="off" spellcheck="false"></div>\n`
}

function tick(name: FieldName, fields: Fields): Html {
  return fields[name] === undefined
    ? html`<input type="checkbox" name="${name}" value="yes">`
    : html`<input type="checkbox" name="${name}" value="yes" checked>`
}

function option(value: string, text: string, isChosen: boolean): Html {
  return isChosen
    ? html`<option value="${value}" selected>${text}</option>`
    : html`<option value="${value}">${text}</option>`
}

function endingOf(visit: Reading, fields: Fields, { found, failed, next }: Ending): Html {
  const { texts, times, person, query } = visit
  const count = (name: TextName, of: number) => filled(texts[name], { count: times.number(of) })
  const none = isEmpty(fields) && !query.has('before') ? 'find.noneYet' : 'find.none'
  return html`<div class="ending" role="status">
${found === 0 ? html`<strong>${texts[none]}</strong>` : html`<strong>${count('find.count', found)}</strong><span>${count('find.failed', failed)}</span>`}
${next !== undefined && found < perPage && html`<span>${texts['find.stopped']}</span>`}
${next !== undefined && html`<a class="button quiet" href="${findAddress(fields, next)}">${texts['find.continue']}</a>`}
</div>
${found > 0 && may(person, 'export') && exportPart(visit, fields)}`
}

function exportPart({ texts, times }: Reading, fields: Fields): Html {
  const link = (form: string, text: TextName) =>
    html`<a class="button quiet" href="${at('/export', { ...fields, form })}">${texts[text]}</a> `
  return html`<section aria-labelledby="export"><h2 id="export">${texts['export.title']}</h2>
<p class="row">${link('csv', 'export.csv')}${link('json', 'export.json')}${link('bundle', 'export.bundle')}</p>
<p class="hint">${filled(texts['export.hint'], { count: times.number(mostExported) })}</p></section>
`
}

function savedPart({ texts, house, person, formToken }: Reading, fields: Fields): Html {
  const saved = savedSearches(house.store, person.name)
  return html`<section aria-labelledby="saved"><h2 id="saved">${texts['save.title']}</h2>
${saved.length === 0 && html`<p class="soft">${texts['save.none']}</p>`}
<ul class="searches">${saved.map(
    ({ id, name, search }) => html`<li><a href="${findAddress(fieldsIn(new URLSearchParams(search)))}">${name}</a>
<form method="post" action="${at('/searches/remove')}">${tokenField(formToken)}<input type="hidden" name="id" value="${id}"><button class="quiet small" aria-label="${filled(texts['save.remove'], { name })}">×</button></form></li>`,
  )}</ul>
${
  !isEmpty(fields) &&
  html`<form class="row" method="post" action="${at('/searches')}">${tokenField(formToken)}<input type="hidden" name="search" value="${searchOf(fields)}">
<label for="name">${texts['save.name']}</label><div><input id="name" name="name" required maxlength="80"></div><button>${texts['save.do']}</button></form>`
}
</section>`
}

export async function saveThisSearch(visit: Reading): Promise<Answer> {
  const { form, house, person } = visit
  const fields = fieldsIn(new URLSearchParams(form.get('search') ?? ''))
  const name = form.get('name')?.trim() ?? ''
  if (name === '' || name.length > 80)
    return problemPage(visit, 400, 'problem.search', { field: visit.texts['save.name'] })
  const search = { owner: person.name, name, search: searchOf(fields), savedMs: house.ports.clock.now() }
  if (!(await saveSearch(house.store, search))) return problemPage(visit, 409, 'save.full')
  return redirected(findAddress(fields))
}

export async function removeThisSearch({ form, house, person }: Reading): Promise<Answer> {
  await removeSearch(house.store, person.name, Number(form.get('id') ?? 0) || 0)
  return redirected(at('/find'))
}
