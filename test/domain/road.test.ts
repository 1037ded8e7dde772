// One document goes in, is found, and comes back, through everything that is ours.
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { provideAndRegisterDocumentSet, registryStoredQuery, retrieveDocumentSet } from '../../transactions/xds.js'
import { aDocumentEntry, aSubmission } from '../samples/submission.js'
import { aDomain, type Domain, repositoryUniqueId } from './a-domain.js'
import { read, written } from './messages.js'

const bytes = Buffer.from('%PDF-1.7\nthe document\n')

function provided(patientId: string) {
  const entry = aDocumentEntry({ patientId, hash: undefined, size: undefined, repositoryUniqueId: undefined })
  const submission = aSubmission({ submissionSet: { patientId }, documentEntries: [entry] })
  return { entry, request: { submission, documents: [{ id: entry.entryUUID, content: { inline: bytes } }] } }
}

const find = (patientId: string) => ({
  id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
  returnType: 'LeafClass',
  slots: [
    { name: '$XDSDocumentEntryPatientId', values: [`'${patientId}'`] },
    { name: '$XDSDocumentEntryStatus', values: ["('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"] },
  ],
})

describe('the road of a document', () => {
  let domain: Domain

  before(async () => {
    domain = await aDomain()
  })
  after(() => domain.close())

  for (const form of ['MTOM', 'plain'] as const) {
    it(`leads in, and back out, in the form ${form} [ITI TF-2:3.41, 3.42, 3.18, 3.43]`, async () => {
      const patientId = `${form}^^^&2.999.5&ISO`
      const { entry, request } = provided(patientId)

      const submitted = await domain.send('repository', await written(provideAndRegisterDocumentSet, request, form))
      expect(submitted.headers['content-type']).to.match(
        form === 'MTOM' ? /^multipart\/related/ : /^application\/soap\+xml/,
      )
      expect(await read(provideAndRegisterDocumentSet, submitted)).to.deep.equal({ status: 'Success', errors: [] })

      const { result } = await read(
        registryStoredQuery,
        await domain.send('registry', await written(registryStoredQuery, find(patientId), form)),
      )
      const [found] = result!.documentEntries
      expect(found).to.deep.include({
        uniqueId: entry.uniqueId,
        repositoryUniqueId,
        availabilityStatus: 'Approved',
        size: String(bytes.length),
        hash: createHash('sha1').update(bytes).digest('hex'),
        version: 1,
        logicalID: found!.entryUUID,
      })

      const asked = { documents: [{ repositoryUniqueId, documentUniqueId: found!.uniqueId! }] }
      const { status, documents } = await read(
        retrieveDocumentSet,
        await domain.send('repository', await written(retrieveDocumentSet, asked, form)),
      )
      expect(status).to.equal('Success')
      const pieces: Uint8Array[] = []
      for await (const piece of documents[0]!.open()) pieces.push(piece)
      expect(Buffer.concat(pieces).toString()).to.equal(bytes.toString())
    })
  }

  it('leaves an audit record of each step on each side, all of one trace [ITI TF-2:3.20]', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const { request } = provided('T^^^&2.999.5&ISO')
    const message = await written(provideAndRegisterDocumentSet, request)
    await domain.send('repository', {
      ...message,
      headers: { ...message.headers, traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    })
    const ofTrace = (endpoint: 'registry' | 'repository') =>
      domain.audited(endpoint).filter(record => record.includes(traceId))
    expect(ofTrace('registry')).to.have.length(1)
    expect(ofTrace('registry')[0]).to.contain('csd-code="ITI-42"').and.to.contain('csd-code="110107"')
    const [first, second] = ofTrace('repository').sort((one, other) => one.indexOf('ITI-41') - other.indexOf('ITI-41'))
    expect(first).to.contain('csd-code="ITI-42"').and.to.contain('csd-code="110106"')
    expect(second).to.contain('csd-code="ITI-41"').and.to.contain('csd-code="110107"')
  })

  it('names the patient in the audit of a query by id, which names none [ITI TF-2:3.18.5.1.2]', async () => {
    const patientId = 'Q^^^&2.999.5&ISO'
    const { entry, request } = provided(patientId)
    await domain.send('repository', await written(provideAndRegisterDocumentSet, request))
    const byId = {
      id: 'urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4',
      returnType: 'ObjectRef',
      slots: [{ name: '$XDSDocumentEntryUniqueId', values: [`('${entry.uniqueId}')`] }],
    }
    await domain.send('registry', await written(registryStoredQuery, byId))
    expect(domain.audited('registry').at(-1)).to.contain('csd-code="ITI-18"').and.to.contain('Q^^^&amp;2.999.5&amp;ISO')
  })

  it('keeps nothing of a submission that the registry refuses, and relays why [ITI TF-2:3.41.4.1.3]', async () => {
    const patientId = 'R^^^&2.999.5&ISO'
    const { entry, request } = provided(patientId)
    delete entry.classCode
    const { status, errors } = await read(
      provideAndRegisterDocumentSet,
      await domain.send('repository', await written(provideAndRegisterDocumentSet, request)),
    )
    expect(status).to.equal('Failure')
    expect(errors.map(error => error.errorCode)).to.deep.equal(['XDSRegistryMetadataError'])
    expect(errors[0]!.codeContext).to.contain('classCode')
    const asked = { documents: [{ repositoryUniqueId, documentUniqueId: entry.uniqueId! }] }
    const retrieved = await read(
      retrieveDocumentSet,
      await domain.send('repository', await written(retrieveDocumentSet, asked)),
    )
    expect(retrieved.errors.map(error => error.errorCode)).to.deep.equal(['XDSDocumentUniqueIdError'])
    const { result } = await read(
      registryStoredQuery,
      await domain.send('registry', await written(registryStoredQuery, find(patientId))),
    )
    expect(result!.documentEntries).to.deep.equal([])
  })
})
