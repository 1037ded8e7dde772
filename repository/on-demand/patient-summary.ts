// The built-in plug-in "summary": what documents there are of a patient, as a CDA that any consumer can show.
import type { DocumentEntry } from '../../metadata/model.js'
import { documentEntryTypes, statusTypes } from '../../metadata/uuids.js'
import { listValue, textValue } from '../../transactions/query-values.js'
import { derivedOid } from './derived-id.js'
import type { OnDemandRequest, PlugIn } from './plug-in.js'
import { summaryDocument } from './summary-document.js'

const findDocuments = 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d'
const getAssociations = 'urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155'

/** The same documents make the same summary, to the byte: it says as of when, not when it was asked for. */
export const patientSummary: PlugIn = async ({ entry, query }: OnDemandRequest) => {
  const patientId = entry.patientId ?? ''
  const { documentEntries } = await query({
    id: findDocuments,
    parameters: {
      $XDSDocumentEntryPatientId: textValue(patientId),
      $XDSDocumentEntryStatus: listValue(Object.values(statusTypes)),
      $XDSDocumentEntryType: listValue(Object.values(documentEntryTypes)),
    },
  })
  const summaries = await snapshotsOf(summaryEntries(documentEntries, entry), query)
  const documents = documentEntries
    .filter(({ objectType, availabilityStatus }) => objectType === 'stable' && availabilityStatus === 'Approved')
    .filter(({ entryUUID }) => !summaries.has(entryUUID))
    .sort(newestFirst)
  const seen = documents.map(({ entryUUID, version }) => `${entryUUID} ${version}`)
  const uniqueId = derivedOid('patient-summary', `${entry.entryUUID} ${entry.version}`, patientId, ...seen)
  return { mimeType: 'text/xml', uniqueId, content: summaryDocument({ entry, uniqueId, documents }) }
}

/** All summaries of the patient, this one and those before it: on-demand entries whose uniqueIds name the same type. */
function summaryEntries(entries: readonly DocumentEntry[], entry: DocumentEntry): string[] {
  const typeOf = ({ uniqueId = '' }: DocumentEntry) => uniqueId.slice(uniqueId.indexOf('^') + 1)
  const others = entries.filter(each => each.objectType === 'on-demand' && typeOf(each) === typeOf(entry))
  return [...new Set([entry, ...others].map(({ entryUUID }) => entryUUID))]
}

/** Snapshots of summaries are not summarised: each would make the next one another document. */
async function snapshotsOf(entryUUIDs: string[], query: OnDemandRequest['query']): Promise<Set<string>> {
  const { associations } = await query({ id: getAssociations, parameters: { $uuid: listValue(entryUUIDs) } })
  const snapshots = associations.filter(({ associationType }) => associationType === 'IsSnapshotOf')
  return new Set(snapshots.map(({ sourceObject }) => sourceObject))
}

function newestFirst(one: DocumentEntry, other: DocumentEntry): number {
  const [before, after] = [one, other].map(
    ({ creationTime = '', entryUUID }) => `${creationTime.padEnd(14, '0')} ${entryUUID}`,
  )
  return (after ?? '').localeCompare(before ?? '')
}
