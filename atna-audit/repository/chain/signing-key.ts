// The key by which the audit service signs its roots: ECDSA over P-256 with SHA-256, which every tool can verify. Made at the first
// start, in a file of its own; a new one is introduced by the one before. docs/decisions/0296.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { isoOf } from '../../../ports/clock.js'
import { type Files, readIfThere } from '../../../ports/files.js'
import type { Store } from '../../../store/store.js'
import type { Reading } from './leaves.js'

export interface SigningKey {
  /** SHA-256 of the public key (SubjectPublicKeyInfo), in hex. */
  name: string
  /** PEM. */
  publicKey: string
  sign(text: string): Buffer
}

/** How a public key came into use, as text that is signed by itself and by the one before. */
export interface KeyStatement {
  name: string
  publicKey: string
  text: string
  ownSignature: Buffer
  /** Of the key before; absent of the first one, and of one that came when the former was lost. */
  formerSignature: Buffer | undefined
}

/** Public key in PEM, signature as DER; false for whatever was changed. */
export function isSigned(text: string, signature: Uint8Array, publicKey: string): boolean {
  return verify('sha256', Buffer.from(text), publicKey, signature)
}

/** SHA-256 of the SubjectPublicKeyInfo, in hex: the same for the same key however its PEM is written. */
export function keyName(publicKey: string): string {
  return createHash('sha256')
    .update(createPublicKey(publicKey).export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

/** The key in the file, which is made where there is none. */
export async function signingKey(path: string, files: Files): Promise<SigningKey> {
  const there = await readIfThere(files, path)
  if (there !== undefined) return keyOver(createPrivateKey(there))
  return newSigningKey(path, files)
}

/** In the place of the one in the file, of which nothing is left. */
export async function newSigningKey(path: string, files: Files): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await files.replace(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return keyOver(privateKey)
}

function keyOver(privateKey: KeyObject): SigningKey {
  const publicKey = String(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }))
  return { name: keyName(publicKey), publicKey, sign: text => sign('sha256', Buffer.from(text), privateKey) }
}

/** Notes a key as the one in use, unless it is already; `former` still signs its successor. */
export async function introduceKey(
  store: Store,
  key: SigningKey,
  atMs: number,
  former?: SigningKey,
): Promise<{ lostFormer: boolean }> {
  const known = keyStatements(store)
  const last = known.at(-1)
  if (last?.name === key.name) return { lostFormer: false }
  const text = [
    'carnet audit key 1',
    `log ${known[0]?.name ?? key.name}`,
    `key ${key.name}`,
    `former ${last?.name ?? 'none'}`,
    `time ${isoOf(atMs)}`,
    '',
  ].join('\n')
  await store.write(() =>
    store
      .prepare(
        'INSERT INTO audit_signing_key (name, public, text, own_signature, former_signature) VALUES (?, ?, ?, ?, ?)',
      )
      .run(key.name, key.publicKey, text, key.sign(text), former?.sign(text) ?? null),
  )
  return { lostFormer: last !== undefined && former === undefined }
}

/** In the order in which they came into use. */
export function keyStatements(store: Reading): KeyStatement[] {
  return store
    .prepare(
      `SELECT name, public AS publicKey, text, own_signature AS own, former_signature AS former
       FROM audit_signing_key ORDER BY number`,
    )
    .all<{ name: string; publicKey: string; text: string; own: Uint8Array; former: Uint8Array | null }>()
    .map(({ own, former, ...row }) => ({
      name: row.name,
      publicKey: row.publicKey,
      text: row.text,
      ownSignature: Buffer.from(own),
      formerSignature: former === null ? undefined : Buffer.from(former),
    }))
}
