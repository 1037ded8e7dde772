// A partner who has nothing of ours but the WSDL: the `soap` package against the running services, over mutual TLS.
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { XmlDocument } from 'libxml2-wasm'
import type { Client } from 'soap'
import { anOid } from '../samples/submission.js'
import { faultsOf } from '../wsdl/validity.js'
import { aDeployment, type RunningDeployment } from './a-deployment.js'
import {
  entriesIn,
  includeIn,
  listed,
  type QueryResponse,
  type RegistryResponse,
  type RetrieveResponse,
  textOf,
  valuesIn,
} from './soap-answers.js'
import { type Answer, type CallerError, call, clientFrom } from './soap-caller.js'
import { type Described, entryId, type SoapObject, slot, submitObjects } from './soap-objects.js'

const register = 'DocumentRegistry_RegisterDocumentSet-b'
const query = 'DocumentRegistry_RegistryStoredQuery'
const update = 'DocumentRegistry_UpdateDocumentSet'
const restrictedUpdate = 'DocumentRegistry_RestrictedUpdateDocumentSet'
const registerOnDemand = 'DocumentRegistry_RegisterOnDemandDocumentEntry'
const queryMany = 'DocumentRegistry_MultiPatientStoredQuery'
const provide = 'DocumentRepository_ProvideAndRegisterDocumentSet-b'
const retrieve = 'DocumentRepository_RetrieveDocumentSet'

const success = 'urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success'
const failure = 'urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure'

