// Our canonicalisation beside libxml2's, and our signatures beside those of xml-crypto: the same octets, the same verdict.
import { expect } from 'chai'
import { XmlC14NMode, XmlDocument } from 'libxml2-wasm'
import { SignedXml } from 'xml-crypto'
import { exactOf } from '../../soap/xml/exact.js'
import { canonical } from '../../xua/canonical.js'
import { securityHeader } from '../../xua/issue.js'
import { childrenIn, readSigned } from '../../xua/signed-xml.js'
import { generator } from '../domain/mutations.js'
import * as a from './a-token.js'

const count = Math.ceil(Number(process.env.CARNET_XUA_EDITS ?? 500) / 5)
const seed = Number(process.env.CARNET_XUA_SEED ?? 20_261_125)

const dsig = 'http://www.w3.org/2000/09/xmldsig#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'

function ours(message: string, inclusive: string[]): string {
  const exact = exactOf(a.securityIn(message))
  const element = exact === undefined ? undefined : childrenIn(readSigned(exact))[0]
  if (element === undefined) throw new Error('nothing to canonicalise')
  return canonical(element, { inclusive }).toString()
}

function libxml2s(message: string, inclusive: string[]): string {
  const document = XmlDocument.fromString(message)
  try {
    const element = document.get("//*[local-name()='Security']/*[1]")
    if (element === null) throw new Error('nothing to canonicalise')
    return element.canonicalizeToString({
      mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
      inclusiveNamespacePrefixes: inclusive.map(prefix => (prefix === '' ? '#default' : prefix)),
    })
  } finally {
    document.dispose()
  }
}

/** An element of random prefixes, declarations, attributes, text and children. */
function anElement(chance: () => number, depth = 0): string {
  const pick = <Value>(...values: Value[]) => values[Math.floor(chance() * values.length)] as Value
  const prefix = pick('', 'a:', 'b:', 'c:', 'saml2:')
  const declarations = ['xmlns:a', 'xmlns:b', 'xmlns:c', 'xmlns']
    .filter(() => chance() < (depth === 0 ? 0.7 : 0.25))
    .map(name => ` ${name}="${pick('urn:one', 'urn:two', 'urn:three', ...(name === 'xmlns' ? [''] : []))}"`)
  const attributes = ['x', 'a:x', 'b:y', 'xml:lang', 'z', 'xsi:type']
    .filter(() => chance() < 0.25)
    .map(name => ` ${name}=${pick('"', "'")}§${pick('1', ' a  b ', '&amp;&lt;&#9;&#10;&#13;', 'é&quot;', '&apos;>')}§`)
    .map(written =>
      written.includes('="') ? written.replaceAll('§', '').concat('"') : written.replaceAll('§', '').concat("'"),
    )
  const text = () => pick('', ' ', 'text', '&lt;&gt;&amp;', '\n  ', '&#13;', 'ü 𝄞 &#x1F600;', '\'"')
  const children = depth > 3 ? [] : Array.from({ length: Math.floor(chance() * 4) }, () => anElement(chance, depth + 1))
  const content = children.map(child => text() + child).join('') + text()
  const name = `${prefix}${pick('E', 'F', 'G-1', 'H.x')}`
  return `<${name}${[...declarations, ...attributes].join('')}>${content}</${name}>`
}

describe('canonicalisation', () => {
  it(`gives the octets of libxml2 (${count} elements, seed ${seed}) [Exclusive XML Canonicalization 1.0: 3]`, function () {
    this.timeout(count * 20 + 10_000)
    const chance = generator(seed)
    let compared = 0
    for (let tried = 0; tried < count * 4 && compared < count; tried += 1) {
      const element = `<s:R xmlns:s="urn:r" xmlns:a="urn:a" xmlns:b="urn:b" xmlns:c="urn:c">${anElement(chance)}</s:R>`
      const message = a.messageWith(
        securityHeader(
          chance() < 0.5
            ? element
            : anElement(chance).replace(/^<[^>]*>/, tag => `${tag.slice(0, -1)} xmlns:q="urn:q">`),
        ),
      )
      const inclusive = ['a', 'c', '', 'nowhere', 'xsi'].filter(() => chance() < 0.3)
      let expected: string
      try {
        a.securityIn(message)
        expected = libxml2s(message, inclusive)
      } catch {
        // A prefix that nobody has declared, or an attribute that is there twice by its namespace.
        continue
      }
      compared += 1
      expect(ours(message, inclusive), message).to.equal(expected)
    }
    expect(compared).to.equal(count)
  })

  it('gives the octets of libxml2 for a token, whatever declares its prefixes', () => {
    for (const content of [a.professional, a.assistant, a.patient]) {
      const bare = a.token(content).replaceAll(' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', '')
      for (const inclusive of [[], ['saml2', 'xsi', 'del'], ['']]) {
        const message = a.messageWith(securityHeader(bare))
        expect(ours(message, inclusive)).to.equal(libxml2s(message, inclusive))
      }
    }
  })

  it('takes lines ended by carriage return and line feed as any reader does', () => {
    const message = a.messageWith(securityHeader(a.token().replaceAll('><', '>\r\n<')))
    expect(ours(message, [])).to.equal(libxml2s(message, []))
  })
})

describe('signatures of and for xml-crypto', () => {
  const publicCert = a.rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const privateKey = a.rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

  it('hold there when we have made them', () => {
    for (const content of [a.professional, a.assistant, a.technicalUser]) {
      const assertion = a.token(content)
      const verifier = new SignedXml({ publicCert })
      verifier.loadSignature(/<ds:Signature [\s\S]*<\/ds:Signature>/.exec(assertion)?.[0] ?? '')
      expect(verifier.checkSignature(assertion)).to.equal(true)
    }
  })

  /** As stacks of the field write them: pretty, prefixes declared at the top, InclusiveNamespaces, KeyInfo. */
  function signedByXmlCrypto(inclusive: string[]): string {
    const plain = a
      .token()
      .replace(/<ds:Signature [\s\S]*<\/ds:Signature>/, '')
      .replaceAll('><', '>\n\t<')
      .replace('<saml2:Assertion ', '<saml2:Assertion xmlns:xsd="http://www.w3.org/2001/XMLSchema" ')
      .replaceAll(
        '<saml2:AttributeValue>\n',
        '<saml2:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xsd:anyType">\n',
      )
    const signer = new SignedXml({ privateKey, publicCert })
    signer.canonicalizationAlgorithm = exclusive
    signer.signatureAlgorithm = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
    signer.addReference({
      xpath: "//*[local-name(.)='Assertion']",
      transforms: [`${dsig}enveloped-signature`, exclusive],
      digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
      ...(inclusive.length > 0 ? { inclusiveNamespacesPrefixList: inclusive } : {}),
    })
    const location = { reference: "//*[local-name(.)='Issuer']", action: 'after' } as const
    signer.computeSignature(plain, { prefix: 'ds', location })
    return signer.getSignedXml()
  }

  it('hold here when it has made them', () => {
    for (const inclusive of [[], ['xsd'], ['xsd', 'saml2']]) {
      const assertion = signedByXmlCrypto(inclusive)
      expect(a.refusalOfToken(assertion), assertion).to.equal('taken')
      expect(a.claimsOf(assertion)).to.deep.equal(a.claimsOf(a.token()))
    }
  })

  it('hold there and not here once a processing instruction splits a claim', () => {
    const split = signedByXmlCrypto([]).replace('2000000090092', '2000000090092<?p x?>')
    expect(a.refusalOfToken(split)).to.match(/^InvalidSecurity: .*processing instruction/)
  })
})
