// The chain of a running audit service: the tree grows with what is kept, and is signed by count and by time. Every signed root also
// leaves the database, into a file and the log: who cuts the database short is found by them. docs/decisions/0296.
import type { Clock } from '../../../ports/clock.js'
import type { Files } from '../../../ports/files.js'
import type { Store } from '../../../store/store.js'
import { formerRecords } from '../reindex.js'
import { lacksFirstLeaves } from './first-leaves.js'
import { keepNodes, treeSize } from './leaves.js'
import { latestRoot, readRoot, type SignedRoot, signRoot } from './roots.js'
import { appendRoot, largestRootIn } from './roots-file.js'
import { introduceKey, keyStatements, newSigningKey, type SigningKey, signingKey } from './signing-key.js'

export interface OpenChain {
  store: Store
  /** Undefined where nothing is kept in files, as in tests. */
  keyFile: string | undefined
  rootsFile: string | undefined
  everyRecords: number
  everyMs: number
  clock: Clock
  files: Files
  log: { info(facts: object, message: string): void; error(facts: object, message: string): void }
}

export interface Chain {
  /** What the chain stands at. */
  state(): ChainState
  /** Signs what there is; the latest root where nothing has come since. */
  seal(): Promise<SignedRoot | undefined>
  /** By the present key. */
  sign(text: string): Buffer
  /** A new key from now on; the former one signs a last time. */
  rotateKey(): Promise<{ name: string; former: string }>
  /** Why the database cannot be all that was once there, in words; found at the start or when it is signed. */
  readonly alarms: readonly string[]
  close(): Promise<void>
}

export interface ChainState {
  /** Records that the tree has. */
  size: number
  /** Of the latest signed root. */
  signedSize: number
  signedAt: string | undefined
  root: string | undefined
  key: string
  keys: number
  alarms: readonly string[]
}

const lookMs = 1_000
const broken = 'the chain of audit records is broken'

/**
 * Signs after so many records or minutes, and holds the database against the last root and against the file of roots beside it first: `alarms` are
 * what does not agree. It starts all the same, for records must be taken.
 */
export async function openChain(options: OpenChain): Promise<Chain> {
  const { store, keyFile, rootsFile, clock, files, log } = options
  const newest = store.prepare('SELECT coalesce(max(id), 0) AS id FROM audit_leaf')
  const signed = () => {
    const latest = latestRoot(store)
    return latest && readRoot(latest.text)
  }
  const keyPlace = keyFile === undefined ? nowhere(files) : files
  let key = await signingKey(keyFile ?? '', keyPlace)
  const { lostFormer } = await introduceKey(store, key, clock.now())
  const alarms = [
    ...(lostFormer ? ['the signing key before was lost: no signature of it introduces the present one'] : []),
    ...(await missing()),
  ]
  for (const alarm of alarms) log.error({ alarm }, broken)
  let gapAt: number | undefined
  let signedSize = signed()?.size ?? 0
  let signedMs = clock.monotonicMs()
  let underWay: Promise<unknown> = Promise.resolve()

  /** What a root says that was signed once, and is no longer there. */
  async function missing(): Promise<string[]> {
    const size = newestLeaf()
    const inside = signed()
    const outside = rootsFile === undefined ? undefined : await largestRootIn(rootsFile, files)
    return [
      ...(inside !== undefined && inside.size > size ? [shorter('a root in the database', inside.size, size)] : []),
      ...(outside !== undefined && outside.size > Math.max(size, inside?.size ?? 0)
        ? [shorter(`a root in ${rootsFile}`, outside.size, size)]
        : []),
    ]
  }

  /** In one with the last subtrees: what comes behind them may complete the next, which is not kept yet. */
  async function grow(): Promise<number> {
    for (;;) {
      const size = await store.write(() => (keepNodes(store) ? undefined : treeSize(store)))
      if (size !== undefined) return size
      await new Promise<void>(resolve => clock.endOfTurn(resolve))
    }
  }

  async function sealNow(): Promise<SignedRoot | undefined> {
    const size = await grow()
    signedMs = clock.monotonicMs()
    tellGap(size)
    const latest = latestRoot(store)
    const facts = latest && readRoot(latest.text)
    if (size === 0 || (facts?.size === size && facts.key === key.name)) return latest
    if (facts !== undefined && facts.size > size) return latest
    const root = await signRoot(store, { log: keyStatements(store)[0]?.name ?? key.name, key, size, atMs: clock.now() })
    signedSize = size
    await tell(root)
    return root
  }

  /** The tree ends before a leaf that is missing, whatever comes behind; former records have theirs a little later. */
  function tellGap(size: number): void {
    if (gapAt === size + 1 || newestLeaf() <= size) return
    if (formerRecords(store) > 0 || lacksFirstLeaves(store)) return
    if (store.prepare('SELECT 1 FROM audit_leaf WHERE id = ?').get(size + 1) !== undefined) return
    gapAt = size + 1
    const alarm = `record ${gapAt} is missing: none of those behind it can be signed`
    alarms.push(alarm)
    log.error({ alarm }, broken)
  }

  async function tell({ text, signature }: SignedRoot): Promise<void> {
    const signedRoot = { text, signature: signature.toString('base64') }
    log.info({ signedRoot }, 'signed root of the audit records')
    if (rootsFile === undefined) return
    try {
      await appendRoot(rootsFile, JSON.stringify(signedRoot), files)
    } catch (problem) {
      log.error({ reason: String(problem), rootsFile }, 'a signed root could not be written to its file')
    }
  }

  /** One after another. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = underWay.then(work)
    underWay = result.catch(() => undefined)
    return result
  }

  function newestLeaf(): number {
    return newest.get<{ id: number }>()?.id ?? 0
  }

  const failed = (problem: unknown) => log.error({ reason: String(problem) }, 'the audit records could not be signed')
  const ticks = clock.every(lookMs, () => {
    try {
      const unsigned = newestLeaf() - signedSize
      const late = clock.monotonicMs() - signedMs >= options.everyMs
      if (unsigned <= 0 || (unsigned < options.everyRecords && !late)) return
      // Against the next tick while this one still works.
      signedMs = clock.monotonicMs()
      inTurn(sealNow).catch(failed)
    } catch (problem) {
      failed(problem)
    }
  })

  return {
    state() {
      const latest = signed()
      const keys = keyStatements(store)
      return {
        size: treeSize(store),
        signedSize: latest?.size ?? 0,
        signedAt: latest?.time,
        root: latest?.root,
        key: key.name,
        keys: keys.length,
        alarms,
      }
    },
    seal: () => inTurn(sealNow),
    sign: text => key.sign(text),
    rotateKey: () =>
      inTurn(async () => {
        await sealNow()
        const former: SigningKey = key
        key = await newSigningKey(keyFile ?? '', keyPlace)
        await introduceKey(store, key, clock.now(), former)
        await sealNow()
        return { name: key.name, former: former.name }
      }),
    alarms,
    async close() {
      ticks.cancel()
      await inTurn(sealNow).catch(failed)
    },
  }
}

function shorter(what: string, then: number, now: number): string {
  return `${what} was signed over ${then} records, and ${now} are there: at least ${then - now} are missing from the end`
}

/** A key that ends with the process. */
function nowhere(files: Files): Files {
  return { ...files, stat: async () => undefined, replace: async () => {} }
}
