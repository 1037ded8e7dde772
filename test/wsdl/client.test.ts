// The WSDL documents as a partner's tools read them: the `soap` package loads them and writes messages by them.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { XmlDocument } from 'libxml2-wasm'
import { type Client, createClientAsync } from 'soap'
import { systemFiles } from '../../ports/files.js'
import { type DescribedService, schemaNamed, wsdlFor } from '../../wsdl/wsdl-files.js'

describe('a WSDL-driven client', () => {
  const served = describedOverHttp()

  it('finds the transactions of the registry', async () => {
    const client = await createClientAsync(`${await served.url('registry')}?wsdl`)
    expect(operationsOf(client)).to.deep.equal({
      DocumentRegistry_Service: {
        DocumentRegistry_Port_Soap12: [
          'DocumentRegistry_MultiPatientStoredQuery',
          'DocumentRegistry_PRPA_IN201301UV02',
          'DocumentRegistry_PRPA_IN201302UV02',
          'DocumentRegistry_PRPA_IN201304UV02',
          'DocumentRegistry_RegisterDocumentSet-b',
          'DocumentRegistry_RegisterOnDemandDocumentEntry',
          'DocumentRegistry_RegistryStoredQuery',
          'DocumentRegistry_RemoveMetadata',
          'DocumentRegistry_RestrictedUpdateDocumentSet',
          'DocumentRegistry_UpdateDocumentSet',
        ],
      },
    })
  })

  it('finds the transactions of the repository', async () => {
    const client = await createClientAsync(`${await served.url('repository')}?wsdl`)
    expect(operationsOf(client)).to.deep.equal({
      DocumentRepository_Service: {
        DocumentRepository_Port_Soap12: [
          'DocumentRepository_ProvideAndRegisterDocumentSet-b',
          'DocumentRepository_RemoveDocuments',
          'DocumentRepository_RetrieveDocumentSet',
          'ImagingDocumentSource_RetrieveImagingDocumentSet',
        ],
      },
    })
  })

  it('asks where the WSDL says, and what the schema says [ITI TF-2:3.18.4.1.2]', async () => {
    const client = await createClientAsync(`${await served.url('registry')}?wsdl`, { forceSoap12Headers: true })
    const query = {
      ResponseOption: { attributes: { returnType: 'LeafClass', returnComposedObjects: true } },
      AdhocQuery: {
        attributes: { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d' },
        Slot: [{ attributes: { name: '$XDSDocumentEntryPatientId' }, ValueList: { Value: ["'P1^^^&1.2&ISO'"] } }],
      },
    }
    await client.DocumentRegistry_RegistryStoredQueryAsync(query).catch(() => undefined)
    const [asked] = served.posts.splice(0)
    expect(asked?.url).to.equal('/registry')
    using document = XmlDocument.fromString(asked?.body ?? '')
    const names = {
      q: 'urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0',
      rim: 'urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0',
    }
    const value = document.get('//q:AdhocQueryRequest/rim:AdhocQuery/rim:Slot/rim:ValueList/rim:Value', names)
    expect(value?.content).to.equal("'P1^^^&1.2&ISO'")
    expect(document.get('//q:AdhocQueryRequest/q:ResponseOption[@returnType="LeafClass"]', names)).to.not.equal(null)
  })

  it('sends each message of the feed by its own operation [ITI TF-2:3.44.4.1.2, 3.44.4.2.3]', async () => {
    const client = await createClientAsync(`${await served.url('registry')}?wsdl`, { forceSoap12Headers: true })
    for (const name of ['PRPA_IN201301UV02', 'PRPA_IN201302UV02', 'PRPA_IN201304UV02']) {
      await client[`DocumentRegistry_${name}Async`]({ attributes: { ITSVersion: 'XML_1.0' } }).catch(() => undefined)
      using document = XmlDocument.fromString(served.posts.splice(0)[0]?.body ?? '')
      expect(document.get(`//h:${name}[@ITSVersion="XML_1.0"]`, { h: 'urn:hl7-org:v3' }), name).to.not.equal(null)
    }
  })
})

describe('a WSDL-driven Document Administrator', () => {
  const served = describedOverHttp()

  it('names what to remove from a registry as the schema says [ITI TF-2:3.62.4.1.2]', async () => {
    const client = await createClientAsync(`${await served.url('registry')}?wsdl`, { forceSoap12Headers: true })
    const request = { ObjectRefList: { ObjectRef: [{ attributes: { id: 'urn:uuid:1' } }] } }
    await client.DocumentRegistry_RemoveMetadataAsync(request).catch(() => undefined)
    using document = XmlDocument.fromString(served.posts.at(-1)?.body ?? '')
    const names = {
      lcm: 'urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0',
      rim: 'urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0',
    }
    const reference = '//lcm:RemoveObjectsRequest/rim:ObjectRefList/rim:ObjectRef[@id="urn:uuid:1"]'
    expect(document.get(reference, names)).to.not.equal(null)
  })

  it('names what to remove from a repository as the schema says [ITI TF-2:3.86.4.1.2]', async () => {
    const client = await createClientAsync(`${await served.url('repository')}?wsdl`, { forceSoap12Headers: true })
    const request = { DocumentRequest: [{ RepositoryUniqueId: '2.999.1', DocumentUniqueId: '2.25.1' }] }
    await client.DocumentRepository_RemoveDocumentsAsync(request).catch(() => undefined)
    using document = XmlDocument.fromString(served.posts.at(-1)?.body ?? '')
    const names = { rmd: 'urn:ihe:iti:rmd:2017', x: 'urn:ihe:iti:xds-b:2007' }
    const asked = '//rmd:RemoveDocumentsRequest/x:DocumentRequest/x:DocumentUniqueId'
    expect(document.get(asked, names)?.content).to.equal('2.25.1')
  })
})

describe('the files behind ?wsdl and ?xsd', () => {
  const location = 'https://registry.example:8441/registry'

  for (const service of ['registry', 'repository'] as const) {
    it(`show the ${service} where it is, and lead to schemas that are there`, async () => {
      const wsdl = (await wsdlFor(service, location, systemFiles)).toString()
      expect(wsdl).to.contain(`<soap12:address location="${location}"/>`)
      expect(wsdl).to.not.contain('localhost')
      expect(await unreachable(wsdl)).to.deep.equal([])
    })

    it(`name the action of each transaction of the ${service} three times alike`, async () => {
      const wsdl = (await wsdlFor(service, location, systemFiles)).toString()
      const input = /<wsdl:input message="[^"]*"\s+wsaw:Action="([^"]*)"\s+wsam:Action="([^"]*)"/g
      const soapActions = [...wsdl.matchAll(/soapAction="([^"]*)"/g)].map(found => found[1])
      expect([...wsdl.matchAll(input)].map(found => found[1])).to.deep.equal(soapActions)
      expect([...wsdl.matchAll(input)].map(found => found[2])).to.deep.equal(soapActions)
    })
  }

  it('escape an address that has XML in it', async () => {
    const wsdl = (await wsdlFor('registry', 'https://h/r?a="b"&c=<d>', systemFiles)).toString()
    using document = XmlDocument.fromString(wsdl)
    const address = document.get('//s:address/@location', { s: 'http://schemas.xmlsoap.org/wsdl/soap12/' })
    expect(address?.content).to.equal('https://h/r?a="b"&c=<d>')
  })

  it('know no other names', async () => {
    for (const name of ['../package.json', 'registry.wsdl', '', 'rim', '__proto__']) {
      expect(await schemaNamed(name, location, systemFiles)).to.equal(undefined)
    }
  })

  async function unreachable(text: string, seen = new Set<string>()): Promise<string[]> {
    const lost: string[] = []
    for (const [, url = ''] of text.matchAll(/schemaLocation="([^"]+)"/g)) {
      if (seen.has(url)) continue
      seen.add(url)
      const [base, name = ''] = url.split('?xsd=')
      const schema = base === location ? await schemaNamed(name, location, systemFiles) : undefined
      if (schema === undefined) lost.push(url)
      else lost.push(...(await unreachable(schema.toString(), seen)))
    }
    return lost
  }
})

