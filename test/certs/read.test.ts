import { expect } from 'chai'
import { issueCa, issueLeaf, newKey, type Validity } from '../../certs/issue.js'
import { certificateFacts, daysLeft, tlsProblems } from '../../certs/read.js'
import { systemRandomness } from '../../ports/randomness.js'

const day = 86_400_000
const now = Date.UTC(2026, 10, 23)
const thisYear: Validity = { fromMs: now - day, toMs: now + 365 * day }

describe('certs/read', () => {
  let keys: string[]
  before(async () => {
    keys = await Promise.all([newKey(), newKey(), newKey()])
  })

  const request = { commonName: 'registry', names: ['localhost'], usages: ['serverAuth'] as const }
  const ca = (key = keys[0]!, name = 'CA') => issueCa(key, name, thisYear, systemRandomness)
  const leaf = (validity = thisYear) => issueLeaf(keys[1]!, request, ca(), validity, systemRandomness)

  it('finds nothing wrong with a key, its certificate and the CA that issued it', () => {
    expect(tlsProblems({ ...leaf(), ca: ca().cert }, now)).to.deep.equal([])
  })

  it('tells a key that belongs to another certificate', () => {
    const [problem] = tlsProblems({ key: keys[2]!, cert: leaf().cert, ca: ca().cert }, now)
    expect(problem).to.equal('the key does not belong to the certificate of CN=registry,O=Carnet Development')
  })

  it('tells what is no key and what is no certificate', () => {
    expect(tlsProblems({ key: 'x', cert: leaf().cert, ca: ca().cert }, now)[0]).to.match(/no private key in PEM/)
    expect(tlsProblems({ key: keys[1]!, cert: 'x', ca: ca().cert }, now)).to.deep.equal([
      'the file holds no X.509 certificate in PEM',
    ])
  })

  it('tells a certificate that has expired and one that is not valid yet', () => {
    const expired = leaf({ fromMs: now - 2 * day, toMs: now - day })
    expect(tlsProblems({ ...expired, ca: ca().cert }, now)[0]).to.match(/registry.* expired on Nov 22/)
    const early = leaf({ fromMs: now + day, toMs: now + 2 * day })
    expect(tlsProblems({ ...early, ca: ca().cert }, now)[0]).to.match(/valid only from Nov 24/)
  })

  it('tells a CA that did not issue it, even one of the same name', () => {
    const stranger = ca(keys[2]!, 'Another CA')
    expect(tlsProblems({ ...leaf(), ca: stranger.cert }, now)[0]).to.match(
      /issued by CN=CA,.* which the CA file does not hold/,
    )
    const namesake = ca(keys[2]!)
    expect(tlsProblems({ ...leaf(), ca: namesake.cert }, now)[0]).to.match(/which the CA file does not hold/)
  })

  it('finds the right CA among several', () => {
    const several = ca(keys[2]!, 'Another CA').cert + ca().cert
    expect(tlsProblems({ ...leaf(), ca: several }, now)).to.deep.equal([])
  })

  it('tells an expired CA', () => {
    const old = issueCa(keys[0]!, 'CA', { fromMs: now - 2 * day, toMs: now - day }, systemRandomness)
    expect(tlsProblems({ ...leaf(), ca: old.cert }, now)[0]).to.match(/CN=CA.* expired/)
  })

  it('counts the days that are left', () => {
    const facts = certificateFacts(leaf().cert)
    expect(daysLeft(facts, now)).to.equal(365)
    expect(daysLeft(facts, now + 366 * day)).to.equal(-1)
  })
})
