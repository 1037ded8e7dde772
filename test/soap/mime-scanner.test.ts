import { expect } from 'chai'
import fc from 'fast-check'
import { mimeScanner } from '../../soap/mime-scanner.js'
import { documentPart, type Multipart, multipart, type Part, rootPart } from './wire.js'

/** Parts as a scanner gives them when the body comes in these chunks. */
function scanned(boundary: string, chunks: Buffer[]): Part[] {
  const scanner = mimeScanner(boundary)
  const parts: { headers: string[]; body: Buffer[]; ended: boolean }[] = []
  const take = () => {
    for (let event = scanner.next(); event !== undefined; event = scanner.next()) {
      if (event.kind === 'part') parts.push({ headers: event.headers, body: [], ended: false })
      else {
        const part = parts.at(-1)
        expect(part?.ended, 'bytes after the end of a part').to.equal(false)
        // A copy: the bytes are valid only until the next chunk.
        part?.body.push(Buffer.from(event.bytes))
        if (part) part.ended = event.last
      }
    }
  }
  for (const chunk of chunks) {
    scanner.write(chunk)
    take()
  }
  scanner.end()
  take()
  expect(parts.every(part => part.ended)).to.equal(true)
  return parts.map(({ headers, body }) => ({ headers, body: Buffer.concat(body).toString('latin1') }))
}

function refusal(boundary: string, body: string | Buffer): string {
  try {
    scanned(boundary, [Buffer.from(body)])
  } catch (problem) {
    return (problem as Error).message
  }
  return 'accepted'
}

function everyCut(bytes: Buffer): Buffer[][] {
  return Array.from({ length: bytes.length + 1 }, (_, cut) => [bytes.subarray(0, cut), bytes.subarray(cut)])
}

function bytewise(bytes: Buffer): Buffer[] {
  return Array.from(bytes, byte => Buffer.from([byte]))
}

const tricky = '\r\n--bb\r\n-\r\n--b-\r\n--b -- x\r\n--b\t-\r\n\n--b\nxx--b\r\n\r\r\n\r\n-'

