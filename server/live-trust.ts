// Our certificate, whom we let in and who is who: read from files, and again when these change, without a restart.
import { X509Certificate } from 'node:crypto'
import { readTlsIdentity } from '../certs/tls-identity.js'
import { type Trust, trustOf } from '../certs/trust.js'
import type { CarnetConfig } from '../config/carnet-config.js'
import { followFiles } from '../config/followed-files.js'
import { readPartners } from '../config/partners.js'
import type { PeerConfig } from '../config/peer-config.js'
import type { TlsFiles } from '../config/service-config.js'
import { isoOf } from '../ports/clock.js'
import { readIfThere } from '../ports/files.js'
import type { PeerCertificate, TlsIdentity } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import { type Check, unusableCheck } from './health.js'
import type { Log } from './log.js'
import { type Identify, identifyBy } from './partners.js'

export interface LiveTrust {
  /** As it is now. */
  readonly identity: TlsIdentity
  identify: Identify
  /** Those of the configuration and those of the partners file. */
  peers(): readonly PeerConfig[]
  /** Why a peer whose chain has been verified is not let in. */
  refusalOf(peer: PeerCertificate): string | undefined
  /** Whether our own CA has issued it, and no partner's. */
  isOurs(peer: PeerCertificate): boolean
  /** Called with what is new, each time; for doors and for those who call. */
  onRenewed(use: Renewed): void
  checks(): Check[]
  /** Until our certificate ends. */
  daysLeft(): number
  close(): void
}

export type Renewed = (identity: TlsIdentity, letsIn: (peer: PeerCertificate) => boolean) => void

export interface OpenLiveTrust {
  config: Pick<CarnetConfig, 'mode' | 'peers' | 'partnersFile'>
  files: TlsFiles
  ports: Pick<Ports, 'clock' | 'files'>
  log: Pick<Log, 'info' | 'error'>
  lookMs?: number
}

interface State {
  identity: TlsIdentity
  trust: Trust
  peers: readonly PeerConfig[]
  identify: Identify
  isOurs(peer: PeerCertificate): boolean
  validFromMs: number
  validToMs: number
}

/** @throws Error in words, when what is there at the start cannot be used */
export async function openLiveTrust(options: OpenLiveTrust): Promise<LiveTrust> {
  const { ports, log, lookMs } = options
  const { clock } = ports
  const users: Renewed[] = []
  const followed = await followFiles({
    async read(see) {
      await see([...Object.values(options.files), options.config.partnersFile])
      return read(options)
    },
    anew({ identity }) {
      const certificate = new X509Certificate(identity.cert).fingerprint256
      log.info({ certificate }, 'certificates and partners read anew')
      for (const use of users) use(identity, letsIn)
    },
    unusable: 'changed certificates or partners cannot be used; the former hold',
    ...{ ports, log, lookMs },
  })
  const { state, problem } = followed

  const letsIn = ({ der }: PeerCertificate) =>
    der === undefined || state().trust.refusalOf(der, clock.now()) === undefined

  return {
    get identity() {
      return state().identity
    },
    identify: (peer, address) => state().identify(peer, address),
    peers: () => state().peers,
    refusalOf: ({ der }) => (der === undefined ? undefined : state().trust.revocationOf(der)),
    isOurs: peer => state().isOurs(peer),
    onRenewed: use => void users.push(use),
    checks: () => [
      certificateCheck(state(), clock.now()),
      ...listCheck(state(), clock.now()),
      ...unusableCheck('changed certificates', problem()),
    ],
    daysLeft: () => (state().validToMs - clock.now()) / dayMs,
    close: followed.close,
  }
}

async function read({ config, files, ports }: OpenLiveTrust): Promise<State> {
  const { files: disk, clock } = ports
  const { key, cert, ca } = await readTlsIdentity(files, ports)
  const [partners, crl] = await Promise.all([files.partners, files.crl].map(path => readIfThere(disk, path)))
  const trust = trustOf({ authorities: [ca, partners ?? ''], revocationLists: crl ?? '' })
  const own = trustOf({ authorities: [ca], revocationLists: '' })
  // Where no partner's CA is trusted, whoever was let in is ours.
  const isOurs = ({ der }: PeerCertificate): boolean =>
    !partners?.length || der === undefined || own.refusalOf(der, clock.now()) === undefined
  const peers = [...config.peers, ...(await readPartners(config.partnersFile, ports))]
  const { validFrom, validTo } = new X509Certificate(cert)
  return {
    identity: { key, cert, ca: trust.authorities },
    trust,
    peers,
    identify: identifyBy({ mode: config.mode, peers }, isOurs),
    isOurs,
    validFromMs: Date.parse(validFrom),
    validToMs: Date.parse(validTo),
  }
}

const dayMs = 86_400_000

function certificateCheck({ validFromMs, validToMs }: State, nowMs: number): Check {
  if (nowMs < validFromMs) {
    const reason = `our certificate is valid from ${isoOf(validFromMs)} on, and the clock of this host says ${isoOf(nowMs)}`
    return { name: 'certificate expiry', ok: false, reason }
  }
  const days = Math.floor((validToMs - nowMs) / dayMs)
  return {
    name: 'certificate expiry',
    ok: days >= 0,
    reason:
      days >= 0
        ? `our certificate is valid for ${days} more days`
        : `our certificate ended ${-days} days ago; renew it`,
  }
}

/** A list that is out of date still holds: better than to shut everybody out, but somebody has to know. */
function listCheck({ trust }: State, nowMs: number): Check[] {
  const { nextUpdateMs } = trust
  if (nextUpdateMs === undefined) return []
  const days = Math.floor((nextUpdateMs - nowMs) / dayMs)
  const reason =
    days >= 0
      ? `the revocation lists are good for ${days} more days`
      : `a revocation list was to be renewed ${-days} days ago; it is used as it is`
  return [{ name: 'revocation lists', ok: true, reason, ...(days >= 0 ? {} : { warns: true }) }]
}
