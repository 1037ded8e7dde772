// The development CA at work after the first start: issues, renews and revokes certificates in a folder. RFC 5280, RFC 2986.
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import forge from 'node-forge'
import type { Clock } from '../ports/clock.js'
import { type Files, readIfThere } from '../ports/files.js'
import type { Randomness } from '../ports/randomness.js'
import { readCredential, storePassword, validFor } from './development.js'
import { issueLeaf, type LeafRequest, newKey } from './issue.js'
import { keyStore } from './pkcs12.js'
import { certificateFacts, tlsProblems } from './read.js'
import { issueRevocationList, revocationListsIn, serialOf } from './revocation.js'

export interface CertificateFolder {
  folder: string
  files: Files
  clock: Clock
  randomness: Randomness
}

export interface Issued {
  /** Names of the files written. */
  made: string[]
  fingerprint256: string
}

const listValidDays = 365

/** A key and a certificate of the development CA, as NAME.key and NAME.pem, and NAME.p12 for a client. Replaces what is there. */
export async function issue(name: string, request: LeafRequest, days: number, at: CertificateFolder): Promise<Issued> {
  const { folder, files, clock, randomness } = at
  const ca = await readCredential(folder, 'ca', files)
  const issued = issueLeaf(await newKey(), request, ca, validFor(days, clock), randomness)
  const write = async (ending: string, data: string | Buffer, mode: number) => {
    await files.replace(join(folder, `${name}.${ending}`), data, { mode })
    return `${name}.${ending}`
  }
  // Whoever serves with the pair takes it once both files belong together.
  const made = [await write('key', issued.key, 0o600), await write('pem', issued.cert, 0o644)]
  if (!request.usages.includes('serverAuth')) {
    made.push(await write('p12', keyStore(issued, ca.cert, storePassword, request.commonName), 0o600))
  }
  return { made, fingerprint256: certificateFacts(issued.cert).fingerprint256 }
}

/** What a certificate was issued for, to be issued again. */
export function requestOf(pem: string | Buffer): LeafRequest {
  const { commonName, names, usages } = certificateFacts(pem)
  const known: Readonly<Record<string, LeafRequest['usages'][number]>> = {
    '1.3.6.1.5.5.7.3.1': 'serverAuth',
    '1.3.6.1.5.5.7.3.2': 'clientAuth',
  }
  return {
    commonName,
    names: names.map(name => name.replace(/^(?:DNS|IP Address):/, '')),
    usages: usages.flatMap(usage => known[usage] ?? []),
  }
}

/** A key, and a request (PKCS#10) that another CA makes a certificate of. [RFC 2986] */
export async function requestCertificate(
  name: string,
  request: Pick<LeafRequest, 'commonName' | 'names'> & { organization: string | undefined },
  { folder, files }: CertificateFolder,
): Promise<{ keyFile: string; requestFile: string }> {
  const key = await newKey()
  const asked = forge.pki.createCertificationRequest()
  const privateKey = forge.pki.privateKeyFromPem(key)
  asked.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e)
  asked.setSubject([
    ...(request.organization === undefined ? [] : [{ name: 'organizationName', value: request.organization }]),
    { name: 'commonName', value: request.commonName },
  ])
  const altNames = request.names.map(each =>
    /^[0-9.]+$|:/.test(each) ? { type: 7, ip: each } : { type: 2, value: each },
  )
  if (altNames.length > 0) {
    asked.setAttributes([{ name: 'extensionRequest', extensions: [{ name: 'subjectAltName', altNames }] }])
  }
  asked.sign(privateKey, forge.md.sha256.create())
  const [keyFile, requestFile] = [join(folder, `${name}.requested.key`), join(folder, `${name}.csr`)]
  await files.replace(keyFile, key, { mode: 0o600 })
  await files.replace(requestFile, forge.pki.certificationRequestToPem(asked).replaceAll('\r\n', '\n'), { mode: 0o644 })
  return { keyFile, requestFile }
}

/** Puts the certificate that a CA has made of our request in its place, with its key. @throws Error in words */
export async function installCertificate(
  name: string,
  cert: Buffer,
  ca: Buffer,
  { folder, files, clock }: CertificateFolder,
): Promise<Issued> {
  const keyFile = join(folder, `${name}.requested.key`)
  const key = await readIfThere(files, keyFile)
  if (key === undefined) throw new Error(`${keyFile} is not there; nothing was requested under the name ${name}`)
  const [problem] = tlsProblems({ key, cert, ca }, clock.now())
  if (problem !== undefined) throw new Error(problem)
  await files.replace(join(folder, `${name}.key`), key, { mode: 0o600 })
  await files.replace(join(folder, `${name}.pem`), cert, { mode: 0o644 })
  await files.remove(keyFile)
  await files.remove(join(folder, `${name}.csr`))
  return { made: [`${name}.key`, `${name}.pem`], fingerprint256: certificateFacts(cert).fingerprint256 }
}

/** Adds a certificate to the list of the development CA and writes the list anew; others' lists in the file stay. @throws Error in words */
export async function revoke(
  pem: string | Buffer,
  listFile: string,
  at: CertificateFolder,
): Promise<{ revoked: number }> {
  const { folder, files, clock } = at
  const ca = await readCredential(folder, 'ca', files)
  const certificate = new X509Certificate(pem)
  const authority = new X509Certificate(ca.cert)
  if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) {
    throw new Error(
      'it was issued by another CA, which has to revoke it; put the list of that CA into the file of "tls.crl"',
    )
  }
  const text = String((await readIfThere(files, listFile)) ?? '')
  const blocks = text.match(/-----BEGIN X509 CRL-----[\s\S]+?-----END X509 CRL-----/g) ?? []
  const ours = (block: string) => revocationListsIn(block).some(list => list.isSignedBy(authority))
  const revoked = new Map(
    blocks.filter(ours).flatMap(block => revocationListsIn(block).flatMap(list => [...list.revoked])),
  )
  const serial = serialOf(certificate.serialNumber)
  if (!revoked.has(serial)) revoked.set(serial, clock.now())
  const list = issueRevocationList(revoked, ca, { fromMs: clock.now(), toMs: validFor(listValidDays, clock).toMs })
  const others = blocks.filter(block => !ours(block)).map(block => `${block}\n`)
  await files.replace(listFile, [...others, list].join(''), { mode: 0o644 })
  return { revoked: revoked.size }
}
