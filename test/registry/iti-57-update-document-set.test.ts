import { expect } from 'chai'
import type { Association, AvailabilityStatus, DocumentEntry, Folder, Submission } from '../../metadata/model.js'
import { statusTypes } from '../../metadata/uuids.js'
import { mostTakenOver } from '../../registry/store/facts.js'
import { aFolder, anAssociation, aSubmission, aUuid } from '../samples/submission.js'
import { anyStatus, aRegistry, codesOf, idsOf, quote, startMs, type TestRegistry } from './a-registry.js'
import { engineUnderTest } from './engines.js'
import { aFolderHolding, replacing } from './submissions.js'
import { addAssociation, addStatusOrder, addUpdate, anUpdate, approving, aRequest } from './updates.js'

const other = 'other^^^&2.999.1.2.3&ISO'

describe('ITI-57 at the registry', () => {
  let registry: TestRegistry

  beforeEach(async () => {
    registry = await aRegistry()
  })
  afterEach(() => registry.close())

  async function registered(submission: Submission): Promise<Submission> {
    expect((await registry.register(submission)).errors).to.deep.equal([])
    return submission
  }

  async function updated(request: Submission): Promise<Submission> {
    expect((await registry.update(request)).errors).to.deep.equal([])
    return request
  }

  async function anEntry(): Promise<DocumentEntry> {
    return entryOf(await registered(aSubmission()))
  }

  /** A Folder that holds the entry. */
  async function aFolderWith(entry: DocumentEntry): Promise<{ folder: Folder; membership: string }> {
    const folder = aFolder()
    const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject: entry.entryUUID })
    await registered(aFolderHolding(folder, holds))
    return { folder, membership: holds.entryUUID }
  }

  /** All versions of an entry as a consumer finds them, oldest first. */
  async function versionsOf({ logicalID, entryUUID }: DocumentEntry, level = '2'): Promise<DocumentEntry[]> {
    const lid = quote(logicalID ?? entryUUID)
    const found = await registry.found('GetDocuments', {
      $XDSDocumentEntryLogicalID: `(${lid})`,
      $MetadataLevel: level,
    })
    return found.documentEntries.sort((a, b) => (a.version ?? 0) - (b.version ?? 0))
  }

  async function associationsOf(id: string, level = '2', status = anyStatus) {
    const parameters = { $uuid: `(${quote(id)})`, $MetadataLevel: level, $XDSAssociationStatus: status }
    return (await registry.found('GetAssociations', parameters)).associations
  }

  const statusOf = async (entry: DocumentEntry) => (await versionsOf(entry)).map(each => each.availabilityStatus)

  describe('a new version', () => {
    it('has the lid of the former one, the next number, a new id [ITI TF-2:3.57.4.1.3.3.1]', async () => {
      const entry = await anEntry()
      const update = await updated(anUpdate(entry, { title: [{ value: 'Corrected' }], version: 17 }))
      const [first, second] = await versionsOf(entry)
      expect(first).to.deep.include({ entryUUID: entry.entryUUID, version: 1, availabilityStatus: 'Deprecated' })
      expect(second).to.deep.include({
        ...{ entryUUID: entryOf(update).entryUUID, logicalID: entry.entryUUID, uniqueId: entry.uniqueId },
        ...{ version: 2, availabilityStatus: 'Approved', homeCommunityId: 'urn:oid:2.999.9' },
      })
      expect(second?.title?.map(({ value }) => value)).to.deep.equal(['Corrected'])
    })

    it('is alone at level 1, and the former one is there at level 2 [Gazelle ITI57-004]', async () => {
      const entry = await anEntry()
      const update = entryOf(await updated(anUpdate(entry)))
      expect((await versionsOf(entry, '1')).map(({ entryUUID }) => entryUUID)).to.deep.equal([update.entryUUID])
      const find = (level: string) =>
        registry.found('FindDocuments', {
          $XDSDocumentEntryPatientId: quote(entry.patientId ?? ''),
          $XDSDocumentEntryStatus: anyStatus,
          $MetadataLevel: level,
        })
      expect(idsOf((await find('1')).documentEntries)).to.deep.equal([update.entryUUID])
      expect(idsOf((await find('2')).documentEntries)).to.have.members([entry.entryUUID, update.entryUUID])
    })

    it('follows upon others, as many as there are [ITI TF-2:3.57.4.1.3.3.1]', async () => {
      const entry = await anEntry()
      let latest = entry
      for (let version = 1; version < 5; version++) {
        latest = entryOf(await updated(anUpdate(latest, {}, { previousVersion: String(version) })))
      }
      expect((await versionsOf(entry)).map(({ version }) => version)).to.deep.equal([1, 2, 3, 4, 5])
      expect(await statusOf(entry)).to.deep.equal(['Deprecated', 'Deprecated', 'Deprecated', 'Deprecated', 'Approved'])
    })

    it('keeps hash and size of its own, and the next ITI-42 is held against them [ITI TF-2:3.57.4.1.3.3.1.3]', async () => {
      const entry = await anEntry()
      const hash = '0123456789012345678901234567890123456789'
      await updated(anUpdate(entry, { hash, size: '17' }))
      const { uniqueId } = entry
      const old = aSubmission({ documentEntry: { uniqueId } })
      expect(codesOf(await registry.register(old))).to.deep.equal(['XDSNonIdenticalHash', 'XDSNonIdenticalSize'])
      await registered(aSubmission({ documentEntry: { uniqueId, hash, size: '17' } }))
    })

    it('takes symbolic ids, but for the lid [ITI TF-2:3.57.4.1.3.3.1.2]', async () => {
      const entry = await anEntry()
      const update = anUpdate(entry, { entryUUID: 'Document01' }, { targetObject: 'Document01' })
      await updated(update)
      const [, second] = await versionsOf(entry)
      expect(second?.entryUUID).to.match(/^urn:uuid:/)
    })

    it('keeps extra metadata and identifiers as they were sent [ITI TF-3:4.2.3.1.6]', async () => {
      const entry = await anEntry()
      const extraMetadata = [{ name: 'urn:att', values: ['one', 'two'] }]
      await updated(anUpdate(entry, { extraMetadata }))
      expect((await versionsOf(entry))[1]?.extraMetadata).to.deep.equal(extraMetadata)
    })

    it('of a Folder has a new time of its last update [ITI TF-2:3.57.4.1.3.3.3]', async () => {
      const { folder } = await aFolderWith(await anEntry())
      registry.clock.nowMs = startMs + 60_000
      await updated(anUpdate(folder, { title: [{ value: 'New' }] }))
      const parameters = { $XDSFolderLogicalID: `(${quote(folder.entryUUID)})`, $MetadataLevel: '2' }
      const { folders } = await registry.found('GetFolders', parameters)
      expect(
        folders.map(({ version, availabilityStatus, lastUpdateTime }) => [version, availabilityStatus, lastUpdateTime]),
      ).to.have.deep.members([
        [1, 'Deprecated', '20261123060000'],
        [2, 'Approved', '20261123060100'],
      ])
    })

    it('is what a later ITI-42 must replace, not the former one [ITI TF-2:3.42.4.1.3.5]', async () => {
      const entry = await anEntry()
      const update = entryOf(await updated(anUpdate(entry)))
      const refused = await registry.register(replacing(entry.entryUUID))
      expect(codesOf(refused)).to.deep.equal(['XDSRegistryDeprecatedDocumentError'])
      await registered(replacing(update.entryUUID))
      expect(await statusOf(entry)).to.deep.equal(['Deprecated', 'Deprecated'])
    })

    it('of many entries comes all at once or not at all [ITI TF-2:3.57.4.1.3.1]', async () => {
      const [first, second] = [await anEntry(), await anEntry()]
      const request = anUpdate(first)
      addUpdate(request, second, {}, { previousVersion: '3' })
      const before = await registry.contents()
      expect(codesOf(await registry.update(request))).to.deep.equal(['XDSMetadataVersionError'])
      expect(await registry.contents()).to.deep.equal(before)
    })
  })

  describe('AssociationPropagation', () => {
    it('keeps an entry in its Folders, held by the SubmissionSet of the update [ITI TF-2:3.57.4.1.3.3.1.5]', async () => {
      const entry = await anEntry()
      const { folder, membership } = await aFolderWith(entry)
      registry.clock.nowMs = startMs + 60_000
      const request = await updated(anUpdate(entry))
      const held = await associationsOf(folder.entryUUID)
      const [repeated] = held.filter(({ targetObject }) => targetObject === entryOf(request).entryUUID)
      expect(repeated).to.deep.include({ sourceObject: folder.entryUUID, availabilityStatus: 'Approved' })
      expect(held.map(({ entryUUID }) => entryUUID)).to.include(membership)
      const bySet = await associationsOf(setOf(request))
      expect(bySet.map(({ targetObject }) => targetObject)).to.have.members([
        entryOf(request).entryUUID,
        repeated?.entryUUID,
      ])
      const contents = await registry.found('GetFolderAndContents', { $XDSFolderEntryUUID: quote(folder.entryUUID) })
      expect(idsOf(contents.documentEntries)).to.deep.equal([entryOf(request).entryUUID])
      expect(contents.folders[0]?.lastUpdateTime).to.equal('20261123060100')
    })

    it('repeats relationships, whichever end is updated [ITI TF-2:3.57.4.1.3.3.1.5]', async () => {
      const entry = await anEntry()
      const addendum = entryOf(await registered(replacing(entry.entryUUID, 'APND')))
      const source = entryOf(await updated(anUpdate(addendum)))
      const target = entryOf(await updated(anUpdate(entry)))
      expect(await relationsOf(target.entryUUID)).to.deep.equal([`APND ${source.entryUUID}`])
    })

    it('joins the new versions where both ends are updated at once [ITI TF-2:3.57.4.1.3.3.1.5]', async () => {
      const entry = await anEntry()
      const addendum = entryOf(await registered(replacing(entry.entryUUID, 'APND')))
      const request = anUpdate(entry)
      const source = addUpdate(request, addendum)
      await updated(request)
      expect(await relationsOf(entryOf(request).entryUUID)).to.deep.equal([`APND ${source.entryUUID}`])
      expect(await relationsOf(entry.entryUUID)).to.deep.equal([`APND ${addendum.entryUUID}`])
    })

    it('keeps the documentation of a relationship [ITI TF-3:4.2.2.2]', async () => {
      const entry = await anEntry()
      const submission = replacing(entry.entryUUID, 'APND')
      const [, relation] = submission.associations
      if (relation !== undefined) {
        relation.associationDocumentation = { code: '1', codingScheme: '2.999', displayName: [{ value: 'why' }] }
      }
      await registered(submission)
      const update = entryOf(await updated(anUpdate(entry)))
      const [repeated] = (await associationsOf(update.entryUUID)).filter(each => each.associationType === 'APND')
      expect(repeated?.associationDocumentation).to.deep.include({ code: '1', codingScheme: '2.999' })
    })

    it('of a Folder takes all its entries over [ITI TF-2:3.57.4.1.3.3.3.5]', async () => {
      const [first, second] = [await anEntry(), await anEntry()]
      const { folder } = await aFolderWith(first)
      const request = aRequest()
      addAssociation(request, { sourceObject: folder.entryUUID, targetObject: second.entryUUID })
      await updated(request)
      const update = await updated(anUpdate(folder))
      const newFolder = update.folders[0]?.entryUUID ?? ''
      // The kit's 20000d: one Folder with all of it at level 1, both at level 2.
      const contents = async (id: string, level: string) => {
        const { folders, documentEntries, associations } = await registry.found('GetFolderAndContents', {
          $XDSFolderEntryUUID: quote(id),
          $MetadataLevel: level,
          $XDSAssociationStatus: anyStatus,
        })
        return [folders.length, documentEntries.length, associations.length]
      }
      expect(await contents(newFolder, '1')).to.deep.equal([1, 2, 2])
      expect(await contents(folder.entryUUID, '1')).to.deep.equal([0, 0, 0])
      expect(await contents(folder.entryUUID, '2')).to.deep.equal([1, 2, 2])
    })

    it('"no" leaves all with the former version [ITI TF-2:3.57.4.1.3.3.1.5]', async () => {
      const entry = await anEntry()
      await aFolderWith(entry)
      await registered(replacing(entry.entryUUID, 'APND'))
      const request = await updated(anUpdate(entry, {}, { associationPropagation: 'no' }))
      const associations = await associationsOf(entryOf(request).entryUUID)
      expect(associations.map(({ sourceObject }) => sourceObject)).to.deep.equal([setOf(request)])
    })

    it('is refused with more faults than an answer tells [ITI TF-3:4.2.4.2]', async () => {
      const request = anUpdate(await anEntry(), {}, { previousVersion: 'abc' })
      const membership = request.associations.at(-1) as Association
      for (let count = 0; count < 600; count++) request.associations.push({ ...membership, entryUUID: aUuid() })
      const response = await registry.update(request)
      expect([response.status, response.errors.length]).to.deep.equal(['Failure', 500])
    })

    it('has a bound for all of a request, unless nothing is taken over [ITI TF-2:3.57.4.1.3.3.1.5]', async () => {
      const [first, second] = [await anEntry(), await anEntry()]
      await registered(replacing(first.entryUUID, 'APND'))
      await multiply('APND', mostTakenOver - 1)
      const both = () => {
        const request = anUpdate(second)
        addUpdate(request, first)
        return request
      }
      await registered(replacing(second.entryUUID, 'signs'))
      const response = await registry.update(both())
      expect(codesOf(response)).to.deep.equal(['XDSMetadataUpdateError'])
      expect(response.errors[0]?.codeContext).to.contain('at most 5000 Associations')
      const alone = both()
      for (const association of alone.associations) association.associationPropagation = 'no'
      await updated(alone)
    })

    /** More of the one Association of its type. */
    async function multiply(type: string, times: number): Promise<void> {
      const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${times})`
      const one = 'a.object = (SELECT object FROM associations WHERE type = ?)'
      if (engineUnderTest === 'postgres') {
        const rest = 'status, head, body, type, source, source_kind, target, target_kind'
        await registry.sql(
          `${numbers} INSERT INTO associations (patient, object, entry_uuid, ${rest})
          SELECT patient, a.object + 1000 + i, entry_uuid || i, ${rest} FROM n, associations a WHERE ${one}`,
          type,
        )
        return
      }
      await registry.sql(
        `${numbers} INSERT INTO fragments SELECT a.object + 1000 + i, head, body FROM n, fragments a WHERE ${one}`,
        type,
      )
      await registry.sql(
        `${numbers} INSERT INTO associations SELECT a.object + 1000 + i, entry_uuid || i, status, type, source, target
          FROM n, associations a WHERE ${one}`,
        type,
      )
    }

    it('counts nothing that leads to former versions [ITI TF-2:3.57.4.1.3.3.1.5]', async () => {
      const entry = await anEntry()
      const addendum = entryOf(await registered(replacing(entry.entryUUID, 'APND')))
      await multiply('APND', mostTakenOver + 1)
      await updated(anUpdate(addendum, {}, { associationPropagation: 'no' }))
      await updated(anUpdate(entry))
    })

    it('leaves out what is Deprecated [ITI TF-2:3.57.4.1.3.3.1.5]', async () => {
      const entry = await anEntry()
      const { membership } = await aFolderWith(entry)
      const order = aRequest()
      addStatusOrder(order, membership)
      await updated(order)
      const request = await updated(anUpdate(entry))
      expect(await associationsOf(entryOf(request).entryUUID)).to.have.length(1)
    })

    async function relationsOf(target: string): Promise<string[]> {
      const found = (await associationsOf(target)).filter(each => each.associationType !== 'HasMember')
      return found
        .filter(each => each.targetObject === target)
        .map(each => `${each.associationType} ${each.sourceObject}`)
    }
  })

  it('takes a thousand new versions in one request and refuses more before it looks anything up [ITI TF-2:3.57.4.1.3.1]', async () => {
    const entry = await anEntry()
    const request = anUpdate(entry)
    for (let more = 0; more < 1_000; more++) addUpdate(request, entry)
    const before = await registry.contents()
    for (const send of [registry.update, registry.restrictedUpdate]) {
      const { status, errors } = await send(request)
      expect([status, errors.map(({ errorCode }) => errorCode)]).to.deep.equal(['Failure', ['XDSRegistryError']])
      expect(errors[0]?.codeContext).to.contain('at most 1000 new versions').and.contain('found 1001')
    }
    request.documentEntries.pop()
    expect(codesOf(await registry.update(request))).to.include('XDSRegistryDuplicateUniqueIdInMessage')
    expect(await registry.contents()).to.deep.equal(before)
  })

  describe('a status', () => {
    it('of an entry changes there and back, and no order is kept [ITI TF-2:3.57.4.1.3.3.2]', async () => {
      const entry = await anEntry()
      const order = aRequest()
      addStatusOrder(order, entry.entryUUID)
      await updated(order)
      expect(await statusOf(entry)).to.deep.equal(['Deprecated'])
      const back = aRequest()
      addStatusOrder(back, entry.entryUUID, approving)
      await updated(back)
      expect(await statusOf(entry)).to.deep.equal(['Approved'])
      expect(await associationsOf(setOf(back))).to.deep.equal([])
      const sets = await registry.found('FindSubmissionSets', {
        $XDSSubmissionSetPatientId: quote(entry.patientId ?? ''),
        $XDSSubmissionSetStatus: anyStatus,
      })
      expect(idsOf(sets.submissionSets)).to.include.members([setOf(order), setOf(back)])
    })

    it('Deprecated hides a Folder and an Association at level 1 alone [Gazelle ITI18-MU-002]', async () => {
      const entry = await anEntry()
      const { folder, membership } = await aFolderWith(entry)
      const order = aRequest()
      addStatusOrder(order, folder.entryUUID)
      addStatusOrder(order, membership)
      await updated(order)
      const folders = (level: string) =>
        registry.found('GetFolders', { $XDSFolderEntryUUID: `(${quote(folder.entryUUID)})`, $MetadataLevel: level })
      expect((await folders('1')).folders).to.deep.equal([])
      expect((await folders('2')).folders).to.have.length(1)
      const held = async (level: string, status?: AvailabilityStatus) =>
        (
          await associationsOf(
            folder.entryUUID,
            level,
            status === undefined ? anyStatus : `(${quote(statusTypes[status])})`,
          )
        ).filter(({ targetObject }) => targetObject === entry.entryUUID).length
      expect([
        await held('1'),
        await held('2'),
        await held('2', 'Approved'),
        await held('2', 'Deprecated'),
      ]).to.deep.equal([0, 1, 0, 1])
    })

    it('ordered with an update is that of the new version, by whichever id it is named [Gazelle ITI57-015]', async () => {
      for (const named of ['former', 'new'] as const) {
        const entry = await anEntry()
        const request = anUpdate(entry)
        addStatusOrder(request, named === 'new' ? entryOf(request).entryUUID : entry.entryUUID)
        await updated(request)
        expect(await statusOf(entry)).to.deep.equal(['Deprecated', 'Deprecated'])
        expect((await versionsOf(entry, '1')).map(({ version }) => version)).to.deep.equal([2])
      }
    })

    it('stays with the successor of what is Deprecated, where the registry lets it be updated', async () => {
      registry.context.config.updateDeprecated = true
      const entry = await anEntry()
      const order = aRequest()
      addStatusOrder(order, entry.entryUUID)
      await updated(order)
      await updated(anUpdate(entry))
      expect(await statusOf(entry)).to.deep.equal(['Deprecated', 'Deprecated'])
    })
  })

  describe('Associations', () => {
    it('are added between what is registered, the order is not kept [ITI TF-2:3.57.4.1.3.3.6]', async () => {
      const [entry, addendum] = [await anEntry(), await anEntry()]
      const request = aRequest()
      const { entryUUID } = addAssociation(request, {
        associationType: 'APND',
        ...{ sourceObject: addendum.entryUUID, targetObject: entry.entryUUID },
      })
      await updated(request)
      const related = await registry.found('GetRelatedDocuments', {
        $XDSDocumentEntryEntryUUID: quote(entry.entryUUID),
        $AssociationTypes: "('urn:ihe:iti:2007:AssociationType:APND')",
      })
      expect(idsOf(related.associations)).to.deep.equal([entryUUID])
      expect(idsOf(related.documentEntries)).to.have.members([entry.entryUUID, addendum.entryUUID])
      expect(await associationsOf(setOf(request))).to.deep.equal([])
    })

    it('into a Folder are held by the SubmissionSet and touch the Folder [ITI TF-2:3.57.4.1.3.3.6]', async () => {
      const entry = await anEntry()
      const { folder } = await aFolderWith(await anEntry())
      registry.clock.nowMs = startMs + 60_000
      const request = aRequest()
      const { entryUUID } = addAssociation(request, {
        sourceObject: folder.entryUUID,
        targetObject: entry.entryUUID,
      })
      await updated(request)
      expect((await associationsOf(setOf(request))).map(each => each.targetObject)).to.deep.equal([entryUUID])
      const contents = await registry.found('GetFolderAndContents', { $XDSFolderEntryUUID: quote(folder.entryUUID) })
      expect(contents.documentEntries).to.have.length(2)
      expect(contents.folders[0]?.lastUpdateTime).to.equal('20261123060100')
    })

    it('that replace have the effects of ITI-42 [ITI TF-2:3.42.4.1.3.5]', async () => {
      const [old, successor] = [await anEntry(), await anEntry()]
      const { folder } = await aFolderWith(old)
      const request = aRequest()
      addAssociation(request, {
        associationType: 'RPLC',
        ...{ sourceObject: successor.entryUUID, targetObject: old.entryUUID },
      })
      await updated(request)
      expect(await statusOf(old)).to.deep.equal(['Deprecated'])
      const contents = await registry.found('GetFolderAndContents', { $XDSFolderEntryUUID: quote(folder.entryUUID) })
      expect(idsOf(contents.documentEntries)).to.have.members([old.entryUUID, successor.entryUUID])
    })

    it('that replace leave in force what takes the place, and what leans on that [ITI TF-2:3.42.4.1.3.5]', async () => {
      const old = await anEntry()
      const addendum = entryOf(await registered(replacing(old.entryUUID, 'APND')))
      const ofAddendum = entryOf(await registered(replacing(addendum.entryUUID, 'APND')))
      const other = entryOf(await registered(replacing(old.entryUUID, 'APND')))
      const ofOther = entryOf(await registered(replacing(other.entryUUID, 'XFRM')))
      const request = aRequest()
      addAssociation(request, {
        associationType: 'RPLC',
        ...{ sourceObject: addendum.entryUUID, targetObject: old.entryUUID },
      })
      await updated(request)
      const statuses = await Promise.all([old, addendum, ofAddendum, other, ofOther].map(statusOf))
      expect(statuses.flat()).to.deep.equal(['Deprecated', 'Approved', 'Approved', 'Deprecated', 'Deprecated'])
    })

    it('may be Deprecated in the very request that submits them [ITI TF-2:3.57.4.1.3.1]', async () => {
      const [entry, addendum] = [await anEntry(), await anEntry()]
      const request = aRequest()
      const { entryUUID } = addAssociation(request, {
        associationType: 'APND',
        ...{ sourceObject: addendum.entryUUID, targetObject: entry.entryUUID },
      })
      addStatusOrder(request, entryUUID)
      await updated(request)
      const found = (await associationsOf(entry.entryUUID)).filter(each => each.entryUUID === entryUUID)
      expect(found.map(each => each.availabilityStatus)).to.deep.equal(['Deprecated'])
    })

    describe('alike', () => {
      const related = async (types: string[]) => {
        const ends: Pick<Association, 'sourceObject' | 'targetObject'> = {
          sourceObject: (await anEntry()).entryUUID,
          targetObject: (await anEntry()).entryUUID,
        }
        const ids: string[] = []
        for (const associationType of types) {
          const request = aRequest()
          const { entryUUID } = addAssociation(request, { associationType, ...ends })
          await updated(request)
          const order = aRequest()
          addStatusOrder(order, entryUUID)
          await updated(order)
          ids.push(entryUUID)
        }
        return { ends, ids }
      }
      const approvingAll = (...ids: string[]) => {
        const request = aRequest()
        for (const id of ids) addStatusOrder(request, id, approving)
        return request
      }
      const refusal = async (request: Submission) => {
        const before = await registry.contents()
        const response = await registry.update(request)
        expect(codesOf(response)).to.deep.equal(['XDSMetadataUpdateError'])
        expect(await registry.contents()).to.deep.equal(before)
        return response.errors[0]?.codeContext
      }

      it('are not both Approved again, one after the other or at once [ITI TF-2:3.57.4.1.3.3.5]', async () => {
        const [first = '', second = ''] = (await related(['APND', 'APND'])).ids
        expect(await refusal(approvingAll(first, second))).to.contain(first)
        await updated(approvingAll(first))
        expect(await refusal(approvingAll(second))).to.contain(first)
      })

      it('are not submitted while the other is Approved again [ITI TF-2:3.57.4.1.3.3.5]', async () => {
        const { ends, ids } = await related(['signs'])
        const request = approvingAll(...ids)
        const { entryUUID } = addAssociation(request, { associationType: 'signs', ...ends })
        expect(await refusal(request)).to.contain(entryUUID)
        addStatusOrder(request, entryUUID)
        await updated(request)
      })

      it('may change places in one request, and others need not care [ITI TF-2:3.57.4.1.3.3.5]', async () => {
        const [first = '', second = '', other = ''] = (await related(['APND', 'APND', 'signs'])).ids
        await updated(approvingAll(first, other))
        const change = approvingAll(second)
        addStatusOrder(change, first)
        await updated(change)
      })
    })
  })

  describe('another patient', () => {
    beforeEach(() => registry.addPatient(other))

    const of = async (patientId: string, level = '1') =>
      (
        await registry.found('FindDocuments', {
          $XDSDocumentEntryPatientId: quote(patientId),
          $XDSDocumentEntryStatus: anyStatus,
          $MetadataLevel: level,
        })
      ).documentEntries.length

    it('has the new version, the former one stays where it was [ITI TF-2:3.57.4.1.3.3.1.7]', async () => {
      const entry = await anEntry()
      await updated(anUpdate(entry, { patientId: other }))
      expect([await of(entry.patientId ?? ''), await of(other)]).to.deep.equal([0, 1])
      expect([await of(entry.patientId ?? '', '2'), await of(other, '2')]).to.deep.equal([1, 1])
    })

    it('makes versions of two patients, which no consumer gets together [ITI TF-2:3.18.4.1.2.3.9]', async () => {
      const entry = await anEntry()
      await updated(anUpdate(entry, { patientId: other }))
      const parameters = { $XDSDocumentEntryLogicalID: `(${quote(entry.entryUUID)})`, $MetadataLevel: '2' }
      expect(codesOf(await registry.query('GetDocuments', parameters))).to.deep.equal(['XDSResultNotSinglePatient'])
      const references = await registry.query('GetDocuments', parameters, { returnType: 'ObjectRef' })
      expect(references.registryObjects).to.have.length(2)
    })

    it('may move on, and come back [ITI TF-2:3.57.4.1.3.3.1.7]', async () => {
      const entry = await anEntry()
      const moved = entryOf(await updated(anUpdate(entry, { patientId: other })))
      await updated(anUpdate(moved, { patientId: entry.patientId ?? '' }, { previousVersion: '2' }))
      expect([await of(entry.patientId ?? ''), await of(other)]).to.deep.equal([1, 0])
    })

    it('takes Folder and entry together, when both are updated at once [ITI TF-2:3.57.4.1.3.3.3.7]', async () => {
      const entry = await anEntry()
      const { folder } = await aFolderWith(entry)
      const request = aRequest({ patientId: other })
      const newFolder = addUpdate(request, folder, { patientId: other })
      const newEntry = addUpdate(request, entry, { patientId: other })
      await updated(request)
      const contents = await registry.found('GetFolderAndContents', {
        $XDSFolderEntryUUID: quote(newFolder.entryUUID),
      })
      expect(idsOf(contents.documentEntries)).to.deep.equal([newEntry.entryUUID])
      expect(contents.associations).to.have.length(1)
    })

    it('is named in the audit beside the one who was [ITI TF-2:3.57.5]', async () => {
      const entry = await anEntry()
      await updated(anUpdate(entry, { patientId: other }))
      const [record] = await registry.sql<{ record: string }>(
        'SELECT record FROM test_outbox ORDER BY number DESC LIMIT 1',
      )
      expect(JSON.parse(record?.record ?? '{}').response.patientIds).to.deep.equal([entry.patientId])
    })
  })

  describe('after a merge', () => {
    it('updates what came from the id that was merged away [ITI TF-2:3.44.4.2.4]', async () => {
      await registry.addPatient(other)
      const submission = await registered(aSubmission({ patientId: other }))
      const entry = entryOf(submission)
      const survivor = entryOf(aSubmission()).patientId ?? ''
      await registry.merge(other, survivor)
      await updated(anUpdate(entry, { patientId: survivor }))
      expect((await versionsOf(entry)).map(({ version, patientId }) => [version, patientId])).to.deep.equal([
        [1, survivor],
        [2, survivor],
      ])
    })
  })

  describe('sent again', () => {
    const outcomes = async (resubmission: 'strict' | 'replay') => {
      registry.context.config.resubmission = resubmission
      const entry = await anEntry()
      const request = anUpdate(entry)
      await updated(structuredClone(request))
      const again = await registry.update(structuredClone(request))
      expect(await statusOf(entry)).to.deep.equal(['Deprecated', 'Approved'])
      return codesOf(again)
    }

    it('is refused with strict', async () => {
      expect(await outcomes('strict')).to.include('XDSDuplicateUniqueIdInRegistry')
    })

    it('is answered as before with replay, and changes nothing', async () => {
      expect(await outcomes('replay')).to.deep.equal([])
    })

    it('is another request when it comes by ITI-92', async () => {
      registry.context.config.resubmission = 'replay'
      const request = anUpdate(await anEntry())
      await updated(structuredClone(request))
      const answer = await registry.restrictedUpdate(structuredClone(request))
      expect(codesOf(answer)).to.include('XDSDuplicateUniqueIdInRegistry')
    })
  })

  it('leaves versions that are removed one by one, the latest first, and the one before is the latest again [ITI TF-2:3.62.4.1.3]', async () => {
    const entry = await anEntry()
    const request = await updated(anUpdate(entry))
    const ids = [setOf(request), entryOf(request).entryUUID, request.associations[0]?.entryUUID ?? '']
    expect((await registry.remove(...ids)).errors).to.deep.equal([])
    expect((await versionsOf(entry, '1')).map(({ version }) => version)).to.deep.equal([1])
  })
})

const entryOf = ({ documentEntries: [entry] }: Submission) => entry as DocumentEntry
const setOf = ({ submissionSets: [set] }: Submission) => set?.entryUUID ?? aUuid()
