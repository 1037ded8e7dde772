import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { askForAll } from '../../../repository/on-demand/all-entries.js'
import type { Asking } from '../../../repository/on-demand/on-demand-entry.js'
import type { AdhocQueryRequest } from '../../../transactions/xds-messages.js'
import { aDocumentEntry } from '../../samples/submission.js'

const findDocuments = 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d'
const parameters = { $XDSDocumentEntryPatientId: "'P'", $XDSDocumentEntryStatus: ["('a')", "('b')"] }

/** A registry that refuses what would be long, in these words, and has so many entries. */
function asking(refusal: string, count: number) {
  const entries = Array.from({ length: count }, () => aDocumentEntry())
  const asked: AdhocQueryRequest[] = []
  const empty = { submissionSets: [], folders: [], associations: [] }
  const query = async (request: AdhocQueryRequest) => {
    asked.push(request)
    const auditRecords: never[] = []
    if (request.id === findDocuments && request.returnType === 'LeafClass') {
      return { kind: 'unavailable' as const, sent: 'maybe' as const, reason: refusal, auditRecords }
    }
    const named = request.slots.find(({ name }) => name === '$XDSDocumentEntryEntryUUID')?.values[0] ?? ''
    const documentEntries = entries.filter(({ entryUUID }) => named.includes(entryUUID))
    const objectRefs = request.returnType === 'ObjectRef' ? entries.map(({ entryUUID }) => ({ id: entryUUID })) : []
    const result = { ...empty, documentEntries, objectRefs }
    return {
      kind: 'answered' as const,
      response: { status: 'Success' as const, errors: [], registryObjects: [], result },
      auditRecords,
    }
  }
  const context = { registry: { query }, outbox: { append: async () => {} }, ports: systemPorts }
  const trace = { traceId: '', traceparent: '', next: () => '' }
  const all: Asking = {
    context: context as unknown as Asking['context'],
    trace,
    deadlineMs: systemPorts.clock.monotonicMs() + 60_000,
    signal: new AbortController().signal,
  }
  return { all, asked, entries }
}

describe('a question whose answer would be too long', () => {
  for (const words of [
    'XDSTooManyResults',
    'the envelope cannot be read: line 1, column 9: more than 1000000 elements',
  ]) {
    it(`is asked again in pages: ${words}`, async () => {
      const { all, asked, entries } = asking(words, 1_200)
      const found = await askForAll({ id: findDocuments, parameters }, all)
      expect(found.documentEntries).to.deep.equal(entries)
      expect(asked.map(({ returnType }) => returnType)).to.deep.equal([
        'LeafClass',
        'ObjectRef',
        ...Array(3).fill('LeafClass'),
      ])
      expect(asked[1]?.slots).to.deep.equal(asked[0]?.slots)
    })
  }

  it('is not asked again for another reason, nor another question', async () => {
    const refused = async (refusal: string, id = findDocuments) => {
      const { all, asked } = asking(refusal, 0)
      const outcome = await askForAll({ id, parameters }, all).then(
        () => 'answered',
        (problem: Error) => problem.message,
      )
      return [outcome, asked.length]
    }
    expect(await refused('nothing listens there')).to.deep.equal([
      'the registry does not answer: nothing listens there',
      1,
    ])
    expect(await refused('XDSTooManyResults', 'urn:uuid:1')).to.deep.equal(['answered', 1])
  })
})
