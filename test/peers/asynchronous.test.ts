// A partner who takes its answers at an endpoint of its own: the asynchronous web services exchange, over mutual TLS.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { flagsOfRun } from '../../cli/run-file.js'
import { runService } from '../../cli/services/run-service.js'
import { loadConfig } from '../../config/load.js'
import type { HttpClient } from '../../ports/network.js'
import { systemPorts } from '../../ports/ports.js'
import { readMessage } from '../../soap/read-message.js'
import { openSpool } from '../../soap/spool.js'
import type { ForeignQueryResponse } from '../../transactions/communities/foreign-objects-codec.js'
import { crossGatewayQuery, crossGatewayRetrieve } from '../../transactions/communities/xca.js'
import { crossGatewayFetch } from '../../transactions/communities/xcf.js'
import type { Transaction } from '../../transactions/transaction.js'
import { provideAndRegisterDocumentSet, registryStoredQuery, retrieveDocumentSet } from '../../transactions/xds.js'
import type { RetrieveDocumentSetResponse } from '../../transactions/xds-messages.js'
import { playedTerminal } from '../cli/played-terminal.js'
import { freePortBase } from '../cli/started.js'
import { read, written } from '../domain/messages.js'
import { bytesFrom } from '../repository/a-repository.js'
import { aDocumentEntry, aSubmission } from '../samples/submission.js'
import { aDeployment, type RunningDeployment } from './a-deployment.js'
import { aReplyEndpoint, type ReplyEndpoint } from './a-reply-endpoint.js'

const anonymous = 'http://www.w3.org/2005/08/addressing/anonymous'

