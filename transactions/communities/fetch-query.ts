// The stored query of Cross Gateway Fetch, and the same question as registries know it. ITI TF-2 §3.63.4.1.2 (XCF).
import { registryErrorOf } from '../../metadata/errors.js'
import type { Finding, RegistryError } from '../../metadata/model.js'
import { statusTypes } from '../../metadata/uuids.js'
import { quoted } from '../../metadata/words.js'
import { queryPatients } from '../audited-query.js'
import { listValue } from '../query-values.js'
import type { AdhocQueryRequest } from '../xds-messages.js'

const fetch = 'urn:uuid:f2072993-9478-41df-a603-8f016706efe8'
const findDocuments = 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d'
const fetchReturnType = 'LeafClassWithRepositoryItem'
const rule = 'ITI TF-2:3.63.4.1.2'

const [patientId, classCode, status] = [
  '$XDSDocumentEntryPatientId',
  '$XDSDocumentEntryClassCode',
  '$XDSDocumentEntryStatus',
]

/** All that a Fetch may be narrowed by. */
const parameters: ReadonlySet<string> = new Set([
  ...[patientId, classCode, status],
  '$XDSDocumentEntryTypeCode',
  '$XDSDocumentEntryPracticeSettingCode',
  '$XDSDocumentEntryCreationTimeFrom',
  '$XDSDocumentEntryCreationTimeTo',
  '$XDSDocumentEntryServiceStartTimeFrom',
  '$XDSDocumentEntryServiceStartTimeTo',
  '$XDSDocumentEntryServiceStopTimeFrom',
  '$XDSDocumentEntryServiceStopTimeTo',
  '$XDSDocumentEntryHealthcareFacilityTypeCode',
  '$XDSDocumentEntryEventCodeList',
  '$XDSDocumentEntryConfidentialityCode',
  '$XDSDocumentEntryAuthorPerson',
  '$XDSDocumentEntryFormatCode',
])

/** What is wrong with a request before anybody is asked; what its values say, registries judge. */
export function fetchFaults(query: AdhocQueryRequest, traceId: string): RegistryError[] {
  const has = (wanted: string) => query.slots.some(({ name, values }) => name === wanted && values.length > 0)
  const patients = queryPatients(query)
  const found: (Finding | false)[] = [
    query.id !== fetch && {
      ...{ code: 'XDSUnknownStoredQuery', object: 'AdhocQuery', attribute: 'id', rule },
      ...{ expected: `${fetch} (Fetch)`, found: quoted(query.id) },
    },
    query.returnType !== fetchReturnType && {
      ...{ code: 'XDSRegistryError', object: 'ResponseOption', attribute: 'returnType', rule },
      ...{ expected: fetchReturnType, found: quoted(query.returnType) },
    },
    patients.length !== 1 && {
      ...{ code: 'XDSStoredQueryMissingParam', object: 'Fetch', attribute: patientId, rule },
      ...{ expected: 'one patient', found: patients.length === 0 ? 'none' : String(patients.length) },
    },
    !has(classCode) && {
      ...{ code: 'XDSStoredQueryMissingParam', object: 'Fetch', attribute: classCode, rule },
      ...{ expected: 'the class of the documents', found: 'none' },
    },
  ]
  return found.flatMap(finding => (finding === false ? [] : [registryErrorOf(finding, traceId)]))
}

/** FindDocuments with the same parameters: Approved where no status is wanted, and of this community, without `home`. [ITI TF-1: 29.3.2.1] */
export function findDocumentsFor({ slots }: AdhocQueryRequest): AdhocQueryRequest {
  const kept = slots.filter(({ name }) => parameters.has(name))
  const hasStatus = kept.some(({ name }) => name === status)
  const approved = { name: status, values: [listValue([statusTypes.Approved])] }
  return { id: findDocuments, returnType: 'LeafClass', slots: hasStatus ? kept : [...kept, approved] }
}
