// What a new version must have from the one before, seen without reading the XML of that where it can be. ITI TF-2 §3.57.4.1.3.3.1.3.
import { expect } from 'chai'
import { fragmentOf, type InPhrases } from '../../../metadata/fragment.js'
import type { DocumentEntry } from '../../../metadata/model.js'
import { findingsOf } from '../../../registry/rules/rule.js'
import { unchangeable, unchangeableByUpdate } from '../../../registry/rules/unchangeable.js'
import type { Facts, LatestVersion } from '../../../registry/store/facts.js'
import { aDocumentEntry, samplePatientId } from '../../samples/submission.js'
import { anUpdate } from '../updates.js'

describe('attributes that an update may not change', () => {
  const rules = [unchangeable('ITI TF-2:3.57.4.1.3.3.1.3', unchangeableByUpdate)]
  const entry = aDocumentEntry()
  const judged = (changes: Partial<DocumentEntry>, registered: Facts) =>
    findingsOf(rules, anUpdate({ ...entry, logicalID: entry.entryUUID }, changes), registered, [])

  it('are seen to be the same without reading the former version, which takes long where there are many', () => {
    const kept = keptAs(entry)
    // No object that could be read, but its uniqueId stands where it stood.
    const unreadable = { inPhrases: Buffer.concat([kept.inPhrases, Buffer.from('<')]) }
    expect(judged({ mimeType: 'text/plain' }, factsOf(entry, unreadable))).to.deep.equal([])
    expect(() => judged({ uniqueId: '2.999.1234' }, factsOf(entry, unreadable))).to.throw()
  })

  it('are told with what they were where they differ [ITI TF-2:3.57.4.1.3.3.1.3]', () => {
    const findings = judged({ uniqueId: '2.999.1234', objectType: 'on-demand' }, factsOf(entry, keptAs(entry)))
    expect(findings.map(({ attribute }) => attribute)).to.deep.equal(['uniqueId', 'objectType'])
    expect(findings[0]?.expected).to.contain(entry.uniqueId)
  })
})

function keptAs(entry: DocumentEntry): InPhrases {
  return fragmentOf({ ...entry, logicalID: entry.entryUUID, version: 1 }, () => 'urn:uuid:new')
}

function factsOf({ entryUUID }: DocumentEntry, fragment: InPhrases): Facts {
  const document = { objectType: 'stable', hash: undefined, size: undefined, isTransformation: false } as const
  const latest: LatestVersion = {
    object: {
      ...{ entryUUID, kind: 'DocumentEntry', patientId: samplePatientId, availabilityStatus: 'Approved', document },
      version: { logicalID: entryUUID, number: 1, isLatest: true },
    },
    fragment,
    links: [],
  }
  return {
    objects: new Map(),
    uniqueIds: new Map(),
    latestVersions: new Map([[entryUUID, latest]]),
  } as unknown as Facts
}
