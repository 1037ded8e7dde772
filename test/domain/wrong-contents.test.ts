// A body that is wrong inside a sound envelope is answered in the terms of its transaction, and audited with what it names.
import { expect } from 'chai'
import { registryConfig } from '../../config/registry-config.js'
import { namespaces } from '../../soap/namespaces.js'
import type { Transaction } from '../../transactions/transaction.js'
import {
  provideAndRegisterDocumentSet,
  registerDocumentSet,
  registryStoredQuery,
  retrieveDocumentSet,
} from '../../transactions/xds.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import { xopXml } from '../samples/encoded.js'
import { aDocumentEntry, aSubmission } from '../samples/submission.js'
import { aDomain, type Domain, type Endpoint, repositoryUniqueId } from './a-domain.js'
import { read, written } from './messages.js'

const patientId = 'W^^^&2.999.5&ISO'
const unknownId = 'nobody^^^&2.999.5&ISO'

const { limits } = registryConfig.parse({
  ...{ listen: { port: 0 }, tls: { key: 'k', cert: 'c', ca: 'a' }, health: { port: 0 }, database: 'd' },
  ...{ audit: { port: 0 }, limits: { inlineDocumentBytes: 1_000 } },
})

type Contract = Pick<Transaction<unknown, RegistryResponse>, 'action' | 'response'>

/** An ITI-41 of two documents inline, and what it holds. */
function provided(patient = patientId) {
  const none = { hash: undefined, size: undefined, repositoryUniqueId: undefined }
  const entry = () => aDocumentEntry({ patientId: patient, ...none })
  const submission = aSubmission({ submissionSet: { patientId: patient }, documentEntries: [entry(), entry()] })
  const ids = submission.documentEntries.map(({ entryUUID }) => entryUUID)
  const documents = ids.map(id => ({ id, content: { inline: Buffer.from(id) } }))
  const body = xopXml(provideAndRegisterDocumentSet.request.encode({ submission, documents })).replace(
    /<xop:Include[^>]*document(\d)[^>]*>/g,
    'ZG9j',
  )
  return { submission, ids, body }
}

