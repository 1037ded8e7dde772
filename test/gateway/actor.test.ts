// The list of what a gateway answers.
import { expect } from 'chai'
import { xuaTransactions } from '../../config/xua-config.js'
import { gateway } from '../../gateway/actor.js'
import { homeCommunityBlock } from '../../transactions/communities/target-community.js'

const contracts = [...gateway.served.values()].map(({ contract }) => contract)

describe('a gateway', () => {
  it('may ask for the assertion of a user in all that is about documents [ITI TF-2:3.40.4.1]', () => {
    const without = contracts.filter(({ id }) => !(xuaTransactions as readonly string[]).includes(id))
    expect(without.map(({ id }) => id)).to.deep.equal(['ITI-55'])
  })

  it('lets sources submit and gateways provide, and nobody else [ITI TF-2:3.41.2, 3.80.2]', () => {
    const roles = contracts.filter(({ changes }) => changes !== undefined).map(({ id, roles: may }) => [id, may])
    expect(roles).to.deep.equal([
      ['ITI-41', ['source']],
      ['ITI-80', ['gateway', 'source']],
    ])
  })

  it('understands the header block that says for which community documents are [ITI TF-2:3.80.4.1.2]', () => {
    expect(new Set(gateway.understood)).to.deep.equal(new Set([homeCommunityBlock]))
  })
})
