// lcm:SubmitObjectsRequest read and written: what the field sends is read, what is wrong in its carriage is said.
import { expect } from 'chai'
import fc from 'fast-check'
import { checkAttributes } from '../../metadata/check.js'
import { submissionDigest } from '../../metadata/digest.js'
import { registryErrorOf } from '../../metadata/errors.js'
import type { Finding, Submission } from '../../metadata/model.js'
import { decodeSubmission, encodeSubmission } from '../../metadata/submission.js'
import { bytesOf, parseXml } from '../../soap/xml.js'
import { arbitraryRequest } from '../samples/arbitrary-request.js'
import { arbitrarySubmission } from '../samples/arbitrary-submission.js'
import { aDocumentEntry, aFolder, anAssociation, aSubmission, aSubmissionSet } from '../samples/submission.js'

const rim = 'urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'

describe('a submission', () => {
  it('is the same after it has been written and read [ITI TF-3:4.2.1.5]', () => {
    fc.assert(
      fc.property(arbitrarySubmission, submission => {
        expect(readBack(submission)).to.deep.equal(submission)
      }),
      { numRuns: 200 },
    )
  })

  it('is read in any order, with the label of a package beside it and symbolic ids [ITI TF-3:4.2.1.2.1, 4.2.3.1.5]', () => {
    const submission = aSubmission({ submissionSet: { entryUUID: 'Set' }, documentEntry: { entryUUID: 'Doc' } })
    const label = /<rim:Classification id="[^"]*" objectType="[^"]*" classificationNode="urn:uuid:a54d6aa5[^>]*\/>/
    const xml = xmlOf(submission)
    const beside = xml
      .replace(label, '')
      .replace('<rim:RegistryObjectList>', `$&${label.exec(xml)![0]}<rim:ObjectRef id="x"/>`)
    expect(decoded(beside)).to.deep.equal(submission)
  })

  it('is read whatever the prefixes, and with an empty RequestSlotList before it [ITI TF-3:4.2.1]', () => {
    const submission = aSubmission()
    const unprefixed = xmlOf(submission)
      .replaceAll(/(<\/?)rim:/g, '$1')
      .replace(`xmlns:rim="${rim}"`, `xmlns="${rim}"`)
      .replace('<RegistryObjectList>', '<rs:RequestSlotList xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"/>$&')
    expect(decoded(unprefixed)).to.deep.equal(submission)
  })

  it('is read with white space around the values of its Slots', () => {
    const xml = xmlOf(aSubmission()).replace('>20261123060559<', '>\n   20261123060559\n  <')
    expect(decoded(xml).documentEntries[0]?.creationTime).to.equal('20261123060559')
  })

  it('is read with capital hex digits in its UUIDs, as one id everywhere [ITI TF-3:4.2.3.1.5]', () => {
    const submission = aSubmission()
    const id = submission.documentEntries[0]!.entryUUID
    const xml = xmlOf(submission).replaceAll(id, `urn:uuid:${id.slice(9).toUpperCase()}`)
    expect(decoded(xml)).to.deep.equal(submission)
  })

  it('is read without ids on Classifications, ExternalIdentifiers and Associations [ITI TF-3:4.2.2]', () => {
    const submission = aSubmission()
    const xml = xmlOf(submission).replaceAll(
      /(<rim:(?:Classification|ExternalIdentifier|Association)) id="[^"]*"/g,
      '$1',
    )
    const expected = { ...submission, associations: submission.associations.map(each => ({ ...each, entryUUID: '' })) }
    expect(decoded(xml)).to.deep.equal(expected)
  })

  it('is read with a URI in numbered parts, in the order of their numbers [ITI TF-3:4.2.3.2.27]', () => {
    const xml = xmlOf(aSubmission({ documentEntry: { URI: 'x' } })).replace(
      '<rim:Value>x</rim:Value>',
      '<rim:Value>2|b.xml</rim:Value><rim:Value>10|?c</rim:Value><rim:Value>1|http://a/</rim:Value>',
    )
    const { documentEntries, findings } = decoded(xml)
    expect(documentEntries[0]?.URI).to.equal('http://a/b.xml?c')
    expect(findings).to.deep.equal([])
  })

  it('keeps extra metadata by URN, and names that a program could stumble over [ITI TF-3:4.2.3.1.6]', () => {
    const extraMetadata = [
      { name: 'urn:e-health-suisse:2020:originalProviderRole', values: ['HCP^^^&2.16.756.5.30.1.127.3.10.6&ISO'] },
      { name: 'urn:x:__proto__', values: ['', ' kept as sent '] },
      { name: 'urn:x', values: ['of no namespace'] },
    ]
    const submission = aSubmission({ documentEntry: { extraMetadata } })
    expect(readBack(submission)).to.deep.equal(submission)
  })

  it('says nothing of the status that was sent, and ignores a version that is no number [ITI TF-3:4.2.3.2.2]', () => {
    const xml = xmlOf(aSubmission({ documentEntry: { version: 1 } }))
      .replace('<rim:ExtrinsicObject', '$& status="urn:oasis:names:tc:ebxml-regrep:StatusType:Submitted"')
      .replace('versionName="1"', 'versionName="-1"')
    const { documentEntries, findings } = decoded(xml)
    expect(documentEntries[0]).to.not.have.any.keys('availabilityStatus', 'version')
    expect(findings).to.deep.equal([])
  })

  it('of more objects than can be judged in a moment is not looked at, and says so [ITI TF-3:4.2.1.5]', () => {
    const many = (count: number) =>
      parseXml(
        `<l:SubmitObjectsRequest xmlns:l="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" xmlns:rim="${rim}">` +
          `<rim:RegistryObjectList>${'<rim:ObjectRef id="x"/>'.repeat(count)}</rim:RegistryObjectList></l:SubmitObjectsRequest>`,
      )
    expect(decodeSubmission(many(10_000)).findings).to.deep.equal([])
    const [finding, ...others] = decodeSubmission(many(10_001)).findings
    expect(others).to.deep.equal([])
    expect(finding).to.deep.include({
      code: 'XDSRegistryMetadataError',
      expected: 'at most 10000 objects',
      found: '10001',
    })
  })

  it('without a RegistryObjectList is empty and says so', () => {
    const submission = decoded('<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"/>')
    expect(submission.documentEntries).to.deep.equal([])
    expect(submission.findings).to.have.length(1)
  })

  it('gives nested objects ids that nobody else in the submission has [ITI TF-3:4.2.3.1.5]', () => {
    const xml = xmlOf(aSubmission({ submissionSet: { entryUUID: 'id1' }, documentEntry: { entryUUID: 'id3' } }))
    const ids = [...xml.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    expect(ids.length).to.be.above(15)
    expect(new Set(ids).size).to.equal(ids.length)
  })
})

