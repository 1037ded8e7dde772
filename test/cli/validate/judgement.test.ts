// What is found in a message without the service that it is for, and what is left to that service.
import { expect } from 'chai'
import { openDomain } from '../../../affinity/affinity-domain.js'
import { judgeFor } from '../../../cli/validate/judgement.js'
import { messageInFile } from '../../../cli/validate/message-file.js'
import type { Submission } from '../../../metadata/model.js'
import { systemPorts } from '../../../ports/ports.js'
import { restrictedUpdateDocumentSet, updateDocumentSet } from '../../../transactions/metadata-update.js'
import { multiPatientStoredQuery } from '../../../transactions/mpq.js'
import { removeDocuments, removeMetadata } from '../../../transactions/remove.js'
import {
  provideAndRegisterDocumentSet,
  registerDocumentSet,
  registerOnDemandDocumentEntry,
  registryStoredQuery,
} from '../../../transactions/xds.js'
import { written } from '../../domain/messages.js'
import { addStatusOrder, anUpdate, aRequest } from '../../registry/updates.js'
import { aDocumentEntry, anOnDemandEntry, aSubmission, aUuid } from '../../samples/submission.js'
import { playedTerminal } from '../played-terminal.js'

const context = { ports: systemPorts, terminal: playedTerminal() }

async function judged(
  { headers, body }: Awaited<ReturnType<typeof written>>,
  { http = true, as = undefined as string | undefined } = {},
) {
  const domain = await openDomain('ihe', systemPorts.files, '/')
  const captured = Buffer.concat([
    Buffer.from(`POST / HTTP/1.1\r\nContent-Type: ${headers['content-type']}\r\n\r\n`),
    body,
  ])
  const message = await messageInFile(http ? captured : body, context)
  const found = judgeFor(message, as)
  const judgement = found?.judge(message.body, domain)
  return {
    id: found?.id,
    codes: judgement?.findings.map(({ code }) => code),
    attributes: judgement?.findings.map(({ attribute }) => attribute),
    notJudged: judgement?.notJudged,
    contents: judgement?.contents,
  }
}

const provided = (submission: Submission, ids = submission.documentEntries.map(({ entryUUID }) => entryUUID)) => ({
  submission,
  documents: ids.map(id => ({ id, content: { inline: Buffer.from('bytes') } })),
})
const sourceEntry = () => aDocumentEntry({ hash: undefined, size: undefined, repositoryUniqueId: undefined })

