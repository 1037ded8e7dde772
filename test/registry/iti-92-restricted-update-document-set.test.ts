import { expect } from 'chai'
import type { DocumentEntry, Submission } from '../../metadata/model.js'
import { aFolder, anAssociation, aSubmission } from '../samples/submission.js'
import { aRegistry, codesOf, idsOf, quote, type TestRegistry } from './a-registry.js'
import { aFolderHolding } from './submissions.js'
import { addStatusOrder, anUpdate, aRequest } from './updates.js'

describe('ITI-92 at the registry', () => {
  let registry: TestRegistry
  let entry: DocumentEntry

  beforeEach(async () => {
    registry = await aRegistry()
    entry = entryOf(await registered(aSubmission()))
  })
  afterEach(() => registry.close())

  async function registered(submission: Submission): Promise<Submission> {
    expect((await registry.register(submission)).errors).to.deep.equal([])
    return submission
  }

  async function updated(request: Submission): Promise<Submission> {
    expect((await registry.restrictedUpdate(request)).errors).to.deep.equal([])
    return request
  }

  const versions = async () => {
    const parameters = { $XDSDocumentEntryLogicalID: `(${quote(entry.entryUUID)})`, $MetadataLevel: '2' }
    const { documentEntries } = await registry.found('GetDocuments', parameters)
    return documentEntries
      .sort((a, b) => (a.version ?? 0) - (b.version ?? 0))
      .map(({ version, availabilityStatus }) => `${version} ${availabilityStatus}`)
  }

  it('makes a new version [ITI TF-2:3.92.4.1.3]', async () => {
    await updated(anUpdate(entry, { title: [{ value: 'New' }] }))
    expect(await versions()).to.deep.equal(['1 Deprecated', '2 Approved'])
  })

  it('makes one of what has the uniqueId, where no logicalID is given [ITI TF-2:3.92.4.1.3]', async () => {
    await updated(anUpdate(entry, { logicalID: undefined }))
    await updated(anUpdate(entry, { logicalID: undefined }, { previousVersion: '2' }))
    expect(await versions()).to.deep.equal(['1 Deprecated', '2 Deprecated', '3 Approved'])
  })

  it('does not guess which of two entries of one uniqueId is meant [ITI TF-2:3.92.4.1.3]', async () => {
    await registered(aSubmission({ documentEntry: { uniqueId: entry.uniqueId } }))
    const answer = await registry.restrictedUpdate(anUpdate(entry, { logicalID: undefined }))
    expect(codesOf(answer)).to.deep.equal(['XDSInvalidRequestException'])
  })

  it('of what is Deprecated leaves a Deprecated successor [CP-ITI-1190]', async () => {
    const order = aRequest()
    addStatusOrder(order, entry.entryUUID)
    expect((await registry.update(order)).errors).to.deep.equal([])
    await updated(anUpdate(entry))
    expect(await versions()).to.deep.equal(['1 Deprecated', '2 Deprecated'])
    // The kit's 12319: once more against version 1.
    expect(codesOf(await registry.restrictedUpdate(anUpdate(entry)))).to.deep.equal(['XDSMetadataVersionError'])
  })

  it('keeps the entry in its Folders [ITI TF-2:3.92.4.1.2.2.2]', async () => {
    const folder = aFolder()
    const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject: entry.entryUUID })
    await registered(aFolderHolding(folder, holds))
    const request = await updated(anUpdate(entry, {}, { associationPropagation: 'yes' }))
    const contents = await registry.found('GetFolderAndContents', { $XDSFolderEntryUUID: quote(folder.entryUUID) })
    expect(idsOf(contents.documentEntries)).to.deep.equal([entryOf(request).entryUUID])
  })
})

const entryOf = ({ documentEntries: [entry] }: Submission) => entry as DocumentEntry