describe('soap/mime-scanner', () => {
  const parts = [rootPart('<x/>\r\n'), documentPart(tricky, 'd@test')]

  for (const [name, options] of Object.entries<Multipart>({
    'CRLF lines': {},
    'a line break before the first boundary, as CXF sends': { preamble: '\r\n' },
    'a preamble and an epilogue [RFC 2046: 5.1.1]': {
      preamble: 'ignored --b\r\nfurther\r\n',
      epilogue: 'ignored\r\n--b\r\n',
    },
  })) {
    it(`finds the same parts at every split offset: ${name}`, () => {
      const bytes = multipart(parts, options)
      for (const chunks of everyCut(bytes)) expect(scanned('b', chunks)).to.deep.equal(parts)
      expect(scanned('b', bytewise(bytes))).to.deep.equal(parts)
    })
  }

  it('finds the same parts at every split offset: LF lines', () => {
    const lines = [rootPart('<x/>\n'), documentPart('\n--bb\nx\r--b\r\n-', 'd@test')]
    const bytes = multipart(lines, { lineBreak: '\n', preamble: '\n' })
    for (const chunks of everyCut(bytes)) expect(scanned('b', chunks)).to.deep.equal(lines)
  })

  it('finds the same parts at every split offset: a real boundary, blanks behind it, no last line end', () => {
    const boundary = 'uuid:fe38a46e-a89a-4810-856a-28f5b866b9d8'
    const bytes = Buffer.from(`--${boundary} \t\r\nA: 1\r\n\r\none\r\n--${boundary}\t\r\n\r\ntwo\r\n--${boundary}--`)
    const expected = [
      { headers: ['A: 1'], body: 'one' },
      { headers: [], body: 'two' },
    ]
    for (const chunks of everyCut(bytes)) expect(scanned(boundary, chunks)).to.deep.equal(expected)
  })

  it('takes empty parts, with and without the line break of the delimiter', () => {
    const bytes = Buffer.from('--b\r\nA: 1\r\n\r\n\r\n--b\r\nA: 2\r\n\r\n--b\r\n\r\n--b--\r\n')
    const expected = [
      { headers: ['A: 1'], body: '' },
      { headers: ['A: 2'], body: '' },
      { headers: [], body: '' },
    ]
    for (const chunks of everyCut(bytes)) expect(scanned('b', chunks)).to.deep.equal(expected)
  })

  it('unfolds header lines [RFC 5322: 2.2.3]', () => {
    const bytes = Buffer.from('--b\r\nContent-Type: a/b;\r\n\tcharset=utf-8\r\n  ; x=y\r\n\r\nz\r\n--b--')
    expect(scanned('b', [bytes])[0]?.headers).to.deep.equal(['Content-Type: a/b; charset=utf-8 ; x=y'])
  })

  it('round trip: any parts, any boundary, any cuts', () => {
    const boundaryCharacters = "abcXYZ019'()+_,-./:=?"
    const boundary = fc.string({ unit: fc.constantFrom(...boundaryCharacters), minLength: 1, maxLength: 70 })
    const chance = fc
      .tuple(boundary, fc.constantFrom('\r\n', '\n'), fc.array(fc.nat(400), { maxLength: 20 }))
      .chain(([name, lineBreak, cuts]) => {
        // Pieces of the delimiter make data that nearly are one.
        const piece = fc.oneof(
          fc.string({ unit: 'binary-ascii', maxLength: 20 }),
          fc.constantFrom(
            lineBreak,
            '\r',
            '\n',
            '--',
            `--${name}`,
            `${lineBreak}--${name}x`,
            `${lineBreak}--${name}-`,
            `${lineBreak}--`,
          ),
        )
        const body = fc.array(piece, { maxLength: 8 }).map(pieces => pieces.join(''))
        const part = body.map((text): Part => ({ headers: ['Content-Type: a/b', 'Content-ID: <x>'], body: text }))
        return fc.record({
          name: fc.constant(name),
          lineBreak: fc.constant(lineBreak),
          cuts: fc.constant(cuts),
          parts: fc.array(part, { minLength: 1, maxLength: 4 }),
        })
      })
    fc.assert(
      fc.property(chance, ({ name, lineBreak, cuts, parts: sent }) => {
        // What a sender must not choose as a boundary is no message. [RFC 2046: 5.1.1]
        const delimiter = new RegExp(`${lineBreak}--${name.replace(/[^\w]/g, '\\$&')}(--)?[ \\t]*\\r?\\n`)
        fc.pre(sent.every(part => !delimiter.test(`${lineBreak}${part.body}${lineBreak}--`)))
        const bytes = multipart(sent, { boundary: name, lineBreak })
        const offsets = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((one, other) => one - other)
        const chunks = [...offsets, bytes.length].map((offset, index) =>
          bytes.subarray(offsets[index - 1] ?? 0, offset),
        )
        expect(scanned(name, chunks)).to.deep.equal(sent)
      }),
      { numRuns: 500 },
    )
  })

  it('refuses in one sentence what it cannot read', () => {
    const whole = multipart(parts).toString('latin1')
    expect(refusal('other', whole)).to.equal(
      'the boundary other that the Content-Type names does not occur in the multipart body',
    )
    expect(refusal('other', whole + 'x'.repeat(20_000))).to.include(
      'does not occur in the multipart body, at least in its first 16384 bytes',
    )
    expect(refusal('b', whole.slice(0, -8))).to.equal(
      'the multipart body ends in the middle of part 2, without its final boundary',
    )
    expect(refusal('b', '--b\r\nA: 1\r\n')).to.include('without its final boundary')
    expect(refusal('b', '--b--\r\n')).to.equal('the multipart body has no part')
    expect(refusal('b', `--b\r\nA: ${'x'.repeat(16_384)}\r\n\r\n\r\n--b--`)).to.equal(
      'the headers of part 1 are longer than 16384 bytes',
    )
    expect(refusal('b', `--b\r\n${'A: 1\r\n'.repeat(3000)}\r\n\r\n--b--`)).to.equal(
      'the headers of part 1 are longer than 16384 bytes',
    )
    expect(refusal('b', `${whole}${'x'.repeat(1_048_577)}`)).to.include('bytes follow the last part')
  })

  it('every truncation is refused', () => {
    const bytes = multipart(parts)
    for (let end = 0; end < bytes.length - 2; end += 1) {
      expect(refusal('b', bytes.subarray(0, end)), `cut at ${end}`).to.match(
        /without its final boundary|does not occur|has no part/,
      )
    }
  })
})
