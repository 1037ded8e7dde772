import { expect } from 'chai'
import fc from 'fast-check'
import { XmlDocument } from 'libxml2-wasm'
import { namespaces } from '../../soap/namespaces.js'
import {
  attributeOf,
  bytesOf,
  childOf,
  childrenOf,
  escapeXml,
  isElement,
  parseXml,
  serialiseXml,
  type XmlElement,
  XmlProblem,
  xmlReader,
} from '../../soap/xml.js'
import { xopReference } from '../../soap/xop.js'

describe('soap/xml: reading', () => {
  it('expands names and joins text and CDATA', () => {
    const root = parseXml('<a:x xmlns:a="urn:a" xmlns="urn:d" y="1" a:z="2">one<![CDATA[ & two]]><c/> three</a:x>')
    expect(root).to.deep.equal({
      namespace: 'urn:a',
      name: 'x',
      attributes: [
        { namespace: '', name: 'y', value: '1' },
        { namespace: 'urn:a', name: 'z', value: '2' },
      ],
      children: [{ namespace: 'urn:d', name: 'c', attributes: [], children: [], text: '' }],
      text: 'one & two three',
    })
  })

  it('finds attributes and children by namespace', () => {
    const root = parseXml('<x xmlns:p="urn:p" p:a="1" a="2"><p:c/><c n="1"/><c n="2"/></x>')
    expect(attributeOf(root, 'a')).to.equal('2')
    expect(attributeOf(root, 'a', 'urn:p')).to.equal('1')
    expect(attributeOf(root, 'b')).to.equal(undefined)
    expect(isElement(childOf(root, 'urn:p', 'c') as XmlElement, 'urn:p', 'c')).to.equal(true)
    expect(childrenOf(root, '', 'c').map(child => attributeOf(child, 'n'))).to.deep.equal(['1', '2'])
    expect(childOf(root, '', 'd')).to.equal(undefined)
  })

  it('reads names that mean something to JavaScript as names', () => {
    const root = parseXml('<__proto__ constructor="1" __proto__="2"><toString/></__proto__>')
    expect(root.name).to.equal('__proto__')
    expect(attributeOf(root, '__proto__')).to.equal('2')
    expect(Object.getPrototypeOf(root)).to.equal(Object.prototype)
  })

  it('ignores comments and processing instructions', () => {
    expect(parseXml('<?p ?><!-- c --><a>x<?p y?>y<!--z-->z</a><!-- c -->').text).to.equal('xyz')
  })

  it('reads the same however the bytes are cut', () => {
    const bytes = Buffer.from('\ufeff<?xml version="1.0" encoding="utf-8"?><ä a="ü€😀">\r\nx😀&amp;é</ä>')
    const whole = parseXml(bytes)
    expect(whole.text).to.equal('\nx😀&é')
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const reader = xmlReader()
      reader.write(bytes.subarray(0, cut))
      reader.write(bytes.subarray(cut))
      expect(reader.end()).to.deep.equal(whole)
    }
    const reader = xmlReader()
    for (const byte of bytes) reader.write(Buffer.from([byte]))
    expect(reader.end()).to.deep.equal(whole)
  })

  it('reads UTF-16 with a byte order mark when the declaration agrees [XML 1.0: 4.3.3]', () => {
    const text = '\ufeff<?xml version="1.0" encoding="UTF-16"?><a>é😀</a>'
    const little = Buffer.from(text, 'utf16le')
    expect(parseXml(little).text).to.equal('é😀')
    expect(parseXml(Buffer.from(little).swap16()).text).to.equal('é😀')
  })

  it('takes ASCII for the part of UTF-8 that it is [XML 1.0: 4.3.3]', () => {
    for (const name of ['us-ascii', 'ASCII']) {
      expect(parseXml(Buffer.from(`<?xml version='1.0' encoding='${name}'?><a>&#233;</a>`)).text).to.equal('é')
    }
  })
})

