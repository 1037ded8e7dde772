import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { issueCa, newKey } from '../../../certs/issue.js'
import { type DocumentFlags, describeFile, type FileFacts } from '../../../cli/documents/metadata-from-file.js'
import { sourceIdOf, submissionOf } from '../../../cli/documents/submission.js'
import { offlineFindings } from '../../../cli/validate/offline-findings.js'
import { checkAttributes } from '../../../metadata/check.js'
import { systemPorts } from '../../../ports/ports.js'
import { packageRoot } from '../../../ports/processes.js'
import { swiss } from '../../registry/a-registry.js'
import { aDicomInstance } from '../dicom-instance.js'

const patient = 'P1^^^&2.999.1&ISO'
const ids = { entryUUID: 'urn:uuid:6a1ef1b4-7c4f-4bb5-9b21-2d1d8a1c7c11', uniqueId: '2.25.77' }
const cda = readFileSync(join(packageRoot, 'scripts', 'tour', 'discharge-summary.xml'))

function facts(name: string, content: Buffer | string): FileFacts {
  const head = Buffer.from(content)
  const sha1 = createHash('sha1').update(head).digest('hex')
  return { name, head, sha1, sizeBytes: head.length, modifiedMs: Date.UTC(2026, 10, 23, 8, 15) }
}

function describedAs(name: string, content: Buffer | string, flags: DocumentFlags = {}) {
  return describeFile(facts(name, content), patient, flags, ids)
}

const entryOf = (name: string, content: Buffer | string, flags: DocumentFlags = {}) =>
  describedAs(name, content, flags).entry