describe('carnet validate', () => {
  for (const form of ['MTOM', 'plain'] as const) {
    it(`finds documents and entries that do not belong together, in the form ${form} [ITI TF-2:3.41.4.1.3]`, async () => {
      const submission = aSubmission({ documentEntries: [sourceEntry()] })
      const sound = await judged(await written(provideAndRegisterDocumentSet, provided(submission), form))
      expect(sound).to.deep.include({ id: 'ITI-41', codes: [] })
      const foreign = provided(submission, ['urn:uuid:00000000-0000-4000-8000-000000000000'])
      const { codes } = await judged(await written(provideAndRegisterDocumentSet, foreign, form))
      expect(codes).to.deep.equal(['XDSMissingDocument', 'XDSMissingDocumentMetadata'])
    })
  }

  it('leaves the documents alone where they have been left out', async () => {
    const submission = aSubmission({ documentEntries: [sourceEntry()] })
    const { codes, notJudged } = await judged(await written(provideAndRegisterDocumentSet, provided(submission, [])))
    expect(codes).to.deep.equal([])
    expect(notJudged).to.include('ITI TF-2:3.41.4.1.2')
  })

  it('finds what ITI-42 is refused for, and says which rules had to look something up [ITI TF-2:3.42.4.1.3]', async () => {
    const { id, attributes, notJudged } = await judged(
      await written(registerDocumentSet, aSubmission({ documentEntry: { classCode: undefined } })),
    )
    expect(id).to.equal('ITI-42')
    expect(attributes).to.deep.equal(['classCode'])
    expect(notJudged).to.include('ITI TF-2:3.42.4.1.3.3.7').and.to.include('ITI TF-2:3.42.4.1.3.3.2')
    expect(notJudged).not.to.include('ITI TF-3:4.2.1.4')
  })

  it('tells ITI-61 from ITI-42 by the action, or by what is in it [ITI TF-2:3.61.4.1.2]', async () => {
    const submission = aSubmission({ documentEntries: [anOnDemandEntry()] })
    const message = await written(registerOnDemandDocumentEntry, submission)
    expect(await judged(message)).to.deep.include({ id: 'ITI-61', codes: [] })
    const bare = {
      ...message,
      body: Buffer.from(/<(\w+:)?SubmitObjectsRequest.*SubmitObjectsRequest>/s.exec(String(message.body))![0]),
    }
    expect((await judged(bare, { http: false })).id).to.equal('ITI-61')
    expect(await judged(bare, { http: false, as: 'ITI-42' })).to.deep.include({ id: 'ITI-42' })
    expect((await judged(bare, { http: false, as: 'ITI-42' })).codes).to.include('XDSRegistryMetadataError')
  })

  it('judges of an update what does not depend on what it updates [ITI TF-2:3.57.4.1.3.3.1.2]', async () => {
    const update = anUpdate(aDocumentEntry())
    const sound = await judged(await written(updateDocumentSet, update))
    expect(sound).to.deep.include({ id: 'ITI-57', codes: [] })
    expect(sound.notJudged).to.include('ITI TF-2:3.57.4.1.3.3.1.3')
    const empty = await judged(await written(updateDocumentSet, aRequest()))
    expect(empty.codes).to.include('XDSMetadataUpdateOperationError')
    const order = aRequest()
    addStatusOrder(order, aUuid(), { newStatus: undefined })
    expect((await judged(await written(updateDocumentSet, order))).codes).to.not.deep.equal([])
    expect(await judged(await written(restrictedUpdateDocumentSet, update))).to.deep.include({
      id: 'ITI-92',
      codes: [],
    })
    const message = await written(updateDocumentSet, update)
    const [bare] = /<(\w+:)?SubmitObjectsRequest.*SubmitObjectsRequest>/s.exec(String(message.body))!
    expect((await judged({ ...message, body: Buffer.from(bare) }, { http: false })).id).to.equal('ITI-57')
  })

  it('finds all that is wrong with a query [ITI TF-2:3.18.4.1.2]', async () => {
    const query = {
      id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
      returnType: 'Everything',
      slots: [{ name: '$XDSDocumentEntryCreationTimeFrom', values: ["'yesterday'"] }],
    }
    expect(await judged(await written(registryStoredQuery, query))).to.deep.include({
      id: 'ITI-18',
      contents: 'FindDocuments for Everything',
      codes: ['XDSRegistryError', 'XDSStoredQueryMissingParam', 'XDSRegistryError', 'XDSStoredQueryMissingParam'],
    })
    expect((await judged(await written(registryStoredQuery, { ...query, id: 'urn:uuid:1' }))).codes).to.include(
      'XDSUnknownStoredQuery',
    )
  })

  it('judges a query for several patients as ITI-51 [ITI TF-2:3.51.4.1]', async () => {
    const query = { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', returnType: 'LeafClass', slots: [] }
    expect(await judged(await written(multiPatientStoredQuery, query))).to.deep.include({
      id: 'ITI-51',
      codes: ['XDSUnknownStoredQuery'],
    })
  })

  it('judges the form of a removal, and leaves what is registered to the registry [ITI TF-2:3.62.4.1.2]', async () => {
    expect(await judged(await written(removeMetadata, { entryUUIDs: [] }))).to.deep.include({
      id: 'ITI-62',
      codes: ['XDSRegistryError'],
      notJudged: ['ITI TF-2:3.62.4.1.3'],
    })
    expect((await judged(await written(removeMetadata, { entryUUIDs: [aUuid()] }))).codes).to.deep.equal([])
  })

  it('names what a removal of documents does not [ITI TF-2:3.86.4.1.3]', async () => {
    const documents = [{ repositoryUniqueId: '', documentUniqueId: '2.999.7' }]
    expect(await judged(await written(removeDocuments, { documents }))).to.deep.include({
      id: 'ITI-86',
      codes: ['XDSUnknownRepositoryId'],
    })
    expect((await judged(await written(removeDocuments, { documents: [] }))).codes).to.deep.equal([
      'XDSRepositoryError',
    ])
  })

  it('knows nothing of other messages', async () => {
    const message = await messageInFile(Buffer.from('<Order xmlns="urn:test"/>'), context)
    expect(judgeFor(message)).to.equal(undefined)
  })
})
