import { expect } from 'chai'
import fc from 'fast-check'
import { type Frame, framed, frameReader } from '../../atna-audit/syslog-frames.js'

const maxMessageBytes = 1_000
const header = '<85>1 - h a p m - '

/** Reads pieces one after another, then the end of the connection. */
function read(...pieces: (string | Buffer)[]): [text: string, problem: string | undefined][] {
  const reader = frameReader({ maxMessageBytes })
  const frames = [...pieces.flatMap(piece => reader.read(Buffer.from(piece))), ...reader.end()]
  return frames.map(({ bytes, problem }) => [bytes.toString(), problem])
}

const counted = (text: string) => `${Buffer.byteLength(text)} ${text}`

describe('syslog frames', () => {
  it('are written with their length in bytes [RFC 5425 §4.3]', () => {
    expect(Buffer.concat(framed(Buffer.from('<é>'))).toString()).to.equal('4 <é>')
  })

  it('come whole out of any pieces, at every split [RFC 5425 §4.3]', () => {
    const texts = [`${header}<a>\n<b/></a>`, `${header}\ufeff<é/>`, 'x', `${header}${'y'.repeat(300)}`]
    const wire = Buffer.from(texts.map(counted).join(''))
    const whole = texts.map(text => [text, undefined])
    for (let at = 0; at <= wire.length; at += 1) {
      expect(read(wire.subarray(0, at), wire.subarray(at))).to.deep.equal(whole)
    }
  })

  it('come whole out of many small pieces, whatever they hold [RFC 5425 §4.3]', () => {
    const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 6 })
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 9 }), (messages, size) => {
        const wire = Buffer.concat(messages.flatMap(message => framed(message)))
        const reader = frameReader({ maxMessageBytes })
        const found: Frame[] = []
        for (let at = 0; at < wire.length; at += size) found.push(...reader.read(wire.subarray(at, at + size)))
        expect([...found, ...reader.end()]).to.deep.equal(messages.map(bytes => ({ bytes: Buffer.from(bytes) })))
      }),
      { numRuns: 300 },
    )
  })

  it('may have leading zeros and line feeds between them', () => {
    expect(read('003 <a>\n\r\n3 <b>\0')).to.deep.equal([
      ['<a>', undefined],
      ['<b>', undefined],
    ])
  })

  it('may come without counts, one after a line feed, with line feeds inside [RFC 6587 §3.4.2]', () => {
    const one = `${header}<a>\n  <b/>\n</a>`
    const wire = Buffer.from(`${one}\n${header}2\n${counted(`${header}3`)}`)
    for (let at = 0; at <= wire.length; at += 1) {
      expect(read(wire.subarray(0, at), wire.subarray(at))).to.deep.equal([
        [one, undefined],
        [`${header}2`, undefined],
        [`${header}3`, undefined],
      ])
    }
  })

  it('without a count are handed out when the sender pauses, not before', () => {
    const reader = frameReader({ maxMessageBytes })
    expect(reader.read(Buffer.from(`${header}one`))).to.deep.equal([])
    expect(reader.paused()).to.deep.equal([])
    expect(reader.read(Buffer.from('\n'))).to.deep.equal([])
    expect(reader.paused().map(({ bytes }) => bytes.toString())).to.deep.equal([`${header}one`])
    expect(reader.heldBytes).to.equal(0)
  })

  it('need no line feed behind a whole audit message, where the sender pauses', () => {
    const reader = frameReader({ maxMessageBytes })
    const message = `${header}<AuditMessage><a/></AuditMessage>`
    expect(reader.read(Buffer.from(message.slice(0, -8)))).to.deep.equal([])
    expect(reader.paused()).to.deep.equal([])
    reader.read(Buffer.from(message.slice(-8)))
    expect(reader.paused().map(({ bytes }) => bytes.toString())).to.deep.equal([message])
  })

  it('with a count that is too small spoil one message, not the next ones', () => {
    const good = counted(`${header}<good/>`)
    expect(read(`7 ${header}<a/>${good}${good}`).slice(-2)).to.deep.equal([
      [`${header}<good/>`, undefined],
      [`${header}<good/>`, undefined],
    ])
  })

  for (const [what, count] of [
    ['huge', '99999999'],
    ['larger than the bound', '1001'],
    ['negative', '-12'],
    ['of very many digits', '123456789012345678'],
    ['in words', 'twelve'],
  ]) {
    it(`with a count that is ${what} are kept with the reason, and the next one is found at every split`, () => {
      const wire = Buffer.from(`${count} ${header}<a/>${counted(`${header}<good/>`)}`)
      for (let at = 0; at <= wire.length; at += 1) {
        const [[first, problem] = ['', ''], ...rest] = read(wire.subarray(0, at), wire.subarray(at))
        expect(first).to.equal(`${count} ${header}<a/>`)
        expect(problem).to.match(/count/)
        expect(rest).to.deep.equal([[`${header}<good/>`, undefined]])
      }
    })
  }

  it('that never end are cut at the bound, and memory stays bounded', () => {
    const reader = frameReader({ maxMessageBytes })
    for (let sent = 0; sent < 100; sent += 1) expect(reader.read(Buffer.alloc(500, 'x'))).to.deep.equal([])
    const [frame] = reader.end()
    expect(frame?.bytes.length).to.equal(maxMessageBytes)
    expect(frame?.problem).to.equal('cut at 1000 of 50000 bytes')
  })

  it('that break off are kept as far as they came', () => {
    expect(read('20 <85>1 - h')).to.deep.equal([['<85>1 - h', 'the connection ended after 9 of 20 bytes']])
    expect(read('12')).to.deep.equal([['12', 'the connection ended within a count']])
    expect(read('3 <a>', '0 ', '3 <b>')).to.deep.equal([
      ['<a>', undefined],
      ['<b>', undefined],
    ])
  })

  it('lose no byte of garbage but blanks, never throw and always come to an end', () => {
    const scrap = fc.oneof(
      fc.constantFrom('<85>1 ', '12 ', '\n', '-', '99999 <85>1 ', '5 <85>1 ', '<', '0', ' '),
      fc.string({ maxLength: 8 }),
    )
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 30 }), fc.integer({ min: 1, max: 7 }), (scraps, size) => {
        const wire = Buffer.from(scraps.join(''))
        const reader = frameReader({ maxMessageBytes })
        const found: Frame[] = []
        for (let at = 0; at < wire.length; at += size) found.push(...reader.read(wire.subarray(at, at + size)))
        found.push(...reader.end())
        const kept = found.map(({ bytes }) => bytes.toString()).join('')
        const letters = (text: string) => text.replace(/[\s\0\d]/g, '')
        expect(letters(kept)).to.equal(letters(wire.toString()))
      }),
      { numRuns: 1_000 },
    )
  })
})