interface Fault {
  title: string
  submission?: Submission
  broken(xml: string): string
  finding: Partial<Finding>
}

const slot = '<rim:Slot name="languageCode"><rim:ValueList><rim:Value>de-CH</rim:Value></rim:ValueList></rim:Slot>'

const faults: Fault[] = [
  {
    title: 'a Slot name twice in one object [ITI TF-3:4.2.3.1.6]',
    broken: xml => xml.replace(slot, slot + slot.replace('languageCode', 'hash')),
    finding: { attribute: 'hash', rule: 'ITI TF-3:4.2.3.1.6' },
  },
  {
    title: 'several values where there is one [ITI TF-3:4.2.3.2.13]',
    broken: xml => xml.replace('<rim:Value>de-CH</rim:Value>', '$&<rim:Value>fr</rim:Value>'),
    finding: { attribute: 'languageCode', rule: 'ITI TF-3:4.2.3.2.13', found: '2 values' },
  },
  {
    title: 'several Classifications for one code [ITI TF-3:4.2.3.2.3]',
    broken: xml => xml.replace('f0306f51-975f-434e-a61c-c59651d33983', '41a5887f-8865-4c09-adf7-e362475b143a'),
    finding: { attribute: 'classCode', found: '2 Classifications' },
  },
  {
    title: 'several codingSchemes [ITI TF-3:4.2.3.1.2]',
    broken: xml => xml.replace(/(name="codingScheme"><rim:ValueList>)(.*?<\/rim:Value>)/, '$1$2$2'),
    finding: { rule: 'ITI TF-3:4.2.3.1.2', expected: 'one codingScheme' },
  },
  {
    title: 'several authorPersons in one author [ITI TF-3:4.2.3.1.4.2]',
    broken: xml => xml.replace(/(name="authorPerson"><rim:ValueList>)(.*?<\/rim:Value>)/, '$1$2$2'),
    finding: { attribute: 'author', rule: 'ITI TF-3:4.2.3.1.4.2' },
  },
  {
    title: 'two Names [ITI TF-3:4.2.3.2.24]',
    broken: xml => xml.replace(/<rim:Name><rim:LocalizedString[^>]*Austritt[^>]*><\/rim:Name>/, '$&$&'),
    finding: { attribute: 'title', found: '2 Name elements' },
  },
  {
    title: 'two ExternalIdentifiers for one [ITI TF-3:4.2.3.2.26]',
    broken: xml => xml.replace('58a6f841-87b3-4a3e-92fd-a8ffeff98427', '2e82c1f6-a085-4c72-9da3-8640a32e42ab'),
    finding: { attribute: 'uniqueId', found: '2 ExternalIdentifiers' },
  },
  {
    title: 'an ExternalIdentifier that the kind does not have [ITI TF-3:4.2.3.1.3]',
    broken: xml => xml.replace('58a6f841-87b3-4a3e-92fd-a8ffeff98427', '58a6f841-0000-4a3e-92fd-a8ffeff98427'),
    finding: { attribute: 'ExternalIdentifier', rule: 'ITI TF-3:4.2.3.1.3' },
  },
  {
    title: 'a Classification that the kind does not have, as a warning that it is not stored [ITI TF-3:4.2.5]',
    broken: xml => xml.replace('f0306f51-975f-434e-a61c-c59651d33983', 'f0306f51-0000-434e-a61c-c59651d33983'),
    finding: { code: 'XDSExtraMetadataNotSaved', severity: 'Warning' },
  },
  {
    title: 'a Classification of another object [ITI TF-3:4.2.3.1.2]',
    broken: xml => xml.replace(/classifiedObject="[^"]*"/, 'classifiedObject="Other"'),
    finding: { attribute: 'Classification@classifiedObject', found: '"Other"' },
  },
  {
    title: 'an ExternalIdentifier of another object [ITI TF-3:4.2.3.1.3]',
    broken: xml => xml.replace(/registryObject="[^"]*"/, 'registryObject="Other"'),
    finding: { attribute: 'ExternalIdentifier@registryObject', found: '"Other"' },
  },
  {
    title: 'a Classification without scheme and node [ITI TF-3:4.2.3.1.2]',
    broken: xml => xml.replace(/ classificationScheme="[^"]*"/, ''),
    finding: { attribute: 'Classification', rule: 'ITI TF-3:4.2.3.1.2' },
  },
  {
    title: 'a Classification beside the objects that belongs to none [ITI TF-3:4.2.1.2.1]',
    broken: xml => xml.replace('</rim:RegistryObjectList>', '<rim:Classification classifiedObject="Nobody"/>$&'),
    finding: { attribute: 'classifiedObject', found: '"Nobody"' },
  },
  {
    title: 'a package that is neither SubmissionSet nor Folder [ITI TF-3:4.2.1.2.1]',
    broken: xml => xml.replace('classificationNode="urn:uuid:a54d6aa5', 'classificationNode="urn:uuid:00000000'),
    finding: { object: 'RegistryPackage Set', found: 'none' },
  },
  {
    title: 'a package that is both [ITI TF-3:4.2.1.2.1]',
    broken: xml =>
      xml.replace(
        /<rim:Classification [^>]*classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"[^>]*\/>/,
        label => label + label.replace('a54d6aa5-d40d-43f9-88c5-b4633d873bdd', 'd9d542f3-6cc4-48b6-8870-ea235fbc94c2'),
      ),
    finding: { object: 'RegistryPackage Set', found: 'both of them' },
  },
  {
    title: 'an objectType that is neither stable nor on-demand [ITI TF-3:4.2.3.2.30]',
    broken: xml => xml.replace('7edca82f-054d-47f2-a032-9b2a5b5186c1', '10aa1a4b-715a-4120-bfd0-9760414112c8'),
    finding: { object: 'DocumentEntry Doc', attribute: 'objectType', rule: 'ITI TF-3:4.2.3.2.30' },
  },
  {
    title: 'an association type that nobody knows [ITI TF-3:4.2.2]',
    broken: xml => xml.replace('AssociationType:HasMember', 'AssociationType:Likes'),
    finding: { attribute: 'associationType', rule: 'ITI TF-3:4.2.2' },
  },
  {
    title: 'an Association without an end [ITI TF-3:4.2.2]',
    broken: xml => xml.replace(/ targetObject="[^"]*"/, ''),
    finding: { attribute: 'targetObject', found: 'nothing' },
  },
  ...['authorPerson', 'urn:ihe:iti:xds:2099:news', 'URN:IHE:x', 'urn:', 'urn:two words', '__proto__', ''].map(name => ({
    title: `an extra Slot ${JSON.stringify(name)} [ITI TF-3:4.2.3.1.6]`,
    broken: (xml: string) => xml.replace(slot, slot + slot.replace('languageCode', name)),
    finding: { attribute: 'Slot', rule: 'ITI TF-3:4.2.3.1.6', found: `"${name}"` },
  })),
  {
    title: 'an id twice [ITI TF-3:4.2.3.1.5]',
    submission: aSubmission({
      documentEntries: [aDocumentEntry({ entryUUID: 'Doc' }), aDocumentEntry({ entryUUID: 'Doc' })],
    }),
    broken: xml => xml,
    finding: { object: 'DocumentEntry Doc', attribute: 'id', found: '"Doc"' },
  },
  {
    title: 'an element that does not belong into the list [ITI TF-3:4.2.1]',
    broken: xml => xml.replace('</rim:RegistryObjectList>', '<rim:Service id="s"/>$&'),
    finding: { object: 'RegistryObjectList', found: `<Service> of namespace "${rim}"` },
  },
  {
    title: 'objects inside of a package [ITI TF-3:4.2.1]',
    broken: xml => xml.replace('</rim:RegistryPackage>', '<rim:RegistryObjectList/>$&'),
    finding: { object: 'SubmissionSet Set', found: '<RegistryObjectList>' },
  },
]

