// The one road of a request to these pages: who, whether they may, in which language; then the answer, and the look written down before it is sent.
import { patientRecordsUsed } from '../../atna-audit/patient-record-events.js'
import { restrictedFunctionUsed } from '../../atna-audit/security-events.js'
import { type Answer, send } from '../../pages/answers.js'
import { type Asked, askedIn, beforeAll, decoded, languageOf } from '../../pages/before-all.js'
import { formIn, isFromHere } from '../../pages/forms.js'
import { isSameToken, openSessions } from '../../pages/sessions.js'
import { timesIn } from '../../pages/times.js'
import type { HttpReply, HttpRequest } from '../../ports/network.js'
import type { Partner } from '../../server/actor.js'
import { eventFacts } from '../../server/actor-service.js'
import { patientIndex } from '../actor.js'
import type { PatientIndexContext } from '../context.js'
import { problemPage, refusalOf } from './problems.js'
import { routeAt } from './routes.js'
import { textsOf } from './texts/texts.js'
import { base, type Visit } from './visit.js'

export interface ReviewPagesParts {
  context: PatientIndexContext
  /** `https://localhost:8445` */
  origin: string
  timeZone: string
  log: { error(facts: object, message: string): void }
}

/** Below this path of the patient index. */
const path = '/reviews'

export function openReviewPages({ context, origin, timeZone, log }: ReviewPagesParts) {
  const { ports, outbox } = context
  const facts = () => eventFacts(patientIndex.name, ports)
  // Nobody signs in: the certificate is shown with every request, and forms are bound to it.
  const { formTokenOf } = openSessions<never>(ports)

  async function serve(request: HttpRequest, reply: HttpReply, partner: Partner): Promise<void> {
    const asked = askedIn(request)
    const answer = beforeAll(request, asked, base) ?? (await answered(request, asked, partner))
    request.body.resume()
    await send(reply, answer)
  }

  async function answered(request: HttpRequest, asked: Asked, partner: Partner): Promise<Answer> {
    const visit = visitOf(request, asked, partner)
    try {
      return await answerTo(request, visit)
    } catch (failure) {
      return refusalOf(visit, failure) ?? failed(visit, failure)
    }
  }

  function visitOf(request: HttpRequest, { path, query }: Asked, partner: Partner): Visit {
    const language = languageOf(request, query)
    return {
      ...{ context, partner, path, query, form: new URLSearchParams(), rest: '' },
      ...{ language, texts: textsOf(language), times: timesIn(language, timeZone) },
      formToken: formTokenOf(`${partner.name} ${request.peer?.fingerprint256}`),
    }
  }

  async function answerTo(request: HttpRequest, visit: Visit): Promise<Answer> {
    const { partner } = visit
    if (!mayLook(partner)) {
      await outbox.append([refusedTo(visit)])
      return problemPage(visit, 403, 'notAllowed', { name: partner.name })
    }
    const found = routeAt(request.method, visit.path)
    if (found === undefined) return problemPage(visit, 404, 'notFound')
    const form = request.method === 'POST' ? await ownForm(request, visit) : visit.form
    if (form === undefined) return problemPage(visit, 403, 'form')
    const { answer, shows } = await found.route.answer({ ...visit, form, rest: decoded(found.rest) })
    if (shows.length > 0) {
      const what = `looked at ${visit.path}`.slice(0, 500)
      await outbox.append([patientRecordsUsed({ patientIds: shows, action: 'R', what, by: partner }, facts())])
    }
    return answer
  }

  async function ownForm(request: HttpRequest, { formToken }: Visit): Promise<URLSearchParams | undefined> {
    if (!isFromHere(request, origin)) return undefined
    const form = await formIn(request)
    return form !== undefined && isSameToken(form.get('token') ?? '', formToken) ? form : undefined
  }

  function refusedTo({ partner, path }: Visit) {
    const why = `${partner.name} may not look at patients that may be one: its certificate needs the role patient-administrator in "peers"`
    const use = { does: 'review patient records', uri: `${origin}${path}`.slice(0, 500), outcome: 8 as const, why }
    return restrictedFunctionUsed({ ...use, by: partner }, facts())
  }

  function failed(visit: Visit, failure: unknown): Answer {
    const reference = ports.randomness.uuid().slice(0, 8)
    const told = failure instanceof Error ? failure.stack : String(failure)
    log.error({ reference, failure: told }, 'a page could not be shown')
    return problemPage(visit, 503, 'ours', { reference })
  }

  return { path, serve }
}

function mayLook({ roles }: Partner): boolean {
  return roles.has('patient-administrator') || roles.has('admin')
}
