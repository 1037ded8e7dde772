// Where messages begin and end on a connection, however the bytes arrive.
import { expect } from 'chai'
import fc from 'fast-check'
import { hasEnd, type MllpFrame, mllpFramed, mllpReader } from '../../hl7v2/mllp.js'

const maxMessageBytes = 100
const vt = '\x0b'
const fs = '\x1c'

function framesOf(text: string, cuts: number[] = []): MllpFrame[] {
  const reader = mllpReader({ maxMessageBytes })
  const bytes = Buffer.from(text, 'latin1')
  const at = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
  return at.slice(1).flatMap((end, index) => reader.read(bytes.subarray(at[index], end)))
}
const texts = (frames: MllpFrame[]) => frames.map(({ bytes }) => bytes.toString('latin1'))

describe('MLLP', () => {
  it('frames a message as it reads it [ITI TF-2: Appendix C.2.1]', () => {
    const framed = mllpFramed(Buffer.from('MSH|x'))
    expect(framed.toString('latin1')).to.equal(`${vt}MSH|x${fs}\r`)
    expect(mllpReader({ maxMessageBytes }).read(framed)).to.deep.equal([{ bytes: Buffer.from('MSH|x') }])
  })

  it('finds the same messages wherever the bytes are cut', () => {
    const text = `\r\n${vt}MSH|one\rPID|1\r${fs}\r${vt}MSH|two${fs}\r\n ${vt}${fs}\r`
    const whole = framesOf(text)
    expect(texts(whole)).to.deep.equal(['MSH|one\rPID|1\r', 'MSH|two', ''])
    for (let cut = 0; cut <= text.length; cut++) expect(framesOf(text, [cut])).to.deep.equal(whole)
    fc.assert(
      fc.property(fc.array(fc.nat({ max: text.length })), cuts => {
        expect(framesOf(text, cuts)).to.deep.equal(whole)
      }),
    )
  })

  it('bears senders that leave out the carriage return at the end, and put white space between messages', () => {
    expect(texts(framesOf(`${vt}one${fs}${vt}two${fs}\n\r ${vt}three${fs}`))).to.deep.equal(['one', 'two', 'three'])
  })

  it('says that a message has no end when another begins within it', () => {
    const frames = framesOf(`${vt}half${vt}whole${fs}\r`)
    expect(frames.map(({ problem }) => problem)).to.deep.equal([
      'another message begins before this one has ended',
      undefined,
    ])
    expect(texts(frames)).to.deep.equal(['half', 'whole'])
  })

  it('takes no message that goes on behind an end block', () => {
    const frames = framesOf(`${vt}PID|||A${fs}B${fs}\r${vt}whole${fs}\r`)
    expect(frames.map(({ problem }) => problem)).to.deep.equal(['an end block stands within the message', undefined])
    expect(texts(frames)).to.deep.equal(['PID|||A', 'whole'])
  })

  it('passes over some stray bytes, and ends with a sender that speaks something else', () => {
    expect(texts(framesOf(`garbage${vt}MSH${fs}\r`))).to.deep.equal(['MSH'])
    const [frame, ...more] = framesOf('GET / HTTP/1.1\r\n'.repeat(400))
    expect(more).to.deep.equal([])
    expect(frame).to.include({ last: true, problem: 'what is sent here is not MLLP' })
  })

  it('ends at its bound, in one piece or byte by byte, and holds no more than that', () => {
    const endless = `${vt}${'x'.repeat(maxMessageBytes + 50)}`
    for (const cuts of [[], Array.from({ length: 150 }, (_, at) => at)]) {
      const frames = framesOf(endless, cuts)
      expect(frames[0]).to.include({ last: true, condition: '104', problem: 'a message may have 100 bytes' })
      expect(frames[0]).to.not.have.property('ended')
      expect(frames[0]?.bytes.length).to.equal(maxMessageBytes)
    }
    expect(framesOf(`${vt}${'x'.repeat(maxMessageBytes)}${fs}`)[0]).to.not.have.property('problem')
  })

  it('sees where a message ends that is too long, so that its sender may be told', () => {
    const [frame] = framesOf(`${vt}${'x'.repeat(maxMessageBytes + 50)}${fs}\r`)
    expect(frame).to.include({ last: true, ended: true })
    expect(hasEnd(Buffer.from(`xxx${fs}\r`))).to.equal(true)
    expect(hasEnd(Buffer.from('xxx\r'))).to.equal(false)
  })

  it('gives up a message that does not end', () => {
    const reader = mllpReader({ maxMessageBytes })
    reader.read(Buffer.from(`${vt}MSH|`))
    expect(reader.abandon('too slow')).to.deep.equal({ bytes: Buffer.from('MSH|'), problem: 'too slow', last: true })
    expect(reader.heldBytes).to.equal(undefined)
  })

  it('keeps none of the pieces that a message comes in, however many there are', () => {
    const reader = mllpReader({ maxMessageBytes: 300_000 })
    reader.read(Buffer.from(vt))
    const piece = Buffer.alloc(1)
    for (let at = 0; at < 200_000; at++) {
      piece[0] = at % 2 === 0 ? 0x78 : 0x79
      expect(reader.read(piece).length).to.equal(0)
    }
    piece[0] = 0
    const [frame] = reader.read(Buffer.from(fs))
    expect(frame?.bytes.toString()).to.equal('xy'.repeat(100_000))
  })

  it('knows whether a message has begun', () => {
    const reader = mllpReader({ maxMessageBytes })
    expect(reader.heldBytes).to.equal(undefined)
    reader.read(Buffer.from(`${vt}abc`))
    expect(reader.heldBytes).to.equal(3)
    reader.read(Buffer.from(fs))
    expect(reader.heldBytes).to.equal(undefined)
  })
})
