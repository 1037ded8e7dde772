// That a storage has what was sent: our SHA-256 goes with every body, and the answer is held against it.
import { createHash } from 'node:crypto'
import { S3Problem } from './problem.js'

/** What the storage encrypts with: nothing that we ask for, its own keys, or a key of its key management. */
export type Encryption = { by: 'none' } | { by: 'AES256' } | { by: 'aws:kms'; keyId: string | undefined }

/** None where the bucket's own setting decides. */
export function encryptionHeaders(encryption: Encryption): Record<string, string> {
  if (encryption.by === 'none') return {}
  const headers = { 'x-amz-server-side-encryption': encryption.by }
  if (encryption.by === 'AES256' || encryption.keyId === undefined) return headers
  return { ...headers, 'x-amz-server-side-encryption-aws-kms-key-id': encryption.keyId }
}

export interface SentBody {
  pieces: readonly Buffer[]
  /** Hex. */
  sha256: string
}

/**
 * The checksum where the storage says one; else its ETag, which is an MD5 unless the storage encrypts. A storage that says
 * neither has at least been told the SHA-256, which is part of the signature.
 */
export function checkStored(
  headers: Readonly<Record<string, string | undefined>>,
  sent: SentBody,
  encryption: Encryption,
  what: string,
): void {
  const wrong = (found: string) =>
    new S3Problem('away', `the object storage has not kept ${what} as it was sent: ${found}`, {
      code: 'BadDigest',
      isPassing: true,
    })
  const checksum = headers['x-amz-checksum-sha256']
  if (checksum !== undefined) {
    if (checksum !== base64Of(sent.sha256)) throw wrong(`its SHA-256 is ${checksum}`)
    return
  }
  const etag = /^"?([0-9a-f]{32})"?$/i.exec(headers.etag ?? '')?.[1]
  if (etag === undefined || isEncrypted(headers, encryption)) return
  const md5 = createHash('md5')
  for (const piece of sent.pieces) md5.update(piece)
  if (md5.digest('hex') !== etag.toLowerCase()) throw wrong(`its ETag is ${etag}`)
}

function isEncrypted(headers: Readonly<Record<string, string | undefined>>, { by }: Encryption): boolean {
  return by === 'aws:kms' || (headers['x-amz-server-side-encryption'] ?? 'AES256') !== 'AES256'
}

/** 64 hex digits. */
export function sha256Of(pieces: readonly Uint8Array[]): string {
  const sha256 = createHash('sha256')
  for (const piece of pieces) sha256.update(piece)
  return sha256.digest('hex')
}

export const base64Of = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
