// Spans over repository and registry, as an SDK collects them: one trace, the one of traceparent and audit, and who is whose parent.
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { expect } from 'chai'
import { auditTail } from '../../cli/audit/tail.js'
import { systemPorts } from '../../ports/ports.js'
import { openTracing } from '../../server/tracing.js'
import { contentToSend } from '../../transactions/submission-codec.js'
import { provideAndRegisterDocumentSet } from '../../transactions/xds.js'
import { aSource } from '../cli/a-source.js'
import { playedTerminal } from '../cli/played-terminal.js'
import { aPreparedFolder, type PreparedFolder } from '../deploy/a-prepared-folder.js'
import { aDeployment, type RunningDeployment } from '../peers/a-deployment.js'
import { anEntry } from '../repository/a-repository.js'
import { aSubmission } from '../samples/submission.js'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const callersId = '00f067aa0ba902b7'

describe('spans for OpenTelemetry', function () {
  this.timeout(120_000)

  describe('where an SDK collects them', () => {
    const exporter = new InMemorySpanExporter()
    let prepared: PreparedFolder
    let running: RunningDeployment
    let spans: ReadableSpan[]

    before(async () => {
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
      trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
      prepared = await aPreparedFolder(config => Object.assign(config, { openTelemetry: true }))
      running = await aDeployment({}, prepared.folder)
      const entry = anEntry()
      const bytes = Buffer.from('seen')
      const content = contentToSend({ contentType: entry.mimeType, sizeBytes: bytes.length, open: () => [bytes] })
      const source = aSource(running)
      const { response } = await source.caller.call(
        provideAndRegisterDocumentSet,
        { submission: aSubmission({ documentEntries: [entry] }), documents: [{ id: entry.entryUUID, content }] },
        { url: running.urls.repository, traceparent: `00-${traceId}-${callersId}-01` },
      )
      source.close()
      expect(response.status).to.equal('Success')
      spans = exporter.getFinishedSpans()
    })
    after(async () => {
      await running?.close()
      await prepared?.remove()
      trace.disable()
      context.disable()
    })

    /** `carnet-repository ITI-41 …`, and what it is below. */
    const named = (name: string) => spans.filter(span => titleOf(span).startsWith(name))
    const one = (name: string) => {
      const found = named(name)
      expect(found.length, `${name} among ${spans.map(titleOf).join(', ')}`).to.equal(1)
      return found[0]!
    }

    it('are of one trace, that of the traceparent which the source has sent', () => {
      expect(new Set(spans.map(span => span.spanContext().traceId))).to.deep.equal(new Set([traceId]))
      expect(one('carnet-repository ITI-41').parentSpanContext?.spanId).to.equal(callersId)
    })

    it('lead from the repository to the registry: exchange, call, exchange, commit', () => {
      const [received] = named('carnet-repository ITI-41')
      const call = one('carnet-repository ITI-42')
      const answered = one('carnet-registry ITI-42')
      expect(call.parentSpanContext?.spanId).to.equal(received?.spanContext().spanId)
      expect(answered.parentSpanContext?.spanId).to.equal(call.spanContext().spanId)
      expect(one('carnet-registry judge and commit').parentSpanContext?.spanId).to.equal(answered.spanContext().spanId)
    })

    it('show what the repository keeps, and when', () => {
      const received = one('carnet-repository ITI-41').spanContext().spanId
      for (const step of ['keep the documents', 'commit the verdict'])
        expect(one(`carnet-repository ${step}`).parentSpanContext?.spanId).to.equal(received)
      expect(named('carnet-repository commit').length).to.equal(2)
    })

    it('say transaction, outcome and partner, and nothing of the patient', () => {
      expect(one('carnet-repository ITI-41').attributes).to.deep.equal({
        'ihe.transaction': 'ITI-41',
        'ihe.outcome': 'Success',
        'carnet.partner': 'hospital',
      })
      expect(JSON.stringify(spans.map(({ name, attributes, events }) => [name, attributes, events]))).not.to.contain(
        '^^^',
      )
    })

    it('have the trace id of the audit records of both sides', async () => {
      const terminal = playedTerminal(prepared.folder)
      const asked = { data: prepared.folder, trace: traceId, limit: '50' }
      const isThere = () => ['ITI-41', 'ITI-42'].every(id => terminal.printed.join('\n').includes(id))
      for (let tries = 0; tries < 300 && !isThere(); tries += 1) {
        terminal.printed.length = 0
        await systemPorts.clock.sleep(100)
        await auditTail(asked, { ports: systemPorts, terminal })
      }
      expect(terminal.printed.join('\n')).to.contain('ITI-41').and.to.contain('ITI-42')
    })
  })

  it('are none where nobody collects them: the trace is then made by the service itself', async () => {
    const tracing = await openTracing('registry')
    expect(tracing.begin(undefined)).to.equal(undefined)
    expect(tracing.begin(`00-${traceId}-${callersId}-01`)).to.equal(undefined)
    const sent = await tracing.call(
      'ITI-42',
      `00-${traceId}-${callersId}-01`,
      async it => it,
      () => ({}),
    )
    expect(sent).to.equal(`00-${traceId}-${callersId}-01`)
  })

  it('leave steps of nobody as they are, failures included', async () => {
    const tracing = await openTracing('registry')
    const store = tracing.steps({ register: async (what: string) => what, broken: undefined }, { register: 'commit' })
    expect(await store.register('this')).to.equal('this')
    const failing = tracing.steps({ register: async () => Promise.reject(new Error('no')) }, { register: 'commit' })
    expect(await failing.register().catch((problem: Error) => problem.message)).to.equal('no')
  })
})

function titleOf({ instrumentationScope, name }: ReadableSpan): string {
  return `${instrumentationScope.name} ${name}`
}
