// Objects as queries answer them.
import { expect } from 'chai'
import fc from 'fast-check'
import {
  decodeRegistryObjectList,
  fragmentOf,
  mayBeReference,
  objectRef,
  spliced,
  uniqueIdIn,
} from '../../metadata/fragment.js'
import type { RegistryObjectValue } from '../../metadata/model.js'
import { attributeOf, bytesOf, escapeXml, parseXml, type XmlElement, type XmlPiece } from '../../soap/xml.js'
import { arbitrarySubmission } from '../samples/arbitrary-submission.js'
import { aDocumentEntry, aFolder, anAssociation, aSubmissionSet, aUuid } from '../samples/submission.js'

const rim = 'urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'

describe('a fragment', () => {
  it('is the object, with what a registry adds to it [ITI TF-2:3.18.4.1.3]', () => {
    fc.assert(
      fc.property(arbitrarySubmission, submission => {
        const { documentEntries, submissionSets, folders, associations } = submission
        const objects = [...documentEntries, ...submissionSets, ...folders, ...associations]
        const found = decodeRegistryObjectList(parsed(objects.flatMap(approved)))
        expect(found.documentEntries.map(plain)).to.deep.equal(documentEntries.map(plain))
        expect(found.submissionSets.map(plain)).to.deep.equal(submissionSets.map(plain))
        expect(found.folders.map(plain)).to.deep.equal(folders.map(plain))
        expect(found.associations.map(plain)).to.deep.equal(associations.map(plain))
      }),
      { numRuns: 100 },
    )
  })

  it('tells its uniqueId and that it holds nothing by reference without being read', () => {
    fc.assert(
      fc.property(arbitrarySubmission, ({ documentEntries, submissionSets, folders, associations }) => {
        for (const object of [...documentEntries, ...submissionSets, ...folders]) {
          const found = uniqueIdIn(fragmentOf(object, aUuid))
          if (found === undefined) expect(escapeXml(object.uniqueId ?? '&')).to.contain('&')
          else expect(found).to.equal(object.uniqueId)
        }
        for (const association of associations) {
          if (association.submissionSetStatus !== 'Reference') continue
          expect(mayBeReference(fragmentOf(association, aUuid))).to.equal(true)
        }
      }),
      { numRuns: 100 },
    )
    expect(mayBeReference(fragmentOf(anAssociation({ submissionSetStatus: 'Reference' }), aUuid))).to.equal(true)
    expect(mayBeReference(fragmentOf(anAssociation({ submissionSetStatus: 'Original' }), aUuid))).to.equal(false)
  })

  it('has a lid and a version even when none was sent [XDS Metadata Update]', () => {
    const entry = aDocumentEntry()
    const found = read(entry)
    expect(found).to.include({ logicalID: entry.entryUUID, version: 1, availabilityStatus: 'Approved' })
  })

  it('keeps the lid and version that are there', () => {
    const logicalID = aUuid()
    expect(read(aSubmissionSet({ logicalID, version: 3 }))).to.include({ logicalID, version: 3 })
  })

  it('has a UUID, an objectType and its object on whatever is nested in it [ITI TF-3:4.2.3.1.2, 4.2.3.1.3]', () => {
    for (const object of [aDocumentEntry(), aSubmissionSet(), aFolder()]) {
      const element = parsed(approved(object)).children[0]!
      const nested = element.children.filter(child => /Classification|ExternalIdentifier/.test(child.name))
      expect(nested.length).to.be.above(2)
      for (const child of nested) {
        expect(attributeOf(child, 'id')).to.match(/^urn:uuid:[0-9a-f-]{36}$/)
        expect(attributeOf(child, 'objectType')).to.match(new RegExp(`:RegistryObject:${child.name}$`))
        expect(attributeOf(child, 'classifiedObject') ?? attributeOf(child, 'registryObject')).to.equal(
          object.entryUUID,
        )
      }
      expect(new Set(nested.map(child => attributeOf(child, 'id'))).size).to.equal(nested.length)
    }
  })

  it('names its ExternalIdentifiers [ITI TF-3:4.2.3.1.3]', () => {
    const xml = bytesOf([
      ...approved(aDocumentEntry()),
      ...approved(aSubmissionSet()),
      ...approved(aFolder()),
    ]).toString()
    const names = [...xml.matchAll(/<rim:Name><rim:LocalizedString value="(XDS[^"]*)"/g)].map(([, name]) => name)
    expect(names).to.deep.equal([
      ...['XDSDocumentEntry.patientId', 'XDSDocumentEntry.uniqueId'],
      ...['XDSSubmissionSet.patientId', 'XDSSubmissionSet.sourceId', 'XDSSubmissionSet.uniqueId'],
      ...['XDSFolder.patientId', 'XDSFolder.uniqueId'],
    ])
  })

  it('takes the status of the moment, and the last update of a folder [ITI TF-3:4.2.3.4.6]', () => {
    const fragment = fragmentOf(aFolder({ availabilityStatus: 'Approved', lastUpdateTime: '20200101000000' }), aUuid)
    const now = { availabilityStatus: 'Deprecated', lastUpdateTime: '20261123060559' } as const
    const [folder] = decodeRegistryObjectList(parsed(spliced(fragment, now))).folders
    expect(folder).to.include(now)
  })

  it('takes the patient id that stands for its own after a merge, and leaves all else [ITI TF-2:3.18.4.1.2.3.9]', () => {
    fc.assert(
      fc.property(arbitrarySubmission, fc.string(), ({ documentEntries, submissionSets, folders }, survivor) => {
        for (const object of [...documentEntries, ...submissionSets, ...folders]) {
          if (object.patientId === undefined) continue
          const now = { availabilityStatus: 'Approved', patientId: `S${survivor}S` } as const
          const xml = bytesOf(spliced(fragmentOf(object, aUuid), now)).toString()
          expect(xml).to.contain(`value="${escapeXml(now.patientId)}"`)
          const list = decodeRegistryObjectList(
            parsed(spliced(fragmentOf(object, aUuid), { ...now, patientId: 'S-1' })),
          )
          const [found] = [...list.documentEntries, ...list.submissionSets, ...list.folders]
          expect(plain(found!)).to.deep.equal(plain({ ...object, patientId: 'S-1' }))
        }
      }),
      { numRuns: 50 },
    )
  })

  it('carries the community it is from [ITI TF-3:4.2.3.2.12]', () => {
    const home = 'urn:oid:2.999.1'
    expect(read(anAssociation({ homeCommunityId: home }))).to.include({ homeCommunityId: home })
    expect(decodeRegistryObjectList(parsed([objectRef('urn:uuid:x', home), objectRef('b')])).objectRefs).to.deep.equal([
      { id: 'urn:uuid:x', home },
      { id: 'b' },
    ])
  })

  it('has its parts in the order of the schema [ebRIM 3.0]', () => {
    const title = [{ value: 'x' }]
    const entry = aDocumentEntry({ comments: title, version: 2, extraMetadata: [{ name: 'urn:x:y', values: ['z'] }] })
    const names = parsed(approved(entry)).children[0]!.children.map(child => child.name)
    const order = ['Slot', 'Name', 'Description', 'VersionInfo', 'Classification', 'ExternalIdentifier']
    expect([...new Set(names)]).to.deep.equal(order)
    expect(names).to.deep.equal(names.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)))
  })
})

function approved(object: RegistryObjectValue): XmlPiece[] {
  return spliced(fragmentOf(object, aUuid), { availabilityStatus: 'Approved' })
}

function parsed(pieces: XmlPiece[]): XmlElement {
  return parseXml(`<rim:RegistryObjectList xmlns:rim="${rim}">${bytesOf(pieces)}</rim:RegistryObjectList>`)
}

function read(object: RegistryObjectValue): RegistryObjectValue | undefined {
  const { documentEntries, submissionSets, folders, associations } = decodeRegistryObjectList(parsed(approved(object)))
  return [...documentEntries, ...submissionSets, ...folders, ...associations][0]
}

/** Without what a registry adds or changes, and without the ids of nested objects. */
function plain(object: RegistryObjectValue): unknown {
  const added = ['logicalID', 'version', 'availabilityStatus', 'lastUpdateTime', 'identifierIds', 'id']
  return JSON.parse(JSON.stringify(object, (name, value) => (added.includes(name) ? undefined : value)))
}
