// Signed roots: what the audit service has vouched for, each naming the one before. docs/AUDIT-PROOF.md has the form.
import { hash } from 'node:crypto'
import { isoOf } from '../../../ports/clock.js'
import type { Store } from '../../../store/store.js'
import { type Reading, rootAt } from './leaves.js'
import type { SigningKey } from './signing-key.js'

export interface SignedRoot {
  text: string
  signature: Buffer
}

export interface RootFacts {
  /** Name of the first key of this log. */
  log: string
  size: number
  /** Hex, as what follows. */
  root: string
  time: string
  /** SHA-256 of the text of the root before. */
  previous: string
  /** Name of the key that signs. */
  key: string
}

const title = 'carnet audit root 1'
const fields = ['log', 'size', 'root', 'time', 'previous', 'key'] as const
const noneBefore = '0'.repeat(64)

function writeRoot(facts: RootFacts): string {
  return `${[title, ...fields.map(field => `${field} ${facts[field]}`)].join('\n')}\n`
}

/** Undefined when this is no root. */
export function readRoot(text: string): RootFacts | undefined {
  const [first, ...lines] = text.split('\n')
  if (first !== title || lines.length !== fields.length + 1 || lines.at(-1) !== '') return undefined
  const values = fields.map((field, at) =>
    lines[at]?.startsWith(`${field} `) ? lines[at].slice(field.length + 1) : '',
  )
  const [log = '', size = '', root = '', time = '', previous = '', key = ''] = values
  if (!/^\d{1,15}$/.test(size) || !/^[0-9a-f]{64}$/.test(root)) return undefined
  return { log, size: Number(size), root, time, previous, key }
}

/** Hex: by which a root names the one before. */
export function textDigest(text: string): string {
  return hash('sha256', text, 'hex')
}

/** Signs the tree as it is now. */
export async function signRoot(
  store: Store,
  { log, key, size, atMs }: { log: string; key: SigningKey; size: number; atMs: number },
): Promise<SignedRoot> {
  const before = latestRoot(store)
  const text = writeRoot({
    log,
    size,
    root: rootAt(store, size).toString('hex'),
    time: isoOf(atMs),
    previous: before === undefined ? noneBefore : textDigest(before.text),
    key: key.name,
  })
  const signature = key.sign(text)
  await store.write(() =>
    store
      .prepare('INSERT INTO audit_root (size, signed_ms, text, signature) VALUES (?, ?, ?, ?)')
      .run(size, atMs, text, signature),
  )
  return { text, signature }
}

/** Undefined before the first. */
export function latestRoot(store: Reading): SignedRoot | undefined {
  return rootsOf(store.prepare('SELECT text, signature FROM audit_root ORDER BY number DESC LIMIT 1').all())[0]
}

/** The oldest that holds this many leaves, if there is one. */
export function rootCovering(store: Reading, size: number): SignedRoot | undefined {
  const found = store.prepare('SELECT text, signature FROM audit_root WHERE size >= ? ORDER BY size, number LIMIT 1')
  return rootsOf(found.all(size))[0]
}

/** In the order in which they were signed, some at a time. */
export function* rootsInOrder(store: Reading): Generator<SignedRoot & { number: number }> {
  const page = store.prepare(
    'SELECT number, text, signature FROM audit_root WHERE number > ? ORDER BY number LIMIT 500',
  )
  for (let after = 0; ; ) {
    const rows = page.all<{ number: number; text: string; signature: Uint8Array }>(after)
    for (const { number, text, signature } of rows) yield { number, text, signature: Buffer.from(signature) }
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.number
  }
}

function rootsOf(rows: Record<string, unknown>[]): SignedRoot[] {
  return (rows as { text: string; signature: Uint8Array }[]).map(({ text, signature }) => ({
    text,
    signature: Buffer.from(signature),
  }))
}
