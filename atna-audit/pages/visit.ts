// One request of a browser, with all that a page is made of.
import type { PagesConfig } from '../../config/audit-config.js'
import type { Language } from '../../pages/languages.js'
import type { OpenIdConnect } from '../../pages/openid-connect.js'
import type { Sessions } from '../../pages/sessions.js'
import type { Times } from '../../pages/times.js'
import type { HttpRequest, PeerCertificate } from '../../ports/network.js'
import type { Ports } from '../../ports/ports.js'
import type { Store } from '../../store/store.js'
import type { AuditRecord } from '../message.js'
import type { Chain } from '../repository/chain/chain.js'
import type { Verification } from '../repository/chain/verification.js'
import type { Attempts } from './attempts.js'
import type { Neighbour } from './neighbours.js'
import type { Person } from './roles.js'
import type { SignInLinks } from './sign-in-links.js'
import type { Sources } from './sources.js'
import type { Texts } from './texts/texts.js'

/** What all visits share. */
export interface House {
  store: Store
  chain: Chain
  verification: Verification
  ports: Ports
  config: PagesConfig
  /** `https://localhost:8446` */
  origin: string
  /** Writes records of our own; resolves once they are on the disk. */
  record(records: AuditRecord[]): Promise<void>
  log: { info(facts: object, message: string): void; error(facts: object, message: string): void }
  sessions: Sessions<Person>
  links: SignInLinks
  attempts: Attempts
  openId: OpenIdConnect | undefined
  sources: Sources
  isDevelopment: boolean
  /** Whether our own CA has issued a certificate. */
  isOurs(certificate: PeerCertificate): boolean
  neighbours: readonly Neighbour[]
  /** Where the gateway counts; undefined where there is none. */
  gatewayMetrics: string | undefined
}

export interface Visit {
  house: House
  request: HttpRequest
  path: string
  query: URLSearchParams
  /** Of a POST. */
  form: URLSearchParams
  language: Language
  texts: Texts
  times: Times
  /** Undefined before sign-in. */
  person: Person | undefined
  formToken: string
  /** Cookies that go with the answer, whatever it is. */
  cookies: string[]
}

/** Of somebody who is signed in. */
export interface Reading extends Visit {
  person: Person
  /** What follows upon the path of the route, decoded. */
  rest: string
}