describe('what is wrong inside a sound envelope', () => {
  let domain: Domain

  before(async () => {
    domain = await aDomain({ registry: { acceptUnknownPatients: false, limits } })
  })
  after(() => domain.close())

  /** Sent in a bare envelope, or with these parts in a package. */
  async function answered(to: Endpoint, contract: Contract, xml: string, parts?: readonly string[]) {
    const body = { xml: [xml] }
    const codec = { request: { encode: () => body } } as unknown as Pick<Transaction<unknown, unknown>, 'request'>
    const sent = await written({ ...contract, ...codec, mtom: false }, undefined)
    const answer = await domain.send(to, parts === undefined ? sent : packaged(sent.body, parts))
    expect(answer.status, answer.body.toString()).to.equal(200)
    expect(domain.unforeseen).to.deep.equal([])
    const response = await read(contract, answer)
    expect(response.status).to.equal('Failure')
    return response.errors
  }

  const provide = (xml: string, parts?: readonly string[]) =>
    answered('repository', provideAndRegisterDocumentSet as Contract, xml, parts)
  const codes = (errors: RegistryResponse['errors']) => errors.map(({ errorCode }) => errorCode)

  for (const [title, spoil, expected, says] of [
    [
      'a part that has not come',
      (xml: string) => xml.replace('ZG9j', include('gone@test')),
      ['XDSMissingDocument'],
      'cid:gone@test',
    ],
    [
      'something else than a content',
      (xml: string) => xml.replace('ZG9j', '<nothing/>'),
      ['XDSMissingDocument'],
      '&lt;nothing&gt;|<nothing>',
    ],
    [
      'text that is no base64',
      (xml: string) => xml.replace('ZG9j', 'ZG9'),
      ['XDSRepositoryMetadataError'],
      'no base64',
    ],
    [
      'a part of two Documents',
      (xml: string) => xml.replaceAll('ZG9j', include('here@test')),
      ['XDSRepositoryMetadataError'],
      'refers to as well',
    ],
    [
      'a Document without an id',
      (xml: string) => xml.replace(/Document id="[^"]*"/, 'Document'),
      ['XDSMissingDocumentMetadata', 'XDSMissingDocument'],
      'Document number 1',
    ],
    [
      'a Document with an id of no entry',
      (xml: string) => xml.replace(/Document id="[^"]*"/, 'Document id="other"'),
      ['XDSMissingDocument', 'XDSMissingDocumentMetadata'],
      'Document other',
    ],
  ] as const) {
    it(`refuses ${title} in an ITI-41, audited with patient and SubmissionSet [ITI TF-2:3.41.4.1.3, 3.41.5.1]`, async () => {
      const { submission, body } = provided()
      const errors = await provide(spoil(body), ['here@test'])
      expect(codes(errors)).to.deep.equal(expected)
      expect(errors.map(({ codeContext }) => codeContext).join()).to.match(new RegExp(says))
      expect(domain.audited('repository').at(-1))
        .to.contain('csd-code="ITI-41"')
        .and.to.contain('W^^^&amp;2.999.5&amp;ISO')
        .and.to.contain(submission.submissionSets[0]!.uniqueId)
    })
  }

  it('names entry and part of a document that is missing, and all else with it [ITI TF-2:3.41.4.1.3]', async () => {
    const { ids, body } = provided()
    const errors = await provide(
      body
        .replace('ZG9j', include('gone@test'))
        .replace('ZG9j', '!')
        .replace('<rim:Slot name="languageCode"', `${slot('no-urn')}$&`),
      [],
    )
    expect(codes(errors).sort()).to.deep.equal([
      'XDSMissingDocument',
      'XDSRepositoryMetadataError',
      'XDSRepositoryMetadataError',
    ])
    const missing = errors.find(({ errorCode }) => errorCode === 'XDSMissingDocument')
    expect(missing?.codeContext).to.contain(`DocumentEntry ${ids[0]}`).and.to.contain('cid:gone@test')
  })

  it('refuses a document that is too long for an envelope [ITI TF-2: Appendix V.8]', async () => {
    const { body } = provided()
    const errors = await provide(body.replace('ZG9j', Buffer.alloc(1_001).toString('base64')))
    expect(codes(errors)).to.deep.equal(['XDSRepositoryMetadataError'])
    expect(errors[0]?.codeContext).to.contain('at most 1000 bytes inside the envelope')
  })

  it('refuses an ITI-41 without a SubmitObjectsRequest [ITI TF-2:3.41.4.1.2]', async () => {
    const errors = await provide(`<x:ProvideAndRegisterDocumentSetRequest xmlns:x="${namespaces.xdsb}"/>`)
    expect(codes(errors)).to.deep.equal(['XDSRepositoryMetadataError'])
    expect(errors[0]?.codeContext).to.contain('expected one SubmitObjectsRequest, found none')
  })

  it('refuses an empty SubmitObjectsRequest, in ITI-41 and ITI-42 [ITI TF-3:4.2.1.5]', async () => {
    const empty = `<x:SubmitObjectsRequest xmlns:x="${namespaces.lcm}"/>`
    const inside = `<x:ProvideAndRegisterDocumentSetRequest xmlns:x="${namespaces.xdsb}">${empty}</x:ProvideAndRegisterDocumentSetRequest>`
    expect(codes(await provide(inside))).to.deep.equal(['XDSRepositoryMetadataError'])
    expect(codes(await answered('registry', registerDocumentSet as Contract, empty))).to.deep.equal([
      'XDSRegistryMetadataError',
      'XDSRegistryMetadataError',
    ])
  })

  it('leaves to the registry what reaches it as it came, to be told with all others [ITI TF-2:3.41.4.1.3.2]', async () => {
    const { body } = provided(unknownId)
    const errors = await provide(body.replace('<rim:Slot name="languageCode"', `${slot('no-urn')}$&`))
    expect(codes(errors)).to.include.members(['XDSRegistryMetadataError', 'XDSUnknownPatientId'])
    expect(errors.map(({ codeContext }) => codeContext).join()).to.contain('no-urn')
  })

  it('refuses at the repository what would be repaired or lost on the way [ITI TF-2:3.41.4.1.3.2]', async () => {
    const { body } = provided(unknownId)
    const spoilt = [
      body.replace(/<rim:Slot name="languageCode".*?<\/rim:Slot>/, '$&$&'),
      body.replace(/<rim:Classification [^>]*41a5887f.*?<\/rim:Classification>/, '$&$&'),
      body.replace(/<rim:ExternalIdentifier /, '<rim:Elsewhere/>$&'),
    ]
    for (const xml of spoilt) {
      expect(xml).to.not.equal(body)
      expect(codes(await provide(xml))).to.deep.equal(['XDSRepositoryMetadataError'])
    }
  })

  for (const [title, xml, code] of [
    ['without a query', '', 'XDSUnknownStoredQuery'],
    ['whose query has no id', '<r:AdhocQuery/>', 'XDSUnknownStoredQuery'],
  ] as const) {
    it(`refuses an ITI-18 ${title} [ITI TF-2:3.18.4.1.3]`, async () => {
      const request = `<q:AdhocQueryRequest xmlns:q="${namespaces.query}" xmlns:r="${namespaces.rim}"><q:ResponseOption returnType="LeafClass"/>${xml}</q:AdhocQueryRequest>`
      const errors = await answered('registry', registryStoredQuery as Contract, request)
      expect(codes(errors)).to.deep.equal([code])
      expect(errors[0]?.codeContext).to.contain('no AdhocQuery with an id')
      expect(domain.audited('registry').at(-1)).to.contain('csd-code="ITI-18"')
    })
  }

  it('refuses an ITI-18 that does not say what it wants returned [ITI TF-2:3.18.4.1.2.3.1]', async () => {
    const request = `<q:AdhocQueryRequest xmlns:q="${namespaces.query}" xmlns:r="${namespaces.rim}"><r:AdhocQuery id="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"/></q:AdhocQueryRequest>`
    const errors = await answered('registry', registryStoredQuery as Contract, request)
    expect(codes(errors)).to.include('XDSRegistryError').and.to.include('XDSStoredQueryMissingParam')
  })

  it('refuses an ITI-43 that asks for nothing, or does not say for what [ITI TF-2:3.43.4.1.3]', async () => {
    const retrieve = (inside: string) =>
      answered(
        'repository',
        retrieveDocumentSet as Contract,
        `<RetrieveDocumentSetRequest xmlns="${namespaces.xdsb}">${inside}</RetrieveDocumentSetRequest>`,
      )
    expect(codes(await retrieve(''))).to.deep.equal(['XDSRepositoryError'])
    expect(codes(await retrieve('<DocumentRequest/>'))).to.deep.equal(['XDSUnknownRepositoryId'])
    const unnamed = `<DocumentRequest><RepositoryUniqueId>${repositoryUniqueId}</RepositoryUniqueId></DocumentRequest>`
    expect(codes(await retrieve(unnamed))).to.deep.equal(['XDSDocumentUniqueIdError'])
  })
})

const include = (cid: string) => `<xop:Include xmlns:xop="${namespaces.xop}" href="cid:${cid}"/>`
const slot = (name: string) =>
  `<rim:Slot name="${name}"><rim:ValueList><rim:Value>x</rim:Value></rim:ValueList></rim:Slot>`
/** The envelope as the root of an MTOM package, with parts of these ids. */
function packaged(envelope: Buffer, ids: readonly string[]) {
  const root = `--b\r\nContent-Type: application/xop+xml; type="application/soap+xml"\r\nContent-ID: <root@test>\r\n\r\n`
  const parts = ids.map(id => `\r\n--b\r\nContent-Type: application/pdf\r\nContent-ID: <${id}>\r\n\r\nbytes`)
  return {
    headers: {
      'content-type':
        'multipart/related; type="application/xop+xml"; start="<root@test>"; start-info="application/soap+xml"; boundary=b',
    },
    body: Buffer.concat([Buffer.from(root), envelope, Buffer.from(`${parts.join('')}\r\n--b--\r\n`)]),
  }
}
