// The built-in plug-in "summary": what documents there are of a patient, as a CDA that any consumer can show.

import type { DocumentEntry } from '../../metadata/model.js'
import { statusTypes } from '../../metadata/uuids.js'
import { derivedOid } from './derived-id.js'
import type { OnDemandRequest, PlugIn } from './plug-in.js'
import { summaryDocument } from './summary-document.js'

const findDocuments = 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d'

/** The same documents make the same summary, to the byte: it says as of when, not when it was asked for. */
export const patientSummary: PlugIn = async ({ entry, query }: OnDemandRequest) => {
  const patientId = entry.patientId ?? ''
  const { documentEntries } = await query({
    id: findDocuments,
    parameters: {
      $XDSDocumentEntryPatientId: `'${patientId.replaceAll("'", "''")}'`,
      $XDSDocumentEntryStatus: `('${statusTypes.Approved}')`,
    },
  })
  const documents = documentEntries.filter(each => !isSummary(each, entry)).sort(newestFirst)
  const seen = documents.map(({ entryUUID, version }) => `${entryUUID} ${version}`)
  const uniqueId = derivedOid('patient-summary', `${entry.entryUUID} ${entry.version}`, patientId, ...seen)
  return { mimeType: 'text/xml', uniqueId, content: summaryDocument({ entry, uniqueId, documents }) }
}

/** Snapshots of summaries are not summarised again: each would make the next one another document. */
function isSummary(document: DocumentEntry, entry: DocumentEntry): boolean {
  return (
    document.repositoryUniqueId === entry.repositoryUniqueId &&
    sameCode(document.typeCode, entry.typeCode) &&
    sameCode(document.formatCode, entry.formatCode) &&
    sameCode(document.classCode, entry.classCode)
  )
}

function sameCode(one: DocumentEntry['typeCode'], other: DocumentEntry['typeCode']): boolean {
  return one?.code === other?.code && one?.codingScheme === other?.codingScheme
}

function newestFirst(one: DocumentEntry, other: DocumentEntry): number {
  const [before, after] = [one, other].map(
    ({ creationTime = '', entryUUID }) => `${creationTime.padEnd(14, '0')} ${entryUUID}`,
  )
  return (after ?? '').localeCompare(before ?? '')
}
