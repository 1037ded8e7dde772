// No attack is taken: what is accepted says exactly what the issuer signed. The count of what was tried is printed.
import { expect } from 'chai'
import { SoapFault } from '../../soap/fault.js'
import { XmlProblem } from '../../soap/xml.js'
import { securityHeader } from '../../xua/issue.js'
import { generator } from '../domain/mutations.js'
import * as a from './a-token.js'
import { attacks, evilGln, goodMessage, oddCurve, weaklySigned, weakRsa } from './attacks.js'
import { edited } from './edits.js'

const edits = Number(process.env.CARNET_XUA_EDITS ?? 500)
const seed = Number(process.env.CARNET_XUA_SEED ?? 20_261_125)

/** `refused` by a security fault, by the parser, or as an envelope that has no such header. */
function outcomeOf(message: string): 'taken' | string {
  try {
    const claims = a.claimsIn(message)
    expect(claims).to.deep.equal(original)
    return 'taken'
  } catch (problem) {
    if (problem instanceof SoapFault) return `${problem.subcode?.name}`
    if (problem instanceof XmlProblem) return 'not well-formed'
    if (problem instanceof Error && problem.message.startsWith('there is no wsse:Security')) return 'no header'
    throw problem
  }
}

const original = a.claimsIn(goodMessage)

describe('assertions of attackers', () => {
  const tally: Record<string, number> = {}
  after(() => {
    const all = Object.values(tally).reduce((sum, count) => sum + count, 0)
    console.log(`      ${all} attacks tried and refused: ${JSON.stringify(tally)}`)
  })

  it('are made around one that is good', () => {
    expect(original.subject.value).to.equal('2000000090092')
    expect(a.refusalOfToken(weaklySigned({}))).to.equal('taken')
  })

  for (const [what, all] of Object.entries(attacks)) {
    it(`that ${what} are refused [TF-2:3.40.4.1.3] [SAML Core: 5.4]`, () => {
      for (const { name, message } of all) {
        // Two headers are refused by the envelope, which the reader of one message does not see here.
        const outcome = name.startsWith('two headers') ? 'two' : outcomeOf(message)
        // A CDATA section, where it is empty, and an entity of XML say what was signed; all the same they are not taken.
        expect(outcome, name).not.to.equal('taken')
        expect(message, name).not.to.equal(goodMessage)
        tally[what] = (tally[what] ?? 0) + 1
      }
    })
  }

  it('with keys that are too weak to be pinned, or no signature at all, are refused', () => {
    const weak = a.token({}, { key: weakRsa.privateKey })
    expect(a.refusalOfToken(weak, { keys: [weakRsa.publicKey] })).to.match(/^FailedCheck/)
    const odd = a.token({}, { key: oddCurve.privateKey })
    expect(a.refusalOfToken(odd, { keys: [oddCurve.publicKey] })).to.match(/^FailedCheck/)
    // Zero is no signature of ECDSA, whatever the library says to it.
    const zero = weaklySigned({
      method: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
      sign: () => Buffer.alloc(64),
    })
    expect(a.refusalOfToken(zero, { keys: [a.ec.publicKey] })).to.match(/^FailedCheck/)
    // An RSA key does not stand for an EC one, nor the other way round.
    expect(a.refusalOfToken(a.token(), { keys: [a.ec.publicKey] })).to.match(/^FailedCheck/)
    expect(a.refusalOfToken(a.token({}, { key: a.ec.privateKey }))).to.match(/^FailedCheck/)
  })

  it('with thousands of prefixes are refused before anybody is kept waiting', () => {
    let prefixes = 0
    const declared = (count: number) =>
      Array.from({ length: count }, () => ` xmlns:a${(prefixes++).toString(36)}="u:u"`).join('')
    const deep = Array.from({ length: 20 }, () => `<x${declared(60)}>`).join('')
    const wide = Array.from({ length: 100 }, () => `<y${declared(60)}/>`).join('')
    const message = a.messageWith(securityHeader(deep + wide + '</x>'.repeat(20)))
    const startedMs = performance.now()
    expect(outcomeOf(message)).to.equal('InvalidSecurity')
    expect(performance.now() - startedMs).to.be.lessThan(500)
  })

  it('may write characters by number, which says the same', () => {
    const message = goodMessage.replace('>2000000090092', '>&#50;000000090092').replace('Martina', '&#x4D;artina')
    expect(outcomeOf(message)).to.equal('taken')
    expect(outcomeOf(goodMessage.replace('>2000000090092', `>${evilGln}`))).to.equal('FailedCheck')
  })

  it(`edited at random say what was signed, or are refused (${edits} edits, seed ${seed})`, function () {
    this.timeout(edits * 20 + 10_000)
    const chance = generator(seed)
    const outcomes: Record<string, number> = {}
    for (let count = 0; count < edits; count += 1) {
      const message = edited(goodMessage, chance)
      const outcome = message === goodMessage ? 'unchanged' : outcomeOf(message)
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    }
    tally['edit at random'] = edits - (outcomes.taken ?? 0) - (outcomes.unchanged ?? 0)
    expect(Object.keys(outcomes)).to.include.members(['FailedCheck', 'not well-formed', 'InvalidSecurity'])
    expect(outcomes.taken ?? 0).to.be.lessThan(edits / 2)
  })
})
