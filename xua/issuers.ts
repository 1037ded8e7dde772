// Whose assertions are believed: issuers with their pinned certificates, read from files and again when these change.
import { type KeyObject, X509Certificate } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { followFiles } from '../config/followed-files.js'
import { readListFile } from '../config/list-file.js'
import { issuersFile, type XuaConfig, type XuaIssuer } from '../config/xua-config.js'
import { readIfThere } from '../ports/files.js'
import type { Ports } from '../ports/ports.js'
import { unfitKey } from './signature.js'

export interface Issuers {
  /** Of certificates that are valid now; the next one beside the present one while they overlap. */
  keysOf(issuer: string): readonly KeyObject[]
  readonly names: readonly string[]
  /** Why what has changed cannot be used; the former hold. */
  readonly problem: string | undefined
  close(): void
}

export interface OpenIssuers {
  config: Pick<XuaConfig, 'issuers' | 'issuersFile'>
  mode: 'development' | 'production'
  ports: Pick<Ports, 'clock' | 'files'>
  log: { info(facts: object, words: string): void; error(facts: object, words: string): void }
  lookMs?: number
}

interface Pinned {
  key: KeyObject
  fromMs: number
  toMs: number
}

/** Organization of certificates that a deployment has made for itself; never believed in production. */
export const developmentOrganization = 'Carnet Development'

const mostCertificates = 8

/** @throws Error in words, when what is there at the start cannot be used */
export async function openIssuers(options: OpenIssuers): Promise<Issuers> {
  const { ports, log, lookMs } = options
  const { clock } = ports
  const followed = await followFiles({
    read: see => read(options, see),
    anew: pinned => log.info({ issuers: [...pinned.keys()] }, 'issuers of assertions read anew'),
    unusable: 'changed issuers of assertions cannot be used; the former hold',
    ...{ ports, log, lookMs },
  })
  return {
    keysOf(issuer) {
      const nowMs = clock.now()
      const pinned = followed.state().get(issuer) ?? []
      return pinned.filter(({ fromMs, toMs }) => fromMs <= nowMs && nowMs <= toMs).map(({ key }) => key)
    },
    get names() {
      return [...followed.state().keys()]
    },
    get problem() {
      return followed.problem()
    },
    close: followed.close,
  }
}

async function read(
  { config, mode, ports }: OpenIssuers,
  see: (paths: readonly string[]) => Promise<void>,
): Promise<ReadonlyMap<string, Pinned[]>> {
  const issuers = [...config.issuers, ...(await readIssuersFile(config.issuersFile, ports))]
  await see([config.issuersFile, ...issuers.flatMap(({ certificates }) => certificates)])
  const pinned = new Map<string, Pinned[]>()
  for (const { issuer, certificates } of issuers) {
    const all = pinned.get(issuer) ?? []
    for (const path of certificates) all.push(...(await certificatesIn(path, mode, ports)))
    if (all.length > mostCertificates) throw new Error(`${issuer} has more than ${mostCertificates} certificates`)
    pinned.set(issuer, all)
  }
  return pinned
}

/** No file is no issuer. @throws Error in words */
async function readIssuersFile(path: string, ports: Pick<Ports, 'files'>): Promise<XuaIssuer[]> {
  const at = (certificate: string) => resolve(dirname(path), certificate)
  const issuers = await readListFile(path, issuersFile, ports)
  return issuers.map(issuer => ({ ...issuer, certificates: issuer.certificates.map(at) }))
}

async function certificatesIn(path: string, mode: OpenIssuers['mode'], { files }: Pick<Ports, 'files'>) {
  const text = await readIfThere(files, path)
  const blocks = String(text ?? '').match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)
  if (blocks === null) throw new Error(`${path} holds no certificate in PEM`)
  return blocks.map(pem => pinnedBy(pem, path, mode))
}

function pinnedBy(pem: string, path: string, mode: OpenIssuers['mode']): Pinned {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pem)
  } catch {
    throw new Error(`${path} holds a certificate that cannot be read`)
  }
  if (mode === 'production' && certificate.subject.split('\n').includes(`O=${developmentOrganization}`)) {
    throw new Error(`${path} is the certificate of a development issuer, which is not believed in mode production`)
  }
  const key = certificate.publicKey
  const unfit = unfitKey(key)
  if (unfit !== undefined) throw new Error(`${path} cannot be pinned: ${unfit}`)
  return { key, fromMs: Date.parse(certificate.validFrom), toMs: Date.parse(certificate.validTo) }
}
