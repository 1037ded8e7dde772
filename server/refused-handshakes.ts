// Whom TLS has refused lately, with the certificate shown: so that an administrator can see a partner knocking, and trust it.
import { certificateFacts } from '../certs/read.js'
import type { Clock } from '../ports/clock.js'
import type { RefusedHandshake } from '../ports/network.js'
import type { AdminResource } from './administration/resources.js'

export interface RefusedPartner {
  /** SHA-256, upper case hex with colons; absent where no certificate was shown. */
  fingerprint256?: string
  subject?: string
  issuer?: string
  validTo?: string
  reason: string
  remoteAddress: string
  times: number
  firstMs: number
  lastMs: number
  /** The certificate. */
  pem?: string
}

export interface RefusedHandshakes {
  add(refused: RefusedHandshake): void
  /** The latest first. */
  list(): RefusedPartner[]
}

/** Strangers may knock as often as they like: the oldest are forgotten. */
const mostRemembered = 200

/** In memory, bounded: who knocks again and again is one entry, counted, and the one silent for longest makes room. */
export function rememberRefused(clock: Pick<Clock, 'now'>): RefusedHandshakes {
  const remembered = new Map<string, RefusedPartner>()
  return {
    add({ remoteAddress, reason, peer }) {
      const key = peer?.fingerprint256 ?? `${remoteAddress} ${reason}`
      const nowMs = clock.now()
      const before = remembered.get(key)
      remembered.delete(key)
      remembered.set(key, {
        ...before,
        ...(peer?.der === undefined ? {} : shown(peer.der)),
        reason,
        remoteAddress,
        times: (before?.times ?? 0) + 1,
        firstMs: before?.firstMs ?? nowMs,
        lastMs: nowMs,
      })
      const [oldest] = remembered.keys()
      if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest)
    },
    list: () => [...remembered.values()].reverse(),
  }
}

/** Read by `carnet certs refused`. */
export function refusedHandshakesResource(refused: RefusedHandshakes): AdminResource {
  return {
    path: '/admin/refused-handshakes',
    method: 'GET',
    does: 'list refused handshakes',
    answer: async () => ({ refused: refused.list() }),
  }
}

function shown(der: Buffer): Partial<RefusedPartner> {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  const pem = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
  try {
    const { fingerprint256, subject, issuer, notAfterMs } = certificateFacts(pem)
    return { fingerprint256, subject, issuer, validTo: new Date(notAfterMs).toISOString(), pem }
  } catch {
    // TLS has read it, we cannot: nothing to show or to trust.
    return {}
  }
}
