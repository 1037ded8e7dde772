import { expect } from 'chai'
import fc from 'fast-check'
import { applicationStarted } from '../../../atna-audit/events.js'
import { plainXml } from '../../../atna-audit/repository/plain-xml.js'
import { writeMessage } from '../../../atna-audit/write-message.js'
import { parseXml, type XmlElement } from '../../../soap/xml.js'
import { withToken } from './messages.js'

/** What the XML parser says of the same bytes; undefined when it refuses them. */
function parsed(text: Buffer): XmlElement | undefined {
  try {
    return parseXml(text)
  } catch {
    return undefined
  }
}

describe('the quick reader of plain messages', () => {
  const facts = { actor: 'R & D "quoted" <Zürich>', processId: 1, hostName: 'h', dateTimeMs: 0 }
  const ours = writeMessage(applicationStarted(facts), { auditSourceID: 'carnet' })

  it('reads what our own services write, and plain messages of others', () => {
    for (const text of [ours, `<?xml version="1.0" encoding="UTF-8"?>\n${ours}\n`, withToken]) {
      const bytes = Buffer.from(text)
      expect(plainXml(bytes)).to.deep.equal(parseXml(bytes))
      expect(plainXml(bytes)?.name).to.equal('AuditMessage')
    }
  })

  for (const text of [
    '<a b="1" b="2"/>',
    '<a>&b;</a>',
    '<a>&#65;</a>',
    '<a>&amp</a>',
    '<a>& </a>',
    '<a></b>',
    '<a/><b/>',
    '<a/>x',
    '<a',
    '',
    '<a b="&constructor;"/>',
    '<a b="<"/>',
    "<a b='1'/>",
    '<a xmlns="urn:x"/>',
    '<a:b/>',
    '<a><!-- c --></a>',
    '<a><![CDATA[c]]></a>',
    '<a>]]></a>',
    '<a b="\n"/>',
    '<a>\r\n</a>',
    '<a>\u0001</a>',
    '<a>\ufffe</a>',
    '<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
    '<!DOCTYPE a><a/>',
    `${'<a>'.repeat(20)}${'</a>'.repeat(20)}`,
  ]) {
    it(`leaves ${JSON.stringify(text.slice(0, 50))} to the parser`, () => {
      expect(plainXml(Buffer.from(text))).to.equal(undefined)
    })
  }

  it('leaves bytes that are not UTF-8 to the parser', () => {
    expect(plainXml(Buffer.from(`<a>${'<b/>'.repeat(70_000)}</a>`)), 'long').to.equal(undefined)
    expect(plainXml(Buffer.concat([Buffer.from('<a>'), Buffer.from([0xc3, 0x28]), Buffer.from('</a>')]))).to.equal(
      undefined,
    )
  })

  it('never disagrees with the parser, whatever is changed in a message', () => {
    const scraps = [
      '<',
      '>',
      '/',
      '"',
      "'",
      '&',
      '&amp;',
      '&#x41;',
      '<!--',
      '-->',
      ']]>',
      ' ',
      '\n',
      '\t',
      'xmlns="u"',
      'a:',
      '=',
      '\u0000',
      'é',
      '<b/>',
      '<?p?>',
      '',
    ]
    const change = fc.record({ at: fc.nat(ours.length), gone: fc.nat(6), put: fc.constantFrom(...scraps) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), changes => {
        let text = ours
        for (const { at, gone, put } of changes) text = text.slice(0, at) + put + text.slice(at + gone)
        const bytes = Buffer.from(text)
        const quick = plainXml(bytes)
        if (quick !== undefined) expect(quick).to.deep.equal(parsed(bytes))
      }),
      { numRuns: 3_000 },
    )
  })

  it('never disagrees with the parser on small documents of all kinds', () => {
    const piece = fc.constantFrom(
      '<a>',
      '</a>',
      '<b c="d">',
      '</b>',
      '<b/>',
      '<b c="&lt;" d=" x ">',
      't',
      '&gt;',
      ' ',
      '\n',
      '<b  c="d"/>',
      '<b c="d" />',
      '>',
      '\u0085',
      '\u2028',
    )
    let agreed = 0
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), pieces => {
        const bytes = Buffer.from(`<a>${pieces.join('')}</a>`)
        const quick = plainXml(bytes)
        if (quick === undefined) return
        agreed += 1
        expect(quick).to.deep.equal(parsed(bytes))
      }),
      { numRuns: 2_000 },
    )
    expect(agreed).to.be.greaterThan(50)
  })
})
