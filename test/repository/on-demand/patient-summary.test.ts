import { expect } from 'chai'
import { XmlDocument } from 'libxml2-wasm'
import { looksLikeCda, readCdaHeader } from '../../../cli/documents/cda.js'
import type { Association, DocumentEntry } from '../../../metadata/model.js'
import { patientSummary } from '../../../repository/on-demand/patient-summary.js'
import { piecesOfContent, type StoredQueryCall } from '../../../repository/on-demand/plug-in.js'
import {
  aCode,
  aDocumentEntry,
  anAssociation,
  anAuthor,
  anOnDemandEntry,
  samplePatientId,
} from '../../samples/submission.js'
import { aSource, type Source, textOf } from './a-source.js'

const names = { c: 'urn:hl7-org:v3' }
const summaryCode = aCode('60591-5', 'Patient summary', '2.16.840.1.113883.6.1')
const entry = anOnDemandEntry({
  uniqueId: '2.999.7^summary',
  typeCode: summaryCode,
  title: [{ value: 'Übersicht <1>' }],
  repositoryUniqueId: '2.999.1.1',
})

async function summaryOf(entries: DocumentEntry[], asked: StoredQueryCall[] = [], associations: Association[] = []) {
  const documentEntries = entries.map(each => ({ availabilityStatus: 'Approved' as const, ...each }))
  const query = async (call: StoredQueryCall) => {
    asked.push(call)
    return { documentEntries, submissionSets: [], folders: [], associations, objectRefs: [] }
  }
  const { content, ...made } = await patientSummary({ entry, now: '20261125080000', query })
  const pieces: Uint8Array[] = []
  for await (const piece of piecesOfContent(content)) pieces.push(piece)
  return { ...made, text: Buffer.concat(pieces).toString() }
}

/** What stands at a path, for each element there. */
function valuesAt(text: string, path: string): string[] {
  using document = XmlDocument.fromString(text)
  return document.find(path, names).map(node => node.content)
}

