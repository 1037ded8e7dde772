// Long Bundles of the RESTful feed.
import { expect } from 'chai'
import { type Feed, takeBundle } from '../../../../atna-audit/repository/fhir/iti-20-feed.js'

describe('a long Bundle of AuditEvents', () => {
  const takes: number[] = []
  const feed: Feed = {
    intake: {
      async take(arrivals) {
        const first = takes.reduce((sum, count) => sum + count, 0)
        takes.push(arrivals.length)
        return arrivals.map((_, index) => first + index + 1)
      },
      settle: async () => undefined,
    },
    base: 'https://localhost/audit/fhir',
    partner: { name: 'app', roles: new Set(['source']), address: '10.0.0.9' },
    nowMs: 1,
    traceId: 'trace',
  }
  const entries = (count: number) =>
    Array.from({ length: count }, () => ({
      request: { method: 'POST', url: 'AuditEvent' },
      resource: {
        resourceType: 'AuditEvent',
        type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110112' },
        action: 'E',
        recorded: '2026-03-04T10:11:12.345Z',
        outcome: '0',
        agent: [{ who: { identifier: { value: 'app-1' } }, requestor: true }],
        source: { observer: { display: 'An app' } },
      },
    }))
  const sent = (type: string, count: number) =>
    takeBundle({ resourceType: 'Bundle', type, entry: entries(count) }, feed).catch(problem => problem)
  beforeEach(() => takes.splice(0))

  it('is kept in portions where each entry stands for itself [FHIR R4: http.html#transaction]', async () => {
    const { resource } = await sent('batch', 300)
    expect(takes).to.deep.equal([128, 128, 44])
    const locations = resource.entry.map(({ response }: { response: { location: string } }) => response.location)
    expect(locations).to.deep.equal(locations.map((_: string, index: number) => `${feed.base}/AuditEvent/${index + 1}`))
  })

  it('is kept as one where it is all or nothing, and then may not be so long', async () => {
    await sent('transaction', 300)
    expect(takes).to.deep.equal([300])
    expect(await sent('transaction', 2_001)).to.include({ status: 413 })
    expect(await sent('batch', 2_001)).to.include({ status: 200 })
  })
})
