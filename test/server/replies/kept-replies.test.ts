// Answers that outlive the process: whole, sealed, in order, and gone when they are not needed.
import { join } from 'node:path'
import { expect } from 'chai'
import { type Files, systemFiles } from '../../../ports/files.js'
import { systemPorts } from '../../../ports/ports.js'
import { type KeptReply, openKeptReplies, type ReplyHead } from '../../../server/replies/kept-replies.js'
import { heldBytes } from '../../samples/held-bytes.js'

const head: ReplyHead = {
  partner: 'ward',
  url: 'https://ward.test/replies',
  traceId: 'trace',
  traceparent: '00-trace-01',
  contentType: 'application/soap+xml',
  contentLength: 21,
  keptMs: 1_000,
  records: [
    {
      eventID: ['110112', 'DCM', 'Query'],
      action: 'E',
      outcome: 8,
      dateTimeMs: 5,
      participants: [],
      objects: [{ id: 'o', typeCode: 2, role: 24, idTypeCode: ['a', 'b', 'c'], query: Buffer.from('what') }],
    },
  ],
}

describe('kept replies', () => {
  let base: string
  beforeEach(async () => {
    base = await systemFiles.temporaryFolder('carnet-replies-')
  })
  afterEach(() => systemFiles.removeFolder(base))

  const open = () => openKeptReplies({ folder: join(base, 'replies'), keyFile: join(base, 'replies.key') }, systemPorts)
  const files = () => systemFiles.list(join(base, 'replies'))

  it('are read as often as wanted, by the next process too, and leave nothing when they are forgotten', async () => {
    const once = (async function* () {
      yield Buffer.from('the first piece, ')
      yield Buffer.alloc(0)
      yield Buffer.alloc(3_000_000, 'ab')
    })()
    const kept = await (await open()).keep(head, once)
    const expected = `the first piece, ${'ab'.repeat(1_500_000)}`
    expect(await text(kept)).to.equal(expected)
    expect(await text(kept)).to.equal(expected)
    const [left, ...others] = await (await open()).left()
    expect(others).to.deep.equal([])
    expect(left?.head).to.deep.equal(head)
    expect(left?.sizeBytes).to.equal(kept.sizeBytes).and.to.be.within(3_000_000, 3_010_000)
    expect(await text(left!)).to.equal(expected)
    await left?.forget()
    expect(await files()).to.deep.equal([])
  })

  it('hold nothing of the requests that they answer', async () => {
    const kept = await open()
    const all: KeptReply[] = []
    const held = await heldBytes(async () => {
      for (let count = 0; count < 20; count += 1) {
        const request = `an-id-that-stands-in-a-request-${count + 10}${'x'.repeat(1_000_000)}`
        const [record] = head.records
        const [object] = record?.objects ?? []
        const records = [{ ...record!, objects: [{ ...object!, id: request.slice(0, 33) }] }]
        all.push(await kept.keep({ ...head, records, keptMs: count }, [Buffer.from('x')]))
      }
      return all
    })
    expect(held).to.be.lessThan(5_000_000)
    expect(all[7]?.head.records[0]?.objects[0]?.id).to.equal('an-id-that-stands-in-a-request-17')
  })

  it('say nothing to who has the files alone', async () => {
    await (await open()).keep(head, [Buffer.from('the answer')])
    const [name] = await files()
    const bytes = String(await systemFiles.readFile(join(base, 'replies', name!)))
    for (const word of ['answer', 'ward.test', 'what']) expect(bytes).to.not.contain(word)
    await systemFiles.remove(join(base, 'replies.key'))
    expect(await (await open()).left()).to.deep.equal([])
    expect(await files()).to.deep.equal([])
  })

  it('stay where the disk does not hand them out at a start, for the next one', async () => {
    await (await open()).keep(head, [Buffer.from('the answer')])
    for (const [code, errno] of [
      ['EIO', -5],
      ['EMFILE', -24],
    ] as const) {
      const failing = { ...systemFiles, open: () => Promise.reject(Object.assign(new Error(code), { code, errno })) }
      const replies = await openKeptReplies(
        { folder: join(base, 'replies'), keyFile: join(base, 'replies.key') },
        { ...systemPorts, files: failing },
      )
      expect(await replies.left()).to.deep.equal([])
    }
    const [left] = await (await open()).left()
    expect(await text(left!)).to.equal('the answer')
  })

  it('leave nothing of one that breaks off while it is kept, or was not whole when the process ended', async () => {
    const replies = await open()
    const broken = (async function* () {
      yield Buffer.from('half')
      throw new Error('the document is damaged')
    })()
    const failure = await replies.keep(head, broken).catch((problem: Error) => problem.message)
    expect(failure).to.equal('the document is damaged')
    expect(await files()).to.deep.equal([])
    await systemFiles.replace(join(base, 'replies', '1.part'), 'half')
    expect(await (await open()).left()).to.deep.equal([])
    expect(await files()).to.deep.equal([])
  })

  it('leave nothing of one whose name could not be made durable', async () => {
    const failing: Files = {
      ...systemFiles,
      async rename(from, to) {
        await systemFiles.rename(from, to)
        throw Object.assign(new Error('EIO'), { code: 'EIO', errno: -5 })
      },
    }
    const folders = { folder: join(base, 'replies'), keyFile: join(base, 'replies.key') }
    const replies = await openKeptReplies(folders, { ...systemPorts, files: failing })
    const failure = await replies.keep(head, [Buffer.from('the answer')]).catch((problem: Error) => problem.message)
    expect(failure).to.equal('EIO')
    expect(await files()).to.deep.equal([])
  })

  for (const [what, spoil] of Object.entries({
    'is changed': (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -100), Buffer.alloc(100)]),
    'ends early': (bytes: Buffer) => bytes.subarray(0, -32),
  })) {
    it(`break off where one ${what}`, async () => {
      const kept = await (await open()).keep(head, [Buffer.from('one'), Buffer.from('two')])
      const [name] = await files()
      const path = join(base, 'replies', name!)
      await systemFiles.replace(path, spoil(await systemFiles.readFile(path)))
      expect(await text(kept).catch(() => 'broken off')).to.equal('broken off')
    })
  }
})

async function text(reply: KeptReply): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of reply.pieces()) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString()
}
