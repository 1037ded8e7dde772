import { expect } from 'chai'
import { type RepositoryConfig, repositoryConfig } from '../../../config/repository-config.js'
import { systemPorts } from '../../../ports/ports.js'
import type { RepositoryContext } from '../../../repository/context.js'
import type { Retrieving } from '../../../repository/kept-document.js'
import { onDemandDocument } from '../../../repository/on-demand/on-demand-document.js'
import { traceOf } from '../../../server/trace.js'
import { openSpool } from '../../../soap/spool.js'
import type { RetrievedDocument } from '../../../transactions/xds-messages.js'
import { anOnDemandEntry } from '../../samples/submission.js'
import { bytesFrom } from '../a-repository.js'

const repositoryUniqueId = '2.999.1.1'

/** The built-in summary, made and not kept; all waiting is over at once. */
async function made() {
  const entry = anOnDemandEntry({ repositoryUniqueId, uniqueId: '2.999.7^summary', availabilityStatus: 'Approved' })
  const result = { documentEntries: [entry], submissionSets: [], folders: [], associations: [], objectRefs: [] }
  const waiting: (() => void)[] = []
  const afterwards: (() => void)[] = []
  const clock = {
    ...systemPorts.clock,
    after: (delayMs: number, work: () => void) => {
      if (delayMs === 60_000) waiting.push(work)
      return { cancel: () => void waiting.splice(waiting.indexOf(work), waiting.includes(work) ? 1 : 0) }
    },
  }
  const onDemand = repositoryConfig.shape.onDemand.parse({})
  const { files, randomness } = systemPorts
  const context = {
    config: { onDemand, repositoryUniqueId } as RepositoryConfig,
    ports: { ...systemPorts, clock },
    production: { underWay: 0, keeping: new Map() },
    registry: {
      query: async () => ({ kind: 'answered', response: { status: 'Success', errors: [], result }, auditRecords: [] }),
    },
    outbox: { append: async () => {} },
    spool: openSpool({ files, randomness, folder: '' }),
    closing: new AbortController().signal,
    alarm: () => {},
  } as unknown as RepositoryContext
  const trace = traceOf(undefined, randomness)
  const exchange = { trace, afterwards: (work: () => void) => void afterwards.push(work) } as Retrieving['exchange']
  const wanted = { repositoryUniqueId, documentUniqueId: '2.999.7^summary' }
  const type = { name: 'summary', persist: false }
  const document = (await onDemandDocument(wanted, type, { context, exchange, heldBytes: 0 })) as RetrievedDocument
  return {
    document,
    endExchange: () => afterwards.splice(0).forEach(work => void work()),
    passMinute: () => waiting.splice(0).forEach(work => void work()),
  }
}

describe('a document made on demand and not kept', () => {
  it('is there for as long as the others of its request take to be made', async () => {
    const { document, passMinute, endExchange } = await made()
    passMinute()
    expect((await bytesFrom(document.open())).length).to.equal(document.sizeBytes)
    endExchange()
  })

  it('is forgotten where its answer never begins', async () => {
    const { document, passMinute, endExchange } = await made()
    endExchange()
    passMinute()
    expect((await bytesFrom(document.open())).length).to.equal(0)
  })
})
