import { expect } from 'chai'
import { personByCertificate, personByClaims } from '../../../atna-audit/pages/readers.js'
import type { PeerCertificate } from '../../../ports/network.js'

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')
const lea = {
  name: 'lea',
  roles: ['auditor' as const],
  commonNames: ['Lea'],
  fingerprints: [fingerprint],
  subjects: ['sub-1'],
}
const shown: PeerCertificate = { subject: 'CN=Lea', commonName: 'Lea', fingerprint256: '00', validTo: '' }
const connect = {
  issuer: 'https://id.example.org/realm',
  label: 'x',
  clientId: 'x',
  scope: 'openid',
  rolesClaim: 'roles',
  roles: { 'audit-reader': 'support' as const },
}

describe('a reader', () => {
  it('is known by a common name that our own CA has issued, not by that of a partner’s', () => {
    expect(personByCertificate(shown, [lea], () => true)).to.deep.equal({ name: 'lea', roles: ['auditor'] })
    expect(personByCertificate(shown, [lea], () => false)).to.equal(undefined)
    expect(personByCertificate({ ...shown, fingerprint256: fingerprint }, [lea], () => false)?.name).to.equal('lea')
    expect(personByCertificate(undefined, [lea], () => true)).to.equal(undefined)
  })

  it('is known by the identity provider, with the roles of list and claim', () => {
    const claims = (more: object) => ({ sub: 'sub-1', ...more })
    expect(personByClaims(claims({}), connect, [lea])).to.deep.equal({ name: 'lea', roles: ['auditor'] })
    expect(personByClaims(claims({ roles: ['audit-reader'] }), connect, [lea])?.roles).to.deep.equal([
      'auditor',
      'support',
    ])
    expect(personByClaims(claims({ roles: 'audit-reader' }), connect, [])?.name).to.equal('sub-1@id.example.org')
    expect(personByClaims(claims({ roles: ['constructor', 7, null] }), connect, [])).to.equal(undefined)
  })
})