describe('soap/xml: refusing', () => {
  const refused = (source: string | Uint8Array, limits = {}) => {
    try {
      parseXml(source, limits)
    } catch (problem) {
      expect(problem).to.be.instanceOf(XmlProblem)
      return (problem as XmlProblem).message
    }
    return 'accepted'
  }
  const entities =
    '<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;&l;&l;&l;&l;"><!ENTITY n "&m;&m;&m;&m;&m;&m;&m;&m;">]>'
  const cases: [name: string, source: string | Uint8Array, reason: string][] = [
    ['nothing', '', 'root element'],
    ['white space only', ' \n', 'root element'],
    ['a document type', '<!DOCTYPE a><a/>', 'line 1, column 1: a document type declaration is not accepted'],
    ['billion laughs', `${entities}<a>&n;</a>`, 'document type declaration'],
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'document type'],
    ['a parameter entity', '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]><a/>', 'document type'],
    ['an unknown entity', '<a>&nbsp;</a>', 'undefined entity'],
    ['XML 1.1', '<?xml version="1.1"?><a/>', 'XML 1.1 is not accepted'],
    [
      'another encoding',
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a/>'),
      'declared encoding ISO-8859-1',
    ],
    [
      'UTF-16 declared, UTF-8 sent',
      Buffer.from('<?xml version="1.0" encoding="UTF-16"?><a/>'),
      'declared encoding UTF-16',
    ],
    [
      'ASCII declared, UTF-16 sent',
      Buffer.from('\ufeff<?xml version="1.0" encoding="ASCII"?><a/>', 'utf16le'),
      'encoding',
    ],
    ['UTF-16 without a mark', Buffer.from('<a/>', 'utf16le'), 'neither UTF-8 nor UTF-16 with a byte order mark'],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0]), 'UTF-32'],
    ['bad UTF-8', Buffer.from([0x3c, 0x61, 0x3e, 0xc3, 0x28, 0x3c, 0x2f, 0x61, 0x3e]), 'not valid UTF-8'],
    ['overlong UTF-8', Buffer.from([0x3c, 0x61, 0x3e, 0xc0, 0xaf, 0x3c, 0x2f, 0x61, 0x3e]), 'not valid UTF-8'],
    [
      'a surrogate in UTF-8',
      Buffer.from([0x3c, 0x61, 0x3e, 0xed, 0xa0, 0x80, 0x3c, 0x2f, 0x61, 0x3e]),
      'not valid UTF-8',
    ],
    ['half a character at the end', Buffer.from([0x3c, 0x61, 0x2f, 0x3e, 0xe2, 0x82]), 'not valid UTF-8'],
    [
      'a lone surrogate in UTF-16',
      Buffer.from([0xff, 0xfe, 0x3c, 0, 0x61, 0, 0x3e, 0, 0, 0xd8, 0x3c, 0]),
      'not valid UTF-16',
    ],
    ['UTF-7', Buffer.from('+ADw-a/+AD4-'), 'text data outside of root node'],
    ['NUL', '<a>\0</a>', 'disallowed character'],
    ['a reference to NUL', '<a>&#0;</a>', 'malformed character entity'],
    ['a reference to a surrogate', '<a>&#xD800;</a>', 'malformed character entity'],
    ['two roots', '<a/><b/>', 'only one root'],
    ['an unclosed element', '<a><b></b>', 'unclosed tag: a'],
    ['a wrong end tag', '<a><b></a></b>', 'unexpected close tag'],
    ['an attribute twice', '<a b="1" b="2"/>', 'duplicate attribute'],
    ['an attribute twice under two prefixes', '<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>', 'duplicate attribute'],
    ['an undeclared prefix', '<p:a/>', 'unbound namespace prefix'],
    ['an undeclared prefix of an attribute', '<a p:b=""/>', 'unbound namespace prefix'],
    ['< in an attribute', '<a b="<"/>', 'disallowed character'],
    [']]> in text', '<a>]]></a>', ']]>'],
  ]
  for (const [name, source, reason] of cases) {
    it(`refuses ${name}, in words`, () => {
      expect(refused(source)).to.include(reason)
      const bytes = typeof source === 'string' ? Buffer.from(source) : source
      expect(refused(bytes)).to.include(reason)
    })
  }

  it('says where', () => {
    expect(refused('<a>\n  <b>\n</a>')).to.match(/^line 3, column 1: unexpected close tag/)
  })

  const withinMs = (most: number, work: () => void) => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000, 'milliseconds of CPU').to.be.below(most)
  }

  it('refuses a nesting bomb at its 65th element, quickly', () => {
    expect(parseXml('<a>'.repeat(64) + '</a>'.repeat(64)).name).to.equal('a')
    withinMs(200, () => expect(refused('<a>'.repeat(1_000_000))).to.include('nested deeper than 64'))
  })

  it('refuses 50,000 attributes or namespaces at the 257th, quickly', () => {
    const many = (make: (index: number) => string) =>
      `<a ${Array.from({ length: 50_000 }, (_, index) => make(index)).join(' ')}/>`
    withinMs(400, () => {
      expect(refused(many(index => `a${index}=""`))).to.include('more than 256 attributes')
      expect(refused(many(index => `xmlns:a${index}="urn:a"`))).to.include('more than 256 attributes')
    })
    // What JAXB declares for an application with many schemas.
    const declared = Array.from({ length: 255 }, (_, index) => `xmlns:ns${index}="urn:${index}"`).join(' ')
    expect(parseXml(`<a ${declared} b=""/>`).attributes).to.have.length(1)
  })

  it('takes time in proportion to length, whatever is piled up', () => {
    const bounds = { depth: 1e6, attributes: 1e6, elements: 1e7 }
    const names = Array.from({ length: 20_000 }, (_, index) => `a${index}`)
    const nested = (start: (name: string) => string) =>
      names.map(start).join('') +
      names
        .toReversed()
        .map(name => `</${name}>`)
        .join('')
    const piles = {
      depth: nested(name => `<${name}>`),
      declarations: nested(name => `<${name} xmlns:${name}="urn:${name}" xmlns="urn:${name}">`),
      attributes: `<a ${names.map(name => `${name}=""`).join(' ')} xmlns:p="p" ${names.map(name => `p:${name}=""`).join(' ')}/>`,
      references: `<a b="${'&amp;'.repeat(400_000)}">${'&#65;'.repeat(400_000)}</a>`,
      'white space': `<a b="${'\n'.repeat(2_000_000)}"/>`,
      pieces: `<a>${'x<!----><![CDATA[y]]><?p?>'.repeat(50_000)}</a>`,
      brackets: `<a>${']]'.repeat(100_000)}<![CDATA[${']]'.repeat(100_000)}]]></a>`,
      'line ends': `<a>${'\r\n\r'.repeat(700_000)}</a>`,
      'a long name': `<${'n'.repeat(4_096)}/>`,
    }
    for (const [name, source] of Object.entries(piles)) {
      withinMs(1500, () => expect(parseXml(source, bounds).name, name).to.match(/^(a|a0|n+)$/))
    }
    const unfinished = [
      '<a><!-- ',
      '<a><![CDATA[',
      '<a><?p ',
      '<a b="',
      '<a>&',
      '<a>&x',
      '<?xml ',
      '<?xml version="1.0"',
    ]
    for (const start of unfinished)
      withinMs(500, () => expect(refused(start + ' -x;]?'.repeat(100_000))).to.match(/^line/))
  })

  it('reads many references, line ends and white space as few ones [XML 1.0: 2.11, 3.3.3, 4.1]', () => {
    const times = 20_000
    const root = parseXml(
      `<a b="${'\r\n\t&#x1F600;'.repeat(times)}">${'\r\n\r&apos;&#xe9;&#128512;\u20ac'.repeat(times)}</a>`,
    )
    expect(attributeOf(root, 'b') === '  😀'.repeat(times), 'the attribute').to.equal(true)
    expect(root.text === "\n\n'é😀\u20ac".repeat(times), 'the text').to.equal(true)
  })

  it('refuses a name that is too long, and quotes little of it', () => {
    for (const source of [`<${'n'.repeat(4_097)}/>`, `<a ${'n'.repeat(10_000_000)}="x"/>`]) {
      expect(refused(source)).to.match(/^line 1, column [0-9]: a name is longer than 4096 characters$/)
    }
  })

  it('asks for the memory of a long document, for all of it, before it has it', () => {
    const asked: number[] = []
    const reader = xmlReader({}, { take: bytes => void asked.push(bytes) })
    const piece = Buffer.from(`<a>${' '.repeat(199_997)}`)
    for (const bytes of [piece, piece.subarray(3), piece.subarray(3)]) reader.write(bytes)
    expect(asked).to.deep.equal([399_997, 199_997])
    const full = new Error('no more')
    const refusing = xmlReader(
      {},
      {
        take: () => {
          throw full
        },
      },
    )
    refusing.write(piece)
    expect(() => refusing.write(piece.subarray(3))).to.throw(full.message)
  })

  it('refuses a hopeless start while the rest is still to come', () => {
    const started = (text: string) => () => {
      const reader = xmlReader()
      for (let bytes = 0; bytes < 200_000; bytes += text.length) reader.write(Buffer.from(text))
    }
    expect(started('<a>')).to.throw(XmlProblem, 'nested deeper than 64')
    expect(started('<!DOCTYPE a [')).not.to.throw()
    expect(started('<!DOCTYPE a []>')).to.throw(XmlProblem, 'document type')
    expect(started('\u00e9>')).to.throw(XmlProblem, 'outside of root node')
    const reader = xmlReader()
    reader.write(Buffer.from('<a>'))
    for (let index = 0; index < 30_000; index += 1) reader.write(Buffer.from(`<b c="${index}>"/> é `))
    reader.write(Buffer.from('</a>'))
    expect(reader.end().children).to.have.length(30_000)
  })

  describe('in slices', () => {
    const entries = (count: number) => `<b c="&lt;">é<![CDATA[>]]></b>text`.repeat(count)
    const readInSlices = async (text: string) => {
      const reader = xmlReader({ elements: 100_000 })
      reader.write(Buffer.from(text))
      let pauses = 0
      const root = await reader.endInSlices(async () => {
        pauses += 1
      })
      return { root, pauses }
    }

    it('reads a large document to the same tree, with pauses in which others are served', async () => {
      const text = `<?xml version="1.0"?><a>${entries(30_000)}</a><!-- end -->`
      const { root, pauses } = await readInSlices(text)
      expect(pauses).to.be.within(5, 20)
      expect(root).to.deep.equal(parseXml(text))
      expect((await readInSlices(`<a>${entries(1_000)}</a>`)).pauses).to.equal(0)
    })

    it('refuses what is wrong with the same words, and goes on with the next', async () => {
      const wrong = [`<a>${entries(20_000)}</b>`, `<a>${entries(20_000)}`, `<a>${entries(20_000)}</a><a/>`]
      const outcomes = await Promise.allSettled([...wrong, `<a>${entries(20_000)}</a>`].map(readInSlices))
      expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected', 'rejected', 'fulfilled'])
      for (const [index, text] of wrong.entries()) {
        const outcome = outcomes[index] as PromiseRejectedResult
        expect(() => parseXml(text)).to.throw(XmlProblem, outcome.reason.message)
      }
    })
  })

  it('tells a document that was cut behind any > from one that is wrong', () => {
    const whole =
      '<?xml version="1.0"?><!-- > --><?p >?><a b=">"><![CDATA[>]]]>x>&gt;<b c=\'>\' /><!-- -> --></a><?q > ?>'
    for (let end = whole.indexOf('>') + 1; end > 0; end = whole.indexOf('>', end) + 1) {
      try {
        expect(parseXml(whole.slice(0, end)).name).to.equal('a')
      } catch (problem) {
        expect(problem, whole.slice(0, end)).to.include({ unfinished: true })
      }
    }
    expect(() => parseXml('<a><b></a>'))
      .to.throw(XmlProblem)
      .with.property('unfinished', false)
  })

  it('refuses what looks like XML and is not [XML 1.0: 2.1] [XML Names 1.0: 6.3, 7]', () => {
    const near: [source: string, reason: string][] = [
      ['<p:1 xmlns:p="u"/>', 'tag name'],
      ['<a xmlns:p="u" p:-b=""/>', 'attribute name'],
      ['<?p?x?><a/>', 'processing instruction name'],
      ['<a>\ud800</a>', 'half a surrogate pair'],
      ['<a b="1"c="2"/>', 'white space'],
      ['<a xmlns:p=""/>', 'is empty'],
      ['<a xmlns:p="u" xmlns:p="v"/>', 'duplicate attribute: xmlns:p'],
      ['<a xmlns="u" xmlns="v"/>', 'duplicate attribute: xmlns'],
      ['<a xmlns:xml="u"/>', 'xml prefix'],
      ['<a xmlns:xmlns="u"/>', 'xmlns'],
      ['<a xmlns="http://www.w3.org/2000/xmlns/"/>', 'nothing may be bound'],
      ['<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>', 'only the prefix xml'],
      ['<a><p:b xmlns:p="u"/><p:c/></a>', 'unbound namespace prefix: "p"'],
      [`<a ${Array.from({ length: 20 }, (_, index) => `b${index}=""`).join(' ')} b7=""/>`, 'duplicate attribute: b7'],
    ]
    for (const [source, reason] of near) expect(refused(source), source).to.include(reason)
  })

  it('bounds elements, text, attribute values and the whole', () => {
    expect(refused('<a><b/><b/><b/></a>', { elements: 3 })).to.include('more than 3 elements')
    expect(refused('<a>12345</a>', { textBytes: 4 })).to.include('the text of a is longer than 4 characters')
    expect(refused('<a>123<b/>45</a>', { textBytes: 4 })).to.include('longer than 4 characters')
    expect(refused('<a b="12345"/>', { textBytes: 4 })).to.include('an attribute value is longer than 4 characters')
    expect(refused(Buffer.from('<a>12345</a>'), { totalBytes: 11 })).to.include('longer than 11 bytes')
    expect(parseXml(Buffer.from('<a>12345</a>'), { totalBytes: 12, textBytes: 5, elements: 1 }).text).to.equal('12345')
  })

  it('bounds the namespaces that a tree takes when it is written out, however short their prefixes are', () => {
    const meant = (times: number) => `<a xmlns:p="urn:${'x'.repeat(100_000)}"><b>${'<p:c/>'.repeat(times)}</b></a>`
    expect(serialiseXml(parseXml(meant(10))).length).to.be.lessThan(1_100_000)
    const reason = 'the namespaces of its elements, written out, are longer than the document may be'
    expect(refused(meant(11), { totalBytes: 1_048_576 })).to.include(reason)
    expect(refused(meant(11).replaceAll('<p:c/>', '<c p:d=""/>'), { totalBytes: 1_048_576 })).to.include(reason)
    const usual = `<a xml:lang="de">${'<b xml:lang="fr"/>'.repeat(100_000)}</a>`
    expect(parseXml(usual, { totalBytes: 2_000_000 }).children).to.have.length(100_000)
  })

  it('takes few headers wsse:Security, each of which is kept as it was written [WSS SOAP Message Security 1.1: 5]', () => {
    const securities = (count: number) => `<e><h xmlns:w="${namespaces.wsse}">${'<w:Security/>'.repeat(count)}</h></e>`
    expect(parseXml(securities(16)).children[0]?.children).to.have.length(16)
    expect(refused(securities(17))).to.include('more than 16 headers wsse:Security')
  })
})

