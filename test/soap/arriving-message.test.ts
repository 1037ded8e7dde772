// A message that is handed over before all of it has come.
import { readdirSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { systemFiles } from '../../ports/files.js'
import { systemRandomness } from '../../ports/randomness.js'
import { type ArrivingMessage, openMessage } from '../../soap/arriving-message.js'
import { NotTaken } from '../../soap/arriving-parts.js'
import type { ArrivingPart } from '../../soap/message.js'
import { openSpool } from '../../soap/spool.js'
import { documentPart, envelope, folder, limits, mtomType, multipart, plainType, rootPart } from './wire.js'

const place = folder()
after(() => place.remove())

interface Wire {
  body: PassThrough
  opened: Promise<ArrivingMessage>
  /** As if nobody had come for a second. */
  timePasses(): void
  wasBrokenOff(): boolean
}

/** A connection on which the test says what comes, and when. */
function wire({ spooledBytes = 10_000_000, type = mtomType } = {}): Wire {
  const body = new PassThrough({ highWaterMark: 1_000 })
  let left = spooledBytes
  const budget = {
    take(bytes: number) {
      if (left < bytes) return false
      left -= bytes
      return true
    },
    give(bytes: number) {
      left += bytes
    },
  }
  const spoolOf = (inMemoryBytes: number) =>
    openSpool({ files: systemFiles, randomness: systemRandomness, folder: place.path, inMemoryBytes, budget })
  let timers: (() => void)[] = []
  let isBrokenOff = false
  const clock = {
    after(_: number, work: () => void) {
      timers.push(work)
      return {
        cancel() {
          timers = timers.filter(each => each !== work)
        },
      }
    },
  }
  const opened = openMessage(
    { headers: { 'content-type': type }, body },
    {
      ...{ limits, spool: spoolOf(1_000), aside: spoolOf(0), aheadBytes: 1_000, clock },
      breakOff() {
        isBrokenOff = true
        body.destroy()
      },
    },
  )
  return { body, opened, timePasses: () => timers.forEach(work => void work()), wasBrokenOff: () => isBrokenOff }
}

const [long, longer] = [Buffer.alloc(50_000, 'long '), Buffer.alloc(60_000, 'longer ')]
const twoParts = multipart([rootPart(), documentPart(long, 'one@test'), documentPart(longer, 'two@test')])
const part = ({ message }: ArrivingMessage, reference: string): ArrivingPart => message.arriving!(reference)

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = []
  for await (const piece of pieces) found.push(piece)
  return Buffer.concat(found)
}

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (problem: Error) => problem,
  )
const remains = () => readdirSync(place.path)

