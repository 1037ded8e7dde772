// Whose assertions are believed: issuers with their pinned certificates, read from files and again when these change.
import { type KeyObject, X509Certificate } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { readListFile } from '../config/list-file.js'
import { issuersFile, type XuaConfig, type XuaIssuer } from '../config/xua-config.js'
import { everyOnceDone } from '../ports/clock.js'
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

const everyMs = 2_000
const mostCertificates = 8

/** @throws Error in words, when what is there at the start cannot be used */
export async function openIssuers(options: OpenIssuers): Promise<Issuers> {
  const { ports, log, lookMs = everyMs } = options
  const { clock } = ports
  let state = await read(options)
  let problem: string | undefined

  async function look(): Promise<void> {
    if (problem === undefined && (await marksOf(state.paths, ports)) === state.marks) return
    try {
      state = await read(options)
      problem = undefined
      log.info({ issuers: [...state.pinned.keys()] }, 'issuers of assertions read anew')
    } catch (failure) {
      const words = failure instanceof Error ? failure.message : String(failure)
      if (words !== problem)
        log.error({ reason: words }, 'changed issuers of assertions cannot be used; the former hold')
      problem = words
    }
  }

  const timer = everyOnceDone(clock, lookMs, look, failure =>
    log.error({ reason: String(failure) }, 'issuers of assertions could not be looked at'),
  )
  return {
    keysOf(issuer) {
      const nowMs = clock.now()
      const pinned = state.pinned.get(issuer) ?? []
      return pinned.filter(({ fromMs, toMs }) => fromMs <= nowMs && nowMs <= toMs).map(({ key }) => key)
    },
    get names() {
      return [...state.pinned.keys()]
    },
    get problem() {
      return problem
    },
    close: () => timer.cancel(),
  }
}

async function read({ config, mode, ports }: OpenIssuers) {
  const issuers = [...config.issuers, ...(await readIssuersFile(config.issuersFile, ports))]
  const paths = [config.issuersFile, ...issuers.flatMap(({ certificates }) => certificates)]
  // Before the files: one that changes meanwhile looks different the next time.
  const marks = await marksOf(paths, ports)
  const pinned = new Map<string, Pinned[]>()
  for (const { issuer, certificates } of issuers) {
    const all = pinned.get(issuer) ?? []
    for (const path of certificates) all.push(...(await certificatesIn(path, mode, ports)))
    if (all.length > mostCertificates) throw new Error(`${issuer} has more than ${mostCertificates} certificates`)
    pinned.set(issuer, all)
  }
  return { pinned, paths, marks }
}

/** No file is no issuer. @throws Error in words */
export async function readIssuersFile(path: string, ports: Pick<Ports, 'files'>): Promise<XuaIssuer[]> {
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

async function marksOf(paths: readonly string[], { files }: Pick<Ports, 'files'>): Promise<string> {
  const marks = await Promise.all(paths.map(path => files.stat(path).catch(() => undefined)))
  return marks.map(mark => (mark === undefined ? '-' : `${mark.modifiedMs}:${mark.sizeBytes}`)).join(' ')
}
