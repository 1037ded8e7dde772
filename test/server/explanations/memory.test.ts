// What is remembered of exchanges: those that are wanted, behind the answer, and never at the cost of one.

import { join } from 'node:path'
import { expect } from 'chai'
import { registryConfig } from '../../../config/registry-config.js'
import type { ExplainConfig } from '../../../config/service-config.js'
import type { RegistryError } from '../../../metadata/model.js'
import type { Files } from '../../../ports/files.js'
import { systemPorts } from '../../../ports/ports.js'
import { deferred } from '../../../ports/promises.js'
import { AdminProblem } from '../../../server/administration/resources.js'
import { type Explanations, openExplanations } from '../../../server/explanations/memory.js'
import { explainResource } from '../../../server/explanations/resource.js'
import type { Story } from '../../../server/explanations/story.js'
import { openMetrics } from '../../../server/metrics.js'
import { siblingsOf } from '../../../server/service-section.js'
import type { Surroundings, Trail } from '../../../server/trail.js'
import { SoapFault } from '../../../soap/fault.js'
import { parseXml } from '../../../soap/xml.js'
import { registerDocumentSet } from '../../../transactions/xds.js'
import { silentLog } from '../silent-log.js'

const defaults: ExplainConfig = registryConfig.shape.explain.parse(undefined)
const error: RegistryError = { errorCode: 'XDSRegistryError', codeContext: 'why', severity: 'Error' }
const traceId = (digit: string) => digit.repeat(32)

function trail(changes: Partial<Trail> = {}): Trail {
  return {
    trace: { traceId: traceId('a'), traceparent: `00-${traceId('a')}-1111111111111111-01`, next: () => '' },
    partner: { name: 'ward', roles: new Set(['source']), address: '10.0.0.1' },
    endpoint: 'https://localhost:8441/registry',
    startedMs: 0,
    ways: {},
    afterwards: [],
    auditCommitted: false,
    contract: registerDocumentSet as never,
    message: {
      form: 'plain',
      action: registerDocumentSet.action,
      addressing: { messageID: 'urn:uuid:1' },
      security: parseXml('<Assertion>the secret token</Assertion>'),
      body: parseXml('<Ask xmlns="urn:test">why</Ask>'),
      attachments: new Map(),
    },
    response: { status: 'Failure', errors: [error] },
    ...changes,
  }
}

