import { X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import forge from 'node-forge'
import { type Credential, issueCa, issueLeaf, newKey } from '../../certs/issue.js'
import { issueRevocationList, revocationListsIn, serialOf } from '../../certs/revocation.js'
import { trustOf } from '../../certs/trust.js'
import { systemRandomness } from '../../ports/randomness.js'
import { ellipticCa, ellipticList, ellipticPartner } from './elliptic.js'

const day = 86_400_000
const now = Date.UTC(2026, 10, 26)
const thisYear = { fromMs: now - day, toMs: now + 365 * day }

describe('certs/trust', () => {
  let ca: Credential
  let otherCa: Credential
  let partner: Credential
  let colleague: Credential

  before(async () => {
    const keys = await Promise.all([newKey(), newKey(), newKey()])
    ca = issueCa(keys[0]!, 'CA', thisYear, systemRandomness)
    otherCa = issueCa(keys[1]!, 'Other CA', thisYear, systemRandomness)
    const leaf = (commonName: string) =>
      issueLeaf(keys[2]!, { commonName, names: [], usages: ['clientAuth'] }, ca, thisYear, systemRandomness)
    partner = leaf('partner')
    colleague = leaf('colleague')
  })

  const der = ({ cert }: { cert: string }) => new X509Certificate(cert).raw
  const serial = ({ cert }: { cert: string }) => serialOf(new X509Certificate(cert).serialNumber)
  const listOf = (...revoked: Credential[]) =>
    issueRevocationList(new Map(revoked.map(each => [serial(each), now - 1_000])), ca, thisYear)

  const publicOf = (key: string) => {
    const { n, e } = forge.pki.privateKeyFromPem(key)
    return [n, e] as const
  }

  it('lets in whom an authority of ours has issued a certificate, and nobody else [RFC 5280: 6.1]', () => {
    const trust = trustOf({ authorities: [ca.cert], revocationLists: '' })
    expect(trust.refusalOf(der(partner), now)).to.equal(undefined)
    expect(trustOf({ authorities: [otherCa.cert], revocationLists: '' }).refusalOf(der(partner), now)).to.match(
      /issued by CN=CA,O=Carnet Development, which the CA file does not hold/,
    )
  })

  it('does not let in what has expired', () => {
    const trust = trustOf({ authorities: [ca.cert], revocationLists: '' })
    expect(trust.refusalOf(der(partner), now + 400 * day)).to.match(/expired/)
  })

  it('shuts out what the CA has revoked, and only that [RFC 5280: 5.3]', () => {
    const trust = trustOf({ authorities: [ca.cert], revocationLists: listOf(partner) })
    expect(trust.revocationOf(der(partner))).to.equal(
      'the certificate was revoked on 2026-11-25T23:59:59.000Z by its CA',
    )
    expect(trust.refusalOf(der(partner), now)).to.equal(trust.revocationOf(der(partner)))
    expect(trust.refusalOf(der(colleague), now)).to.equal(undefined)
    expect(trust.nextUpdateMs).to.equal(Math.floor(thisYear.toMs / 1000) * 1000)
  })

  it('shuts out what a revoked CA has issued, for a peer may send that CA along [RFC 5280: 6.1]', () => {
    const sub = forge.pki.createCertificate()
    const subject = [{ name: 'commonName', value: 'Sub-CA' }]
    sub.publicKey = forge.pki.setRsaPublicKey(...publicOf(otherCa.key))
    sub.serialNumber = '4711'
    sub.validity.notBefore = new Date(thisYear.fromMs)
    sub.validity.notAfter = new Date(thisYear.toMs)
    sub.setSubject(subject)
    sub.setIssuer(forge.pki.certificateFromPem(ca.cert).subject.attributes)
    sub.setExtensions([{ name: 'basicConstraints', cA: true, critical: true }])
    sub.sign(forge.pki.privateKeyFromPem(ca.key), forge.md.sha256.create())
    const subCa = { key: otherCa.key, cert: forge.pki.certificateToPem(sub) }
    const request = { commonName: 'below', names: [], usages: ['clientAuth'] } as const
    const below = issueLeaf(otherCa.key, request, subCa, thisYear, systemRandomness)
    const authorities = [ca.cert, subCa.cert]
    expect(trustOf({ authorities, revocationLists: listOf(partner) }).revocationOf(der(below))).to.equal(undefined)
    const { revocationOf } = trustOf({ authorities, revocationLists: listOf(subCa) })
    expect(revocationOf(der(below))).to.match(/^of its CA: the certificate was revoked on/)
    expect(revocationOf(der(colleague))).to.equal(undefined)
  })

  it('asks no list of a CA that has none', () => {
    const trust = trustOf({ authorities: [ca.cert, ellipticCa], revocationLists: ellipticList })
    expect(trust.refusalOf(der(partner), now)).to.equal(undefined)
  })

  it('takes no list that its CA has not signed [RFC 5280: 6.3.3]', () => {
    const forged = issueRevocationList(new Map(), { ...ca, key: otherCa.key }, thisYear)
    expect(() => trustOf({ authorities: [ca.cert], revocationLists: forged })).to.throw(
      'a certificate revocation list is not signed by the CA whose name it bears (O=Carnet Development,CN=CA)',
    )
    expect(() => trustOf({ authorities: [otherCa.cert], revocationLists: listOf() })).to.throw(
      'a certificate revocation list is of a CA that is not among ours',
    )
  })

  it('says of a list that cannot be read that it cannot', () => {
    const broken = listOf(partner).replace(/\n[^\n]{64}\n/, '\nAAAA\n')
    expect(() => revocationListsIn(broken)).to.throw(/a certificate revocation list cannot be read/)
  })

  it('reads the lists of another make, signed on an elliptic curve', () => {
    const trust = trustOf({ authorities: [ellipticCa], revocationLists: ellipticList })
    expect(trust.refusalOf(new X509Certificate(ellipticPartner).raw, Date.UTC(2026, 11, 1))).to.match(
      /was revoked on 2026-11-25/,
    )
  })

  it('reads several lists, with nobody revoked in them or many', () => {
    const [empty, full] = revocationListsIn(listOf() + listOf(partner, colleague))
    expect(empty?.revoked.size).to.equal(0)
    expect([...(full?.revoked.keys() ?? [])]).to.have.members([serial(partner), serial(colleague)])
  })
})