describe('cli/metadata-from-file', () => {
  it('takes from a CDA header what it tells', () => {
    const entry = entryOf('a.xml', cda)
    expect(entry).to.deep.include({
      uniqueId: '2.999.1.20^DS-2026-0417',
      mimeType: 'text/xml',
      creationTime: '20261120153000',
      languageCode: 'en-GB',
      sourcePatientId: 'H-100234^^^&2.999.1.30&ISO',
      sourcePatientInfo: [
        'PID-3|H-100234^^^&2.999.1.30&ISO',
        'PID-5|Muster^Anna^Maria',
        'PID-7|19580314',
        'PID-8|F',
        'PID-11|Lindenweg 12^^Bern^^3012^CH',
      ],
      serviceStartTime: '20261112',
      serviceStopTime: '20261120',
      legalAuthenticator: '7601000000026^Vorbild^Eva^^^Prof. Dr. med.^^^&2.51.1.3&ISO',
      patientId: patient,
      size: String(cda.length),
    })
    expect(entry.title).to.deep.equal([{ value: 'Discharge summary, internal medicine' }])
    expect(entry.typeCode).to.deep.include({ code: '18842-5', codingScheme: '2.16.840.1.113883.6.1' })
    expect(entry.confidentialityCode.map(({ code }) => code)).to.deep.equal(['N'])
    expect(entry.author).to.deep.equal([
      {
        authorPerson: '7601000000019^Beispiel^Lukas^^^Dr. med.^^^&2.51.1.3&ISO',
        authorInstitution: ['Example Hospital, Internal Medicine^^^^^&2.51.1.3&ISO^^^^7601000000002'],
        authorRole: [],
        authorSpecialty: [],
        authorTelecommunication: [],
      },
    ])
  })

  it('makes entries that no registry would refuse for an attribute, of a CDA, a PDF and a text alike', () => {
    const entries = [entryOf('a.xml', cda), entryOf('b.pdf', '%PDF-1.4\n'), entryOf('notes.txt', 'Grüezi')]
    for (const entry of entries) {
      const submission = submissionOf({ patientId: patient, sourceId: '2.25.5', entries: [entry] }, systemPorts)
      expect(checkAttributes(submission, 'ITI-41')).to.deep.equal([])
      expect(checkAttributes(submission, 'ITI-42').map(({ attribute }) => attribute)).to.deep.equal([
        'repositoryUniqueId',
      ])
    }
  })

  describe('in the Swiss EPR', () => {
    const swissEntry = (name: string, content: Buffer | string, flags: DocumentFlags = {}) =>
      describeFile(facts(name, content), patient, flags, ids, swiss)

    it('makes entries that its registry takes, of a CDA, a PDF, a text and a picture [CH-EPR annex 3]', () => {
      const person = { author: '^Muster^Hans' }
      const entries = [
        swissEntry('a.xml', cda).entry,
        swissEntry('b.pdf', '%PDF-1.4\n', person).entry,
        swissEntry('notes.txt', 'Grüezi', person).entry,
        swissEntry('wound.png', Buffer.from('89504e470d0a1a0a', 'hex'), person).entry,
      ]
      for (const entry of entries) {
        const submission = submissionOf({ patientId: patient, sourceId: '2.25.5', entries: [entry] }, systemPorts)
        expect(offlineFindings(submission, 'ITI-41', swiss)).to.deep.equal([])
      }
    })

    it('takes its own codes for those of the document, the class after the type, and says so', () => {
      const { entry, notes } = swissEntry('a.xml', cda)
      expect([entry.typeCode?.code, entry.classCode?.code]).to.deep.equal(['373942005', '422735006'])
      expect(entry.confidentialityCode.map(({ code }) => code)).to.deep.equal(['17621005'])
      expect(entry.author[0]?.authorRole).to.deep.equal(['HCP^^^&2.16.756.5.30.1.127.3.10.6&ISO'])
      expect(notes).to.deep.equal([])
      const unknown = swissEntry('a.xml', String(cda).replaceAll('18842-5', '99999-9'))
      expect(unknown.entry.typeCode?.code).to.equal('419891008')
      expect(unknown.notes).to.deep.equal([
        'a.xml: typeCode "99999-9" is none of domain ch-epr; "419891008" is sent, --type says otherwise',
      ])
    })

    it('keeps a restriction, and guesses none that it does not know [CH-EPR annex 3]', () => {
      const restricted = (code: string) =>
        String(cda).replace('<confidentialityCode code="N"', `<confidentialityCode code="${code}"`)
      expect(swissEntry('a.xml', restricted('R')).entry.confidentialityCode[0]?.code).to.equal('263856008')
      expect(() => swissEntry('a.xml', restricted('D'))).to.throw(
        /"D" is none of domain ch-epr; give one by --confidentiality/,
      )
    })
  })

  it('lets flags win over the header', () => {
    const type = { code: 'T', codingScheme: '2.25.9', displayName: [{ value: 'T' }] }
    const entry = entryOf('a.xml', cda, {
      title: 'Mine',
      type,
      mime: 'application/xml',
      language: 'de-CH',
      author: '^Other',
    })
    expect(entry).to.deep.include({
      title: [{ value: 'Mine' }],
      typeCode: type,
      mimeType: 'application/xml',
      languageCode: 'de-CH',
    })
    expect(entry.author[0]?.authorPerson).to.equal('^Other')
  })

  it('has defaults for a file that tells nothing', () => {
    const entry = entryOf('X-ray of the chest.pdf', '%PDF-1.7\n…')
    expect(entry).to.deep.include({
      uniqueId: '2.25.77',
      mimeType: 'application/pdf',
      title: [{ value: 'X-ray of the chest' }],
      creationTime: '20261123081500',
      sourcePatientId: patient,
      author: [],
    })
    expect(entry.formatCode?.code).to.equal('urn:ihe:iti:xds:2017:mimeTypeSufficient')
  })

  it('reads a CDA with a prefix, in Latin-1, with a time without a zone and an id without an extension', () => {
    const text =
      '<?xml version="1.0" encoding="ISO-8859-1"?><c:ClinicalDocument xmlns:c="urn:hl7-org:v3">' +
      '<c:id root="2.999.7"/><c:title>Überweisung</c:title><c:effectiveTime value="202611231015"/></c:ClinicalDocument>'
    const entry = entryOf('a.xml', Buffer.from(text, 'latin1'))
    expect(entry).to.deep.include({
      uniqueId: '2.999.7',
      title: [{ value: 'Überweisung' }],
      creationTime: '202611231015',
    })
  })

  it('reads the header of a CDA that is cut in its body', () => {
    const cut = cda.subarray(0, cda.indexOf('Course</title>'))
    expect(entryOf('a.xml', cut).uniqueId).to.equal('2.999.1.20^DS-2026-0417')
  })

  it('reads a DICOM instance and a FHIR document, and no registry would refuse what it makes of them', () => {
    const image = entryOf(
      'image',
      aDicomInstance([
        ['00080016', 'UI', '1.2.840.10008.5.1.4.1.1.7'],
        ['00080018', 'UI', '2.999.40.8'],
        ['00080060', 'CS', 'OT'],
      ]),
    )
    expect(image).to.deep.include({
      mimeType: 'application/dicom',
      uniqueId: '2.999.40.8',
      title: [{ value: 'image' }],
    })
    expect(image.practiceSettingCode?.code).to.equal('394914008')
    const composition = { resourceType: 'Composition', title: 'Bericht', language: 'de-CH', date: '2026-11-20' }
    const document = { resourceType: 'Bundle', type: 'document', entry: [{ resource: composition }] }
    const report = entryOf('report.json', JSON.stringify(document))
    expect(report).to.deep.include({
      mimeType: 'application/fhir+json',
      title: [{ value: 'Bericht' }],
      creationTime: '20261120',
    })
    for (const entry of [image, report]) {
      const submission = submissionOf({ patientId: patient, sourceId: '2.25.5', entries: [entry] }, systemPorts)
      expect(checkAttributes(submission, 'ITI-41')).to.deep.equal([])
    }
  })

  it('says of a FHIR document that is too long to read, and of a broken instance, that defaults are used', () => {
    const start = Buffer.from('{"resourceType": "Bundle", "type": "document"')
    const long = describeFile({ ...facts('a.json', start), sizeBytes: 20_000_000 }, patient, {}, ids)
    expect(long.notes[0]).to.match(/^a\.json: looks like a FHIR document, but .* longer than \d+ bytes/)
    const broken = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM????')])
    expect(describedAs('a.dcm', broken).notes[0]).to.match(/^a\.dcm: looks like a DICOM instance, but/)
  })

  it('says so when a header cannot be read, and goes on with defaults', () => {
    const { entry, notes } = describedAs('a.xml', '<!DOCTYPE x><ClinicalDocument xmlns="urn:hl7-org:v3"/>')
    expect(notes[0]).to.match(
      /^a\.xml: looks like a CDA, but its header cannot be read \(.*(?:DOCTYPE|DTD|document type)/i,
    )
    expect(entry.uniqueId).to.equal('2.25.77')
  })

  it('escapes the separators of HL7 in what a header says [ITI TF-3: Table 4.2.3.1.7-1]', () => {
    const text = String(cda).replace('<family>Muster</family>', '<family>O^Neil &amp; Co</family>')
    expect(entryOf('a.xml', text).sourcePatientInfo[1]).to.equal('PID-5|O\\S\\Neil \\T\\ Co^Anna^Maria')
  })

  it('derives the sourceId from the certificate, the same each time', async () => {
    const [one, other] = await Promise.all([newKey(), newKey()])
    const cert = (key: string) => issueCa(key, 'CA', { fromMs: 0, toMs: 1e12 }, systemPorts.randomness).cert
    const first = cert(one)
    expect(sourceIdOf(first))
      .to.match(/^2\.25\.\d{30,39}$/)
      .and.equal(sourceIdOf(first))
    expect(sourceIdOf(cert(other))).not.to.equal(sourceIdOf(first))
  })
})
