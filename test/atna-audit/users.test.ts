import { expect } from 'chai'
import type { AuditedUser } from '../../atna-audit/message.js'
import { purposesOf, userParticipants } from '../../atna-audit/users.js'

const hcp = ['HCP', '2.16.756.5.30.1.127.3.10.6', 'Healthcare professional'] as const
const assistant = ['ASS', '2.16.756.5.30.1.127.3.10.6', 'Assistant'] as const
const normal = ['NORM', '2.16.756.5.30.1.127.3.10.5', 'Normal Access'] as const
const professional: AuditedUser = {
  nameID: '7601000000019',
  issuer: 'https://sts.example',
  name: 'Vera Muster',
  role: hcp,
  purposeOfUse: normal,
}

describe('the persons behind a request', () => {
  it('stand there as alias<user@issuer> and by name and role, the second as the requestor [TF-2:3.40.4.2]', () => {
    expect(userParticipants({ ...professional, alias: 'VM' })).to.deep.equal([
      { userID: '7601000000019', userName: 'VM<7601000000019@https://sts.example>', userIsRequestor: false },
      { userID: '7601000000019', userName: 'Vera Muster', userIsRequestor: true, roleIDCode: hcp },
    ])
    expect(userParticipants(professional)[0]?.userName).to.equal('<7601000000019@https://sts.example>')
  })

  it('are joined by whoever acts for them, an assistant or a technical user', () => {
    const delegate = { id: '7601000000026', name: 'Anna Hilf', role: assistant }
    expect(userParticipants({ ...professional, delegate })[2]).to.deep.equal({
      userID: '7601000000026',
      userName: 'Anna Hilf',
      userIsRequestor: false,
      roleIDCode: assistant,
    })
  })

  it('tell what it was for [TF-2:3.40.4.1.2.3.1]', () => {
    expect(purposesOf(professional)).to.deep.equal([normal])
    expect([purposesOf({ nameID: '1', issuer: 'x' }), purposesOf(undefined)]).to.deep.equal([undefined, undefined])
    expect(userParticipants(undefined)).to.deep.equal([])
  })
})
