// Documents to compare parsers with: made by a grammar that knows all of XML but the document type, and damaged ones.
import fc from 'fast-check'

const name = fc.constantFrom('a', 'b', 'p:a', 'q:b', 'Slot', '_', 'é', 'x-1.y', 'p:é', '𐀀', '__proto__', 'xml')
const badName = fc.constantFrom(
  'p:',
  ':a',
  'p:q:a',
  '1',
  '-a',
  'a×',
  'a;',
  'p:1',
  'xmlns:a',
  'xmlns',
  'r:a',
  '\u{f0000}',
)
const space = fc.constantFrom(' ', '\n', '\t', '\r\n', '\r', '  \n ')
const maybeSpace = fc.oneof({ weight: 6, arbitrary: fc.constant('') }, { weight: 1, arbitrary: space })
const characters = fc.oneof(
  fc.constantFrom('x', ' ', '\t', '\n', '\r', '\r\n', '>', "'", '"', ']', ']]', '--', '€', '😀', '\u0085', '\u2028'),
  fc.constantFrom('&amp;', '&lt;', '&gt;', '&quot;', '&apos;', '&#10;', '&#13;', '&#x9;', '&#65;', '&#x1F600;'),
  fc.string({ unit: 'grapheme', maxLength: 4 }).map(text => text.replace(/[<&]/g, '')),
)
const badCharacters = fc.constantFrom(
  ...['<', '&', '&;', '&x;', '&#0;', '&#xD800;', '&#X41;', '&#x110000;', '&# 1;', '&amp', ']]>', '\0', '\u000b'],
  ...['\ufffe', '\uffff', '\ufeff'],
)
const seldom = <Value>(good: fc.Arbitrary<Value>, bad: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 150, arbitrary: good }, { weight: 1, arbitrary: bad })
const text = fc.array(seldom(characters, badCharacters), { maxLength: 5 }).map(joined)
const tagName = seldom(name, badName)

const value = fc
  .record({ quote: fc.constantFrom('"', "'"), text })
  .map(({ quote, text }) => `${quote}${text.replaceAll(quote, '')}${quote}`)
const plainAttribute = fc.tuple(tagName, maybeSpace, maybeSpace, value).map(([n, a, b, v]) => `${n}${a}=${b}${v}`)
const namespace = fc.constantFrom(
  'urn:p',
  'urn:p',
  'urn:q',
  ' urn:q ',
  'urn:ä&amp;',
  'http://www.w3.org/2003/05/soap-envelope',
)
const badNamespace = fc.constantFrom('', ' ', 'http://www.w3.org/XML/1998/namespace', 'http://www.w3.org/2000/xmlns/')
const declaration = fc
  .tuple(
    seldom(fc.constantFrom('xmlns', 'xmlns:p', 'xmlns:q'), fc.constantFrom('xmlns:xml', 'xmlns:xmlns')),
    seldom(namespace, badNamespace),
  )
  .map(([n, v]) => `${n}="${v}"`)
const attribute = fc.tuple(seldom(space, fc.constant('')), fc.oneof(plainAttribute, declaration)).map(joined)

const comment = text.map(inside => `<!--${inside.replaceAll('--', '')}-->`)
const instruction = fc
  .tuple(
    seldom(fc.constantFrom('p', 'é', 'xml-stylesheet'), fc.constantFrom('xml', 'XML', 'p:q', '1', '', 'p?x')),
    fc.option(text, { nil: undefined }),
  )
  .map(([target, inside]) => (inside === undefined ? `<?${target}?>` : `<?${target} ${inside.replaceAll('?>', '')}?>`))
const cdata = text.map(inside => `<![CDATA[${inside.replaceAll(']]>', '')}]]>`)

const { element } = fc.letrec<{ element: string; content: string }>(tie => ({
  content: fc
    .array(fc.oneof({ depthSize: 'small', maxDepth: 4 }, text, comment, instruction, cdata, tie('element')), {
      maxLength: 4,
    })
    .map(joined),
  element: fc
    .tuple(
      tagName,
      fc.array(attribute, { maxLength: 4 }),
      maybeSpace,
      fc.option(tie('content')),
      seldom(fc.constant(''), fc.constant('x')),
    )
    .map(([n, attributes, s, content, wrong]) => {
      const start = `<${n}${attributes.join('')}${s}`
      return content === null ? `${start}/>` : `${start}>${content}</${n}${wrong}${s}>`
    }),
}))

