import { expect } from 'chai'
import { documentsWithoutContent, documentsWithoutId, tooManyDocuments } from '../../transactions/document-faults.js'
import { aDocumentEntry } from '../samples/submission.js'

const missing = { kind: 'missing', expected: 'a part', found: 'none' } as const
const unreadable = { kind: 'unreadable', expected: 'base64', found: 'no base64' } as const
const told = (findings: { code: string; object: string; rule: string }[]) =>
  findings.map(({ code, object, rule }) => [code, object, rule])

describe('Documents of an ITI-41 by themselves', () => {
  it('are counted, faulty ones among them [ITI TF-2:3.41.4.1.2]', () => {
    const documents = [{ id: 'a', content: { inline: Buffer.from('a') } }]
    const faultyDocuments = [{ number: 2, id: '' }]
    expect(tooManyDocuments({ documents, faultyDocuments }, 2)).to.deep.equal([])
    const [finding] = tooManyDocuments({ documents, faultyDocuments }, 1)
    expect(finding).to.include({ code: 'XDSRepositoryError', expected: 'at most 1 Documents', found: '2' })
  })

  it('are told by their number where they have no id [ITI TF-2:3.41.4.1.2]', () => {
    const documents = [
      { number: 2, id: '', fault: missing },
      { number: 3, id: 'c', fault: missing },
    ]
    expect(told(documentsWithoutId(documents))).to.deep.equal([
      ['XDSMissingDocumentMetadata', 'Document number 2 (without id)', 'ITI TF-2:3.41.4.1.2'],
    ])
  })

  it('are missing to their DocumentEntry, or cannot be read [ITI TF-2:3.41.4.1.3]', () => {
    const entry = aDocumentEntry()
    const documents = [
      { number: 1, id: entry.entryUUID, fault: missing },
      { number: 2, id: 'unknown', fault: missing },
      { number: 3, id: '', fault: unreadable },
      { number: 4, id: '' },
    ]
    expect(told(documentsWithoutContent(documents, { documentEntries: [entry] }))).to.deep.equal([
      ['XDSMissingDocument', `DocumentEntry ${entry.entryUUID}`, 'ITI TF-2:3.41.4.1.3'],
      ['XDSMissingDocument', 'Document unknown', 'ITI TF-2:3.41.4.1.3'],
      ['XDSRepositoryMetadataError', 'Document number 3 (without id)', 'ITI TF-2:3.41.4.1.2'],
    ])
  })
})
