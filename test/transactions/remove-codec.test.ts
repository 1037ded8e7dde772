// ITI-62 and ITI-86 as they travel.
import { expect } from 'chai'
import { removeDocumentsRequest, removeObjectsRequest } from '../../transactions/remove-codec.js'
import { decodeText, overTheWire, xopXml } from '../samples/encoded.js'
import { faultsOf } from '../wsdl/validity.js'

const first = 'urn:uuid:00000000-0000-4000-8000-00000000000a'
const second = 'urn:uuid:00000000-0000-4000-8000-00000000000b'
const names =
  'xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"'

describe('lcm:RemoveObjectsRequest', () => {
  it('is the same after it has been written and read, and valid by the schema [ITI TF-2:3.62.4.1.2]', async () => {
    const request = { entryUUIDs: [first, second] }
    expect(await overTheWire(removeObjectsRequest, request)).to.deep.equal(request)
    expect(faultsOf('lcm', xopXml(removeObjectsRequest.encode(request)))).to.deep.equal([])
  })

  it('may have an id of its own, layout and capital digits [ITI TF-3:4.2.3.1.5]', () => {
    const xml = `<RemoveObjectsRequest ${names} id="urn:uuid:1">\n <rim:ObjectRefList>\n <rim:ObjectRef id=" ${first.slice(0, 9)}${first.slice(9).toUpperCase()} "/></rim:ObjectRefList></RemoveObjectsRequest>`
    expect(decodeText(removeObjectsRequest, xml)).to.deep.equal({ entryUUIDs: [first] })
  })

  it('is read with what must not be in it, for the registry to say so [ITI TF-2:3.62.4.1.2]', () => {
    const scope = 'urn:oasis:names:tc:ebxml-regrep:DeletionScopeType:DeleteAll'
    const xml = `<RemoveObjectsRequest ${names} deletionScope="${scope}"><rim:AdhocQuery id="x"/></RemoveObjectsRequest>`
    expect(decodeText(removeObjectsRequest, xml)).to.deep.equal({
      entryUUIDs: [],
      deletionScope: scope,
      hasQuery: true,
    })
  })
})

describe('rmd:RemoveDocumentsRequest', () => {
  it('is the same after it has been written and read, and valid by the schema [ITI TF-2:3.86.4.1.2]', async () => {
    const request = {
      documents: [
        { homeCommunityId: 'urn:oid:2.999.1', repositoryUniqueId: '2.999.1.1', documentUniqueId: '2.25.1' },
        { repositoryUniqueId: '2.999.1.1', documentUniqueId: '2.25.2^<x>&' },
      ],
    }
    expect(await overTheWire(removeDocumentsRequest, request)).to.deep.equal(request)
    expect(faultsOf('rmd', xopXml(removeDocumentsRequest.encode(request)))).to.deep.equal([])
  })

  it('is read too when all of it stands in the namespace of the request [ITI TF-2:3.86.4.1.2]', () => {
    const naming = '<RepositoryUniqueId>2.999.1.1</RepositoryUniqueId><DocumentUniqueId>2.25.1</DocumentUniqueId>'
    const xml = `<RemoveDocumentsRequest xmlns="urn:ihe:iti:rmd:2017"><DocumentRequest>${naming}</DocumentRequest></RemoveDocumentsRequest>`
    expect(decodeText(removeDocumentsRequest, xml)).to.deep.equal({
      documents: [{ repositoryUniqueId: '2.999.1.1', documentUniqueId: '2.25.1' }],
    })
  })

  it('may name nothing: that is for the repository to judge [ITI TF-2:3.86.4.1.3]', () => {
    const empty = '<RemoveDocumentsRequest xmlns="urn:ihe:iti:rmd:2017"/>'
    expect(decodeText(removeDocumentsRequest, empty)).to.deep.equal({ documents: [] })
  })
})
