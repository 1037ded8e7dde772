// What an assertion is held to, each condition at its edge: one good token and one change.
import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import type { AssertionContent } from '../../xua/issue.js'
import { securityHeader } from '../../xua/issue.js'
import { takingOnce } from '../../xua/once.js'
import * as a from './a-token.js'

const { claimsOf, minuteMs, nowMs, refusalOfToken, token } = a

describe('an assertion that holds', () => {
  it('says who asks, in what role, for what purpose and for whom [TF-2:3.40.4.1.2]', () => {
    expect(claimsOf(token())).to.deep.equal({
      assertionId: '_2cfcc382-7e60-44e0-99b5-18e3f718cbc6',
      issuer: 'xua.community.example',
      issuedMs: nowMs,
      notBeforeMs: nowMs,
      notOnOrAfterMs: nowMs + 5 * minuteMs,
      audiences: ['urn:e-health-suisse:token-audience:all-communities'],
      subject: a.gln('2000000090092'),
      subjectName: 'Martina Musterarzt',
      role: a.role('HCP', 'Healthcare professional'),
      purposeOfUse: a.purpose('NORM'),
      organisations: a.professional.organisations,
      resourceId: a.spidCx(a.spid),
      eprSpid: a.spid,
      homeCommunityId: 'urn:oid:3.3.3.1',
      acting: undefined,
    })
  })

  it('may be that of an assistant, a technical user, a patient, a representative, an administrator [EPR annex 5.1:1.6.4.2.4.2]', () => {
    expect(claimsOf(token(a.assistant)).acting).to.deep.include({ kind: 'ASS', name: 'Dagmar Musterassistent' })
    expect(claimsOf(token(a.technicalUser)).acting).to.deep.include({ kind: 'TCU', name: 'Archive' })
    expect(claimsOf(token(a.patient)).role?.code).to.equal('PAT')
    for (const [code, content] of Object.entries(a.administrators)) {
      expect(claimsOf(token(content)).role?.code).to.equal(code)
    }
  })

  it('is signed by RSA or ECDSA with SHA-256 or better', () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' })
    for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
      for (const { privateKey, publicKey } of [a.rsa, a.ec, p384, p521]) {
        expect(claimsOf(token({}, { key: privateKey, hash }), { keys: [publicKey] }).eprSpid).to.equal(a.spid)
      }
    }
  })

  it('holds with the certificate that is to come as with the present one', () => {
    const next = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const keys = [a.rsa.publicKey, next.publicKey]
    expect(claimsOf(token(), { keys }).eprSpid).to.equal(a.spid)
    expect(claimsOf(token({}, { key: next.privateKey }), { keys }).eprSpid).to.equal(a.spid)
  })

  it('need not follow the Swiss rules elsewhere', () => {
    const plain = { role: undefined, purposeOfUse: undefined, resourceId: undefined, homeCommunityId: undefined }
    const claims = claimsOf(token({ ...plain, audience: undefined }), { config: { rules: 'ihe' } })
    expect([claims.role, claims.eprSpid, claims.subject.value]).to.deep.equal([undefined, undefined, '2000000090092'])
  })

  it('may have a timestamp beside it', () => {
    const wsu = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd'
    const stamp = (expires: string) => `<u:Timestamp xmlns:u="${wsu}"><u:Expires>${expires}</u:Expires></u:Timestamp>`
    const message = (expires: string) => a.messageWith(securityHeader(stamp(expires) + token()))
    expect(a.refusalOf(message('2026-11-23T08:00:01Z'))).to.equal('taken')
    expect(a.refusalOf(message('2026-11-23T08:00:00Z'))).to.match(/^MessageExpired/)
    expect(a.refusalOf(message('never'))).to.match(/^MessageExpired/)
  })
})

