// The one road of a request to the pages: who, in which language, whether they may; the look written down; then the answer.
import { type Answer, redirected, send } from '../../pages/answers.js'
import { askedIn, beforeAll, decoded, languageOf } from '../../pages/before-all.js'
import { cookieIn, setCookie } from '../../pages/cookies.js'
import { formIn, isFromHere } from '../../pages/forms.js'
import { pageHeaders } from '../../pages/headers.js'
import { at } from '../../pages/html.js'
import { isSameToken } from '../../pages/sessions.js'
import { timesIn } from '../../pages/times.js'
import type { HttpReply, HttpRequest } from '../../ports/network.js'
import { auditLogUsed } from '../log-events.js'
import { FieldProblem, labels, patientFields } from './filters.js'
import { problemPage } from './problems.js'
import { may } from './roles.js'
import { type Route, routeAt } from './routes.js'
import { facts } from './sign-in.js'
import { textsOf } from './texts/texts.js'
import type { House, Visit } from './visit.js'

/** Always answers, whatever breaks: then by a page that says so, and nothing of what went wrong inside. */
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
  const { path, query } = askedIn(request)
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
  return { visit, leftOver: beforeAll(request, { path, query }) }
}

/** Forms of those who are not signed in are bound to a cookie as well: nobody signs somebody else's browser in. */
function visitToken({ headers }: HttpRequest, { sessions, ports }: House, cookies: string[]): string {
  const known = cookieIn(headers.cookie, 'visit')
  const name = known ?? ports.randomness.bytes(32).toString('base64url')
  if (known === undefined) cookies.push(setCookie({ name: 'visit', value: name }))
  return sessions.formTokenOf(name)
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
