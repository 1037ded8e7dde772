// The one road of a request to the pages: who, in which language, whether they may; the look written down; then the answer.
import { type Answer, redirected, send } from '../../pages/answers.js'
import { cookieIn, setCookie } from '../../pages/cookies.js'
import { formIn, isFromHere } from '../../pages/forms.js'
import { pageHeaders } from '../../pages/headers.js'
import { at } from '../../pages/html.js'
import { isLanguage, type Language, preferredLanguage } from '../../pages/languages.js'
import { isSameToken } from '../../pages/sessions.js'
import type { HttpReply, HttpRequest } from '../../ports/network.js'
import { auditLogUsed } from '../events.js'
import { FieldProblem, labels, patientFields } from './filters.js'
import { icon } from './layout.js'
import { problemPage } from './problems.js'
import { may } from './roles.js'
import { type Route, routeAt } from './routes.js'
import { facts } from './sign-in.js'
import { style } from './style.js'
import { textsOf } from './texts/texts.js'
import { timesIn } from './times.js'
import type { House, Visit } from './visit.js'

const mostUrl = 8_192

export async function servePages(request: HttpRequest, reply: HttpReply, house: House): Promise<void> {
  const { visit, leftOver } = visitOf(request, house)
  let answer: Answer
  try {
    answer = leftOver ?? (await answerTo(visit))
  } catch (problem) {
    answer = failed(visit, problem)
  }
  request.body.resume()
  await send(reply, { ...answer, cookies: [...visit.cookies, ...(answer.cookies ?? [])] })
}

/** What needs no visit is answered at once. */
function visitOf(request: HttpRequest, house: House): { visit: Visit; leftOver: Answer | undefined } {
  const [path = '/', search = ''] = request.url.slice(0, mostUrl).split(/\?(.*)/s)
  const query = new URLSearchParams(search)
  const cookies: string[] = []
  const language = languageOf(request, query)
  const token = cookieIn(request.headers.cookie, 'session')
  const session = house.sessions.find(token)
  const visit: Visit = {
    house,
    request,
    path,
    query,
    form: new URLSearchParams(),
    language,
    texts: textsOf(language),
    times: timesIn(language, house.config.timeZone),
    person: session?.person,
    formToken: session?.formToken ?? visitToken(request, house, cookies),
    cookies,
  }
  return { visit, leftOver: beforeAll(visit) }
}

/** Forms of those who are not signed in are bound to a cookie as well: nobody signs somebody else's browser in. */
function visitToken({ headers }: HttpRequest, { sessions, ports }: House, cookies: string[]): string {
  const known = cookieIn(headers.cookie, 'visit')
  const name = known ?? ports.randomness.bytes(32).toString('base64url')
  if (known === undefined) cookies.push(setCookie({ name: 'visit', value: name }))
  return sessions.formTokenOf(name)
}

function languageOf({ headers }: HttpRequest, query: URLSearchParams): Language {
  const asked = query.get('language')
  if (isLanguage(asked)) return asked
  const kept = cookieIn(headers.cookie, 'language')
  return isLanguage(kept) ? kept : preferredLanguage(headers['accept-language'])
}

const aYearSeconds = 31_536_000

function beforeAll({ request, path, query, cookies }: Visit): Answer | undefined {
  if (request.url.length > mostUrl)
    return { status: 414, headers: { 'content-type': 'text/plain' }, body: 'too long\n' }
  if (request.method === 'GET' && path === '/style.css') return lasting('text/css; charset=utf-8', style)
  if (request.method === 'GET' && path === '/icon.svg') return lasting('image/svg+xml', icon)
  const language = query.get('language')
  if (request.method !== 'GET' || !isLanguage(language)) return undefined
  cookies.push(setCookie({ name: 'language', value: language, maxAgeSeconds: aYearSeconds }))
  const others = [...query].filter(([name]) => name !== 'language')
  return redirected(at(path.replace(/^\/[/\\]*/, '/'), Object.fromEntries(others)))
}

function lasting(type: string, body: string): Answer {
  return {
    status: 200,
    headers: { 'content-type': type, 'cache-control': 'private, max-age=31536000, immutable' },
    body,
  }
}

async function answerTo(visit: Visit): Promise<Answer> {
  const { request, path, person, house } = visit
  const found = routeAt(request.method, path)
  if (found === undefined) return problemPage(visit, 404, 'problem.notFound')
  const { route } = found
  if (request.method === 'POST') {
    if (!isFromHere(request, house.origin)) return problemPage(visit, 403, 'problem.form')
    const form = await formIn(request)
    if (form === undefined || !isSameToken(form.get('token') ?? '', visit.formToken))
      return problemPage(visit, 403, 'problem.form')
    visit.form = form
  }
  if (route.leave === undefined) return route.answer(visit)
  if (person === undefined) return redirected(at('/sign-in'))
  const rest = decoded(found.rest)
  const mayNot = !may(person, route.leave) || asksForHidden(visit)
  await writeDown(visit, route, mayNot)
  if (mayNot) {
    const roles = person.roles.map(role => visit.texts[`role.${role}`]).join(', ')
    return problemPage(visit, 403, 'problem.notAllowed', { roles })
  }
  return route.answer({ ...visit, person, rest })
}

/** Whether a patient is there would show, although the patient is hidden. */
function asksForHidden({ person, query }: Visit): boolean {
  return person !== undefined && !may(person, 'patients') && patientFields.some(name => (query.get(name) ?? '') !== '')
}

/** Before anything of it is shown. [DICOM PS3.15 A.5.3.2] */
async function writeDown(visit: Visit, { leave }: Route, mayNot: boolean): Promise<void> {
  const { house, path, query, form, person, request } = visit
  const fields = [...query, ...form].filter(([name, value]) => value !== '' && name !== 'token')
  const asked = new URLSearchParams(fields)
  const reading = {
    uri: `${house.origin}${path}`.slice(0, 1_000),
    query: String(asked),
    reader: { name: person?.name ?? 'unknown', address: request.remoteAddress },
    ...(mayNot && { outcome: 8 as const, outcomeDescription: `the roles of this reader do not include ${leave}` }),
  }
  await house.record([auditLogUsed(reading, facts(visit))])
}

function failed(visit: Visit, problem: unknown): Answer {
  if (problem instanceof FieldProblem)
    return problemPage(visit, 400, 'problem.search', { field: visit.texts[labels[problem.field]] })
  const { log, ports } = visit.house
  const reference = ports.randomness.uuid().slice(0, 8)
  log.error(
    { reference, failure: problem instanceof Error ? problem.stack : String(problem) },
    'a page could not be shown',
  )
  return { ...problemPage(visit, 503, 'problem.ours', { reference }), headers: pageHeaders }
}

function decoded(rest: string): string {
  try {
    return decodeURIComponent(rest)
  } catch {
    return rest
  }
}
