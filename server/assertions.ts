// Which transactions need the assertion of a user, and what becomes of one that came. [ITI TF-2:3.40.4.1]
import type { CarnetConfig } from '../config/carnet-config.js'
import { type XuaConfig, xuaTransactions } from '../config/xua-config.js'
import type { Ports } from '../ports/ports.js'
import { namespaces } from '../soap/namespaces.js'
import { isElement, parseXml, type XmlElement } from '../soap/xml.js'
import type { Claims } from '../xua/claims.js'
import type { Presented } from '../xua/conditions.js'
import { type Issuers, openIssuers } from '../xua/issuers.js'
import { takingOnce } from '../xua/once.js'
import { rememberingProven } from '../xua/proven.js'
import { securityFault } from '../xua/refusal.js'
import { type OneUse, usedBefore, verifiedClaims } from '../xua/verify.js'
import type { Partner } from './actor.js'
import { type Check, unusableCheck } from './health.js'
import type { Log } from './log.js'

export interface Assertions {
  /** Who asks; undefined where nobody has to say it, and nobody did. @throws SoapFault, rejects with SoapFault */
  claimsOf(request: AssertedRequest): Claims | undefined | Promise<Claims>
  /** Of an assertion that comes without an envelope, as the token of a request. @throws SoapFault, rejects with SoapFault */
  claimsIn(assertion: string, certificate: Buffer | undefined): Claims | Promise<Claims>
  /** From now on what is for one use is counted there, where other processes count too. */
  share(uses: SharedUses): void
  checks(): Check[]
  close(): void
}

/** In a database that several processes share. */
export interface SharedUses {
  /** False when the assertion was taken before, by any of them. */
  take(assertion: OneUse): Promise<boolean>
}

export interface AssertedRequest {
  transaction: string
  security: XmlElement | undefined
  partner: Partner
  /** DER of the certificate of the connection. */
  certificate: Buffer | undefined
}

export interface OpenAssertions {
  config: Pick<CarnetConfig, 'mode' | 'xua'>
  /** Of the endpoint. */
  section: { xua: Use; xuaByTransaction: Partial<Record<string, Use>> }
  /** URL of the service, with its path. */
  origin: string
  ports: Pick<Ports, 'clock' | 'files'>
  log: Pick<Log, 'info' | 'error'>
}

type Use = CarnetConfig['registry']['xua']

/** Undefined where no transaction wants any. @throws Error in words */
export async function openAssertions({
  config,
  section,
  origin,
  ports,
  log,
}: OpenAssertions): Promise<Assertions | undefined> {
  const { xua, mode } = config
  const uses = [section.xua, ...Object.values(section.xuaByTransaction)]
  if (uses.every(use => use === 'off')) return undefined
  const issuers = await openIssuers({ config: xua, mode, ports, log })
  const { keysOf } = issuers
  const proven = rememberingProven()
  const alone = { config: xua, keysOf, proven, takeOnce: takingOnce(ports.clock, xua.clockSkewSeconds * 1000) }
  let shared: SharedUses | undefined

  /** What is counted elsewhere is asked for there when all else holds. */
  function verified(security: XmlElement, presented: Presented): Claims | Promise<Claims> {
    if (shared === undefined) return verifiedClaims(security, presented, alone)
    const uses: OneUse[] = []
    const takeOnce = (use: OneUse) => uses.push(use) > 0
    const claims = verifiedClaims(security, presented, { config: xua, keysOf, proven, takeOnce })
    const [use] = uses
    if (use === undefined) return claims
    return shared.take(use).then(isFirst => {
      if (!isFirst) throw usedBefore(claims.assertionId)
      return claims
    })
  }

  return {
    claimsOf({ transaction, security, partner, certificate }) {
      const use = useFor(transaction, section)
      if (use === 'off') return undefined
      if (security === undefined || isEmpty(security)) {
        if (use === 'optional') return undefined
        throw securityFault('InvalidSecurity', `there is no assertion, and ${transaction} needs one`)
      }
      // Of nobody who is trusted here: as if it had not been sent, which nobody has to.
      if (use === 'optional' && !namesOneOf(issuers.names, security)) return undefined
      const handedOn = partner.handsOn === true && forwarded.has(transaction)
      return verified(security, { certificate, handedOn, origin, nowMs: ports.clock.now() })
    },
    claimsIn(assertion, certificate) {
      const presented = { certificate, handedOn: false, origin, nowMs: ports.clock.now() }
      return verified(securityAround(assertion), presented)
    },
    share(uses) {
      shared = uses
    },
    checks: () => checksOf(issuers, xua),
    close: () => issuers.close(),
  }
}

/** A header block with the assertion in it: what is no XML, or more than an assertion, is refused like one that came by SOAP. */
function securityAround(assertion: string): XmlElement {
  const bare = assertion.replace(/^\s*<\?xml[^>]*\?>\s*/, '')
  try {
    const security = `<wsse:Security xmlns:wsse="${namespaces.wsse}">${bare}</wsse:Security>`
    const [header] = parseXml(`<Envelope><Header>${security}</Header></Envelope>`).children
    const [block, ...more] = header?.children ?? []
    if (block !== undefined && more.length === 0) return block
  } catch {
    // Said below.
  }
  throw securityFault('InvalidSecurityToken', 'the token is no SAML 2.0 assertion')
}

/** What a repository sends for those who have asked it. */
const forwarded: ReadonlySet<string> = new Set(['ITI-18', 'ITI-42', 'ITI-61'])

const withAssertions: ReadonlySet<string> = new Set(xuaTransactions)

function useFor(transaction: string, { xua, xuaByTransaction }: OpenAssertions['section']): Use {
  return withAssertions.has(transaction) ? (xuaByTransaction[transaction] ?? xua) : 'off'
}

/** Whether an Issuer anywhere in it is one of these; what it holds beside is judged then, all of it. */
function namesOneOf(issuers: readonly string[], element: XmlElement): boolean {
  if (isElement(element, namespaces.saml2, 'Issuer') && issuers.includes(element.text.trim())) return true
  return element.children.some(child => namesOneOf(issuers, child))
}

function isEmpty(security: XmlElement): boolean {
  return security.children.every(child => isElement(child, namespaces.wsu, 'Timestamp'))
}

function checksOf({ names, problem }: Issuers, { issuersFile }: XuaConfig): Check[] {
  const name = 'issuers of assertions'
  if (problem !== undefined) return unusableCheck(name, problem)
  if (names.length > 0) return [{ name, ok: true, reason: `${names.length} are trusted` }]
  const reason = `none is trusted, so that every assertion is refused; name one in "xua.issuers" or in ${issuersFile}`
  return [{ name, ok: true, warns: true, reason }]
}