describe('a partner who takes its answers elsewhere', function () {
  this.timeout(120_000)

  let running: RunningDeployment
  let endpoint: ReplyEndpoint
  let client: HttpClient

  before(async () => {
    const port = (await freePortBase()) + 9
    running = await aDeployment({ replyTo: [`https://localhost:${port}/replies`] })
    // The audit service's certificate is one for servers on this host; the partner's own is for clients only.
    endpoint = await aReplyEndpoint(await running.identity('audit'), port)
    client = systemPorts.network.httpClient(running.partner)
  })
  after(async () => {
    client?.close()
    await endpoint?.close()
    await running?.close()
  })

  /** Sends a request whose answer is wanted at `replyTo`. */
  async function ask<Request>(
    contract: Transaction<Request, never>,
    request: Request,
    { url, replyTo = endpoint.url }: { url: string; replyTo?: string },
  ) {
    const { headers, body } = await written(contract, request)
    const text = body.toString('latin1')
    const [, messageID] = /MessageID>([^<]+)</.exec(text) ?? []
    const asked = text.replace(`<a:ReplyTo><a:Address>${anonymous}<`, `<a:ReplyTo><a:Address>${replyTo}<`)
    const { status, body: answer } = await client.call({
      url,
      method: 'POST',
      headers,
      body: [Buffer.from(asked, 'latin1')],
      timeoutMs: 10_000,
    })
    const pieces: Uint8Array[] = []
    for await (const piece of answer) pieces.push(piece as Uint8Array)
    return { status, messageID, text: Buffer.concat(pieces).toString() }
  }

  it('submits, finds and retrieves a document by answers that come later [ITI TF-2: Appendix V.3]', async () => {
    const patientId = 'ASYNC-1^^^&2.999.5&ISO'
    const bytes = Buffer.alloc(3_000_000, 'the document ')
    const entry = aDocumentEntry({ patientId, hash: undefined, size: undefined, repositoryUniqueId: undefined })
    const submission = aSubmission({ submissionSet: { patientId }, documentEntries: [entry] })
    const provided = { submission, documents: [{ id: entry.entryUUID, content: { inline: bytes } }] }

    const submitted = await ask(provideAndRegisterDocumentSet as never, provided, { url: running.urls.repository })
    expect([submitted.status, submitted.text]).to.deep.equal([202, ''])
    const told = await endpoint.next()
    expect(told.by).to.equal('repository')
    expect(await read(provideAndRegisterDocumentSet, told)).to.deep.equal({ status: 'Success', errors: [] })
    expect(await addressingOf(told)).to.deep.include({
      action: provideAndRegisterDocumentSet.responseAction,
      to: endpoint.url,
      relatesTo: submitted.messageID,
    })

    const query = {
      id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
      returnType: 'LeafClass',
      slots: [
        { name: '$XDSDocumentEntryPatientId', values: [`'${patientId}'`] },
        { name: '$XDSDocumentEntryStatus', values: ["('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"] },
      ],
    }
    const queried = await ask(registryStoredQuery as never, query, { url: running.urls.registry })
    expect(queried.status).to.equal(202)
    const found = await endpoint.next()
    expect(found.by).to.equal('registry')
    const [document] = (await read(registryStoredQuery, found)).result?.documentEntries ?? []
    expect(document?.uniqueId).to.equal(entry.uniqueId)

    const { repositoryUniqueId } = running
    const wanted = { documents: [{ repositoryUniqueId, documentUniqueId: entry.uniqueId ?? '' }] }
    const retrieved = await ask(retrieveDocumentSet as never, wanted, { url: running.urls.repository })
    expect(retrieved.status).to.equal(202)
    const brought = await endpoint.next()
    const [content] = (await read(retrieveDocumentSet, brought)).documents
    const came: Uint8Array[] = []
    for await (const piece of content?.open() ?? []) came.push(piece)
    const sha1 = (data: Buffer) => createHash('sha1').update(data).digest('hex')
    expect(sha1(Buffer.concat(came))).to.equal(sha1(bytes))
  })

  it('is answered later by a gateway too, documents and all [ITI TF-2:3.38.1, 3.39.1, ITI TF-1: 29.2]', async () => {
    const { urls, repositoryUniqueId, folder } = running
    const patientId = 'ASYNC-2^^^&2.999.5&ISO'
    const bytes = Buffer.alloc(1_000_000, 'through a gateway ')
    const entry = aDocumentEntry({ patientId, hash: undefined, size: undefined, repositoryUniqueId: undefined })
    const submission = aSubmission({ submissionSet: { patientId }, documentEntries: [entry] })
    const provided = { submission, documents: [{ id: entry.entryUUID, content: { inline: bytes } }] }
    await ask(provideAndRegisterDocumentSet as never, provided, { url: urls.repository })
    expect((await read(provideAndRegisterDocumentSet, await endpoint.next())).status).to.equal('Success')
    const flags = await flagsOfRun(folder, { ports: systemPorts, terminal: playedTerminal(folder) })
    const config = await loadConfig(join(folder, 'carnet.json'), systemPorts, flags)
    const peers = config.peers.map(peer => ({ ...peer, replyTo: [endpoint.url] }))
    const gateway = await runService('gateway', { ...config, peers }, systemPorts)
    try {
      const slots = [
        { name: '$XDSDocumentEntryPatientId', values: [`'${patientId}'`] },
        { name: '$XDSDocumentEntryStatus', values: ["('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"] },
      ]
      const query = { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', returnType: 'LeafClass', slots }
      const byClass = { name: '$XDSDocumentEntryClassCode', values: ["('422735006^^2.16.840.1.113883.6.96')"] }
      const fetch = {
        ...{ id: 'urn:uuid:f2072993-9478-41df-a603-8f016706efe8', returnType: 'LeafClassWithRepositoryItem' },
        slots: [...slots, byClass],
      }
      const home = config.gateway?.homeCommunityId ?? ''
      const named = { homeCommunityId: home, repositoryUniqueId, documentUniqueId: entry.uniqueId ?? '' }
      const answered = async <Answer>(contract: Transaction<never, Answer>, request: unknown): Promise<Answer> => {
        const { status, messageID } = await ask(contract as never, request, { url: urls.gateway })
        expect(status).to.equal(202)
        const told = await endpoint.next()
        expect([told.by, (await addressingOf(told)).relatesTo]).to.deep.equal(['gateway', messageID])
        return read(contract as never, told)
      }
      expect(
        (await answered(crossGatewayQuery as never as Transaction<never, ForeignQueryResponse>, query)).objects,
      ).to.have.length(1)
      for (const [contract, request] of [
        [crossGatewayRetrieve, { documents: [named] }],
        [crossGatewayFetch, fetch],
      ] as const) {
        const { documents } = await answered(
          contract as never as Transaction<never, RetrieveDocumentSetResponse>,
          request,
        )
        expect((await bytesFrom(documents[0]?.open() ?? [])).equals(bytes)).to.equal(true)
      }
    } finally {
      await gateway.close(1_000)
    }
  })

  it('is sent nothing at an address that is not listed [WS-Addressing 1.0 SOAP Binding: 6.4.1]', async () => {
    const query = { id: 'urn:uuid:1', returnType: 'ObjectRef', slots: [] }
    const replyTo = endpoint.url.replace('/replies', '/elsewhere')
    const { status, text } = await ask(registryStoredQuery as never, query, { url: running.urls.registry, replyTo })
    expect(status).to.equal(500)
    expect(text).to.contain('InvalidAddress').and.to.contain('/elsewhere')
  })
})

async function addressingOf({ headers, body }: Awaited<ReturnType<ReplyEndpoint['next']>>) {
  const spool = openSpool({ ...systemPorts, folder: '', inMemoryBytes: Number.MAX_SAFE_INTEGER })
  const bytes = { envelopeBytes: 10_000_000, inlineDocumentBytes: 10_000_000, attachmentBytes: 10_000_000 }
  async function* whole() {
    yield body
  }
  const message = await readMessage({ headers, body: whole() }, { limits: { ...bytes, attachments: 10 }, spool })
  return message.addressing
}