describe('the patient summary', () => {
  it('lists the documents of the patient, the newest first, in a table that people can read', async () => {
    const asked: StoredQueryCall[] = []
    const { text, mimeType } = await summaryOf(
      [
        aDocumentEntry({ title: [{ value: 'Old' }], creationTime: '2024' }),
        aDocumentEntry({
          title: [{ value: 'New & <best>' }],
          creationTime: '20260401120000',
          author: [
            anAuthor({
              authorPerson: '8802^Tanner^Mia^^^Dr.^^^&2.999.3&ISO',
              authorInstitution: ['Spital^^^^^^^^^2.999.4'],
            }),
          ],
        }),
      ],
      asked,
    )
    expect(mimeType).to.equal('text/xml')
    expect(asked[0]?.parameters.$XDSDocumentEntryPatientId).to.equal(`'${samplePatientId}'`)
    expect(valuesAt(text, '//c:tbody/c:tr/c:td[2]')).to.deep.equal(['New & <best>', 'Old'])
    expect(valuesAt(text, '//c:tbody/c:tr[1]/c:td')).to.deep.equal([
      '2026-04-01',
      'New & <best>',
      'Discharge summary',
      'Dr. Mia Tanner',
      'Spital',
      'application/pdf',
    ])
    expect(valuesAt(text, '//c:paragraph')).to.deep.equal(['2 documents are known of this patient.'])
  })

  it('has the header of a CDA: patient, title, codes and time as of its newest document', async () => {
    const newest = aDocumentEntry({
      creationTime: '20260401120000',
      sourcePatientInfo: ['PID-5|Müller^Änne', 'PID-7|19580211', 'PID-8|F'],
    })
    const { text, uniqueId } = await summaryOf([newest])
    expect(looksLikeCda(text)).to.equal(true)
    expect(readCdaHeader(text)).to.deep.include({
      title: 'Übersicht <1>',
      uniqueId,
      creationTime: '20260401120000',
      languageCode: 'de-CH',
      sourcePatientId: samplePatientId,
    })
    expect(valuesAt(text, '//c:patient/c:name/c:family')).to.deep.equal(['Müller'])
    expect(valuesAt(text, '//c:patient/c:administrativeGenderCode/@code')).to.deep.equal(['F'])
    expect(valuesAt(text, '/c:ClinicalDocument/c:code/@code')).to.deep.equal(['60591-5'])
    expect(valuesAt(text, '/c:ClinicalDocument/*/@nullFlavor')).to.deep.equal([])
  })

  it('says a birthday as a day, whatever senders put behind it, and none where it is no time', async () => {
    const bornAs = async (told: string) =>
      valuesAt(
        (await summaryOf([aDocumentEntry({ sourcePatientInfo: [`PID-7|${told}`] })])).text,
        '//c:patient/c:birthTime/@*',
      )
    expect(await bornAs('195802110815+0100')).to.deep.equal(['19580211'])
    expect(await bornAs('1958')).to.deep.equal(['1958'])
    expect(await bornAs('11.2.1958')).to.deep.equal(['UNK'])
  })

  it('has its elements in the order of the CDA schema', async () => {
    const { text } = await summaryOf([aDocumentEntry()])
    using document = XmlDocument.fromString(text)
    expect(document.find('/c:ClinicalDocument/*', names).map(node => 'name' in node && node.name)).to.deep.equal([
      ...['typeId', 'id', 'code', 'title', 'effectiveTime', 'confidentialityCode', 'languageCode'],
      ...['recordTarget', 'author', 'custodian', 'component'],
    ])
  })

  it('says so when there is nothing to list', async () => {
    const { text } = await summaryOf([])
    expect(valuesAt(text, '//c:paragraph')).to.deep.equal(['No documents are known of this patient.'])
    expect(valuesAt(text, '//c:table')).to.deep.equal([])
    expect(valuesAt(text, '/c:ClinicalDocument/c:effectiveTime/@nullFlavor')).to.deep.equal(['UNK'])
  })

  it('is the same for the same documents, in whatever order they come, and another for others', async () => {
    const documents = [aDocumentEntry({ creationTime: '2024' }), aDocumentEntry({ creationTime: '2025' })]
    const [first, second] = [await summaryOf(documents), await summaryOf(documents.toReversed())]
    expect(second).to.deep.equal(first)
    expect((await summaryOf(documents.slice(1))).uniqueId).to.not.equal(first.uniqueId)
  })

  it('leaves out snapshots of summaries, which would make it another each time', async () => {
    const [document, snapshot] = [aDocumentEntry(), aDocumentEntry()]
    const [sourceObject, targetObject] = [snapshot.entryUUID, entry.entryUUID]
    const isSnapshot = anAssociation({ associationType: 'IsSnapshotOf', sourceObject, targetObject })
    const transforms = anAssociation({ associationType: 'XFRM', sourceObject: document.entryUUID, targetObject })
    const former = anOnDemandEntry({ uniqueId: `2.999.8^${entry.uniqueId?.split('^')[1]}` })
    const asked: StoredQueryCall[] = []
    const { text } = await summaryOf([document, snapshot, former], asked, [isSnapshot, transforms])
    expect(asked[1]?.parameters.$uuid).to.equal(`('${entry.entryUUID}','${former.entryUUID}')`)
    expect(valuesAt(text, '//c:tbody/c:tr')).to.have.length(1)
  })

  it('leaves out what is Deprecated', async () => {
    const { text } = await summaryOf([aDocumentEntry(), aDocumentEntry({ availabilityStatus: 'Deprecated' })])
    expect(valuesAt(text, '//c:tbody/c:tr')).to.have.length(1)
  })

  it('lists a thousand documents, and says how many there are', async () => {
    const documents = Array.from({ length: 1_003 }, () => aDocumentEntry())
    const { text } = await summaryOf(documents)
    expect(valuesAt(text, '//c:tbody/c:tr')).to.have.length(1_000)
    expect(valuesAt(text, '//c:paragraph')[0]).to.contain('1003 documents').and.to.contain('The newest 1000 are listed')
  })

  it('gives no code whose system is no OID', async () => {
    const odd = { ...entry, typeCode: aCode('x', 'x', 'urn:odd:scheme') }
    const query = async () => ({
      documentEntries: [],
      submissionSets: [],
      folders: [],
      associations: [],
      objectRefs: [],
    })
    const { content } = await patientSummary({ entry: odd, now: '', query })
    const text = [...(content as Iterable<string>)].join('')
    expect(valuesAt(text, '/c:ClinicalDocument/c:code/@nullFlavor')).to.deep.equal(['UNK'])
  })
})

describe('the patient summary of a domain', function () {
  this.timeout(60_000)
  let source: Source
  afterEach(() => source.close())

  it('is made of what the registry knows, and is another once that has grown [ITI TF-2:3.43.4.2.2]', async () => {
    source = await aSource()
    await source.submit({ title: [{ value: 'First' }] })
    const { uniqueId = '' } = await source.announce('summary', { typeCode: summaryCode, mimeType: 'text/xml' })
    const before = await source.retrieve(uniqueId)
    const text = await textOf(before)
    expect(valuesAt(text, '//c:tbody/c:tr/c:td[2]')).to.deep.equal(['First'])
    const newId = before.documents[0]?.newDocumentUniqueId
    expect(valuesAt(text, '/c:ClinicalDocument/c:id/@root')).to.deep.equal([newId])
    const unchanged = await source.retrieve(uniqueId)
    expect(unchanged.documents[0]?.newDocumentUniqueId).to.equal(newId)
    expect(await textOf(unchanged)).to.equal(text)

    await source.submit({ title: [{ value: 'Second' }] })
    const after = await source.retrieve(uniqueId)
    expect(after.documents[0]?.newDocumentUniqueId).to.not.equal(newId)
    expect(valuesAt(await textOf(after), '//c:tbody/c:tr/c:td[2]')).to.have.members(['First', 'Second'])
    expect(await textOf(await source.retrieve(newId ?? ''))).to.equal(text)
  })
})
