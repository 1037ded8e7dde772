// The file of communities, changed under a running gateway.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openCommunities } from '../../../gateway/communities/communities.js'
import { type FollowedCommunities, followCommunities } from '../../../gateway/communities/followed.js'
import { systemPorts } from '../../../ports/ports.js'
import { until } from '../../house/waiting.js'
import { bern, ours, vaud } from '../a-gateway.js'

describe('the file of communities', () => {
  const folder = mkdtempSync(join(tmpdir(), 'carnet-communities-'))
  const communitiesFile = join(folder, 'communities.json')
  const communities = openCommunities([], systemPorts.clock)
  const config = { homeCommunityId: ours, communities: [], communitiesFile }
  const log = { info: () => {}, error: () => {} }
  let followed: FollowedCommunities

  const write = (...homes: string[]) =>
    writeFileSync(communitiesFile, JSON.stringify(homes.map(homeCommunityId => line(homeCommunityId))))
  const line = (homeCommunityId: string) => ({
    ...{ name: `of ${homeCommunityId}`, homeCommunityId, query: 'https://there', retrieve: 'https://there' },
  })
  const homes = () => communities.all.map(({ homeCommunityId }) => homeCommunityId)

  before(async () => {
    followed = await followCommunities({ communities, config, ports: systemPorts, log, lookMs: 5 })
  })
  after(() => {
    followed.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('need not be there, and is followed once it is', async () => {
    expect(homes()).to.deep.equal([])
    write(bern, vaud)
    await until(() => homes().length === 2)
    expect(homes()).to.deep.equal([bern, vaud])
    write(vaud)
    await until(() => homes().length === 1)
    expect(homes()).to.deep.equal([vaud])
  })

  it('changes nothing while it cannot be used, and /readyz says why', async () => {
    for (const [text, why] of [
      ['[', 'is not JSON'],
      [JSON.stringify([{ ...line(bern), query: 'there' }]), 'query must be a valid url'],
      [JSON.stringify([line(bern), line(bern)]), 'is listed twice'],
      [JSON.stringify([line(ours)]), 'is this community itself'],
      [JSON.stringify([{ ...line(bern), asynchronous: true, quirks: { withoutHeaders: ['ReplyTo'] } }]), 'ReplyTo'],
    ] as const) {
      writeFileSync(communitiesFile, text)
      await until(() => followed.checks()[0]?.reason.includes(why) === true)
      expect(followed.checks()).to.have.length(1)
      expect(followed.checks()[0]).to.include({ ok: true, warns: true })
      expect(followed.checks()[0]?.reason).to.contain(why)
      expect(homes()).to.deep.equal([vaud])
    }
    write(bern)
    await until(() => homes()[0] === bern)
    expect([homes(), followed.checks()]).to.deep.equal([[bern], []])
  })

  it('is no reason to start without what it says', async () => {
    writeFileSync(communitiesFile, '[')
    const refusal = await followCommunities({ communities, config, ports: systemPorts, log }).catch(problem => problem)
    expect(String(refusal)).to.contain('is not JSON')
  })
})
