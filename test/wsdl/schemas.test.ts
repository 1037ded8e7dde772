// The schemas against messages: what is legal is valid, what is not is not.
import { expect } from 'chai'
import {
  findDocuments,
  patientAdded,
  provideAndRegisterInline,
  register,
  retrieve,
  submission,
} from '../../bench/messages.js'
import { faultsOf } from './validity.js'

const described = { uniqueId: '2.25.1', patientId: 'P1^^^&2.25.2&ISO' }

const prefixes =
  'xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"'

describe('the schemas beside the WSDL', () => {
  it('accept a registration [ITI TF-2:3.42.4.1.2]', () => {
    expect(faultsOf('lcm', bodyOf(register(described).body))).to.deep.equal([])
  })

  it('accept a provide and register request with the document inline [ITI TF-2:3.41.4.1.2]', () => {
    const message = provideAndRegisterInline(described, Buffer.from('Hello'))
    expect(faultsOf('xdsb', bodyOf(message.body))).to.deep.equal([])
  })

  it('accept a stored query [ITI TF-2:3.18.4.1.2]', () => {
    expect(faultsOf('query', bodyOf(findDocuments('P1^^^&2.25.2&ISO').body))).to.deep.equal([])
  })

  it('accept a retrieve request [ITI TF-2:3.43.4.1.2]', () => {
    const body = bodyOf(retrieve('2.25.3', ['2.25.1']).body)
    expect(faultsOf('xdsb', body)).to.deep.equal([])
  })

  it('accept a record added and an acknowledgement [ITI TF-2:3.44.4.1.2]', () => {
    expect(faultsOf('hl7v3', bodyOf(patientAdded('P1', '2.25.2').body))).to.deep.equal([])
    expect(faultsOf('hl7v3', '<MCCI_IN000002UV01 xmlns="urn:hl7-org:v3"><id root="1.2"/></MCCI_IN000002UV01>')).to.be
      .empty
  })

  it('accept the objects of a list in any order [ITI TF-3:4.2.1]', () => {
    const [start, end] = ['<rim:RegistryObjectList>', '</rim:RegistryObjectList>']
    const text = submission(described)
    const from = text.indexOf(start) + start.length
    const objects = text.slice(from, text.indexOf(end)).split(/(?=^ {4}<rim:(?:Ext|Reg|Ass))/m)
    const turned = text.slice(0, from) + objects.reverse().join('') + text.slice(text.indexOf(end))
    expect(objects.filter(object => object.trim() !== '')).to.have.length(3)
    expect(faultsOf('lcm', turned)).to.deep.equal([])
  })

  it('accept a Classification beside its package and an empty RequestSlotList [ITI TF-3:4.2.1.3]', () => {
    const beside = submission(described)
      .replace(
        '<rim:RegistryObjectList>',
        '<rs:RequestSlotList xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"/>$&',
      )
      .replace(/<rim:Classification [^>]*classificationNode="[^"]*"\/>/, '')
      .replace(
        '</rim:RegistryObjectList>',
        '<rim:Classification classifiedObject="s" classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"/>$&',
      )
    expect(beside).to.match(/RequestSlotList.*classificationNode="urn:uuid:a54d6aa5/s)
    expect(faultsOf('lcm', beside)).to.deep.equal([])
  })

  it('accept an answer with errors before an empty list of objects [ITI TF-3:4.2.4]', () => {
    expect(faultsOf('query', answer(error(), '<rim:RegistryObjectList/>'))).to.deep.equal([])
  })

  it('accept a document on its way out beside an error [ITI TF-2:3.43.4.2.2]', () => {
    const response = `<x:RetrieveDocumentSetResponse xmlns:x="urn:ihe:iti:xds-b:2007" ${prefixes}><rs:RegistryResponse status="urn:ihe:iti:2007:ResponseStatusType:PartialSuccess">${error()}</rs:RegistryResponse><x:DocumentResponse><x:RepositoryUniqueId>2.25.3</x:RepositoryUniqueId><x:DocumentUniqueId>2.25.1</x:DocumentUniqueId><x:mimeType>text/plain</x:mimeType><x:Document>SGVsbG8=</x:Document></x:DocumentResponse></x:RetrieveDocumentSetResponse>`
    expect(faultsOf('xdsb', response)).to.deep.equal([])
  })

  const broken: [string, string, string][] = [
    ['objects before the errors', 'query', answer('', `<rim:RegistryObjectList/>${error()}`)],
    [
      'a Name before a Slot',
      'lcm',
      submission(described).replace(
        /(<rim:Slot name="submissionTime">.*?<\/rim:Slot>)\s*(<rim:Name>.*?<\/rim:Name>)/s,
        '$2$1',
      ),
    ],
    ['an Association without target', 'lcm', submission(described).replace(/ targetObject="[^"]*"/, '')],
    [
      'an error without a code',
      'query',
      answer(error().replace(/ errorCode="[^"]*"/, ''), '<rim:RegistryObjectList/>'),
    ],
    ['an element of nobody', 'lcm', submission(described).replace('</rim:RegistryObjectList>', '<rim:Nothing/>$&')],
  ]
  for (const [what, schema, message] of broken) {
    it(`refuse ${what}`, () => {
      expect(faultsOf(schema, message)).to.not.be.empty
    })
  }
})

function error(): string {
  return '<rs:RegistryErrorList highestSeverity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"><rs:RegistryError errorCode="XDSDocumentUniqueIdError" codeContext="unknown" severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"/></rs:RegistryErrorList>'
}

function answer(errors: string, objects: string): string {
  return `<query:AdhocQueryResponse xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" ${prefixes} status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success">${errors}${objects}</query:AdhocQueryResponse>`
}

/** The first element of the SOAP Body, as text. */
function bodyOf(message: Buffer): string {
  const found = /<soap:Body>(.*)<\/soap:Body>/s.exec(message.toString())
  if (found === null) throw new Error('no SOAP Body')
  return found[1] ?? ''
}
