// Limited metadata: forbidden in XDS, taken where a domain says so.
import { expect } from 'chai'
import type { Submission } from '../../metadata/model.js'
import { approved, aRegistry, codesOf, quote } from '../registry/a-registry.js'
import { aDocumentEntry, aSubmission, samplePatientId } from '../samples/submission.js'
import { aDomainOf } from './a-domain-folder.js'

const allowing = { 'domain.json': { name: 'portable', limitedMetadata: 'allowed' } }

/** As little as a Metadata-Limited Document Source may say of a document. */
function limited(limitedMetadata = true): Submission {
  const { classCode, typeCode, formatCode, practiceSettingCode, healthcareFacilityTypeCode, ...rest } = aDocumentEntry()
  const { languageCode, creationTime, sourcePatientId, ...entry } = rest
  const submission = aSubmission({
    documentEntries: [{ ...entry, confidentialityCode: [], author: [], limitedMetadata }],
    submissionSet: { limitedMetadata },
  })
  for (const set of submission.submissionSets) delete set.contentTypeCode
  return submission
}

describe('limited metadata', () => {
  it('are taken, found and given back as such where the domain allows them [ITI TF-3:4.2.3.1.10]', async () => {
    const registry = await aRegistry({}, await aDomainOf(allowing))
    expect(await registry.register(limited())).to.deep.equal({ status: 'Success', errors: [] })
    const { documentEntries } = await registry.found('FindDocuments', {
      $XDSDocumentEntryPatientId: quote(samplePatientId),
      $XDSDocumentEntryStatus: approved,
    })
    expect(documentEntries).to.have.length(1)
    expect(documentEntries[0]).to.include({ limitedMetadata: true })
    await registry.close()
  })

  it('must be marked, else all is required there too [ITI TF-3: Table 4.3.1-3]', async () => {
    const registry = await aRegistry({}, await aDomainOf(allowing))
    const response = await registry.register(limited(false))
    expect(response.status).to.equal('Failure')
    expect(new Set(codesOf(response))).to.deep.equal(new Set(['XDSRegistryMetadataError']))
    expect(response.errors).to.have.length(10)
    await registry.close()
  })

  for (const attribute of ['patientId', 'uniqueId', 'hash', 'size', 'repositoryUniqueId'] as const) {
    it(`need ${attribute} all the same [ITI TF-3: Table 4.3.1-3]`, async () => {
      const registry = await aRegistry({}, await aDomainOf(allowing))
      const submission = limited()
      for (const entry of submission.documentEntries) delete entry[attribute]
      const response = await registry.register(submission)
      expect(codesOf(response)).to.deep.equal(['XDSRegistryMetadataError'])
      expect(response.errors[0]?.codeContext).to.contain(attribute)
      await registry.close()
    })
  }

  it('are refused everywhere else [ITI TF-3: Table 4.3.1-3]', async () => {
    const registry = await aRegistry()
    const marked = aSubmission({ documentEntry: { limitedMetadata: true } })
    const response = await registry.register(marked)
    expect(codesOf(response)).to.deep.equal(['XDSRegistryMetadataError'])
    expect(response.errors[0]?.codeContext).to.contain('limitedMetadata: expected nothing, forbidden on ITI-42')
    await registry.close()
  })
})