describe('a partner with the WSDL alone', function () {
  this.timeout(120_000)

  let running: RunningDeployment
  let registry: Client
  let repository: Client

  before(async () => {
    running = await aDeployment()
    registry = await clientFrom(running.urls.registry, running.partner)
    repository = await clientFrom(running.urls.repository, running.partner)
  })
  after(() => running?.close())

  it('is not shown the WSDL without a certificate', async () => {
    const { ca } = running.partner
    const problem = await problemOf(clientFrom(running.urls.registry, { key: '', cert: '', ca }))
    expect(problem.message).to.match(/certificate required/)
  })

  describe('registers a document', () => {
    const described = aDescription({ title: 'Überweisung & „Befund“ <1>' })
    let answer: Answer<RegistryResponse>

    before(async () => {
      answer = await registered(described)
    })

    it('in a message that is valid by our schemas', () => {
      expect(faultsOf('lcm', bodyOf(answer.sent))).to.deep.equal([])
    })

    it('and is told of success, in an answer to that message [ITI TF-2:3.42.4.1.3]', () => {
      expect(answer.result.attributes.status, shown(answer.result)).to.equal(success)
      expect(textOf(answer.header.Action)).to.equal('urn:ihe:iti:2007:RegisterDocumentSet-bResponse')
      expect(textOf(answer.header.RelatesTo)).to.equal(messageIDIn(answer.sent))
    })

    it('and finds the entry with what it wrote [ITI TF-2:3.18.4.1.2]', async () => {
      const { result, sent } = await asked('LeafClass', described.patientId)
      expect(faultsOf('query', bodyOf(sent))).to.deep.equal([])
      expect(result.attributes.status, shown(result)).to.equal(success)
      const [found] = entriesIn(result)
      expect(found?.attributes).to.include({
        mimeType: 'text/plain',
        status: 'urn:oasis:names:tc:ebxml-regrep:StatusType:Approved',
      })
      expect(listed(found?.Name.LocalizedString)[0]?.attributes.value).to.equal(described.title)
      expect(valuesIn(found!, 'size')).to.deep.equal(['0'])
    })

    it('and finds a reference to the entry', async () => {
      const { result: leaves } = await asked('LeafClass', described.patientId)
      const { result } = await asked('ObjectRef', described.patientId)
      expect(entriesIn(result)).to.deep.equal([])
      const [found, ...others] = listed(result.RegistryObjectList?.ObjectRef)
      expect(others).to.deep.equal([])
      expect(found?.attributes.id)
        .to.match(/^urn:uuid:/)
        .and.equal(entriesIn(leaves)[0]?.attributes.id)
    })

    it('and finds nothing of another patient', async () => {
      const { result } = await asked('LeafClass', aPatient())
      expect(result.attributes.status).to.equal(success)
      expect(result.RegistryObjectList).to.equal(null)
    })
  })

  describe('updates the metadata of a document', () => {
    const described = aDescription({ title: 'Before' })

    const latest = async () => {
      const { result } = await asked('LeafClass', described.patientId)
      const [found, ...others] = entriesIn(result)
      expect(others).to.deep.equal([])
      return found
    }

    before(() => registered(described))

    for (const [operation, action, previousVersion] of [
      [update, 'urn:ihe:iti:2010:UpdateDocumentSetResponse', '1'],
      [restrictedUpdate, 'urn:ihe:iti:2018:RestrictedUpdateDocumentSetResponse', '2'],
    ] as const) {
      it(`by ${operation}, in a message that is valid by our schemas [ITI TF-2:3.57.4.1.2, 3.92.4.1.2]`, async () => {
        const title = `After ${operation}`
        const logicalID = (await latest())?.attributes.lid ?? ''
        const answer = await registered(
          { ...described, title, updates: { logicalID, previousVersion } },
          { by: operation },
        )
        expect(faultsOf('lcm', bodyOf(answer.sent))).to.deep.equal([])
        expect(answer.result.attributes.status, shown(answer.result)).to.equal(success)
        expect(textOf(answer.header.Action)).to.equal(action)
        const found = await latest()
        expect(listed(found?.Name.LocalizedString)[0]?.attributes.value).to.equal(title)
        expect(found?.attributes.lid).to.equal(logicalID)
      })
    }
  })

  describe('submits a document as base64', () => {
    const bytes = Buffer.from('Austrittsbericht\r\n\r\n<&> Müller, Änne\n')
    const described = aDescription()
    let answer: Answer<RegistryResponse>

    before(async () => {
      answer = await call(repository, provide, {
        SubmitObjectsRequest: submitObjects(described),
        Document: [{ attributes: { id: entryId }, $value: bytes.toString('base64') }],
      })
    })

    it('in a message that is valid by our schemas, and is told of success [ITI TF-2:3.41.4.1.2]', () => {
      expect(faultsOf('xdsb', bodyOf(answer.sent))).to.deep.equal([])
      expect(answer.result.attributes.status, shown(answer.result)).to.equal(success)
    })

    it('and retrieves the same bytes as base64 [ITI TF-2:3.43.4.2.2]', async () => {
      const { result, sent, attachments } = await retrieving(described.uniqueId)
      expect(faultsOf('xdsb', bodyOf(sent))).to.deep.equal([])
      expect(result.RegistryResponse.attributes.status, shown(result)).to.equal(success)
      expect(attachments).to.equal(undefined)
      const [document] = listed(result.DocumentResponse)
      expect(document?.mimeType).to.equal('text/plain')
      expect(Buffer.from(document?.Document as string, 'base64').equals(bytes)).to.equal(true)
    })

    it('and finds the hash, the size and the place that the repository has added [ITI TF-2:3.41.4.1.3]', async () => {
      const [found] = entriesIn((await asked('LeafClass', described.patientId)).result)
      expect(valuesIn(found!, 'hash')).to.deep.equal([createHash('sha1').update(bytes).digest('hex')])
      expect(valuesIn(found!, 'size')).to.deep.equal([String(bytes.length)])
      expect(valuesIn(found!, 'repositoryUniqueId')).to.deep.equal([running.repositoryUniqueId])
    })
  })

  describe('submits a document in an MTOM package', () => {
    /** Every byte there is, and what looks like the end of a part. */
    const bytes = Buffer.from([...Buffer.from('\r\n--\r\n'), ...Array(256).keys()])
    const described = aDescription({ mimeType: 'application/octet-stream' })

    it('labelled start-info="text/xml" though SOAP 1.2 is in it [ITI TF-2: Appendix V.8]', async () => {
      const contentId = 'document@partner.example'
      const request = {
        SubmitObjectsRequest: submitObjects(described),
        Document: [{ attributes: { id: entryId }, 'xop:Include': include(contentId) }],
      }
      const { result } = await call<RegistryResponse>(repository, provide, request, {
        attachments: [{ name: 'd.bin', contentId, mimetype: 'application/octet-stream', body: bytes }],
      })
      expect(contentTypeSent(repository)).to.match(/^multipart\/related;.* start-info="text\/xml"/)
      expect(result.attributes.status, shown(result)).to.equal(success)
    })

    it('and retrieves the same bytes in a package when it asks in one [ITI TF-2:3.43.4.2.2]', async () => {
      const { result, attachments } = await retrieving(described.uniqueId, { forceMTOM: true })
      expect(contentTypeSent(repository)).to.match(/^multipart\/related;.* start-info="text\/xml"/)
      expect(result.RegistryResponse.attributes.status, shown(result)).to.equal(success)
      const [answered] = listed(result.DocumentResponse)
      expect(answered?.mimeType).to.equal('application/octet-stream')
      // The package leaves it to its user to find the part which an Include points to.
      const { href } = includeIn(answered?.Document).attributes
      const contentId = href.replace(/^cid:(.*)$/, '<$1>')
      const [part, ...others] = attachments?.parts.filter(({ headers }) => headers['content-id'] === contentId) ?? []
      expect(others).to.deep.equal([])
      expect(part?.body.equals(bytes)).to.equal(true)
    })

    it('and retrieves the same bytes as base64 when it asks without a package', async () => {
      const { result } = await retrieving(described.uniqueId)
      const [document] = listed(result.DocumentResponse)
      expect(Buffer.from(document?.Document as string, 'base64').equals(bytes)).to.equal(true)
    })
  })

  describe('registers a document that is made on demand', () => {
    const described = aDescription({ uniqueId: `${anOid()}^summary`, title: 'Übersicht', onDemand: true })
    let operator: Client

    before(async () => {
      operator = await clientFrom(running.urls.registry, await running.identity('admin'))
    })

    it('in a message that is valid by our schemas, and is told of success [ITI TF-2:3.61.4.1.2]', async () => {
      const slots = [slot('repositoryUniqueId', running.repositoryUniqueId)]
      const answer = await call<RegistryResponse>(operator, registerOnDemand, submitObjects({ ...described, slots }))
      expect(faultsOf('lcm', bodyOf(answer.sent))).to.deep.equal([])
      expect(answer.result.attributes.status, shown(answer.result)).to.equal(success)
      expect(textOf(answer.header.Action)).to.equal('urn:ihe:iti:2010:RegisterOnDemandDocumentResponse')
    })

    it('and retrieves it under an id of its own, and under that again [ITI TF-2:3.43.4.2.2]', async () => {
      const { result } = await retrieving(described.uniqueId)
      expect(result.RegistryResponse.attributes.status, shown(result)).to.equal(success)
      const [document] = listed(result.DocumentResponse)
      expect(document).to.include({
        DocumentUniqueId: described.uniqueId,
        NewRepositoryUniqueId: running.repositoryUniqueId,
        mimeType: 'text/xml',
      })
      expect(document?.NewDocumentUniqueId).to.match(/^2\.25\.\d+$/)
      expect(Buffer.from(document?.Document as string, 'base64').toString()).to.contain('<title>Übersicht</title>')
      const again = await retrieving(document?.NewDocumentUniqueId ?? '')
      expect(listed(again.result.DocumentResponse)[0]?.Document).to.equal(document?.Document)
    })

    it('and asks for the documents of two patients at once [ITI TF-2:3.51.4.1.2.1.1]', async () => {
      const asking = findDocuments('LeafClass', [
        slot('$XDSDocumentEntryPatientId', `('${described.patientId}')`, `('${aPatient()}')`),
      ])
      const request = { ...asking, AdhocQuery: { ...(asking.AdhocQuery as object), attributes: { id: ofSeveral } } }
      const { result, sent, header } = await call<QueryResponse>(operator, queryMany, request)
      expect(faultsOf('query', bodyOf(sent))).to.deep.equal([])
      expect(result.attributes.status, shown(result)).to.equal(success)
      expect(textOf(header.Action)).to.equal('urn:ihe:iti:2009:MultiPatientStoredQueryResponse')
      expect(entriesIn(result)).to.have.length(1)
    })

    it('but may not ask for several patients without the role for it [ITI TF-2:3.51.4.1]', async () => {
      const problem = await problemOf(call(registry, queryMany, findDocuments('LeafClass', [])))
      expect(problem.message).to.match(/may not send ITI-51 .*role multi-patient/)
    })
  })

  describe('reads why it is refused', () => {
    it('when its query names no patient [ITI TF-2:3.18.4.1.2.3.7.1]', async () => {
      const { result } = await call<QueryResponse>(registry, query, findDocuments('LeafClass', []))
      expectRefusal(result, 'XDSStoredQueryMissingParam', /\$XDSDocumentEntryPatientId/)
    })

    it('when its entry has no hash [ITI TF-3:4.2.3.2.10]', async () => {
      const { result } = await registered(aDescription(), { missing: 'hash' })
      expectRefusal(result, 'XDSRegistryMetadataError', /hash: expected a value/)
    })

    it('when its entry comes without the document [ITI TF-2:3.41.4.1.3]', async () => {
      const request = { SubmitObjectsRequest: submitObjects(aDescription()) }
      const { result } = await call<RegistryResponse>(repository, provide, request)
      expectRefusal(result, 'XDSMissingDocument', new RegExp(entryId))
    })

    it('when the document it asks for was never there [ITI TF-2:3.43.4.1.3]', async () => {
      const uniqueId = anOid()
      const { result } = await retrieving(uniqueId)
      expectRefusal(result.RegistryResponse, 'XDSDocumentUniqueIdError', new RegExp(uniqueId))
    })
  })

  describe('reads a fault as an error', () => {
    it('that says which transactions are answered there, when it sent to the wrong service', async () => {
      const lost = await clientFrom(running.urls.registry, running.partner)
      lost.setEndpoint(running.urls.repository)
      const problem = await problemOf(call(lost, query, findDocuments('LeafClass', [])))
      expect(problem.message).to.match(/:Sender: \w+:ActionNotSupported: .*this Document Repository answers ITI-41/)
    })

    it('that names the header which we do not understand [SOAP 1.2 Part 1: 5.4.8]', async () => {
      const sealing = await clientFrom(running.urls.registry, running.partner)
      sealing.addSoapHeader('<x:Seal xmlns:x="urn:partner.example" soap:mustUnderstand="true"/>')
      const problem = await problemOf(call(sealing, query, findDocuments('LeafClass', [])))
      expect(problem.message).to.match(/:MustUnderstand: .*Seal/)
      expect(problem.response?.status).to.equal(500)
    })

    it('that asks for SOAP 1.2 when it sent SOAP 1.1 [SOAP 1.2 Part 1: 5.4.7]', async () => {
      const old = await clientFrom(running.urls.registry, running.partner, false)
      const problem = await problemOf(call(old, query, findDocuments('LeafClass', [])))
      expect(problem.message).to.match(/VersionMismatch: .*SOAP 1\.2/)
    })
  })

  /** As a repository does, for a document without any bytes. */
  function registered(described: Described, { by = register, missing = '' } = {}): Promise<Answer<RegistryResponse>> {
    const known = {
      hash: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
      size: '0',
      repositoryUniqueId: running.repositoryUniqueId,
    }
    const slots = Object.entries(known)
      .filter(([name]) => name !== missing)
      .map(([name, value]) => slot(name, value))
    return call(registry, by, submitObjects({ ...described, slots }))
  }

  const asked = (returnType: ReturnType, patientId: string) =>
    call<QueryResponse>(
      registry,
      query,
      findDocuments(returnType, [slot('$XDSDocumentEntryPatientId', `'${patientId}'`)]),
    )

  const retrieving = (DocumentUniqueId: string, options = {}) => {
    const wanted = { RepositoryUniqueId: running.repositoryUniqueId, DocumentUniqueId }
    return call<RetrieveResponse>(repository, retrieve, { DocumentRequest: [wanted] }, options)
  }
})

