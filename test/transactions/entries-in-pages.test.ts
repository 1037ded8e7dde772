import { expect } from 'chai'
import { entriesInPages } from '../../transactions/entries-in-pages.js'
import { showingHidden } from '../../transactions/hidden-entries.js'
import type { AdhocQueryRequest, QueryResult } from '../../transactions/xds-messages.js'
import { approved, aRegistry, decodedList, quote } from '../registry/a-registry.js'
import { aDocumentEntry, aSubmission, samplePatientId } from '../samples/submission.js'

const findDocuments: AdhocQueryRequest = {
  id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
  returnType: 'LeafClass',
  slots: [
    { name: '$XDSDocumentEntryPatientId', values: [quote(samplePatientId)] },
    { name: '$XDSDocumentEntryStatus', values: [approved] },
  ],
}

describe('a query answered in pages', () => {
  it('finds more than the registry gives at once, each entry once [ITI TF-2:3.18.4.1.2.6]', async () => {
    const registry = await aRegistry({ maxResults: 600 })
    try {
      const ids: string[] = []
      for (const count of [700, 500]) {
        const documentEntries = Array.from({ length: count }, () => aDocumentEntry())
        expect((await registry.register(aSubmission({ documentEntries }))).status).to.equal('Success')
        ids.push(...documentEntries.map(({ entryUUID }) => entryUUID))
      }
      const pages: number[] = []
      const ask = async ({ id, returnType, slots }: AdhocQueryRequest): Promise<QueryResult> => {
        const parameters = Object.fromEntries(slots.map(({ name, values }) => [name, values[0]]))
        const { status, errors, registryObjects } = await registry.query(id, parameters, { returnType })
        expect([status, errors]).to.deep.equal(['Success', []])
        const found = decodedList(registryObjects)
        pages.push(found.documentEntries.length)
        return found
      }
      const whole = await registry.query('FindDocuments', {
        $XDSDocumentEntryPatientId: quote(samplePatientId),
        $XDSDocumentEntryStatus: approved,
      })
      expect(whole.errors[0]?.errorCode).to.equal('XDSTooManyResults')
      const entries = await entriesInPages(findDocuments, ask)
      expect(pages).to.deep.equal([0, 500, 500, 200])
      expect(entries.map(({ entryUUID }) => entryUUID).sort()).to.deep.equal(ids.sort())
    } finally {
      await registry.close()
    }
  }).timeout(60_000)

  it('asks for nothing more where nothing is found, and says in each page what holds for all', async () => {
    const asked: AdhocQueryRequest[] = []
    const answering = (ids: string[]) => async (request: AdhocQueryRequest) => {
      asked.push(request)
      const objectRefs = ids.map(id => ({ id }))
      return { documentEntries: [], submissionSets: [], folders: [], associations: [], objectRefs }
    }
    expect(await entriesInPages(findDocuments, answering([]))).to.deep.equal([])
    expect(asked.map(({ returnType }) => returnType)).to.deep.equal(['ObjectRef'])
    const slots = [...findDocuments.slots, showingHidden]
    await entriesInPages({ ...findDocuments, slots, home: 'urn:oid:2.999.9' }, answering(["it's"]))
    expect(asked.at(-1)).to.deep.equal({
      id: 'urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4',
      returnType: 'LeafClass',
      home: 'urn:oid:2.999.9',
      slots: [{ name: '$XDSDocumentEntryEntryUUID', values: ["('it''s')"] }, showingHidden],
    })
  })
})