describe('soap/xml: writing', () => {
  it('escapes for text and attributes alike, and replaces what XML cannot say', () => {
    expect(escapeXml('plain text: äé')).to.equal('plain text: äé')
    expect(escapeXml('<a b="c">&\t\n\r😀')).to.equal('&lt;a b=&quot;c&quot;&gt;&amp;&#9;&#10;&#13;😀')
    expect(escapeXml('\0\u001f\ud800x\udc00\ufffe')).to.equal('\ufffd\ufffd\ufffdx\ufffd\ufffd')
  })

  it('gives back any text that XML can say, in an element and in an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const root = parseXml(Buffer.from(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`))
        const expected = text.replace(unsayable, '\ufffd')
        expect(root.text).to.equal(expected)
        expect(attributeOf(root, 'b')).to.equal(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('writes a tree that reads back as itself', () => {
    fc.assert(
      fc.property(element, tree => {
        expect(parseXml(serialiseXml(tree))).to.deep.equal(tree)
      }),
      { numRuns: 300 },
    )
  })

  it('makes bytes of pieces, but not of the place of an attachment', () => {
    expect(bytesOf(['<a>', Buffer.from('é'), '</a>']).toString()).to.equal('<a>é</a>')
    expect(() => bytesOf([xopReference('1@x')])).to.throw('1@x')
  })
})

describe('soap/xml: beside another parser', () => {
  it('agrees with libxml2 on what is well-formed', () => {
    const tokens = [
      '<a>',
      '</a>',
      '<b c="1">',
      '</b>',
      '<p:a/>',
      '<p:a xmlns:p="urn:p">',
      '</p:a>',
      '<a b="1" b="2"/>',
      'x',
      '&amp;',
      '&',
      '&#65;',
      '&#xD800;',
      '<!-- c -->',
      '<!-- -- -->',
      '<![CDATA[x]]>',
      ']]>',
      '<?p x?>',
      '<?xml x?>',
      '<',
      '>',
      '"',
      ' ',
      "<a b='\"'/>",
      '<a b=1/>',
      '<a b/>',
      '\u0001',
      '<1/>',
      '<é/>',
      '<a\n/>',
    ]
    const document = fc.array(fc.constantFrom(...tokens), { maxLength: 8 }).map(inside => `<r>${inside.join('')}</r>`)
    fc.assert(
      fc.property(document, source => {
        expect(
          accepts(() => parseXml(source)),
          source,
        ).to.equal(accepts(() => XmlDocument.fromString(source).dispose()))
      }),
      { numRuns: 1000 },
    )
  })
})

const unsayable = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

function accepts(work: () => void): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

const name = fc.constantFrom('a', 'b', 'Slot', '__proto__', 'x-1', 'é')
const namespace = fc.constantFrom('', 'urn:one', 'urn:two&"', 'http://www.w3.org/XML/1998/namespace')
const value = fc.string({ unit: 'grapheme', maxLength: 8 }).map(text => text.replace(unsayable, ''))
const attributes = fc.uniqueArray(fc.record({ namespace, name, value }), {
  maxLength: 3,
  selector: attribute => `${attribute.namespace} ${attribute.name}`,
})
const { element } = fc.letrec<{ element: XmlElement }>(tie => ({
  element: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      namespace: fc.constantFrom('', 'urn:one', 'urn:two'),
      name,
      attributes,
      children: fc.constant([]),
      text: value,
    }),
    fc.record({
      namespace: fc.constantFrom('', 'urn:one', 'urn:two'),
      name,
      attributes,
      children: fc.array(tie('element'), { minLength: 1, maxLength: 3 }),
      text: fc.constant(''),
    }),
  ),
}))