describe('a message that is arriving', () => {
  it('is handed over before its end has come, and gives the bytes of its parts as they come', async () => {
    const { body, opened } = wire()
    body.write(twoParts.subarray(0, 20_000))
    const arriving = await opened
    expect(arriving.message.body).to.include({ name: 'b' })
    const [one, two] = [part(arriving, 'one@test'), part(arriving, 'two@test')]
    const pieces = one.open()[Symbol.asyncIterator]()
    const first = await pieces.next()
    expect(long.indexOf(first.value)).to.equal(0)
    body.end(twoParts.subarray(20_000))
    const rest = await all({ [Symbol.asyncIterator]: () => pieces })
    expect(Buffer.concat([first.value, rest]).equals(long)).to.equal(true)
    expect((await all(two.open())).equals(longer)).to.equal(true)
    await arriving.ended
    expect(remains()).to.deep.equal([])
  })

  it('is there whole when it is short, with the digests of its parts', async () => {
    const { body, opened } = wire()
    body.end(multipart([rootPart(), documentPart('short')]))
    const { message, ended } = await opened
    await ended
    expect(message.arriving).to.equal(undefined)
    expect(message.attachments.get('document@test')?.content).to.include({ sizeBytes: 5 })
  })

  it('is there whole when it is a bare envelope', async () => {
    const { body, opened } = wire({ type: plainType })
    body.end(envelope())
    const { message } = await opened
    expect([message.form, message.arriving]).to.deep.equal(['plain', undefined])
  })

  it('breaks off for whoever reads it when it does not come whole', async () => {
    const { body, opened } = wire()
    body.write(twoParts.subarray(0, 20_000))
    const arriving = await opened
    const taken = problemOf(all(part(arriving, 'one@test').open()))
    body.end()
    expect((await taken)?.message).to.contain('ends in the middle of part 2')
    expect((await problemOf(arriving.ended))?.message).to.contain('ends in the middle of part 2')
  })

  it('is not handed over when it ends within what is read ahead', async () => {
    const { body, opened } = wire()
    body.end(twoParts.subarray(0, 700))
    expect((await problemOf(opened))?.message).to.contain('ends in the middle')
    expect(remains()).to.deep.equal([])
  })

  it('gives its parts in whatever order they are asked for', async () => {
    const { body, opened } = wire()
    body.end(twoParts)
    const arriving = await opened
    const [one, two] = [part(arriving, 'one@test'), part(arriving, 'two@test')]
    expect((await all(two.open())).equals(longer)).to.equal(true)
    expect((await all(one.open())).equals(long)).to.equal(true)
    expect(remains()).to.deep.equal([])
  })

  it('asks its sender for no more than is taken, until nobody has come for a while', async () => {
    const { body, opened, timePasses } = wire()
    const hasPassed = new Promise(resolve => body.write(twoParts, resolve))
    body.end()
    const arriving = await opened
    const [one, two] = [part(arriving, 'one@test'), part(arriving, 'two@test')]
    let isOver = false
    void arriving.ended.then(() => (isOver = true))
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(isOver).to.equal(false)
    timePasses()
    await arriving.ended
    await hasPassed
    expect((await all(one.open())).equals(long)).to.equal(true)
    expect((await all(two.open())).equals(longer)).to.equal(true)
    expect(remains()).to.deep.equal([])
  })

  it('makes its sender wait where the disk has no room for it', async () => {
    const { body, opened, timePasses } = wire({ spooledBytes: 30_000 })
    body.end(twoParts)
    const arriving = await opened
    const [one, two] = [part(arriving, 'one@test'), part(arriving, 'two@test')]
    timePasses()
    await new Promise(resolve => setTimeout(resolve, 20))
    expect((await all(one.open())).equals(long)).to.equal(true)
    expect((await all(two.open())).equals(longer)).to.equal(true)
    await arriving.ended
  })

  it('says so where there is no room for what has to be kept', async () => {
    const { body, opened } = wire({ spooledBytes: 30_000 })
    body.end(twoParts)
    const arriving = await opened
    part(arriving, 'one@test')
    expect((await problemOf(arriving.keep()))?.message).to.contain('too many bytes are under way')
    expect(remains()).to.deep.equal([])
  })

  it('says so where a part never comes', async () => {
    const { body, opened } = wire()
    body.end(twoParts)
    const arriving = await opened
    part(arriving, 'one@test')
    const missing = part(arriving, 'three@test')
    expect((await problemOf(all(missing.open())))?.message).to.contain('no MIME part has the Content-ID of three@test')
    await arriving.discard(new Error('done'))
    expect(remains()).to.deep.equal([])
  })

  it('reads little of what nobody has asked for', async () => {
    const { body, opened } = wire()
    body.end(multipart([rootPart(), documentPart(Buffer.alloc(2_000_000), 'surplus@test'), documentPart(long)]))
    const arriving = await opened
    const taken = await problemOf(all(part(arriving, 'document@test').open()))
    expect(taken?.message).to.contain('parts that nothing refers to')
  })

  it('ends its connection when whoever reads it goes away, and leaves nothing', async () => {
    const { body, opened, wasBrokenOff } = wire()
    body.write(twoParts.subarray(0, 20_000))
    const arriving = await opened
    for await (const _ of part(arriving, 'one@test').open()) break
    expect(await problemOf(arriving.ended)).to.be.instanceOf(NotTaken)
    expect(wasBrokenOff()).to.equal(true)
    expect(remains()).to.deep.equal([])
  })

  it('can be discarded unread', async () => {
    const { body, opened, wasBrokenOff, timePasses } = wire()
    body.write(twoParts)
    const arriving = await opened
    part(arriving, 'one@test')
    timePasses()
    await arriving.discard(new NotTaken('nobody wanted it'))
    expect((await problemOf(arriving.ended))?.message).to.equal('nobody wanted it')
    expect(wasBrokenOff()).to.equal(true)
    expect(remains()).to.deep.equal([])
  })
})
