// A stored query as the audit writes it down: whose patient it asks for, and its text.
import { namespaces } from '../soap/namespaces.js'
import { escapeXml } from '../soap/xml.js'
import type { AdhocQueryRequest } from './xds-messages.js'

/** Parameters of the stored queries that hold a patient. [ITI TF-2:3.18.4.1.2.3.7] */
const patientParameters = new Set([
  '$XDSDocumentEntryPatientId',
  '$XDSSubmissionSetPatientId',
  '$XDSFolderPatientId',
  '$patientId',
])

/** The patients whom a query asks for, without quotes, each once. */
export function queryPatients({ slots }: AdhocQueryRequest): string[] {
  const values = slots.filter(({ name }) => patientParameters.has(name)).flatMap(slot => slot.values)
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
