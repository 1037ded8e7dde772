// What a Fetch has to say, and what registries are asked because of it.
import { expect } from 'chai'
import { fetchFaults, findDocumentsFor } from '../../../transactions/communities/fetch-query.js'
import type { AdhocQueryRequest } from '../../../transactions/xds-messages.js'

const slot = (name: string, ...values: string[]) => ({ name: `$XDSDocumentEntry${name}`, values })
const query: AdhocQueryRequest = {
  ...{ id: 'urn:uuid:f2072993-9478-41df-a603-8f016706efe8', returnType: 'LeafClassWithRepositoryItem' },
  home: 'urn:oid:2.999.9',
  slots: [slot('PatientId', "'1^^^&2.999.1&ISO'"), slot('ClassCode', "('57833-6^^2.16.840.1.113883.6.1')")],
}
const codesOf = (changes: Partial<AdhocQueryRequest>) =>
  fetchFaults({ ...query, ...changes }, 'trace').map(({ errorCode }) => errorCode)

describe('a Fetch', () => {
  it('is one query with one return type, about one patient and documents of a class [ITI TF-2:3.63.4.1.2]', () => {
    expect(codesOf({})).to.deep.equal([])
    expect(codesOf({ id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d' })).to.deep.equal(['XDSUnknownStoredQuery'])
    expect(codesOf({ returnType: 'LeafClass' })).to.deep.equal(['XDSRegistryError'])
    expect(codesOf({ slots: query.slots.slice(1) })).to.deep.equal(['XDSStoredQueryMissingParam'])
    expect(codesOf({ slots: query.slots.slice(0, 1) })).to.deep.equal(['XDSStoredQueryMissingParam'])
    const two = slot('PatientId', "('1^^^&2.999.1&ISO','2^^^&2.999.1&ISO')")
    expect(codesOf({ slots: [two, ...query.slots.slice(1)] })).to.deep.equal(['XDSStoredQueryMissingParam'])
    expect(codesOf({ id: '', returnType: '', slots: [] })).to.have.length(4)
  })

  it('is FindDocuments to registries, of what is Approved where nothing else is wanted [ITI TF-1: 29.3.2.1]', () => {
    const more = [slot('FormatCode', "('a')"), slot('Type', "('urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248')")]
    const asked = findDocumentsFor({ ...query, slots: [...query.slots, ...more] })
    expect(asked).to.deep.equal({
      id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
      returnType: 'LeafClass',
      slots: [...query.slots, more[0], slot('Status', "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')")],
    })
    const deprecated = slot('Status', "('urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated')")
    expect(findDocumentsFor({ ...query, slots: [...query.slots, deprecated] }).slots).to.deep.equal([
      ...query.slots,
      deprecated,
    ])
  })
})
