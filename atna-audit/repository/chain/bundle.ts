// Records for a court: each as it was hashed, with the proof that it is in the tree of a signed root. Whoever has the bundle needs
// openssl and nothing of ours; docs/AUDIT-PROOF.md has the procedure.
import { hash } from 'node:crypto'
import type { Store } from '../../../store/store.js'
import { recordById } from '../search.js'
import { leafInput, subtreesIn } from './leaves.js'
import { consistencyProof, inclusionProof } from './merkle.js'
import { inRanges } from './removals.js'
import { latestRoot, readRoot, rootCovering, type SignedRoot } from './roots.js'
import { keyStatements, type SigningKey } from './signing-key.js'

export interface BundleFile {
  name: string
  bytes: Buffer
}

export interface BundleWanted {
  /** Ascending. */
  ids: readonly number[]
  /** In words: what was asked, for whom. */
  about: string
  /** A root that the receiver has from before: that the tree has only grown since is proved too. */
  formerSize?: number
}

/** @throws Error, in words, where there is no signed root yet. */
export function* bundleOf(
  store: Store,
  { ids, about, formerSize }: BundleWanted,
  key: Pick<SigningKey, 'sign'>,
): Generator<BundleFile> {
  const root = latestRoot(store)
  const facts = root && readRoot(root.text)
  if (root === undefined || facts === undefined) throw new Error('no root has been signed yet')
  const at = subtreesIn(store)
  const listed: string[] = []
  const file = (name: string, content: string | Buffer): BundleFile => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    listed.push(`${hash('sha256', bytes, 'hex')}  ${name}`)
    return { name, bytes }
  }

  const isThere = store.prepare('SELECT 1 FROM audit_record WHERE id = ?')
  const leftOut = ids.filter(id => id > facts.size || isThere.get(id) === undefined)
  const without = leftOut.length === 0 ? '' : `without ${inRanges(leftOut)}: not there, or not signed\n`

  yield file('about.txt', `${about}\n${without}`)
  yield file('root.txt', root.text)
  yield file('root.sig', root.signature)
  for (const [position, statement] of keyStatements(store).entries()) {
    const name = `keys/${String(position + 1).padStart(3, '0')}`
    yield file(`${name}.pem`, statement.publicKey)
    yield file(`${name}.txt`, statement.text)
    yield file(`${name}.sig`, statement.ownSignature)
    if (statement.formerSignature !== undefined) yield file(`${name}.former.sig`, statement.formerSignature)
    if (statement.name === facts.key) yield file('key.pem', statement.publicKey)
  }
  for (const id of ids) {
    const record = recordById(store, id)
    if (record === undefined || id > facts.size) continue
    const name = String(id).padStart(12, '0')
    yield file(`records/${name}.record`, leafInput(record))
    const steps = inclusionProof(id - 1, facts.size, at)
    yield file(`proofs/${name}.proof`, steps.map(step => `${step.side} ${step.hash.toString('hex')}\n`).join(''))
  }
  if (formerSize !== undefined) yield* consistency(store, formerSize, facts.size, file)
  const manifest = `${listed.join('\n')}\n`
  yield { name: 'manifest.txt', bytes: Buffer.from(manifest) }
  yield { name: 'manifest.sig', bytes: key.sign(manifest) }
}

function* consistency(
  store: Store,
  formerSize: number,
  size: number,
  file: (name: string, content: string | Buffer) => BundleFile,
): Generator<BundleFile> {
  const former: SignedRoot | undefined = rootCovering(store, formerSize)
  const formerFacts = former && readRoot(former.text)
  if (former === undefined || formerFacts?.size !== formerSize)
    throw new Error(`no root was signed over ${formerSize} records`)
  yield file('former.txt', former.text)
  yield file('former.sig', former.signature)
  const steps = consistencyProof(formerSize, size, subtreesIn(store))
  yield file('consistency.proof', steps.map(step => `${step.toString('hex')}\n`).join(''))
}

const blockBytes = 512

/** The files as one archive (POSIX ustar). */
export function* tarOf(files: Iterable<BundleFile>, modifiedMs: number): Generator<Buffer> {
  for (const { name, bytes } of files) {
    yield tarHeader(`audit-bundle/${name}`, bytes.length, modifiedMs)
    yield bytes
    const rest = bytes.length % blockBytes
    if (rest > 0) yield Buffer.alloc(blockBytes - rest)
  }
  yield Buffer.alloc(2 * blockBytes)
}

function tarHeader(name: string, sizeBytes: number, modifiedMs: number): Buffer {
  const header = Buffer.alloc(blockBytes)
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`
  header.write(name, 0)
  header.write(octal(0o644, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(sizeBytes, 12), 124)
  header.write(octal(Math.floor(modifiedMs / 1000), 12), 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\0', 257)
  header.write('00', 263)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}