function operationsOf(client: Client): Record<string, Record<string, string[]>> {
  const services = client.describe() as Record<string, Record<string, Record<string, unknown>>>
  return mapped(services, ports => mapped(ports, operations => Object.keys(operations).sort()))
}

function mapped<From, To>(record: Record<string, From>, turn: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, turn(value)]))
}

/** An HTTP server that shows the documents the way a service does, and keeps what is posted to it. */
function describedOverHttp() {
  const posts: { url: string; body: string }[] = []
  let server: Server

  before(done => {
    server = createServer(async (request, response) => {
      const { pathname, searchParams, search } = new URL(request.url ?? '/', address())
      if (request.method === 'POST') {
        const pieces: Buffer[] = []
        for await (const piece of request) pieces.push(piece)
        posts.push({ url: pathname, body: Buffer.concat(pieces).toString() })
        response.writeHead(500).end()
        return
      }
      const service = pathname.slice(1) as DescribedService
      const location = `${address()}${pathname}`
      const answer =
        search === '?wsdl'
          ? await wsdlFor(service, location, systemFiles)
          : await schemaNamed(searchParams.get('xsd') ?? '', location, systemFiles)
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'text/xml' }).end(answer)
    }).listen(0, '127.0.0.1', done)
  })
  after(done => {
    server.close(() => done())
    server.closeAllConnections()
  })

  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { posts, url: async (service: DescribedService) => `${address()}/${service}` }
}
