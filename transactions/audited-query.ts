// A stored query as the audit writes it down: whose patient it asks for, and its text.
import { namespaces } from '../soap/namespaces.js'
import { escapeXml } from '../soap/xml.js'
import type { AdhocQueryRequest } from './xds-messages.js'

/** Parameters of the stored queries that hold a patient. [ITI TF-2:3.18.4.1.2.3.7] */
const patientParameters: ReadonlySet<string | undefined> = new Set([
  '$XDSDocumentEntryPatientId',
  '$XDSSubmissionSetPatientId',
  '$XDSFolderPatientId',
  '$patientId',
])

const byDocumentEntry = '$XDSDocumentEntryPatientId'
const byFolder = '$XDSFolderPatientId'

/** The one that each query goes by, where it goes by any: whoever answers passes over all others. [ITI TF-2:3.18.4.1.2.3.7, 3.51.4.1.2.1] */
const parameterOf: ReadonlyMap<string, string | undefined> = new Map([
  ['urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', byDocumentEntry],
  ['urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492', byDocumentEntry],
  ['urn:uuid:4308b1df-36de-4bef-8e2e-ba91f593c435', byDocumentEntry],
  ['urn:uuid:3d1bdb10-39a2-11de-89c2-2f44d94eaa9f', byDocumentEntry],
  ['urn:uuid:1191642d-86c4-42d8-b784-f95445f9f0d5', byDocumentEntry],
  ['urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9', '$XDSSubmissionSetPatientId'],
  ['urn:uuid:958f3006-baad-4929-a4de-ff1114824431', byFolder],
  ['urn:uuid:50d3f5ac-39a2-11de-a1ca-b366239e58df', byFolder],
  ['urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3', '$patientId'],
  // Those that ask by ids.
  ['urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4', undefined],
  ['urn:uuid:5737b14c-8a1a-4539-b659-e03a34a5e1e4', undefined],
  ['urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155', undefined],
  ['urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a', undefined],
  ['urn:uuid:51224314-5390-4169-9b91-b1980040715a', undefined],
  ['urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83', undefined],
  ['urn:uuid:b909a503-523d-4517-8acf-8e5834dfc4c7', undefined],
  ['urn:uuid:10cae35a-c7f9-4cf5-b61e-fc3278ffb578', undefined],
  ['urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6', undefined],
])

/** The patients whom a query asks for, without quotes, each once. Of a query that nobody knows all that it may mean. */
export function queryPatients({ id, slots }: Pick<AdhocQueryRequest, 'id' | 'slots'>): string[] {
  const names = parameterOf.has(id) ? new Set([parameterOf.get(id)]) : patientParameters
  const values = slots.filter(({ name }) => names.has(name)).flatMap(slot => slot.values)
  return [...new Set(values.flatMap(unquoted))].filter(id => id !== '')
}

// 'one', ('one','two') and, from lenient senders, one without quotes; a quote inside is doubled. [ITI TF-2:3.18.4.1.2.3.5]
function unquoted(value: string): string[] {
  const quoted = [...value.matchAll(/'((?:[^']|'')*)'/g)].map(([, inside = '']) => inside.replaceAll("''", "'"))
  return quoted.length > 0 ? quoted : [value.trim()]
}

/** The AdhocQueryRequest as it was sent, or, where nobody kept it, as its values say. */
export function queryXml(request: AdhocQueryRequest): Buffer {
  return request.xml ?? Buffer.from(written(request))
}

function written({ id, returnType, home, slots }: AdhocQueryRequest): string {
  const homeAttribute = home === undefined ? '' : ` home="${escapeXml(home)}"`
  const parameters = slots.map(({ name, values }) => {
    const list = values.map(value => `<rim:Value>${escapeXml(value)}</rim:Value>`).join('')
    return `<rim:Slot name="${escapeXml(name)}"><rim:ValueList>${list}</rim:ValueList></rim:Slot>`
  })
  return (
    `<query:AdhocQueryRequest xmlns:query="${namespaces.query}" xmlns:rim="${namespaces.rim}">` +
    `<query:ResponseOption returnComposedObjects="true" returnType="${escapeXml(returnType)}"/>` +
    `<rim:AdhocQuery id="${escapeXml(id)}"${homeAttribute}>${parameters.join('')}</rim:AdhocQuery>` +
    '</query:AdhocQueryRequest>'
  )
}
