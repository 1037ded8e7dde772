import { expect } from 'chai'
import { auditedUserOf } from '../../server/audited-user.js'
import type { Claims } from '../../xua/claims.js'

const codeSystem = '2.16.756.5.30.1.127.3.10.6'
const gln = (value: string) => ({ value, nameQualifier: 'urn:gs1:gln', format: '', spProvidedId: 'martina' })

const claims: Claims = {
  ...{
    assertionId: '_1',
    issuer: 'xua.hospital.example',
    issuedMs: 0,
    notBeforeMs: 0,
    notOnOrAfterMs: 1,
    audiences: [],
  },
  ...{ subject: gln('2000000090092'), subjectName: 'Martina Musterarzt' },
  role: { code: 'HCP', codeSystem, displayName: 'Healthcare professional' },
  purposeOfUse: { code: 'NORM', codeSystem: '2.16.756.5.30.1.127.3.10.5', displayName: 'Normal access' },
  ...{ organisations: [], resourceId: undefined, eprSpid: undefined, homeCommunityId: undefined },
  acting: { kind: 'ASS', nameId: gln('2000000090108'), name: 'Dagmar Musterassistent' },
}

describe('the person of an assertion in audit records', () => {
  it('are two where an assistant acts for a professional [ITI TF-2:3.40.4.2]', () => {
    expect(auditedUserOf(claims)).to.deep.equal({
      alias: 'martina',
      nameID: '2000000090092',
      issuer: 'xua.hospital.example',
      name: 'Martina Musterarzt',
      role: ['HCP', codeSystem, 'Healthcare professional'],
      purposeOfUse: ['NORM', '2.16.756.5.30.1.127.3.10.5', 'Normal access'],
      delegate: { id: '2000000090108', name: 'Dagmar Musterassistent', role: ['ASS', codeSystem, 'Assistant'] },
    })
  })

  it('is nobody where none was sent', () => {
    expect(auditedUserOf(undefined)).to.equal(undefined)
  })
})