describe('an assertion that does not hold', () => {
  const end = a.professional.notOnOrAfterMs
  const skewMs = 30_000
  const over = (at: number, handedOn = false) => refusalOfToken(token(), { nowMs: at, handedOn })

  it('is not begun or over, at the edge of the skew [SAML Core: 2.5.1.2]', () => {
    expect(over(nowMs - skewMs)).to.equal('taken')
    expect(over(nowMs - skewMs - 1)).to.match(/^InvalidSecurityToken: .*issued at 2026-11-23T08:00:00.000Z/)
    expect(refusalOfToken(token({ issuedMs: nowMs - skewMs - 1 }), { nowMs: nowMs - skewMs - 1 })).to.match(
      /not hold before/,
    )
    expect(over(end + skewMs - 1)).to.equal('taken')
    expect(over(end + skewMs)).to.match(/^InvalidSecurityToken: .*has ended at 2026-11-23T08:05:00.000Z/)
  })

  it('may come later from a repository, in bounds', () => {
    const dayMs = 86_400_000
    expect(over(end + skewMs + dayMs - 1, true)).to.equal('taken')
    expect(over(end + skewMs + dayMs, true)).to.match(/has ended/)
  })

  it('is to hold for too long, or for no time', () => {
    const until = (ms: number) => refusalOfToken(token({ notOnOrAfterMs: nowMs + ms }))
    expect(until(1_440 * minuteMs)).to.equal('taken')
    expect(until(1_441 * minuteMs)).to.match(/is to hold for 1441 minutes/)
    expect(until(0)).to.match(/ends before it begins/)
  })

  it('is for others [SAML Core: 2.5.1.4]', () => {
    const audience = (value: string | undefined) => refusalOfToken(token({ audience: value }))
    expect(audience('https://localhost:8441/registry')).to.equal('taken')
    expect(audience('urn:e-health-suisse:token-audience:one')).to.match(/^InvalidSecurityToken: .*it is for urn/)
    expect(audience(undefined)).to.match(/does not say for whom it is/)
    const twice = token().replace('</saml2:AudienceRestriction>', '$&<saml2:AudienceRestriction/>')
    expect(refusalOfToken(twice)).to.match(/^FailedCheck/)
  })

  it('is of an issuer whom nobody trusts', () => {
    expect(refusalOfToken(token({ issuer: 'other' }))).to.match(
      /^FailedAuthentication: nobody trusted has the name "other"/,
    )
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
    expect(refusalOfToken(token({}, { key: other.privateKey }))).to.match(/^FailedCheck: no certificate pinned/)
  })

  it('is for the holder of another certificate [SAML Profiles: 3.1]', () => {
    const certificate = Buffer.from('a certificate')
    const held = token({ holder: certificate })
    expect(refusalOfToken(held, { certificate })).to.equal('taken')
    expect(refusalOfToken(held, { certificate: Buffer.from('another') })).to.match(/holder of another certificate/)
    expect(refusalOfToken(held)).to.match(/holder of another certificate/)
    expect(refusalOfToken(held, { certificate, config: { confirmations: ['bearer'] } })).to.match(/is not taken here/)
    expect(refusalOfToken(token(), { config: { confirmations: ['holder-of-key'] } })).to.match(/is not taken here/)
  })

  const broken: [change: Partial<AssertionContent>, reason: RegExp][] = [
    [{ role: undefined }, /there is no role/],
    [{ role: a.role('ASS') }, /its role "ASS" is none/],
    [{ role: a.role('TCU') }, /its role "TCU" is none/],
    [{ role: a.role('toString') }, /its role "toString" is none/],
    [{ role: { ...a.role('HCP'), codeSystem: '1.2.3' } }, /code system "1.2.3"/],
    [{ purposeOfUse: undefined }, /there is no purpose of use/],
    [{ purposeOfUse: a.purpose('AUTO') }, /"AUTO" is not one of HCP/],
    [{ purposeOfUse: { ...a.purpose('NORM'), codeSystem: '1.2.3' } }, /code system "1.2.3"/],
    [{ ...a.patient, purposeOfUse: a.purpose('EMER') }, /"EMER" is not one of PAT/],
    [{ ...a.assistant, purposeOfUse: a.purpose('AUTO') }, /"AUTO" is not one of ASS/],
    [{ ...a.technicalUser, purposeOfUse: a.purpose('NORM') }, /"NORM" is not one of TCU/],
    [{ ...a.administrators.DADM, purposeOfUse: a.purpose('EMER') }, /"EMER" is not one of DADM/],
    [{ subject: a.patient.subject }, /NameQualifier of HCP is urn:gs1:gln/],
    [{ ...a.patient, subject: a.gln('2000000090092') }, /NameQualifier of PAT/],
    [{ subject: a.gln('200000009009') }, /is no GLN/],
    [{ subject: { ...a.gln('2000000090092'), format: 'urn:x' } }, /instead of persistent/],
    [{ ...a.patient, resourceId: a.spidCx('761337610000000019') }, /asks in it for the record of another/],
    [{ resourceId: undefined }, /names no patient/],
    [{ resourceId: a.spidCx('761337610411353651') }, /is no EPR-SPID as CX/],
    [{ resourceId: a.spid }, /is no EPR-SPID as CX/],
    [{ resourceId: `${a.spid}^^^&1.2.3&ISO` }, /is no EPR-SPID as CX/],
    [{ organisations: [{ id: '2.2.2.1', name: 'x' }] }, /organization-id "2.2.2.1" is no urn:oid:/],
    [
      {
        organisations: [
          { id: 'urn:oid:2.2.2.1', name: 'x' },
          { id: 'urn:oid:2.2.2.2', name: '' },
        ],
      },
      /2 organisations have 1 names/,
    ],
    [{ homeCommunityId: undefined }, /names no homeCommunityId/],
    [{ homeCommunityId: '3.3.3.1' }, /is no urn:oid:/],
    [{ ...a.patient, acting: a.assistant.acting }, /nobody may act for a PAT/],
    [{ acting: { nameId: a.patient.subject, name: 'x' } }, /neither that of an assistant nor of a technical user/],
  ]
  for (const [change, reason] of broken) {
    it(`is refused, for ${reason.source} [EPR annex 5.1:1.6.4.2.4.2]`, () => {
      expect(refusalOfToken(token(change)))
        .to.match(/^InvalidSecurityToken/)
        .and.to.match(reason)
    })
  }

  it('is of a community whose users are not let in', () => {
    const config = { homeCommunities: ['urn:oid:3.3.3.2'] }
    expect(refusalOfToken(token(), { config })).to.match(/users of community urn:oid:3.3.3.1 are not let in/)
  })

  it('is there twice, or is none', () => {
    const refused = (content: string) => a.refusalOf(a.messageWith(securityHeader(content)))
    expect(refused('')).to.match(/^InvalidSecurity: .*0 assertions/)
    expect(refused(token() + token({ id: '_2' }))).to.match(/^InvalidSecurity: .*2 assertions/)
    expect(refused(`<x:UsernameToken xmlns:x="urn:x"/>${token()}`)).to.match(/^UnsupportedSecurityToken/)
  })
})

