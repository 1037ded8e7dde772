// What is wrong with the Documents of an ITI-41 by themselves, said alike by the repository that would keep them and by a gateway that would pass them
// on. The codes are explained in docs/decisions/0090-wrong-contents-are-xds-errors.md. ITI TF-2 §3.41.4.1.2.
import type { ErrorCode, Finding, Submission } from '../metadata/model.js'
import type { BinaryFault } from '../soap/xop.js'
import type { FaultyDocument, ProvideAndRegisterRequest } from './xds-messages.js'

const rule = 'ITI TF-2:3.41.4.1.2'

/** Where it finds something, nothing else of the request is looked at. [ITI TF-2:3.41.4.1.2] */
export function tooManyDocuments(
  { documents, faultyDocuments = [] }: Pick<ProvideAndRegisterRequest, 'documents' | 'faultyDocuments'>,
  most: number,
): Finding[] {
  const count = documents.length + faultyDocuments.length
  if (count <= most) return []
  const where = { object: 'ProvideAndRegisterDocumentSetRequest', attribute: 'Document', rule }
  return [{ code: 'XDSRepositoryError', ...where, expected: `at most ${most} Documents`, found: String(count) }]
}

/** [ITI TF-2:3.41.4.1.2] */
export function documentsWithoutId(documents: readonly FaultyDocument[]): Finding[] {
  return documents
    .filter(({ id }) => id === '')
    .map(document => ({
      code: 'XDSMissingDocumentMetadata',
      object: labelOf(document),
      attribute: 'id',
      rule,
      expected: 'the id of its DocumentEntry',
      found: 'nothing',
    }))
}

/** Whose bytes did not come, or cannot be read. [ITI TF-2:3.41.4.1.3] */
export function documentsWithoutContent(
  documents: readonly FaultyDocument[],
  { documentEntries }: Pick<Submission, 'documentEntries'>,
): Finding[] {
  const entries = new Set(documentEntries.map(({ entryUUID }) => entryUUID))
  return documents.flatMap(document => {
    const { id, fault } = document
    if (fault === undefined) return []
    const isMissing = fault.kind === 'missing'
    return {
      code: codes[fault.kind],
      object: isMissing && id !== '' && entries.has(id) ? `DocumentEntry ${id}` : labelOf(document),
      attribute: 'Document',
      rule: isMissing ? 'ITI TF-2:3.41.4.1.3' : rule,
      expected: fault.expected,
      found: fault.found,
    }
  })
}

const codes: Readonly<Record<BinaryFault['kind'], ErrorCode>> = {
  missing: 'XDSMissingDocument',
  unreadable: 'XDSRepositoryMetadataError',
  'too long': 'XDSRepositoryMetadataError',
}

function labelOf({ id, number }: FaultyDocument): string {
  return id === '' ? `Document number ${number} (without id)` : `Document ${id}`
}