describe('the reader of submissions', () => {
  it('reads whatever it is given, and so do the rules, the digest and the writer', () => {
    fc.assert(
      fc.property(arbitraryRequest, element => {
        const submission = decodeSubmission(element)
        const again = readBack(submission)
        expect(checkAttributes(submission, 'ITI-42')).to.be.an('array')
        expect(submissionDigest(submission)).to.match(/^[0-9a-f]{64}$/)
        expect(again.documentEntries.length).to.equal(submission.documentEntries.length)
        for (const finding of submission.findings)
          expect(registryErrorOf(finding, 'x').codeContext).to.match(/found .*\[/)
      }),
      { numRuns: 100 },
    )
  })
})

describe('the reader of submissions finds', () => {
  for (const { title, submission, broken, finding } of faults) {
    it(title, () => {
      const sound =
        submission ?? aSubmission({ submissionSet: { entryUUID: 'Set' }, documentEntry: { entryUUID: 'Doc' } })
      const xml = xmlOf(sound)
      if (submission === undefined) expect(decoded(xml).findings).to.deep.equal([])
      if (submission === undefined) expect(broken(xml)).to.not.equal(xml)
      const { findings } = decoded(broken(xml))
      expect(findings).to.have.length(1)
      expect(findings[0]).to.include({ code: 'XDSRegistryMetadataError', ...finding })
      expect(findings[0]?.expected).to.match(/\w{2}/)
    })
  }

  it('no more than an answer can hold', () => {
    const xml = xmlOf(aSubmission()).replace('</rim:RegistryObjectList>', `${'<rim:Service/>'.repeat(2000)}$&`)
    expect(decoded(xml).findings).to.have.length(500)
  })

  it('what is wrong behind any number of warnings [ITI TF-3:4.2.4.2]', () => {
    const alien = '<rim:Classification classificationScheme="urn:uuid:0" nodeRepresentation="x"/>'
    const aliens = Array.from(
      { length: 600 },
      (_, index) => `<rim:ExtrinsicObject id="A${index}">${alien}</rim:ExtrinsicObject>`,
    )
    const xml = xmlOf(aSubmission()).replace('</rim:RegistryObjectList>', `${aliens.join('')}<rim:Service/>$&`)
    expect(decoded(xml).findings.filter(({ found }) => found.includes('<Service>'))).to.have.length(1)
  })

  it('a Slot that comes again, however many values it has [ITI TF-3:4.2.3.1.6]', () => {
    const values = '<rim:Value>a</rim:Value>'.repeat(150_000)
    const again = `<rim:Slot name="URI"><rim:ValueList>${values}</rim:ValueList></rim:Slot>`
    const xml = xmlOf(aSubmission()).replace('</rim:ExtrinsicObject>', `${again}${again}$&`)
    expect(decoded(xml).findings.map(({ attribute }) => attribute)).to.include('URI')
  }).timeout(20_000)

  it('an id that many objects have, whose Classifications beside it are those of the first alone [ITI TF-3:4.2.3.1.5]', () => {
    const scheme = 'urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4'
    const beside = `<rim:Classification classifiedObject="same" classificationScheme="${scheme}" nodeRepresentation="x"/>`
    const xml = xmlOf(aSubmission()).replace(
      '</rim:RegistryObjectList>',
      `${'<rim:ExtrinsicObject id="same"/>'.repeat(3)}${beside.repeat(2)}$&`,
    )
    const same = decoded(xml).documentEntries.filter(({ entryUUID }) => entryUUID === 'same')
    expect(same.map(({ eventCodeList }) => eventCodeList.length)).to.deep.equal([2, 0, 0])
  })

  it('nothing in folders and associations that are sound [ITI TF-3:4.2.1.3, 4.2.2]', () => {
    const folder = aFolder({ lastUpdateTime: '20261123060559' })
    const member = anAssociation({ sourceObject: folder.entryUUID, targetObject: 'Doc' })
    const submission = aSubmission({
      submissionSet: aSubmissionSet({ intendedRecipient: ['|^Tanner^Mia'] }),
      folders: [folder],
      associations: [member, anAssociation({ targetObject: member.entryUUID })],
    })
    expect(readBack(submission)).to.deep.equal(submission)
  })
})

function xmlOf(submission: Submission): string {
  return bytesOf(encodeSubmission(submission)).toString()
}

function decoded(xml: string): Submission {
  return decodeSubmission(parseXml(xml))
}

function readBack(submission: Submission): Submission {
  return decoded(xmlOf(submission))
}
