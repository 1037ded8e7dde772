import { expect } from 'chai'
import { claimedRoleOf } from '../../xua/claims.js'

describe('claims of an assertion', () => {
  const role = { code: 'HCP', codeSystem: '2.16.756.5.30.1.127.3.10.6', displayName: '' }
  const nameId = { value: '2000000090108', nameQualifier: 'urn:gs1:gln', format: '', spProvidedId: '' }

  it('tell assistants and technical users by who acts, never by the role [EPR annex 5.1:1.6.4.2]', () => {
    expect(claimedRoleOf({ role, acting: undefined })).to.equal('HCP')
    expect(claimedRoleOf({ role, acting: { kind: 'ASS', nameId, name: 'Dagmar' } })).to.equal('ASS')
    expect(claimedRoleOf({ role: undefined, acting: undefined })).to.equal(undefined)
  })
})