describe('an assertion for one use', () => {
  const taken = (issuedMs: number, takeOnce: ReturnType<typeof takingOnce>, more: a.Circumstances = {}) =>
    refusalOfToken(token({ issuedMs, notBeforeMs: issuedMs, oneTimeUse: true }), { takeOnce, ...more })

  it('is taken once [SAML Core: 2.5.1.5]', () => {
    const takeOnce = takingOnce({ now: () => nowMs - 60_000 }, 30_000)
    expect(taken(nowMs, takeOnce)).to.equal('taken')
    expect(taken(nowMs, takeOnce)).to.match(/^FailedAuthentication/)
    expect(taken(nowMs, takeOnce, { handedOn: true })).to.equal('taken')
  })

  it('is refused when it may have been used before a restart', () => {
    const takeOnce = takingOnce({ now: () => nowMs - 30_000 }, 30_000)
    expect(taken(nowMs, takeOnce)).to.match(/^FailedAuthentication/)
    expect(taken(nowMs + 1, takeOnce)).to.equal('taken')
  })

  it('is every one, where a deployment wants that', () => {
    const takeOnce = takingOnce({ now: () => nowMs - 60_000 }, 0)
    expect(refusalOfToken(token(), { takeOnce })).to.equal('taken')
    expect(refusalOfToken(token(), { takeOnce })).to.equal('taken')
    const config = { oneTimeUse: 'always' }
    expect(refusalOfToken(token(), { takeOnce, config })).to.equal('taken')
    expect(refusalOfToken(token(), { takeOnce, config })).to.match(/^FailedAuthentication/)
  })

  it('is forgotten when it has ended, and refused while too many are remembered', () => {
    const clock = { nowMs }
    const takeOnce = takingOnce({ now: () => clock.nowMs }, 0, 2)
    const take = (id: string) =>
      takeOnce({ issuer: a.issuer, id, issuedMs: clock.nowMs + 1, untilMs: clock.nowMs + 10 })
    expect(['1', '2', '3'].map(take)).to.deep.equal([true, true, false])
    clock.nowMs += 10
    expect(take('3')).to.equal(true)
  })
})
