// What the Swiss EPR asks of updates, and what deletionStatus does to what is found.
import { expect } from 'chai'
import type { AuditRecord } from '../../atna-audit/message.js'
import type { DocumentEntry, Submission } from '../../metadata/model.js'
import { documentRegistry } from '../../registry/actor.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import { anyStatus, approved, aRegistry, codesOf, quote, type TestRegistry } from '../registry/a-registry.js'
import { aCode, aDocumentEntry, aUuid, samplePatientId } from '../samples/submission.js'
import { aSwissSubmission, deletionStatus, originalProviderRole, roleOf } from '../samples/swiss.js'

type Update = 'UpdateDocumentSet' | 'RestrictedUpdateDocumentSet'

const actions: Readonly<Record<Update, string>> = {
  UpdateDocumentSet: 'urn:ihe:iti:2010:UpdateDocumentSet',
  RestrictedUpdateDocumentSet: 'urn:ihe:iti:2018:RestrictedUpdateDocumentSet',
}

describe('domains/ch-epr, updates', () => {
  let registry: TestRegistry
  let entry: DocumentEntry
  let setUUID: string

  beforeEach(async () => {
    registry = await aRegistry({}, 'ch-epr')
    const submission = aSwissSubmission()
    entry = submission.documentEntries[0] ?? aDocumentEntry()
    setUUID = submission.submissionSets[0]?.entryUUID ?? ''
    expect((await registry.register(submission)).status).to.equal('Success')
  })
  afterEach(() => registry.close())

  /** A new version of the entry, after the version of that number. */
  function newVersion(changes: Partial<DocumentEntry>, previousVersion = '1'): Submission {
    const submission = aSwissSubmission({
      documentEntry: { ...entry, entryUUID: aUuid(), logicalID: entry.entryUUID, ...changes },
    })
    for (const association of submission.associations) association.previousVersion = previousVersion
    return submission
  }

  async function send(submission: Submission, by: Update = 'UpdateDocumentSet'): Promise<RegistryResponse> {
    const exchange = {
      partner: { name: 'portal', roles: new Set(['source'] as const), address: '127.0.0.1' },
      messageID: undefined,
      trace: { traceId: '0af7651916cd43dd8448eb211c80319c', traceparent: '', next: () => '' },
      auditRecords: () => [] as AuditRecord[],
    }
    const handled = await documentRegistry.served.get(actions[by])?.handle(submission, registry.context, exchange)
    return handled as RegistryResponse
  }

  const withSlots = (slots: Record<string, string>): Partial<DocumentEntry> => ({
    extraMetadata: Object.entries({ [originalProviderRole]: roleOf('HCP'), ...slots }).map(([name, value]) => ({
      name,
      values: [value],
    })),
  })
  const deletion = (word: string) => withSlots({ [deletionStatus]: `${deletionStatus}:${word}` })

  it('may change the level of confidentiality and what describes the document [CH-EPR annex 3]', async () => {
    const changes = { confidentialityCode: [aCode('263856008', 'Restricted')], title: [{ value: 'Other' }] }
    expect(await send(newVersion(changes))).to.deep.equal({ status: 'Success', errors: [] })
  })

  it('keep to the code sets of the domain [CH-EPR annex 3]', async () => {
    const { status, errors } = await send(newVersion({ confidentialityCode: [aCode('N', 'Normal')] }))
    expect(status).to.equal('Failure')
    expect(errors[0]?.codeContext).to.contain('that domain ch-epr has for DocumentEntry.confidentialityCode')
  })

  it('leave originalProviderRole as it is [CH-EPR originalProviderRole]', async () => {
    const changed = withSlots({ [originalProviderRole]: roleOf('PAT') })
    const answers = [
      [await send(newVersion(changed)), 'XDSMetadataUpdateError'],
      [await send(newVersion(changed), 'RestrictedUpdateDocumentSet'), 'UnmodifiableMetadataError'],
    ] as const
    for (const [answer, code] of answers) {
      expect(codesOf(answer)).to.deep.equal([code])
      expect(answer.errors[0]?.codeContext).to.contain(
        `Slot "${originalProviderRole}": expected as it was in version 1, "${roleOf('HCP')}", found "${roleOf('PAT')}" [CH-EPR originalProviderRole]`,
      )
    }
    const restricted = await send(newVersion({ title: [{ value: 'Other' }] }), 'RestrictedUpdateDocumentSet')
    expect(restricted.status).to.equal('Success')
  })

  it('hide a document by deletionRequested, and show it again [CH-EPR deletionStatus]', async () => {
    const patient = quote(samplePatientId)
    const found = async () => {
      const { documentEntries } = await registry.found('FindDocuments', {
        $XDSDocumentEntryPatientId: patient,
        $XDSDocumentEntryStatus: anyStatus,
      })
      const all = await registry.found('GetAll', {
        $patientId: patient,
        $XDSDocumentEntryStatus: approved,
        $XDSSubmissionSetStatus: approved,
        $XDSFolderStatus: approved,
      })
      const sets = await registry.found('GetSubmissionSets', { $uuid: `(${quote(entry.entryUUID)})` })
      return [
        documentEntries.length,
        all.submissionSets.some(({ entryUUID }) => entryUUID === setUUID),
        sets.submissionSets.length,
      ]
    }
    const before = await found()
    expect(before.slice(0, 2)).to.deep.equal([1, true])
    expect((await send(newVersion(deletion('deletionRequested')))).status).to.equal('Success')
    expect(await found()).to.deep.equal([0, false, 0])
    const restored = await send(newVersion(deletion('deletionNotRequested'), '2'))
    expect(restored.status).to.equal('Success')
    expect((await found()).slice(0, 2)).to.deep.equal([1, true])
  })

  it('never set deletionProhibited, as long as nobody knows who may [CH-EPR deletionStatus]', async () => {
    const { status, errors } = await send(newVersion(deletion('deletionProhibited')))
    expect(status).to.equal('Failure')
    expect(errors[0]?.codeContext).to.contain('[CH-EPR deletionStatus]')
  })

  it('name who changes it, or are told of it [Gazelle CH-XDS-009]', async () => {
    const anonymous = newVersion({})
    for (const set of anonymous.submissionSets) set.author = []
    const { status, errors } = await send(anonymous)
    expect([status, errors.map(({ severity }) => severity)]).to.deep.equal(['Success', ['Warning']])
  })
})
