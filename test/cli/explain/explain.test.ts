// `carnet explain` against running services: who was refused, by which rule, and what to do.
import { join } from 'node:path'
import { expect } from 'chai'
import { type ExplainOptions, explain } from '../../../cli/explain/explain.js'
import type { ExplainedError } from '../../../cli/explain/explanation.js'
import type { Failure } from '../../../cli/failure.js'
import { validate } from '../../../cli/validate/validate.js'
import { mllpFramed } from '../../../hl7v2/mllp.js'
import type { TlsIdentity } from '../../../ports/network.js'
import { systemPorts } from '../../../ports/ports.js'
import { patientRecordAdded } from '../../../transactions/hl7v3/patient-feed.js'
import { provideAndRegisterDocumentSet, registryStoredQuery } from '../../../transactions/xds.js'
import { written } from '../../domain/messages.js'
import { aDeployment, type RunningDeployment } from '../../peers/a-deployment.js'
import { anAdt } from '../../samples/adt.js'
import { aPixQuery } from '../../samples/query-v2.js'
import { aDocumentEntry, aSubmission } from '../../samples/submission.js'
import { playedTerminal } from '../played-terminal.js'

describe('carnet explain', function () {
  this.timeout(120_000)

  let running: RunningDeployment
  before(async () => {
    running = await aDeployment()
  })
  after(() => running?.close())

  /** Sends as the hospital and gives the trace id. */
  async function sent(
    url: string,
    message: Awaited<ReturnType<typeof written>>,
    as: TlsIdentity = running.partner,
  ): Promise<string> {
    const client = systemPorts.network.httpClient(as)
    const { headers, body } = message
    const answer = await client.call({ url, method: 'POST', headers, body: [body], timeoutMs: 10_000 })
    for await (const _ of answer.body);
    client.close()
    return answer.headers.traceparent!.slice(3, 35)
  }

  async function command(trace: string | undefined, options: ExplainOptions = {}) {
    const terminal = playedTerminal(running.folder)
    const context = { ports: systemPorts, terminal }
    const attempt = () =>
      explain(trace, { data: running.folder, ...options }, context).then(
        () => undefined,
        problem => problem as Failure,
      )
    const isSettled = (failure: Failure | undefined) =>
      failure === undefined
        ? !terminal.printed.join().includes('(yet)')
        : failure.reason === 'usage' || options.cert !== undefined || trace === unknown
    // What is remembered is written behind the answer, and the audit comes when it comes.
    for (let tries = 0; ; tries += 1) {
      terminal.printed.length = 0
      const failure = await attempt()
      if (isSettled(failure) || tries > 200) return { text: terminal.printed.join('\n'), failure }
      await systemPorts.clock.sleep(100)
    }
  }
  const unknown = 'f'.repeat(32)

  const aQueryForNobody = () =>
    written(registryStoredQuery, {
      id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
      returnType: 'LeafClass',
      slots: [],
    })

  it('tells the rule in words, what to do, the request and the audit', async () => {
    const trace = await sent(running.urls.registry, await aQueryForNobody())
    const { text, failure } = await command(trace)
    expect(failure).to.equal(undefined)
    expect(text)
      .to.contain(`trace ${trace}`)
      .and.to.contain('Document Registry: ITI-18 Registry Stored Query')
      .and.to.contain('from     hospital')
      .and.to.contain('XDSStoredQueryMissingParam')
      .and.to.contain('clause:  ITI TF-2:3.18.4.1.2.3.7.1: FindDocuments: documents of one patient')
      .and.to.contain('next:    Add the parameter that is named.')
      .and.to.contain('<AdhocQuery id="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"/>')
      .and.to.match(/audit:\n.*ITI-18/)
  })

  it('follows a submission from repository to registry, and shows no document', async () => {
    const patientId = 'EXPLAIN-1^^^&2.999.5&ISO'
    const entry = aDocumentEntry({
      patientId,
      classCode: undefined,
      hash: undefined,
      size: undefined,
      repositoryUniqueId: undefined,
    })
    const submission = aSubmission({ submissionSet: { patientId }, documentEntries: [entry] })
    const inline = Buffer.from('what the patient told nobody else')
    const request = { submission, documents: [{ id: entry.entryUUID, content: { inline } }] }
    const trace = await sent(running.urls.repository, await written(provideAndRegisterDocumentSet, request, 'plain'))

    const { text } = await command(trace, { request: 'kept.xml' })
    expect(text.indexOf('Document Repository: ITI-41')).to.be.within(1, text.indexOf('Document Registry: ITI-42'))
    expect(text).to.contain('1 document(s) left out').and.not.to.contain(inline.toString('base64'))
    expect(text).to.contain('ITI TF-3:4.2.3.2.3: DocumentEntry.classCode: exactly one value; required.')

    const { exchanges } = JSON.parse((await command(trace, { json: true })).text) as {
      exchanges: { actor: string; answer: { errors: ExplainedError[] } }[]
    }
    expect(exchanges.map(({ actor }) => actor)).to.deep.equal(['Document Repository', 'Document Registry'])
    for (const { answer } of exchanges) {
      expect(answer.errors.map(({ errorCode }) => errorCode)).to.deep.equal(['XDSRegistryMetadataError'])
      expect(answer.errors[0]?.clauses.map(({ tag }) => tag)).to.deep.equal(['ITI TF-3:4.2.3.2.3'])
      expect(answer.errors[0]?.next).to.contain('carnet validate')
    }

    const terminal = playedTerminal(running.folder)
    const failure = await validate(join(running.folder, 'kept.xml'), {}, { ports: systemPorts, terminal }).catch(
      problem => problem as Failure,
    )
    expect((failure as Failure).reason).to.equal('refused')
    expect(terminal.printed.join()).to.contain('classCode')
  })

  it('explains a refused message of HL7 v2, and keeps it for carnet validate [ITI TF-2: Appendix C.2.3]', async () => {
    const message = anAdt({ pid3: `${'x'.repeat(300)}^^^&2.999.5&ISO`, controlId: 'EXPLAIN-8' })
    const acknowledgement = await overMllp(running.mllpPort, message)
    const [, trace] = /\(trace ([0-9a-f]{32})\)/.exec(acknowledgement) ?? []
    const { text } = await command(trace, { request: 'kept.hl7' })
    expect(text)
      .to.contain('Document Registry: ITI-8 Patient Identity Feed')
      .and.to.contain('message  EXPLAIN-8 (MLLP)')
      .and.to.contain('HL7 104 Value too long')
      .and.to.contain('at:      PID-3')
      .and.to.contain('clause:  ITI TF-3:4.2.3.1.1: A value is UTF-8 text')
      .and.to.contain('next:    Shorten the field that is named')
      .and.to.match(/message:\n {4}MSH\|.*\n {4}EVN\|/)
      .and.to.match(/audit:\n.*ITI-8/)

    const terminal = playedTerminal(running.folder)
    const failure = await validate(join(running.folder, 'kept.hl7'), {}, { ports: systemPorts, terminal }).catch(
      problem => problem as Failure,
    )
    expect((failure as Failure).reason).to.equal('refused')
    expect(terminal.printed.join()).to.contain('PID-3 104 Value too long: patient id number 1')
  })

  it('explains a refused query to the patient index, with its place [ITI TF-2:3.9.4.2.2.6]', async () => {
    const query = aPixQuery({ asked: '1^^^&2.999.66&ISO', controlId: 'EXPLAIN-9' })
    const [, trace] = /\(trace ([0-9a-f]{32})\)/.exec(await overMllp(running.indexMllpPort, query)) ?? []
    const { text } = await command(trace)
    expect(text)
      .to.contain('Patient Identifier Cross-reference Manager: ITI-9 PIX Query')
      .and.to.contain('HL7 204 Unknown key identifier')
      .and.to.contain('at:      QPD-3(1).4')
      .and.to.contain('clause:  ITI TF-2:3.9.4.2.2.6: An id or a domain that is not known')
      .and.to.match(/audit:\n.*ITI-9/)
  })

  it('explains the clauses of an acknowledgement of ITI-44 [ITI TF-2: Appendix O.1.2]', async () => {
    const record = { messageId: { root: '2.999.7' }, patientIds: [`${'x'.repeat(300)}^^^&2.999.5&ISO`] }
    const admin = await running.identity('admin')
    const trace = await sent(running.urls.registry, await written(patientRecordAdded, record), admin)
    const { text } = await command(trace)
    expect(text)
      .to.contain('answered CE: patient id number 1')
      .and.to.contain('clause:  ITI TF-3:4.2.3.1.1: A value is')
  })

  it('explains a fault', async () => {
    const { headers, body } = await aQueryForNobody()
    const trace = await sent(running.urls.repository, { headers, body })
    const { text } = await command(trace)
    expect(text)
      .to.contain('Sender / ActionNotSupported')
      .and.to.contain('next:    Send it to the service that answers')
  })

  it('lists the latest', async () => {
    const trace = await sent(running.urls.registry, await aQueryForNobody())
    await command(trace)
    const { text } = await command(undefined, { last: '2' })
    const lines = text.split('\n')
    expect(lines).to.have.length(3)
    expect(lines[0]).to.contain(trace).and.to.contain('ITI-18').and.to.contain('XDSStoredQueryMissingParam')
  })

  it('is for administrators alone', async () => {
    const trace = await sent(running.urls.registry, await aQueryForNobody())
    await command(trace)
    const certs = join(running.folder, 'certs')
    const { failure, text } = await command(trace, {
      cert: join(certs, 'client.pem'),
      key: join(certs, 'client.key'),
    })
    expect(failure?.reason).to.equal('refused')
    expect(failure?.message).to.contain('role admin')
    expect(text).to.equal('')
  })

  it('says so when it knows nothing, and when the question is none', async () => {
    const { failure } = await command(unknown)
    expect(failure?.reason).to.equal('refused')
    expect(failure?.message).to.contain('Nothing is remembered')
    expect((await command('17')).failure?.reason).to.equal('usage')
    expect((await command(undefined)).failure?.reason).to.equal('usage')
    expect((await command(undefined, { last: '1000' })).failure?.reason).to.equal('usage')
  })
})

async function overMllp(port: number, message: string): Promise<string> {
  const { stream } = await systemPorts.network.connectTcp({ host: '127.0.0.1', port, timeoutMs: 5_000 })
  stream.end(mllpFramed(Buffer.from(message)))
  let answer = ''
  for await (const chunk of stream as AsyncIterable<Buffer>) answer += chunk.toString()
  return answer
}
