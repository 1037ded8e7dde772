// Signing in and out: by one-time link, by certificate, by the word of an identity provider.
import { type Answer, page, redirected } from '../../pages/answers.js'
import { cookieIn, dropCookie, setCookie } from '../../pages/cookies.js'
import { at, type Html, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import { auditActor } from '../repository/serve-search.js'
import { tokenField, whole } from './layout.js'
import { personByCertificate, personByClaims } from './readers.js'
import type { Person } from './roles.js'
import { signedIn, signedOut } from './sign-in-events.js'
import type { TextName } from './texts/texts.js'
import type { Visit } from './visit.js'

/** Makes a link, for whoever administers. */
const linkCommand = 'npx carnet audit sign-in'

export function signInPage(visit: Visit): Answer {
  return page(signInForms(visit))
}

/** A look at the link does not use it up: those who preview links must not sign anybody in. */
export function linkPage(visit: Visit): Answer {
  const { texts, query, formToken } = visit
  const link = (query.get('link') ?? '').slice(0, 100)
  const body = html`<div class="paper narrow"><h1>${texts['signIn.title']}</h1><p>${texts['signIn.why']}</p>
<form method="post" action="${at('/sign-in/link')}">${tokenField(formToken)}<input type="hidden" name="link" value="${link}"><p><button>${texts['signIn.link']}</button></p></form>
<p class="hint">${texts['signIn.linkOnce']}</p></div>`
  return page(whole(visit, { title: texts['signIn.title'] }, body))
}

/** A link that is used, too old or never was is told alike, counted as a failure and audited. */
export async function signInByLink(visit: Visit): Promise<Answer> {
  const { house, form } = visit
  if (!house.attempts.allowed()) return refusal(visit, 429, 'signIn.tooMany')
  const person = house.links.use(form.get('link') ?? '')
  if (person !== undefined) return welcome(visit, person)
  return refused(visit, 'signIn.linkGone', 'a one-time link that is not, or no longer, good', { command: linkCommand })
}

/** By the fingerprint of a listed reader, or by the listed name where the certificate is of our CA. */
export async function signInByCertificate(visit: Visit): Promise<Answer> {
  const { house, request } = visit
  if (!house.attempts.allowed()) return refusal(visit, 429, 'signIn.tooMany')
  const person = personByCertificate(request.peer, house.config.readers, house.isOurs)
  if (person !== undefined) return welcome(visit, person)
  const shown =
    request.peer === undefined ? 'no certificate that is trusted' : `the certificate of ${request.peer.subject}`
  return refused(visit, 'signIn.certificateUnknown', `${shown} is no reader's`)
}

export async function beginOpenId(visit: Visit): Promise<Answer> {
  const { house } = visit
  if (house.openId === undefined) return signInPage(visit)
  if (!house.attempts.allowed()) return refusal(visit, 429, 'signIn.tooMany')
  try {
    const { to, cookie } = await house.openId.begin()
    return redirected(to, [setCookie({ name: 'openid', value: cookie, maxAgeSeconds: 600, sameSite: 'Lax' })])
  } catch (problem) {
    return openIdRefused(visit, problem)
  }
}

export async function finishOpenId(visit: Visit): Promise<Answer> {
  const { house, request } = visit
  const { openId, config } = house
  if (openId === undefined || config.openIdConnect === undefined) return signInPage(visit)
  if (!house.attempts.allowed()) return refusal(visit, 429, 'signIn.tooMany')
  visit.cookies.push(dropCookie('openid'))
  try {
    const [, search = ''] = request.url.split(/\?(.*)/s)
    const claims = await openId.finish(search, cookieIn(request.headers.cookie, 'openid'))
    const person = personByClaims(claims, config.openIdConnect, config.readers)
    if (person === undefined) throw new Error(`${claims.sub} has no role here`)
    return welcome(visit, person)
  } catch (problem) {
    return openIdRefused(visit, problem)
  }
}

async function openIdRefused(visit: Visit, problem: unknown): Promise<Answer> {
  const { log, ports } = visit.house
  const reference = ports.randomness.uuid().slice(0, 8)
  const { message, cause } = problem as Error
  log.error(
    { reference, reason: message, cause: cause === undefined ? undefined : String(cause) },
    'a sign-in by OpenID Connect failed',
  )
  return refused(visit, 'signIn.openIdFailed', `OpenID Connect: ${message.slice(0, 200)}`, { reference })
}

export async function signOut(visit: Visit): Promise<Answer> {
  const { house, request, person, texts } = visit
  house.sessions.close(cookieIn(request.headers.cookie, 'session'))
  visit.cookies.push(dropCookie('session'))
  if (person !== undefined) {
    await house.record([signedOut({ person: named(visit, person.name), uri: house.origin, outcome: 0 }, facts(visit))])
  }
  const forms = signInForms(
    { ...visit, person: undefined },
    html`<p class="mark fine" role="status">${texts['signIn.signedOut']}</p>`,
  )
  return page(forms)
}

/** A new token, whatever the browser brought: what somebody else has set there is worth nothing. */
async function welcome(visit: Visit, person: Person): Promise<Answer> {
  const { house, request } = visit
  house.sessions.close(cookieIn(request.headers.cookie, 'session'))
  await house.record([signedIn({ person: named(visit, person.name), uri: house.origin, outcome: 0 }, facts(visit))])
  const token = house.sessions.open(person)
  visit.cookies.push(setCookie({ name: 'session', value: token }), dropCookie('visit'))
  // Not by a redirection: a browser that comes from somewhere else would not send the cookie along on that way.
  const { texts } = visit
  const body = html`<div class="paper narrow"><h1>${filled(texts['nav.signedInAs'], { name: person.name })}</h1><p><a class="button" href="${at('/')}">${texts['nav.find']}</a></p></div>`
  return { ...page(whole(visit, { title: texts['signIn.title'] }, body)), headers: { refresh: '0; url=/' } }
}

/** Written down, so that those who try are seen. */
async function refused(
  visit: Visit,
  name: TextName,
  why: string,
  values: Record<string, string> = {},
): Promise<Answer> {
  const { house } = visit
  house.attempts.failed()
  const person = named(visit, visit.request.peer?.subject ?? 'unknown')
  await house.record([signedIn({ person, uri: house.origin, outcome: 4, why }, facts(visit))])
  return refusal(visit, 403, name, values)
}

function refusal(visit: Visit, status: number, name: TextName, values: Record<string, string> = {}): Answer {
  const { texts } = visit
  const why = html`<div role="alert"><h2>${texts['signIn.refused']}</h2><p class="mark wrong">${filled(texts[name], values)}</p></div>`
  return page(signInForms(visit, why), status)
}

function signInForms(visit: Visit, above: Html = html``): Html {
  const { texts, house, formToken } = visit
  const { readers, openIdConnect } = house.config
  const byCertificate = readers.some(({ commonNames, fingerprints }) => commonNames.length + fingerprints.length > 0)
  const ways = [
    ...(openIdConnect === undefined
      ? []
      : [
          html`<p><a class="button" href="${at('/sign-in/openid')}">${filled(texts['signIn.openId'], { name: openIdConnect.label })}</a></p>`,
        ]),
    ...(byCertificate
      ? [
          html`<form method="post" action="${at('/sign-in/certificate')}">${tokenField(formToken)}<p><button class="quiet">${texts['signIn.certificate']}</button></p></form><p class="hint">${texts['signIn.certificateHint']}</p>`,
        ]
      : []),
  ]
  const body = html`<div class="paper narrow">${above}<h1>${texts['signIn.title']}</h1><p>${texts['signIn.why']}</p>
${ways}
${(ways.length === 0 || house.isDevelopment) && html`<p class="hint">${filled(texts['signIn.noWay'], { command: linkCommand })}</p>`}</div>`
  return whole(visit, { title: texts['signIn.title'] }, body)
}

function named({ request }: Visit, name: string) {
  return { name, address: request.remoteAddress }
}

export function facts({ house }: Visit) {
  const { clock, processes } = house.ports
  return { actor: auditActor, processId: processes.pid, hostName: processes.hostName, dateTimeMs: clock.now() }
}
