import { expect } from 'chai'
import type { Submission } from '../../metadata/model.js'
import { aDocumentEntry, aFolder, anAssociation, aSubmission, samplePatientId } from '../samples/submission.js'
import { anyStatus, approved, aRegistry, codesOf, quote, type TestRegistry } from './a-registry.js'
import { aFolderHolding, heldBySet, replacing } from './submissions.js'

const patient = { $XDSDocumentEntryPatientId: quote(samplePatientId) }

describe('ITI-42 Register Document Set-b', () => {
  let registry: TestRegistry
  beforeEach(async () => {
    registry = await aRegistry()
  })
  afterEach(() => registry.close())

  const documents = (status = approved) =>
    registry.found('FindDocuments', { ...patient, $XDSDocumentEntryStatus: status })

  it('registers a valid submission, and its audit record with it [ITI TF-2:3.42.4.1.3]', async () => {
    const submission = aSubmission()
    expect(await registry.register(submission)).to.deep.equal({ status: 'Success', errors: [] })
    const { documentEntries } = await documents()
    expect(documentEntries).to.have.length(1)
    expect(documentEntries[0]).to.deep.include({
      entryUUID: submission.documentEntries[0]?.entryUUID,
      uniqueId: submission.documentEntries[0]?.uniqueId,
      hash: submission.documentEntries[0]?.hash,
      patientId: samplePatientId,
    })
    expect(await registry.audited()).to.equal(1)
  })

  it('sets status Approved, version 1, lid and home [ITI TF-2:3.42.4.1.3.3.5]', async () => {
    const submission = aSubmission({
      documentEntry: {
        availabilityStatus: 'Deprecated',
        version: 7,
        logicalID: 'urn:uuid:00000000-0000-4000-8000-000000000001',
      },
    })
    await registry.register(submission)
    const [entry] = (await documents()).documentEntries
    expect(entry).to.include({
      availabilityStatus: 'Approved',
      version: 1,
      logicalID: entry?.entryUUID,
      homeCommunityId: 'urn:oid:2.999.9',
    })
  })

  it('refuses a lid that is no UUID, though it would set another [ITI TF-3: Table 4.2.3.2-1]', async () => {
    const response = await registry.register(aSubmission({ documentEntry: { logicalID: 'urn:uuid:not-one' } }))
    expect(codesOf(response)).to.deep.equal(['XDSRegistryMetadataError'])
    expect(response.errors[0]?.codeContext).to.contain('logicalID').and.to.contain('urn:uuid:not-one')
  })

  it('makes no new version of what a lid names: that is for ITI-57 [ITI TF-2:3.42.4.1.3.3.5]', async () => {
    const first = aSubmission()
    await registry.register(first)
    const logicalID = first.documentEntries[0]?.entryUUID
    const second = aSubmission({ documentEntry: { logicalID } })
    expect((await registry.register(second)).status).to.equal('Success')
    const { documentEntries } = await documents()
    expect(
      documentEntries.map(entry => [entry.logicalID, entry.version, entry.availabilityStatus]),
    ).to.have.deep.members([first, second].map(({ documentEntries: [entry] }) => [entry?.entryUUID, 1, 'Approved']))
  })

  it('gives symbolic ids fresh UUIDs, the same symbol the same UUID everywhere [ITI TF-2:3.42.4.1.3.7]', async () => {
    const submission = aSubmission({
      submissionSet: { entryUUID: 'SubmissionSet01' },
      documentEntry: { entryUUID: 'Document01' },
    })
    for (const association of submission.associations) association.entryUUID = ''
    expect((await registry.register(submission)).status).to.equal('Success')
    const all = await registry.found('GetAll', {
      $patientId: quote(samplePatientId),
      $XDSDocumentEntryStatus: approved,
      $XDSSubmissionSetStatus: approved,
      $XDSFolderStatus: approved,
    })
    const [set, entry, association] = [all.submissionSets[0], all.documentEntries[0], all.associations[0]]
    expect(set?.entryUUID).to.match(/^urn:uuid:[0-9a-f-]{36}$/)
    expect(association).to.include({ sourceObject: set?.entryUUID, targetObject: entry?.entryUUID })
    expect(association?.entryUUID).to.match(/^urn:uuid:[0-9a-f-]{36}$/)
  })

  it('keeps UUIDs that are given [ITI TF-2:3.42.4.1.3.7]', async () => {
    const submission = aSubmission()
    await registry.register(submission)
    const found = await registry.found('GetAssociations', {
      $uuid: `(${quote(submission.documentEntries[0]?.entryUUID ?? '')})`,
    })
    expect(found.associations.map(each => each.entryUUID)).to.deep.equal([submission.associations[0]?.entryUUID])
  })

  it('keeps and returns extra metadata [ITI TF-2:3.42.4.1.3.2]', async () => {
    const extra = {
      name: 'urn:e-health-suisse:2020:originalProviderRole',
      values: ['HCP^^^&2.16.756.5.30.1.127.3.10.6&ISO'],
    }
    await registry.register(aSubmission({ documentEntry: { extraMetadata: [extra] } }))
    expect((await documents()).documentEntries[0]?.extraMetadata).to.deep.equal([extra])
  })

  it('changes nothing at all when it refuses [ITI TF-2:3.42.4.1.3.1]', async () => {
    const first = aSubmission()
    await registry.register(first)
    const before = await registry.contents()
    const replacement = replacing(first.documentEntries[0]?.entryUUID ?? '')
    replacement.documentEntries[0] = {
      ...(replacement.documentEntries[0] ?? aDocumentEntry()),
      patientId: 'nobody^^^&2.999.1.2.3&ISO',
    }
    expect((await registry.register(replacement)).status).to.equal('Failure')
    expect(await registry.contents()).to.deep.equal(before)
  })

  it('keeps nothing when the audit record cannot be kept [ITI TF-2:3.42.4.1.3.1]', async () => {
    const before = await registry.contents()
    registry.context.outbox.insert = () => {
      throw new Error('no room')
    }
    const problem = await registry.register(aSubmission()).catch(error => error)
    expect(problem).to.have.property('message', 'no room')
    expect(await registry.contents()).to.deep.equal(before)
  })

  it('tells all that is wrong in one answer, in the order of the rules', async () => {
    const submission = aSubmission({
      documentEntry: { hash: undefined, patientId: 'nobody^^^&2.999.1.2.3&ISO' },
      associations: [anAssociation({ associationType: 'RPLC' })],
    })
    expect(codesOf(await registry.register(submission))).to.deep.equal([
      'XDSRegistryMetadataError',
      'XDSUnknownPatientId',
      'XDSPatientIdDoesNotMatch',
      'UnresolvedReferenceException',
      'UnresolvedReferenceException',
    ])
  })

  it('says object, attribute, rule and trace of what is wrong [ITI TF-3: Table 4.2.4.1-1]', async () => {
    const submission = aSubmission({ documentEntry: { entryUUID: 'Document01', size: undefined } })
    const [error] = (await registry.register(submission)).errors
    expect(error?.codeContext).to.contain('DocumentEntry Document01').and.to.contain('size')
    expect(error?.codeContext).to.contain('0af7651916cd43dd8448eb211c80319c')
    expect(error?.severity).to.equal('Error')
  })

  it('does not turn a warning into a failure [ITI TF-3:4.2.4.2]', async () => {
    const submission = aSubmission()
    submission.findings.push({
      code: 'XDSExtraMetadataNotSaved',
      severity: 'Warning',
      object: 'DocumentEntry Document01',
      rule: 'ITI TF-3:4.2.3.1.6',
      expected: 'nothing',
      found: 'something',
    })
    const response = await registry.register(submission)
    expect(response.status).to.equal('Success')
    expect(response.errors).to.have.length(1)
    expect((await documents()).documentEntries).to.have.length(1)
  })

  it('accepts one document under several entries when hash and size are the same [ITI TF-2:3.42.4.1.3.3.1]', async () => {
    const first = aSubmission({ documentEntry: { size: '00', hash: 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709' } })
    await registry.register(first)
    const again = aSubmission({ documentEntry: { uniqueId: first.documentEntries[0]?.uniqueId } })
    expect((await registry.register(again)).status).to.equal('Success')
    expect((await documents()).documentEntries).to.have.length(2)
  })

  it('accepts an entry of another patient that is included by reference [ITI TF-3:4.2.2.1.1]', async () => {
    await registry.addPatient('other^^^&2.999.1.2.3&ISO')
    const first = aSubmission({ patientId: 'other^^^&2.999.1.2.3&ISO' })
    await registry.register(first)
    const second = aSubmission()
    second.associations.push(
      anAssociation({
        sourceObject: second.submissionSets[0]?.entryUUID ?? '',
        targetObject: first.documentEntries[0]?.entryUUID ?? '',
        submissionSetStatus: 'Reference',
      }),
    )
    expect((await registry.register(second)).status).to.equal('Success')
  })

  describe('replacement', () => {
    let original: Submission
    const originalId = () => original.documentEntries[0]?.entryUUID ?? ''
    beforeEach(async () => {
      original = aSubmission()
      await registry.register(original)
    })

    for (const associationType of ['RPLC', 'XFRM_RPLC'] as const) {
      it(`${associationType} deprecates its target [ITI TF-2:3.42.4.1.3.5]`, async () => {
        const replacement = replacing(originalId(), associationType)
        expect((await registry.register(replacement)).status).to.equal('Success')
        expect((await documents()).documentEntries.map(entry => entry.entryUUID)).to.deep.equal([
          replacement.documentEntries[0]?.entryUUID,
        ])
        const both = (await documents(anyStatus)).documentEntries
        expect(both.map(entry => entry.availabilityStatus)).to.deep.equal(['Deprecated', 'Approved'])
      })
    }

    for (const associationType of ['XFRM', 'APND', 'signs'] as const) {
      it(`${associationType} leaves its target as it is [ITI TF-2:3.42.4.1.3.5]`, async () => {
        expect((await registry.register(replacing(originalId(), associationType))).status).to.equal('Success')
        expect((await documents()).documentEntries).to.have.length(2)
      })
    }

    it('deprecates transformations and addenda of the target too, and signatures not [ITI TF-2:3.42.4.1.3.5]', async () => {
      const [transformation, addendum, signature] = [
        replacing(originalId(), 'XFRM'),
        replacing(originalId(), 'APND'),
        replacing(originalId(), 'signs'),
      ]
      for (const child of [transformation, addendum, signature]) await registry.register(child)
      const replacement = replacing(originalId())
      await registry.register(replacement)
      expect((await documents()).documentEntries.map(entry => entry.entryUUID)).to.deep.equal([
        signature?.documentEntries[0]?.entryUUID,
        replacement.documentEntries[0]?.entryUUID,
      ])
    })

    it('deprecates what leans on these in turn, but nothing that has ended by itself before [ITI TF-2:3.42.4.1.3.5]', async () => {
      const idOf = ({ documentEntries: [entry] }: Submission) => entry?.entryUUID ?? ''
      const addendum = replacing(originalId(), 'APND')
      await registry.register(addendum)
      const ofAddendum = replacing(idOf(addendum), 'APND')
      await registry.register(ofAddendum)
      const transformation = replacing(idOf(ofAddendum), 'XFRM')
      await registry.register(transformation)
      const elsewhere = aSubmission()
      await registry.register(elsewhere)
      const replacement = replacing(originalId())
      await registry.register(replacement)
      expect((await documents()).documentEntries.map(entry => entry.entryUUID)).to.deep.equal([
        idOf(elsewhere),
        idOf(replacement),
      ])
      expect((await documents(anyStatus)).documentEntries).to.have.length(6)
    })

    it('carries membership of folders on to the new entry [ITI TF-2:3.42.4.1.3.5]', async () => {
      const folder = aFolder()
      const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject: originalId() })
      await registry.register(aFolderHolding(folder, holds))
      registry.clock.nowMs += 3_600_000
      const replacement = replacing(originalId())
      expect((await registry.register(replacement)).status).to.equal('Success')

      const contents = await registry.found('GetFolderAndContents', { $XDSFolderEntryUUID: quote(folder.entryUUID) })
      const newId = replacement.documentEntries[0]?.entryUUID
      expect(contents.documentEntries.map(entry => entry.entryUUID)).to.deep.equal([originalId(), newId])
      expect(contents.folders[0]?.lastUpdateTime).to.equal('20261123070000')

      const carried = contents.associations.find(each => each.targetObject === newId)
      const held = await registry.found('GetAssociations', { $uuid: `(${quote(carried?.entryUUID ?? '')})` })
      expect(held.associations).to.have.length(1)
      expect(held.associations[0]).to.include({
        associationType: 'HasMember',
        sourceObject: replacement.submissionSets[0]?.entryUUID,
        availabilityStatus: 'Approved',
      })
    })

    for (const isNew of [true, false]) {
      it(`carries on what the same submission places into ${isNew ? 'its own' : 'an earlier'} folder [ITI TF-2:3.42.4.1.3.5]`, async () => {
        const folder = aFolder()
        const replacement = replacing(originalId())
        if (isNew) replacement.folders.push(folder)
        else await registry.register(aSubmission({ folders: [folder] }))
        const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject: originalId() })
        replacement.associations.push(holds, heldBySet(replacement, holds.entryUUID))
        if (isNew) replacement.associations.push(heldBySet(replacement, folder.entryUUID))
        expect((await registry.register(replacement)).errors).to.deep.equal([])
        const contents = await registry.found('GetFolderAndContents', { $XDSFolderEntryUUID: quote(folder.entryUUID) })
        const newId = replacement.documentEntries[0]?.entryUUID
        expect(contents.documentEntries.map(entry => entry.entryUUID).sort()).to.deep.equal(
          [originalId(), newId].sort(),
        )
        expect(contents.associations).to.have.length(2)
      })
    }

    it('does not place the new entry twice when the submission does so itself [ITI TF-2:3.42.4.1.3.5]', async () => {
      const folder = aFolder()
      await registry.register(
        aFolderHolding(folder, anAssociation({ sourceObject: folder.entryUUID, targetObject: originalId() })),
      )
      const replacement = replacing(originalId())
      const holds = anAssociation({
        sourceObject: folder.entryUUID,
        targetObject: replacement.documentEntries[0]?.entryUUID ?? '',
      })
      replacement.associations.push(holds, heldBySet(replacement, holds.entryUUID))
      expect((await registry.register(replacement)).status).to.equal('Success')
      const contents = await registry.found('GetFolderAndContents', { $XDSFolderEntryUUID: quote(folder.entryUUID) })
      expect(contents.associations).to.have.length(2)
    })
  })

  it('sets lastUpdateTime of new folders and of those an entry is placed into [ITI TF-2:3.42.4.1.3.6]', async () => {
    const folder = aFolder({ lastUpdateTime: '19990101000000' })
    await registry.register(aSubmission({ folders: [folder] }))
    const times = async () =>
      (await registry.found('GetFolders', { $XDSFolderEntryUUID: `(${quote(folder.entryUUID)})` })).folders.map(
        found => found.lastUpdateTime,
      )
    expect(await times()).to.deep.equal(['20261123060000'])
    registry.clock.nowMs += 60_000
    const entry = aSubmission()
    const holds = anAssociation({
      sourceObject: folder.entryUUID,
      targetObject: entry.documentEntries[0]?.entryUUID ?? '',
    })
    entry.associations.push(holds, heldBySet(entry, holds.entryUUID))
    expect((await registry.register(entry)).status).to.equal('Success')
    expect(await times()).to.deep.equal(['20261123060100'])
  })

  it('takes patients nobody announced only where it is told to', async () => {
    const lenient = await aRegistry({ acceptUnknownPatients: true, assigningAuthorities: ['2.999.1.2.3'] })
    expect((await lenient.register(aSubmission({ patientId: 'new^^^&2.999.1.2.3&ISO' }))).status).to.equal('Success')
    const foreign = await lenient.register(aSubmission({ patientId: 'new^^^&2.999.8&ISO' }))
    expect(codesOf(foreign)).to.deep.equal(['XDSUnknownPatientId'])
    await lenient.close()
  })

  it('accepts submissions sent at the same moment, each once', async () => {
    const submissions = Array.from({ length: 20 }, () => aSubmission())
    const responses = await Promise.all([...submissions, ...submissions].map(each => registry.register(each)))
    expect(responses.map(response => response.status)).to.deep.equal([
      ...submissions.map(() => 'Success'),
      ...submissions.map(() => 'Failure'),
    ])
    expect((await documents()).documentEntries).to.have.length(20)
  })
})

describe('homeCommunityId of what is registered [ITI TF-2:3.42.4.1.3]', () => {
  const home = 'urn:oid:2.999.77'

  async function registeredHomes(homeCommunityId: string | undefined) {
    const registry = await aRegistry({ homeCommunityId, acceptUnknownPatients: true })
    try {
      const submission = aSubmission()
      for (const object of [...submission.submissionSets, ...submission.documentEntries, ...submission.associations]) {
        object.homeCommunityId = home
      }
      expect((await registry.register(submission)).status).to.equal('Success')
      const found = await registry.found('GetSubmissionSetAndContents', {
        $XDSSubmissionSetUniqueId: `'${submission.submissionSets[0]?.uniqueId}'`,
      })
      return [...found.submissionSets, ...found.documentEntries, ...found.associations].map(
        object => object.homeCommunityId,
      )
    } finally {
      await registry.close()
    }
  }

  it('is what was submitted, where the registry was told none', async () => {
    expect(await registeredHomes(undefined)).to.deep.equal([home, home, home])
  })

  it('is that of the registry everywhere, where it was told', async () => {
    const ours = 'urn:oid:2.999.1'
    expect(await registeredHomes(ours)).to.deep.equal([ours, ours, ours])
  })
})