const prolog = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('\ufeff', '<?xml version="1.0"?>', "<?xml version = '1.0' encoding='utf-8' ?>\r\n"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        '<?xml version="1.0" standalone="yes"?>',
        '<?xml version="1.0"encoding="utf-8"?>',
        '<?xml encoding="utf-8"?>',
      ],
      ...['<?xml?>', ' <?xml version="1.0"?>', '<?xml version="1.1"?>', '<?xml version="1.0" standalone="maybe"?>'],
      ...['<?xml version="1.0" standalone="no" encoding="utf-8"?>', '<?xml version="1.0"? >', '<?xml version="1.0\'?>'],
      ...['\ufeff\ufeff', '<!DOCTYPE a>', '<![CDATA[]]>', '&#32;', 'x'],
    ),
  },
)
const misc = fc.array(fc.oneof(space, comment, instruction), { maxLength: 2 }).map(joined)
// The prefixes are declared mostly; what happens without is for the few documents that use another root.
const root = fc.oneof(
  { weight: 4, arbitrary: element.map(inside => `<r xmlns:p="urn:p" xmlns:q="urn:q">${inside}</r>`) },
  { weight: 1, arbitrary: element },
)
/** Documents of which about half are well-formed. */
export const anyDocument = fc
  .tuple(prolog, misc, root, misc, seldom(fc.constant(''), fc.constantFrom('<b/>', 'x', '</r>', '<![CDATA[]]>', '<')))
  .map(joined)

/** Every kind of markup close together, so that damage hits some. */
export const dense = `<?xml version="1.0" encoding="UTF-8"?>\n<!-- a - b --><?p q?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns='urn:d'\txmlns:p="urn:p">\r\n<p:a p:b="1" b='2 "&amp;&#x9;" ü'
 c = "x\ty>" xml:lang="de-CH"/><c xmlns:p="urn:q" xmlns="">t&lt;&#65;]]&gt;<![CDATA[<x>&]] ]]]>€😀<p:d></p:d ><!----><?r?>u</c>
<p:e xmlns:q="urn:p" q:x="1" y="2"><q:f><g/></q:f></p:e></s:Envelope>\n<!-- end -->\n`

const tokens = [
  ...[
    '<',
    '>',
    '/',
    '&',
    '"',
    "'",
    '=',
    '?',
    '!',
    '-',
    '--',
    '[',
    ']',
    ']]>',
    ':',
    ';',
    '#',
    ' ',
    '\t',
    '\n',
    '\r',
    'x',
  ],
  ...['<a>', '</a>', '<a/>', '<!--', '-->', '<![CDATA[', '<?', '?>', '<?p?>', '<?xml version="1.0"?>', '<!DOCTYPE a>'],
  ...[
    '&amp;',
    '&#x41;',
    '&#0;',
    '&nbsp;',
    'xmlns="urn:x"',
    ' xmlns:p=""',
    ' xmlns:p="urn:q"',
    ' b="1"',
    ' p:b=""',
    'p:',
  ],
  ...['\0', '\u0001', '\u007f', '\u0085', '\u00b7', '×', 'é', '\u2028', '\ufeff', '\ufffe', '😀', '\u{f0000}'],
]

/** The text with one to three pieces dropped, doubled, put elsewhere, exchanged or put in. */
export function damaged(text: string, random: () => number): string {
  const upTo = (limit: number) => Math.floor(random() * limit)
  let changed = text
  for (let changes = 1 + upTo(3); changes > 0; changes -= 1) {
    const at = upTo(changed.length + 1)
    const end = Math.min(changed.length, at + 1 + upTo(random() < 0.7 ? 3 : 60))
    const piece = changed.slice(at, end)
    const token = tokens[upTo(tokens.length)] as string
    const elsewhere = upTo(changed.length + 1)
    const ways = [
      () => changed.slice(0, at) + changed.slice(end),
      () => changed.slice(0, at) + piece + changed.slice(at),
      () => changed.slice(0, elsewhere) + piece + changed.slice(elsewhere),
      () => changed.slice(0, at) + token + changed.slice(end),
      () => changed.slice(0, at) + token + changed.slice(at),
      () => changed.slice(0, at) + String.fromCharCode(upTo(256)) + changed.slice(at + 1),
    ]
    changed = (ways[upTo(ways.length)] as () => string)()
  }
  return changed
}

/** One to three bytes changed. */
export function damagedBytes(bytes: Buffer, random: () => number): Buffer {
  const changed = Buffer.from(bytes)
  for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes -= 1) {
    changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256)
  }
  return changed
}

function joined(pieces: readonly string[]): string {
  return pieces.join('')
}
