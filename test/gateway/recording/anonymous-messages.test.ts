// Messages as peers write them, and things that are no messages: nothing of anybody is in what is made of them.
import { expect } from 'chai'
import { fixtureOf } from '../../../gateway/recording/fixture.js'
import { systemRandomness } from '../../../ports/randomness.js'

const person =
  '<id root="1.2.756.5.1" extension="MUSTER-4711"/><name><family>Muster</family></name><birthTime value="19800117"/>'

/** What becomes of an answer; as text where it is UTF-8. */
function made(contentType: string, bytes: Buffer | string): { contentType: string; bytes: Buffer; text: string } {
  const request = { contentType: 'text/plain', bytes: Buffer.alloc(0) }
  const answer = { status: 200, contentType, bytes: Buffer.from(bytes) }
  const { exchanges } = fixtureOf([{ tookMs: 1, request, answer }], systemRandomness)
  const message = exchanges[0]?.answer
  const written = Buffer.from(message?.base64 ?? '', 'base64')
  return { contentType: message?.contentType ?? '', bytes: written, text: written.toString() }
}

const real = /muster|4711|1980|0117/i
const soap = (body: string) => `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">${body}</s:Envelope>`

describe('what is made of a message', () => {
  const messages: [what: string, contentType: string, bytes: string | Buffer][] = [
    ['one in UTF-8', 'application/soap+xml', soap(person)],
    ['one in UTF-16, little end first', 'application/soap+xml', Buffer.from(`\ufeff${soap(person)}`, 'utf16le')],
    ['one in UTF-16, big end first', 'application/soap+xml', Buffer.from(`\ufeff${soap(person)}`, 'utf16le').swap16()],
    ['one in ISO 8859-1', 'application/soap+xml', Buffer.from(soap(`${person}<name>Müster Muster</name>`), 'latin1')],
    ['a page of a proxy', 'text/html', '<html><body><p>Muster 4711<br>geboren 19800117</body></html> Muster'],
    ['a text', 'text/plain', 'Frau Muster (4711), 1980-01-17'],
    ['JSON', 'application/json', '{"name":"Muster","id":4711,"born":"1980-01-17"}'],
    ['entities', 'text/xml', `<!DOCTYPE a [<!ENTITY m "Muster 4711">]>${soap('<a>&m;</a>')}`],
    ['processing instructions', 'text/xml', `<?xml version="1.0"?><?show Muster 4711?>${soap('<a/>')}`],
    ['half a message', 'text/xml', soap(person).slice(0, 130)],
    ['names of files', 'text/xml; name="Muster.xml"', soap('<a/>')],
    [
      'names of files in parts',
      'multipart/related; boundary="b"; name="Muster.xml"; start="<Muster@4711>"',
      aPackage(),
    ],
    ['a birthday in a Slot', 'text/xml', soap('<Slot name="sourcePatientInfo"><Value>PID-7|19800117</Value></Slot>')],
    [
      'a birthday that is asked for',
      'text/xml',
      soap('<livingSubjectBirthTime><value><low value="19800117"/></value></livingSubjectBirthTime>'),
    ],
  ]
  for (const [what, contentType, bytes] of messages) {
    it(`has nothing real in it: ${what}`, () => {
      const { text, contentType: type, bytes: written } = made(contentType, bytes)
      const asWide = [
        written.toString('utf16le'),
        Buffer.from(written.subarray(0, written.length & ~1))
          .swap16()
          .toString('utf16le'),
      ]
      // By chance four digits of a number may be those; not in three of three.
      const again = [made(contentType, bytes), made(contentType, bytes)]
      const found = [text, type, ...asWide].filter(each => real.test(each))
      expect(found.length > 0 && again.every(each => real.test(each.text + each.contentType)), text).to.equal(false)
    })
  }

  it('is in the encoding in which it came', () => {
    const { bytes } = made('application/soap+xml', Buffer.from(`\ufeff${soap(person)}`, 'utf16le'))
    expect(bytes.subarray(0, 2).toString('hex')).to.equal('fffe')
    expect(bytes.toString('utf16le')).to.match(/<s:Envelope.*<id root="2\.999\.\d+" extension="[A-Z]{6}-\d{4}"\/>/)
  })

  it('keeps what says how it is built', () => {
    const type = 'multipart/related; type="application/xop+xml"; start-info="application/soap+xml"; boundary="b"'
    expect(made(type, aPackage()).contentType).to.equal(type.replace('"b"', '"boundary-of-peer"'))
    expect(made('text/xml', `<?xml version="1.0"?>${soap('<a/>')}`).text).to.match(
      /^<\?xml version="1.0"\?><s:Envelope/,
    )
  })
})

function aPackage(): string {
  const parts = [
    `Content-Type: application/xop+xml; name="Muster.xml"\r\nContent-ID: <Muster@4711>\r\n\r\n${soap(person)}`,
    'Content-Type: text/plain; name="Bericht Muster 4711.txt"\r\nContent-ID: <2@4711>\r\nContent-Disposition: attachment; filename=Muster\r\n\r\nMuster',
  ]
  return `${parts.map(part => `--b\r\n${part}\r\n`).join('')}--b--\r\n`
}
