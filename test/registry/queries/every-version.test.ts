// GetDocuments by uniqueId, where a domain wants every version told.
import { expect } from 'chai'
import { aDocumentEntry, aSubmission } from '../../samples/submission.js'
import { aRegistry, idsOf, type QueryParameters, type TestRegistry } from '../a-registry.js'

const other = 'other^^^&2.999.1.2.3&ISO'
const uniqueId = '2.25.4711'

describe('registry/queries/every-version', () => {
  let registry: TestRegistry
  let earlier: string
  let latest: string
  beforeEach(async () => {
    registry = await aRegistry({ versionsByUniqueId: 'all' })
    earlier = await registered()
    latest = await registered()
    await registry.sql('UPDATE document_entries SET latest = 0 WHERE entry_uuid = ?', earlier)
  })
  afterEach(() => registry.close())

  async function registered(patientId?: string): Promise<string> {
    const entry = aDocumentEntry({ uniqueId, ...(patientId === undefined ? {} : { patientId }) })
    const whose = patientId === undefined ? {} : { patientId }
    expect((await registry.register(aSubmission({ ...whose, documentEntries: [entry] }))).status).to.equal('Success')
    return entry.entryUUID
  }
  const found = async (parameters: QueryParameters) =>
    idsOf((await registry.found('GetDocuments', parameters)).documentEntries)
  const byUniqueId = { $XDSDocumentEntryUniqueId: `('${uniqueId}')` }

  it('tells all versions at level 1', async () => {
    expect(await found({ ...byUniqueId, $MetadataLevel: '1' })).to.have.members([earlier, latest])
    expect(await found(byUniqueId)).to.have.members([earlier, latest])
  })

  it('tells the latest alone where the domain leaves it at that [XDS Metadata Update 3.18.4.1.2.3.5.1.1]', async () => {
    registry.context.config = { ...registry.context.config, versionsByUniqueId: 'latest' }
    expect(await found(byUniqueId)).to.deep.equal([latest])
    expect(await found({ ...byUniqueId, $MetadataLevel: '2' })).to.have.members([earlier, latest])
  })

  it('keeps what is Offline for level 2 [XDS Metadata Update 3.18.4.1.2.3.5.1.1]', async () => {
    const offline = 'urn:ihe:iti:2010:DocumentAvailability:Offline'
    await registry.sql('UPDATE document_entries SET document_availability = ? WHERE entry_uuid = ?', offline, earlier)
    expect(await found(byUniqueId)).to.deep.equal([latest])
    expect(await found({ ...byUniqueId, $MetadataLevel: '2' })).to.have.members([earlier, latest])
  })

  it('is about uniqueIds alone', async () => {
    expect(await found({ $XDSDocumentEntryEntryUUID: `('${earlier}')` })).to.deep.equal([])
  })

  it('tells the latest of each where the versions belonged to several patients', async () => {
    await registry.addPatient(other)
    const theirs = await registered(other)
    await registry.sql('UPDATE document_entries SET latest = 0 WHERE entry_uuid = ?', theirs)
    expect(await found(byUniqueId)).to.deep.equal([latest])
  })
})
