// Objects of another community as they are handed on. ITI TF-2 §3.38.4.1.3.
import { expect } from 'chai'
import { namespaces } from '../../../soap/namespaces.js'
import { parseXml, serialiseXml } from '../../../soap/xml.js'
import { foreignObject, ofCommunity } from '../../../transactions/communities/foreign-objects-codec.js'

describe('an object of another community', () => {
  const home = 'urn:oid:2.999.80'
  const object = (attributes: string) =>
    foreignObject(parseXml(`<rim:ObjectRef xmlns:rim="${namespaces.rim}" id="urn:uuid:1"${attributes}/>`))

  it('is handed on with the homeCommunityId as the framework writes it, however that came [ITI TF-2:3.38.4.1.3]', () => {
    for (const came of ['', ' home=""', ' home="2.999.80"', ' home="URN:OID:2.999.80"', ` home="${home}"`]) {
      // What a quirk has made of it stands in the object, not in its XML.
      const meant = { ...object(came), home }
      expect(serialiseXml(ofCommunity(meant, home).element), came).to.contain(` home="${home}"`)
      expect(ofCommunity(object(came), home).home, came).to.equal(home)
    }
  })
})