describe('explanations/memory', () => {
  let folder: string
  let opened: Explanations
  const around = { ports: systemPorts } as Surroundings

  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-explain-')
  })
  afterEach(async () => {
    await opened?.close()
    await systemPorts.files.removeFolder(folder)
  })

  async function open(config: Partial<ExplainConfig> = {}, files: Partial<Files> = {}) {
    const ports = { ...systemPorts, files: { ...systemPorts.files, ...files } }
    const measured = openMetrics('test')
    opened = await openExplanations({
      ...{ name: 'registry', folder, log: silentLog, metrics: measured, ports },
      config: { ...defaults, ...config },
    })
    return { opened, measured }
  }

  it('wants what was refused, or all, or nothing', async () => {
    const success = { status: 'Success', errors: [] }
    const trails = {
      success: trail({ response: success }),
      refused: trail(),
      warned: trail({ response: { ...success, errors: [{ ...error, severity: 'Warning' }] } }),
      faulted: trail({ response: undefined, fault: new SoapFault('Sender', 'no') }),
      nothing: trail({ response: { typeCode: 'CE' } }),
      taken: trail({ response: { typeCode: 'CA' } }),
      asked: trail({ response: { acknowledgement: 'AE', problems: [] } }),
      found: trail({ response: { acknowledgement: 'AA', problems: [] } }),
    }
    const wanted = async (keep: ExplainConfig['keep']) => {
      const { opened } = await open({ keep })
      return Object.entries(trails).flatMap(([name, each]) => (opened.wants(each) ? [name] : []))
    }
    expect(await wanted('refused')).to.deep.equal(['refused', 'warned', 'faulted', 'nothing', 'asked'])
    expect(await wanted('all')).to.deep.equal(Object.keys(trails))
    expect(await wanted('none')).to.deep.equal([])
  })

  it('tells the exchange by its trace: request, answer and errors, and no assertion', async () => {
    const { opened } = await open()
    opened.remember(trail(), 'Document Registry', around)
    await opened.close()
    const [story, ...others] = await opened.ofTrace(traceId('a'))
    expect(others).to.deep.equal([])
    expect(story).to.deep.include({
      trace: traceId('a'),
      actor: 'Document Registry',
      transaction: { id: 'ITI-42', name: 'Register Document Set-b' },
      partner: { name: 'ward', address: '10.0.0.1' },
      message: { action: registerDocumentSet.action, messageID: 'urn:uuid:1', form: 'plain' },
      request: { xml: '<Ask xmlns="urn:test">why</Ask>', documentsLeftOut: 0, cut: false },
      answer: { outcome: 'Failure', errors: [error] },
    })
    expect(JSON.stringify(story)).not.to.contain('secret token')
    expect(await opened.ofTrace(traceId('b'))).to.deep.equal([])
  })

  it('tells what was wrong with a query in HL7 v3 [HL7 table 0357]', async () => {
    await open()
    const location = '/PRPA_IN201309UV02/controlActProcess'
    const problems = [{ code: '204', location, text: 'the patient id is not known here' }, { text: 'expected one' }]
    opened.remember(trail({ response: { acknowledgement: 'AE', problems } }), 'x', around)
    await opened.close()
    const [story] = await opened.ofTrace(traceId('a'))
    expect(story?.answer).to.deep.equal({
      outcome: 'AE',
      errors: [
        {
          ...{ errorCode: 'HL7 204 Unknown key identifier', codeContext: 'the patient id is not known here' },
          ...{ severity: 'Error', location },
        },
        { errorCode: 'HL7', codeContext: 'expected one', severity: 'Error' },
      ],
    })
  })

  it('tells a fault, and a request that could not be read', async () => {
    const { opened } = await open()
    const subcode = { namespace: 'urn:test', name: 'Why' }
    const fault = new SoapFault('Sender', 'the envelope cannot be read', { subcode })
    opened.remember(trail({ fault, message: undefined, contract: undefined, response: undefined }), 'x', around)
    await opened.close()
    const [story] = await opened.latest(10)
    expect(story).not.to.have.any.keys('transaction', 'message', 'request')
    expect(story?.answer).to.deep.equal({
      outcome: 'fault Sender',
      fault: { code: 'Sender', subcodes: ['Why'], reason: 'the envelope cannot be read' },
    })
  })

  it('drops what comes faster than it can be written, and counts it', async () => {
    const { promise: gate, resolve: go } = deferred<void>()
    const { opened, measured } = await open(
      {},
      {
        create: async (path, options) => {
          await gate
          return systemPorts.files.create(path, options)
        },
      },
    )
    for (let count = 0; count < 150; count += 1) opened.remember(trail(), 'Document Registry', around)
    expect((await measured.text()).body).to.match(/xds_explanations_dropped_total\{[^}]*\} 49/)
    go()
    await opened.close()
    expect((await measured.text()).body).to.match(/xds_explanations\{[^}]*\} 101/)
  })

  it('tells what other workers of the service remember, the newest of all first', async () => {
    const workers = [1, 2, 3].map(number => join(folder, `worker-${number}`))
    const section = { database: 'postgres://x', folder: workers[0] ?? '', worker: 1 }
    const remembering: Explanations[] = []
    for (const [index, data] of workers.slice(0, 2).entries()) {
      const now = () => 1_000 * (index + 1)
      remembering.push(
        await openExplanations({
          ...{ name: 'registry', folder: data, log: silentLog, metrics: openMetrics('test') },
          siblings: () => siblingsOf({ ...section, folder: data }, systemPorts),
          ports: { ...systemPorts, clock: { ...systemPorts.clock, now } },
          config: { ...defaults, keep: 'all' },
        }),
      )
    }
    // The third has begun, and remembers nothing yet.
    await systemPorts.files.makeFolder(workers[2] ?? '')
    const trace = (digit: string) => ({ trace: { traceId: traceId(digit), traceparent: '', next: () => '' } })
    for (const [index, digit] of ['a', 'b'].entries()) {
      const clock = { ...systemPorts.clock, now: () => 1_000 * (index + 1) }
      const around = { ports: { ...systemPorts, clock } } as Surroundings
      remembering[index]?.remember(trail(trace(digit)), 'Document Registry', around)
      await remembering[index]?.close()
    }
    for (const asked of remembering) {
      expect((await asked.ofTrace(traceId('b'))).map(({ trace: told }) => told)).to.deep.equal([traceId('b')])
      expect((await asked.latest(10)).map(({ trace: told }) => told)).to.deep.equal([traceId('b'), traceId('a')])
    }
    expect(await siblingsOf({ database: '/data/registry.sqlite' }, systemPorts)).to.deep.equal([])
  })

  it('survives a disk that takes nothing', async () => {
    const { opened, measured } = await open({}, { create: () => Promise.reject(new Error('no space')) })
    opened.remember(trail(), 'Document Registry', around)
    await opened.close()
    expect((await measured.text()).body).to.match(/xds_explanations_dropped_total\{[^}]*\} 1/)
    expect(await opened.latest(1)).to.deep.equal([])
  })

  describe('for administrators', () => {
    const ask = async (rest: string, query = '') => {
      const resource = explainResource(opened)
      const request = { rest, query: new URLSearchParams(query), body: undefined, partner: trail().partner }
      return (await resource.answer(request)) as { exchanges: Story[] }
    }
    const problemOf = (work: Promise<unknown>) =>
      work.then(
        () => undefined,
        problem => (problem instanceof AdminProblem ? problem.status : problem),
      )

    it('answers a trace with its requests, and the latest without', async () => {
      await open()
      for (const digit of ['a', 'b', 'c']) {
        const trace = { traceId: traceId(digit), traceparent: '', next: () => '' }
        opened.remember(trail({ trace }), 'Document Registry', around)
      }
      await opened.close()
      expect((await ask(traceId('b'))).exchanges.map(({ request }) => request)).to.deep.equal([
        { xml: '<Ask xmlns="urn:test">why</Ask>', documentsLeftOut: 0, cut: false },
      ])
      const { exchanges } = await ask('', 'last=2')
      expect(exchanges.map(({ trace }) => trace)).to.deep.equal([traceId('c'), traceId('b')])
      expect(exchanges.every(({ request }) => request === undefined)).to.equal(true)
    })

    it('says what it does not have, and what is no question', async () => {
      await open()
      expect(await problemOf(ask(traceId('d')))).to.equal(404)
      expect(await problemOf(ask('../registry-explain.key'))).to.equal(400)
      expect(await problemOf(ask('', 'last=1000'))).to.equal(400)
    })
  })
})
