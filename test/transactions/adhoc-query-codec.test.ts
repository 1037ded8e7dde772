// ITI-18 as it travels.
import { expect } from 'chai'
import { fragmentOf, objectRef, spliced } from '../../metadata/fragment.js'
import { attributeOf, parseXml } from '../../soap/xml.js'
import { adhocQueryRequest, adhocQueryResponse } from '../../transactions/adhoc-query-codec.js'
import type { AdhocQueryRequest, AdhocQueryResponse } from '../../transactions/xds-messages.js'
import { decodeText, overTheWire, xopXml } from '../samples/encoded.js'
import { aDocumentEntry, aFolder, anAssociation, aSubmissionSet, aUuid } from '../samples/submission.js'
import { faultsOf } from '../wsdl/validity.js'

const request: AdhocQueryRequest = {
  id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
  returnType: 'LeafClass',
  home: 'urn:oid:2.999.1',
  slots: [
    { name: '$XDSDocumentEntryPatientId', values: ["'P-1^^^&2.999&ISO'"] },
    { name: '$XDSDocumentEntryEventCodeList', values: ["('a^^1','b^^1')", "('c^^1')"] },
    { name: '$XDSDocumentEntryEventCodeList', values: ["('d^^1')"] },
    { name: '$XDSDocumentEntryStatus', values: [] },
  ],
}

describe('query:AdhocQueryRequest', () => {
  it('keeps its parameters as they came, Slots of one name apart [ITI TF-2:3.18.4.1.2.3.5]', async () => {
    const { xml: _, ...received } = await overTheWire(adhocQueryRequest, request)
    expect(received).to.deep.equal(request)
  })

  it('is valid by the schema [ITI TF-2:3.18.4.1.2]', () => {
    const slots = request.slots.slice(0, 3)
    expect(faultsOf('query', xopXml(adhocQueryRequest.encode({ ...request, slots })))).to.deep.equal([])
  })

  it('is kept whole for the audit record [ITI TF-2:3.18.5]', async () => {
    const { xml } = await overTheWire(adhocQueryRequest, request)
    const element = parseXml(xml!)
    expect(element.name).to.equal('AdhocQueryRequest')
    expect(adhocQueryRequest.decode(element, undefined as never).slots).to.deep.equal(request.slots)
  })

  it('is read the same with white space around the names of its parameters', async () => {
    const slots = request.slots.map(slot => ({ ...slot, name: ` ${slot.name} ` }))
    expect((await overTheWire(adhocQueryRequest, { ...request, slots })).slots).to.deep.equal(request.slots)
  })

  it('has the returnType of ebRS where none was sent, and no home where it was empty', () => {
    const query = '<AdhocQuery id=" urn:uuid:x " home="" xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"/>'
    const read = decodeText(
      adhocQueryRequest,
      `<q:AdhocQueryRequest xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0">${query}</q:AdhocQueryRequest>`,
    )
    expect(read).to.deep.include({ id: 'urn:uuid:x', returnType: 'RegistryObject', slots: [] })
    expect(read).to.not.have.property('home')
  })

  it('is known by its id in capital digits too [RFC 4122: 3]', async () => {
    const id = request.id.toUpperCase().replace('URN:UUID', 'urn:uuid')
    expect((await overTheWire(adhocQueryRequest, { ...request, id })).id).to.equal(request.id)
  })

  it('is read without a query, as one that names none: that is for the registry to judge [ITI TF-2:3.18.4.1.3]', () => {
    const empty = '<q:AdhocQueryRequest xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"/>'
    expect(decodeText(adhocQueryRequest, empty)).to.deep.include({ id: '', slots: [] })
  })
})

describe('query:AdhocQueryResponse', () => {
  const entry = aDocumentEntry()
  const objects = [entry, aSubmissionSet(), aFolder(), anAssociation()]
  const found: AdhocQueryResponse = {
    status: 'Success',
    errors: [],
    registryObjects: [
      ...objects.flatMap(object => spliced(fragmentOf(object, aUuid), { availabilityStatus: 'Approved' })),
      objectRef('urn:uuid:0b3c1d52-77aa-4e0f-9d1e-5f6a7b8c9d0e', 'urn:oid:2.999.1'),
    ],
  }

  it('brings the objects to the side that asked [ITI TF-2:3.18.4.1.3]', async () => {
    const { result } = await overTheWire(adhocQueryResponse, found)
    expect(result?.documentEntries.map(each => each.uniqueId)).to.deep.equal([entry.uniqueId])
    expect(result?.submissionSets).to.have.length(1)
    expect(result?.folders).to.have.length(1)
    expect(result?.associations).to.have.length(1)
    expect(result?.objectRefs).to.deep.equal([
      { id: 'urn:uuid:0b3c1d52-77aa-4e0f-9d1e-5f6a7b8c9d0e', home: 'urn:oid:2.999.1' },
    ])
  })

  it('is valid by the schema, full, empty and with errors [ITI TF-2:3.18.4.1.3]', () => {
    const errors = [{ errorCode: 'XDSUnknownStoredQuery', codeContext: 'x', severity: 'Error' }] as const
    const answers: AdhocQueryResponse[] = [
      found,
      { ...found, registryObjects: [] },
      { status: 'Failure', errors: [...errors], registryObjects: [] },
    ]
    for (const answer of answers) expect(faultsOf('query', xopXml(adhocQueryResponse.encode(answer)))).to.deep.equal([])
  })

  it('has a list even when it is empty, and is read without one [ITI TF-2:3.18.4.1.3]', async () => {
    const empty: AdhocQueryResponse = { status: 'Success', errors: [], registryObjects: [] }
    const xml = xopXml(adhocQueryResponse.encode(empty))
    const list = parseXml(xml).children[0]
    expect(list?.name).to.equal('RegistryObjectList')
    const nothing = { documentEntries: [], submissionSets: [], folders: [], associations: [], objectRefs: [] }
    const without = xml.replace(/<rim:RegistryObjectList>.*<\/rim:RegistryObjectList>/, '')
    expect(decodeText(adhocQueryResponse, without).result).to.deep.equal(nothing)
  })

  it('carries the status that a consumer looks for on every object [ITI TF-3:4.2.3.2.2]', () => {
    const list = parseXml(xopXml(adhocQueryResponse.encode(found))).children[0]!
    const statuses = list.children.slice(0, 4).map(child => attributeOf(child, 'status'))
    expect(new Set(statuses)).to.deep.equal(new Set(['urn:oasis:names:tc:ebxml-regrep:StatusType:Approved']))
  })
})
