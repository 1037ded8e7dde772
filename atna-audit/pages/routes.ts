// Where everything is, and who may go there.
import type { Answer } from '../../pages/answers.js'
import { exportRecords } from './export.js'
import { findPage, removeThisSearch, saveThisSearch } from './find-page.js'
import { recordPage } from './record-page.js'
import type { Leave } from './roles.js'
import {
  beginOpenId,
  finishOpenId,
  linkPage,
  signInByCertificate,
  signInByLink,
  signInPage,
  signOut,
} from './sign-in.js'
import { documentTimeline, patientTimeline } from './timeline-page.js'
import { tracePage } from './trace-page.js'
import { trustPage, verifyNow } from './trust-page.js'
import type { Reading, Visit } from './visit.js'
import { watchOverview, watchPage } from './watch-pages.js'

export type Method = 'GET' | 'POST'

/** For everybody, signed in or not. */
interface OpenRoute {
  method: Method
  path: string
  leave?: undefined
  answer(visit: Visit): Answer | Promise<Answer>
}

/** For those who are signed in and may; each visit is written down before it is answered. */
interface ReadingRoute {
  method: Method
  /** With a slash at the end something follows. */
  path: string
  leave: Leave
  answer(visit: Reading): Answer | Promise<Answer>
}

export type Route = OpenRoute | ReadingRoute

const routes: readonly Route[] = [
  { method: 'GET', path: '/sign-in', answer: signInPage },
  { method: 'GET', path: '/sign-in/link', answer: linkPage },
  { method: 'POST', path: '/sign-in/link', answer: signInByLink },
  { method: 'POST', path: '/sign-in/certificate', answer: signInByCertificate },
  { method: 'GET', path: '/sign-in/openid', answer: beginOpenId },
  { method: 'GET', path: '/sign-in/openid/callback', answer: finishOpenId },
  { method: 'POST', path: '/sign-out', answer: signOut },
  { method: 'GET', path: '/', leave: 'records', answer: findPage },
  { method: 'GET', path: '/find', leave: 'records', answer: findPage },
  { method: 'GET', path: '/record/', leave: 'records', answer: recordPage },
  { method: 'GET', path: '/trace/', leave: 'records', answer: tracePage },
  { method: 'GET', path: '/patient', leave: 'patients', answer: patientTimeline },
  { method: 'GET', path: '/document', leave: 'patients', answer: documentTimeline },
  { method: 'GET', path: '/watch', leave: 'patients', answer: watchOverview },
  { method: 'GET', path: '/watch/', leave: 'patients', answer: watchPage },
  { method: 'GET', path: '/trust', leave: 'trust', answer: trustPage },
  { method: 'POST', path: '/trust/verify', leave: 'export', answer: verifyNow },
  { method: 'GET', path: '/export', leave: 'export', answer: exportRecords },
  { method: 'POST', path: '/searches', leave: 'records', answer: saveThisSearch },
  { method: 'POST', path: '/searches/remove', leave: 'records', answer: removeThisSearch },
]

/** `rest` is what stands behind a route that ends with a slash, as it came and not decoded; undefined where there is no route. */
export function routeAt(method: string, path: string): { route: Route; rest: string } | undefined {
  for (const route of routes) {
    if (route.method !== method) continue
    if (route.path === path) return { route, rest: '' }
    if (
      route.path.length > 1 &&
      route.path.endsWith('/') &&
      path.startsWith(route.path) &&
      path.length > route.path.length
    )
      return { route, rest: path.slice(route.path.length) }
  }
  return undefined
}
