// The signatures of a chain: each key is introduced by the one before, each root signed by a known key and following upon the last.
import type { Reading } from './leaves.js'
import type { Find, VerifyReport } from './report.js'
import { type RootFacts, readRoot, rootsInOrder, type SignedRoot, textDigest } from './roots.js'
import { isSigned, keyName, keyStatements } from './signing-key.js'

/** Public keys by name. */
export function checkKeys(
  store: Reading,
  trusted: string | undefined,
  report: VerifyReport,
  find: Find,
): Map<string, string> {
  const keys = new Map<string, string>()
  let former: { name: string; publicKey: string } | undefined
  for (const key of keyStatements(store)) {
    const { name, publicKey, text, ownSignature, formerSignature } = key
    const since = /^time (.*)$/m.exec(text)?.[1] ?? ''
    if (
      isBroken(
        () =>
          keyName(publicKey) === name && isSigned(text, ownSignature, publicKey) && text.includes(`\nkey ${name}\n`),
      )
    ) {
      find({ kind: 'key', what: `the key ${name} is not the one that its statement names` })
      continue
    }
    if (former !== undefined && formerSignature === undefined) {
      find({ kind: 'key', what: `the key ${name} of ${since} is introduced by no signature of the key before` })
    } else if (
      former !== undefined &&
      isBroken(() => isSigned(text, formerSignature as Buffer, (former as { publicKey: string }).publicKey))
    ) {
      find({
        kind: 'key',
        what: `the signature that introduces the key ${name} of ${since} is not that of the key before`,
      })
    }
    keys.set(name, publicKey)
    report.keys.push({ name, since })
    former = { name, publicKey }
  }
  if (trusted !== undefined && !keys.has(trusted)) {
    find({ kind: 'key', what: `none of the keys of these records is the trusted one, ${trusted}` })
  }
  return keys
}

function isBroken(holds: () => boolean): boolean {
  try {
    return !holds()
  } catch {
    return true
  }
}

export interface RootToMeet {
  facts: RootFacts
  where: string
}

/** Signatures and order of all roots; gives those that the records from `start` to `last` have to meet, in order of size. */
export function checkRoots(
  store: Reading,
  outside: Iterable<SignedRoot>,
  around: {
    start: number
    last: number
    /** The last record there is, looked at again where a root was signed over more. */
    endBefore(size: number): number
    publicKeys: Map<string, string>
    report: VerifyReport
    find: Find
  },
): (size: number) => RootToMeet[] {
  const { start, last, endBefore, publicKeys, report, find } = around
  let previous: SignedRoot | undefined
  let before = 0
  let signedThrough = 0

  function readable(root: SignedRoot, where: string): RootFacts | undefined {
    const facts = readRoot(root.text)
    const key = facts && publicKeys.get(facts.key)
    if (facts === undefined) find({ kind: 'signature', what: `${where} is not a root` })
    else if (key === undefined) find({ kind: 'signature', what: `${where} is signed by an unknown key, ${facts.key}` })
    else if (isBroken(() => isSigned(root.text, root.signature, key))) {
      find({ kind: 'signature', what: `the signature of ${where} is not that of the key ${facts.key}` })
    }
    const end = endBefore(facts?.size ?? 0)
    if (facts !== undefined && facts.size > end) {
      find({
        kind: 'truncated',
        first: end + 1,
        last: facts.size,
        what: `${where} was signed ${facts.time} over ${facts.size} records; those from ${end + 1} on are missing`,
      })
    }
    return facts
  }

  for (const root of rootsInOrder(store)) {
    const where = `root ${root.number}`
    const facts = readable(root, where)
    if (facts === undefined) continue
    report.roots += 1
    const expected = previous === undefined ? '0'.repeat(64) : textDigest(previous.text)
    if (facts.previous !== expected) find({ kind: 'root', what: `${where} does not follow upon the root before it` })
    if (facts.size < before) find({ kind: 'root', what: `${where} is over fewer records than the root before it` })
    before = facts.size
    signedThrough = Math.max(signedThrough, facts.size)
    previous = root
  }
  const known = store.prepare('SELECT 1 FROM audit_root WHERE size = ? AND text = ?')
  const foreign: RootToMeet[] = []
  for (const root of outside) {
    const facts = readRoot(root.text)
    if (facts !== undefined && known.get(facts.size, root.text) !== undefined) continue
    const where = `a root kept elsewhere, of ${facts?.time ?? 'no time'},`
    const read = readable(root, where)
    if (read === undefined) continue
    if (read.size <= endBefore(read.size))
      find({ kind: 'root', what: `${where} is not among the roots of these records` })
    if (read.size > start && read.size <= last && foreign.length < 1_000) foreign.push({ facts: read, where })
  }
  report.unsigned = Math.max(0, last - Math.max(signedThrough, start))
  const ofSize = store.prepare('SELECT number, text FROM audit_root WHERE size = ?')
  return size => [
    ...ofSize.all<{ number: number; text: string }>(size).flatMap(({ number, text }) => {
      const facts = readRoot(text)
      return facts === undefined ? [] : [{ facts, where: `root ${number}` }]
    }),
    ...foreign.filter(({ facts }) => facts.size === size),
  ]
}
