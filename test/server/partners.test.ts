import { expect } from 'chai'
import type { PeerCertificate } from '../../ports/network.js'
import { identifyBy } from '../../server/partners.js'

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')
const certificate = (commonName: string, fingerprint256 = `${fingerprint}:${commonName}`): PeerCertificate => ({
  subject: `CN=${commonName},O=Test`,
  commonName,
  fingerprint256,
  validTo: 'Nov 23 06:00:00 2036 GMT',
})
const hospital = {
  name: 'hospital',
  commonNames: ['hospital'],
  fingerprints: [],
  roles: ['source' as const],
  answerForm: 'plain' as const,
  replyTo: ['https://hospital.test/replies'],
}

describe('partners', () => {
  it('finds a peer by the common name of its certificate, so that a renewed one is the same partner', () => {
    const identify = identifyBy({ mode: 'production', peers: [hospital] })
    const before = identify(certificate('hospital', 'one'), '10.0.0.1')
    const after = identify(certificate('hospital', 'two'), '10.0.0.2')
    expect(before).to.deep.equal({
      name: 'hospital',
      roles: new Set(['source']),
      address: '10.0.0.1',
      handsOn: false,
      answerForm: 'plain',
      replyTo: ['https://hospital.test/replies'],
    })
    expect(after.name).to.equal('hospital')
    expect(after.address).to.equal('10.0.0.2')
  })

  it('prefers the fingerprint to the common name', () => {
    const other = {
      name: 'other',
      commonNames: [],
      fingerprints: [fingerprint],
      roles: ['consumer' as const],
      replyTo: [],
    }
    const identify = identifyBy({ mode: 'production', peers: [hospital, other] })
    expect(identify(certificate('hospital', fingerprint), '::1').name).to.equal('other')
  })

  it('lets any certificate of the own CA submit, query, retrieve, feed and remove in development, but not administer', () => {
    const { roles } = identifyBy({ mode: 'development', peers: [] })(certificate('somebody'), '::1')
    expect([...roles]).to.have.members(['source', 'consumer', 'repository', 'feed', 'document-administrator'])
  })

  it('gives an unlisted certificate no role at all in production', () => {
    const { name, roles } = identifyBy({ mode: 'production', peers: [hospital] })(certificate('somebody'), '::1')
    expect(name).to.equal('somebody')
    expect(roles.size).to.equal(0)
  })

  it('knows a certificate of a CA of somebody else by its fingerprint alone', () => {
    const clinic = {
      name: 'clinic',
      commonNames: [],
      fingerprints: [fingerprint],
      roles: ['consumer' as const],
      replyTo: [],
    }
    const identify = identifyBy({ mode: 'development', peers: [hospital, clinic] }, () => false)
    expect([...identify(certificate('whoever', fingerprint), '::1').roles]).to.deep.equal(['consumer'])
    expect(identify(certificate('hospital'), '::1').roles.size).to.equal(0)
  })

  it('gives no role to a connection without a certificate', () => {
    expect(identifyBy({ mode: 'development', peers: [] })(undefined, '::1').roles.size).to.equal(0)
  })
})
