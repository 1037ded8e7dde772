// Where everything is. Each page says whom it shows, which is written down before it is sent.
import { askThemAgain, decideThis, separateThis, undoThis } from './decisions.js'
import { listPage } from './list-page.js'
import { pairPage } from './pair-page.js'
import { personPage } from './person-page.js'
import { base, type Page, type Visit } from './visit.js'

interface Route {
  method: 'GET' | 'POST'
  /** With a slash at the end something follows. */
  path: string
  answer(visit: Visit): Page | Promise<Page>
}

const routes: readonly Route[] = [
  { method: 'GET', path: base, answer: listPage },
  { method: 'GET', path: `${base}/pair/`, answer: pairPage },
  { method: 'POST', path: `${base}/pair/`, answer: decideThis },
  { method: 'GET', path: `${base}/person`, answer: personPage },
  { method: 'POST', path: `${base}/again`, answer: askThemAgain },
  { method: 'POST', path: `${base}/separate`, answer: separateThis },
  { method: 'POST', path: `${base}/undo`, answer: undoThis },
]

export function routeAt(method: string, path: string): { route: Route; rest: string } | undefined {
  for (const route of routes) {
    if (route.method !== method) continue
    if (route.path === path) return { route, rest: '' }
    if (route.path.endsWith('/') && path.startsWith(route.path) && path.length > route.path.length)
      return { route, rest: path.slice(route.path.length) }
  }
  return undefined
}
