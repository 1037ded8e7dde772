import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { bundleOf } from '../../../../atna-audit/repository/chain/bundle.js'
import { chainResources } from '../../../../atna-audit/repository/chain/chain-resources.js'
import { keepLeaf } from '../../../../atna-audit/repository/chain/leaves.js'
import type { VerifyOptions } from '../../../../atna-audit/repository/chain/report.js'
import { readRoot } from '../../../../atna-audit/repository/chain/roots.js'
import { rootsInFile } from '../../../../atna-audit/repository/chain/roots-file.js'
import type { Verification } from '../../../../atna-audit/repository/chain/verification.js'
import { packed, unpacked } from '../../../../atna-audit/repository/frames.js'
import { recordById } from '../../../../atna-audit/repository/search.js'
import { systemClock } from '../../../../ports/clock.js'
import { systemFiles as files } from '../../../../ports/files.js'
import type { AdminRequest } from '../../../../server/administration/resources.js'
import type { Store } from '../../../../store/store.js'
import { type ALog, aLog } from './a-log.js'

describe('verification of the audit records', () => {
  // Made once, and harmed in a copy for each test.
  let whole: string
  let folder: string
  let log: ALog
  before(async () => {
    whole = await files.temporaryFolder('carnet-chain-')
    const made = await aLog(join(whole, 'made'))
    await made.add(300)
    await made.chain.seal()
    await made.add(400)
    await made.chain.seal()
    await made.add(7)
    mkdirSync(join(whole, 'copied'))
    made.store.prepare('VACUUM INTO ?').run(join(whole, 'copied', 'audit.sqlite'))
    for (const name of ['audit-signing.key', 'audit-roots.jsonl'])
      cpSync(join(whole, 'made', name), join(whole, 'copied', name))
    await made.close()
  })
  after(() => files.removeFolder(whole))
  beforeEach(async () => {
    folder = await files.temporaryFolder('carnet-chain-')
    cpSync(join(whole, 'copied'), folder, { recursive: true })
    log = await aLog(folder)
  })
  afterEach(async () => {
    await log.close()
    await files.removeFolder(folder)
  })

  const run = (sql: string) => log.store.write(() => log.store.prepare(sql).run())
  const found = (options = {}) => log.verified(options).findings.map(({ kind, first, last }) => [kind, first, last])

  it('finds nothing where nothing was done, and says what it looked at', () => {
    const report = log.verified({ index: true })
    expect(report).to.deep.include({
      first: 1,
      last: 707,
      records: 707,
      roots: 2,
      unsigned: 7,
      removed: 0,
      findings: [],
    })
    expect(report.keys).to.have.length(1)
  })

  for (const [what, harm, expected] of [
    ['a frame that was edited', (store: Store) => edit(store, 17), [['edited', 17, 17]]],
    ['a frame that cannot be read', "UPDATE audit_record SET frame = x'00ff' WHERE id = 17", [['edited', 17, 17]]],
    ['another time of arrival', 'UPDATE audit_record SET received_ms = 1 WHERE id = 18', [['edited', 18, 18]]],
    ['another sender', "UPDATE audit_record SET origin = 'x' WHERE id = 18", [['edited', 18, 18]]],
    ['a record that was removed', 'DELETE FROM audit_record WHERE id = 500', [['missing', 500, 500]]],
    [
      'two records in another order',
      (store: Store) => swap(store, 20, 21),
      [
        ['edited', 20, 20],
        ['edited', 21, 21],
      ],
    ],
    ['an edit of the unsigned end', (store: Store) => edit(store, 705), [['edited', 705, 705]]],
    ['a leaf that was removed', 'DELETE FROM audit_leaf WHERE id = 705', [['leaf', 705, 705]]],
    ['an edit with its leaf', (store: Store) => editWithLeaf(store, 600), [['root', 301, 700]]],
    [
      'an edit with its leaf, in a part that was written down',
      (store: Store) => editWithLeaf(store, 30),
      [
        ['tree', 1, 256],
        ['root', 1, 300],
      ].reverse(),
    ],
    [
      'records cut off at the end',
      'DELETE FROM audit_record WHERE id > 650',
      [...Array(50)].map((_, at) => ['missing', 651 + at, 651 + at]),
    ],
    [
      'a signature of somebody else',
      "UPDATE audit_root SET signature = x'3006020101020101' WHERE number = 1",
      [['signature', undefined, undefined]],
    ],
    [
      'another text below a signature',
      "UPDATE audit_root SET text = replace(text, 'size 300', 'size 299') WHERE number = 1",
      [
        ['signature', undefined, undefined],
        ['root', undefined, undefined],
      ],
    ],
    ['a root that was removed', 'DELETE FROM audit_root WHERE number = 1', [['root', undefined, undefined]]],
    ['another key', "UPDATE audit_signing_key SET public = 'x'", undefined],
  ] as const) {
    it(`finds ${what}`, async () => {
      if (typeof harm === 'string') await run(harm)
      else await log.store.write(() => harm(log.store))
      const findings = found()
      if (expected === undefined) expect(findings.map(([kind]) => kind)).to.include.members(['key', 'signature'])
      else expect(findings.slice(0, expected.length)).to.have.deep.members(expected as unknown as unknown[][])
    })
  }

  it('finds records cut off with their leaves, by the roots that were signed over them', async () => {
    await run('DELETE FROM audit_record WHERE id > 650')
    await run('DELETE FROM audit_leaf WHERE id > 650')
    expect(found()).to.deep.equal([['truncated', 651, 700]])
  })

  it('finds records of which the index has lost something', async () => {
    await run('DELETE FROM audit_term WHERE record = 40')
    expect(found()).to.deep.equal([])
    expect(found({ index: true })).to.deep.equal([['index', 40, 40]])
  })

  it('looks at a part alone', async () => {
    await log.store.write(() => edit(log.store, 17))
    expect(found({ first: 300, last: 400 })).to.deep.equal([])
    expect(log.verified({ first: 300, last: 400 })).to.deep.include({ first: 257, last: 400 })
    expect(found({ first: 1, last: 100 })).to.deep.equal([['edited', 17, 17]])
  })

  it('wants the key that is known to be the service’s', () => {
    const { name } = log.verified().keys[0] ?? { name: '' }
    expect(found({ key: name })).to.deep.equal([])
    expect(found({ key: 'f'.repeat(64) })).to.deep.equal([['key', undefined, undefined]])
  })

  it('takes nothing for cut off that comes and is signed while it looks', async () => {
    // Between its look at the last record and that at the roots.
    const options = {
      get key() {
        log.store.prepare('INSERT INTO audit_leaf (id, hash) VALUES (708, zeroblob(32))').run()
        log.store
          .prepare(
            `INSERT INTO audit_root (size, signed_ms, text, signature)
             SELECT 708, signed_ms, replace(text, 'size 700', 'size 708'), signature FROM audit_root WHERE number = 2`,
          )
          .run()
        return undefined
      },
    }
    const kinds = log.verified(options as unknown as VerifyOptions).findings.map(({ kind }) => kind)
    expect(kinds).not.to.include('truncated')
  })

  it('says in a bundle what was asked for and is not in it', async () => {
    await run('DELETE FROM audit_record WHERE id = 5')
    const [about] = bundleOf(log.store, { ids: [4, 5, 704, 705, 999], about: 'test' }, log.chain)
    expect(String(about?.bytes)).to.equal('test\nwithout 5,704-705,999: not there, or not signed\n')
    const bundles = chainResources({ ...log, ports: { clock: systemClock }, verification: {} as Verification })
    const asked = { body: { ids: [1], formerSize: 299 } } as AdminRequest
    const answer = bundles.find(({ path }) => path.endsWith('/bundle'))?.answer(asked)
    expect(await answer?.catch(String)).to.contain('no root was signed over 299 records')
  })

  it('knows keys that the one before has introduced', async () => {
    await log.chain.rotateKey()
    await log.add(3)
    await log.chain.seal()
    const report = log.verified()
    expect(report.findings).to.deep.equal([])
    expect(report).to.deep.include({ roots: 5, unsigned: 0 })
    expect(report.keys).to.have.length(2)
    await run("UPDATE audit_signing_key SET former_signature = x'3006020101020101' WHERE number = 2")
    expect(found()).to.deep.equal([['key', undefined, undefined]])
  })
})

