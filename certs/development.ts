// The certificates of a development deployment: a CA and what it issues. Whatever file is there is kept; what is missing is made.
import { join } from 'node:path'
import type { Clock } from '../ports/clock.js'
import type { Files } from '../ports/files.js'
import type { Randomness } from '../ports/randomness.js'
import { type Credential, issueCa, issueLeaf, type LeafRequest, newKey, type Validity } from './issue.js'
import { keyStore, trustStore } from './pkcs12.js'

export interface DevelopmentCertificates {
  /** The folder, absolute or as given. */
  folder: string
  hostName: string
  clock: Clock
  files: Files
  randomness: Randomness
}

/** Password of the PKCS#12 files; the keys in them lie beside in PEM, so it hides nothing. */
export const storePassword = 'changeit'

const dayMs = 86_400_000
const caValidDays = 3_650
const leafValidDays = 825
/** Clocks of partners may be behind ours. */
const clockToleranceMs = 3_600_000
const caName = 'Carnet Development CA'

const leaves = {
  registry: { commonName: 'registry', server: true },
  repository: { commonName: 'repository', server: true },
  audit: { commonName: 'audit', server: true },
  'patient-index': { commonName: 'patient-index', server: true },
  gateway: { commonName: 'gateway', server: true },
  client: { commonName: 'hospital', server: false },
  admin: { commonName: 'admin', server: false },
} as const

/** Which of them Java clients have as a PKCS#12 file too: testers come with one certificate for all that is asked. */
const keyStores = ['client', 'admin'] as const

/** Makes what is missing and names the files made; an empty list when all was there. */
export async function makeDevelopmentCertificates(options: DevelopmentCertificates): Promise<string[]> {
  const { folder, files } = options
  await files.makeFolder(folder)
  const missing = await leavesMissingIn(folder, files)
  const haveCa = (await exists(files, join(folder, 'ca.pem'))) && (await exists(files, join(folder, 'ca.key')))
  const haveStores = await storesPresent(folder, files)
  if (haveCa && missing.length === 0 && haveStores) return []
  if (!haveCa && missing.length < Object.keys(leaves).length) throw withoutCa(folder)
  return make(options, missing, haveCa)
}

async function make(options: DevelopmentCertificates, missing: LeafName[], haveCa: boolean): Promise<string[]> {
  const { folder, files, clock, randomness } = options
  const [caKey, ...keys] = await Promise.all([haveCa ? '' : newKey(), ...missing.map(() => newKey())])
  const ca = haveCa
    ? await readCredential(folder, 'ca', files)
    : issueCa(caKey!, caName, validFor(caValidDays, clock), randomness)
  const made: string[] = []
  const write = async (name: string, data: string | Buffer, mode: number) => {
    await files.replace(join(folder, name), data, { mode })
    made.push(name)
  }
  if (!haveCa) {
    await write('ca.key', ca.key, 0o600)
    await write('ca.pem', ca.cert, 0o644)
  }
  for (const [index, name] of missing.entries()) {
    const request = requestFor(name, options.hostName)
    const issued = issueLeaf(keys[index]!, request, ca, validFor(leafValidDays, clock), randomness)
    await write(`${name}.key`, issued.key, 0o600)
    await write(`${name}.pem`, issued.cert, 0o644)
  }
  for (const name of keyStores) {
    if (!missing.includes(name) && (await exists(files, join(folder, `${name}.p12`)))) continue
    const credential = await readCredential(folder, name, files)
    await write(`${name}.p12`, keyStore(credential, ca.cert, storePassword, leaves[name].commonName), 0o600)
  }
  if (!haveCa || !(await exists(files, join(folder, 'truststore.p12')))) {
    await write('truststore.p12', trustStore(ca.cert, storePassword, 'carnet-development-ca', randomness), 0o644)
  }
  return made
}

type LeafName = keyof typeof leaves

function requestFor(name: LeafName, hostName: string): LeafRequest {
  const { commonName, server } = leaves[name]
  if (!server) return { commonName, names: [], usages: ['clientAuth'] }
  // The services call one another with the certificate they serve with.
  return { commonName, names: serverNames(hostName), usages: ['serverAuth', 'clientAuth'] }
}

function serverNames(hostName: string): string[] {
  const own = hostName.toLowerCase()
  const isDnsName = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(own) && !/^[0-9.]+$/.test(own)
  return [...new Set(['localhost', '127.0.0.1', '::1', ...(isDnsName ? [own] : [])])]
}

async function leavesMissingIn(folder: string, files: Files): Promise<LeafName[]> {
  const names = Object.keys(leaves) as LeafName[]
  const present = await Promise.all(
    names.map(
      async name =>
        (await exists(files, join(folder, `${name}.pem`))) && (await exists(files, join(folder, `${name}.key`))),
    ),
  )
  return names.filter((_, index) => !present[index])
}

async function storesPresent(folder: string, files: Files): Promise<boolean> {
  const stores = [...keyStores.map(name => `${name}.p12`), 'truststore.p12']
  return (await Promise.all(stores.map(name => exists(files, join(folder, name))))).every(Boolean)
}

/** NAME.key and NAME.pem of a folder. */
export async function readCredential(folder: string, name: string, files: Files): Promise<Credential> {
  const [key, cert] = await Promise.all(
    ['key', 'pem'].map(ending => files.readFile(join(folder, `${name}.${ending}`)).then(String)),
  )
  return { key: key!, cert: cert! }
}

/** From a little before now, so that a machine whose clock is behind takes it too, for so many days; milliseconds in UTC. */
export function validFor(days: number, clock: Clock): Validity {
  const now = clock.now()
  return { fromMs: now - clockToleranceMs, toMs: now + days * dayMs }
}

async function exists(files: Files, path: string): Promise<boolean> {
  return (await files.stat(path)) !== undefined
}

function withoutCa(folder: string): Error {
  return new Error(
    `${folder} holds certificates, but not ca.pem with ca.key, so the missing ones cannot be issued; ` +
      'put these two files back, or move the folder away to have new certificates made.',
  )
}
