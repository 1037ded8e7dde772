// How often the registry looks for what an update is a version of: each look at a partitioned table is planned anew.
import { expect } from 'chai'
import { latestVersionsOf } from '../../../registry/postgres/latest-versions.js'
import type { Session } from '../../../store/postgres/session.js'

describe('the latest versions, in PostgreSQL', () => {
  it('are looked for at once, however many an update asks for [ITI TF-2:3.57.4.1.3.3.1]', async () => {
    const looksFor = async (count: number) => {
      let looks = 0
      const query = async () => {
        looks += 1
        return []
      }
      const asked = Array.from({ length: count }, (_, at) => `urn:uuid:${at}`)
      const { versions } = await latestVersionsOf({ query } as unknown as Session, asked)
      expect(versions.size).to.equal(0)
      return looks
    }
    expect(await looksFor(500)).to.equal(await looksFor(1))
  })
})