const ofSeveral = 'urn:uuid:3d1bdb10-39a2-11de-89c2-2f44d94eaa9f'

type ReturnType = 'LeafClass' | 'ObjectRef'

function findDocuments(returnType: ReturnType, slots: SoapObject[]): SoapObject {
  const approved = "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"
  return {
    ResponseOption: { attributes: { returnType, returnComposedObjects: true } },
    AdhocQuery: {
      attributes: { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d' },
      Slot: [...slots, slot('$XDSDocumentEntryStatus', approved)],
    },
  }
}

function aDescription(changes: Partial<Described> = {}): Described {
  return { patientId: aPatient(), uniqueId: anOid(), title: 'Austrittsbericht', ...changes }
}

function aPatient(): string {
  return `P-${anOid().slice(-12)}^^^&2.999.1&ISO`
}

// The package writes what it does not know from the schemas as it is told to, prefix and all.
function include(contentId: string): SoapObject {
  return { attributes: { 'xmlns:xop': 'http://www.w3.org/2004/08/xop/include', href: `cid:${contentId}` } }
}

function expectRefusal(response: RegistryResponse, code: string, context: RegExp): void {
  expect(response.attributes.status).to.equal(failure)
  const errors = listed(response.RegistryErrorList?.RegistryError).map(({ attributes }) => attributes)
  expect(errors.map(({ errorCode }) => errorCode)).to.deep.equal([code])
  expect(errors[0]?.codeContext).to.match(context)
}

async function problemOf(promise: Promise<unknown>): Promise<CallerError> {
  const answer = await promise.catch((problem: CallerError) => problem)
  if (answer instanceof Error) return answer
  throw new Error(`there was no error, but ${shown(answer)}`)
}

function contentTypeSent(client: Client): string {
  return String((client.lastRequestHeaders as Record<string, unknown>)['Content-Type'])
}

const names = { soap: 'http://www.w3.org/2003/05/soap-envelope', wsa: 'http://www.w3.org/2005/08/addressing' }

/** What stands in the SOAP Body, as a document of its own. */
function bodyOf(envelope: string): string {
  using document = XmlDocument.fromString(envelope)
  return document.get('/soap:Envelope/soap:Body/*', names)?.toString() ?? ''
}

function messageIDIn(envelope: string): string | undefined {
  using document = XmlDocument.fromString(envelope)
  return document.get('/soap:Envelope/soap:Header/wsa:MessageID', names)?.content
}

function shown(value: unknown): string {
  return JSON.stringify(value, undefined, 2)
}