describe('roots kept outside of the database', () => {
  let folder: string
  beforeEach(async () => {
    folder = await files.temporaryFolder('carnet-chain-')
  })
  afterEach(() => files.removeFolder(folder))

  it('show that records and roots were cut off together', async () => {
    const log = await aLog(folder)
    await log.add(10)
    await log.chain.seal()
    await log.add(5)
    await log.close()
    const cut = await aLog(folder)
    await cut.store.write(() => {
      for (const sql of [
        'DELETE FROM audit_root WHERE number = 2',
        'DELETE FROM audit_record WHERE id > 12',
        'DELETE FROM audit_leaf WHERE id > 12',
      ])
        cut.store.prepare(sql).run()
    })
    expect(cut.verified().findings).to.deep.equal([])
    const kinds = cut.verified({ roots: await rootsInFile(cut.rootsFile, files) }).findings.map(({ kind }) => kind)
    expect(kinds).to.deep.equal(['truncated'])
    await cut.chain.close()
    await cut.store.close()

    const started = await aLog(folder)
    expect(started.chain.alarms).to.have.length(1)
    expect(started.chain.alarms[0]).to.contain('signed over 15 records, and 12 are there: at least 3 are missing')
    await started.close()
  })

  it('are read behind a line that a full disk has left half', async () => {
    const log = await aLog(folder)
    await log.add(3)
    await log.chain.seal()
    const whole = await files.readFile(log.rootsFile)
    await files.replace(log.rootsFile, Buffer.concat([whole, whole.subarray(0, 40)]))
    await log.add(2)
    await log.chain.seal()
    await log.close()
    expect((await rootsInFile(log.rootsFile, files)).map(({ text }) => readRoot(text)?.size)).to.deep.equal([3, 5])
  })

  it('say when a record is missing behind which nothing can be signed any more', async () => {
    const log = await aLog(folder)
    await log.add(3)
    await log.chain.seal()
    await log.add(5)
    await log.store.write(() => {
      for (const table of ['audit_record', 'audit_leaf']) log.store.prepare(`DELETE FROM ${table} WHERE id = 5`).run()
    })
    await log.chain.seal()
    await log.chain.seal()
    expect(log.chain.state()).to.deep.include({ signedSize: 4 })
    expect(log.chain.state().alarms).to.deep.equal(['record 5 is missing: none of those behind it can be signed'])
    await log.close()
  })

  it('say when a key was lost', async () => {
    const log = await aLog(folder)
    await log.add(3)
    await log.close()
    await files.remove(`${folder}/audit-signing.key`)
    const next = await aLog(folder)
    expect(next.chain.alarms[0]).to.contain('the signing key before was lost')
    expect(next.verified().findings.map(({ kind }) => kind)).to.deep.equal(['key'])
    await next.close()
  })
})

function edit(store: Store, id: number): void {
  const record = recordById(store, id)
  const { form, frame } = packed(Buffer.from(String(record?.frame).replace('Jane', 'John')))
  store.prepare('UPDATE audit_record SET form = ?, frame = ? WHERE id = ?').run(form, frame, id)
}

function editWithLeaf(store: Store, id: number): void {
  edit(store, id)
  const record = recordById(store, id)
  if (record === undefined) throw new Error('there is one')
  store.prepare('DELETE FROM audit_leaf WHERE id = ?').run(id)
  keepLeaf(store, record)
}

function swap(store: Store, one: number, other: number): void {
  const frameOf = (id: number) =>
    store.prepare('SELECT form, frame FROM audit_record WHERE id = ?').get<{ form: number; frame: Uint8Array }>(id)
  const [first, second] = [frameOf(one), frameOf(other)]
  if (first === undefined || second === undefined || unpacked(first).equals(unpacked(second)))
    throw new Error('they differ')
  const put = store.prepare('UPDATE audit_record SET form = ?, frame = ? WHERE id = ?')
  put.run(second.form, second.frame, one)
  put.run(first.form, first.frame, other)
}
