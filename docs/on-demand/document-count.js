// An on-demand type for Carnet: how many documents a patient has. The default export makes the document.
const findDocuments = 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d'

export default async function documentCount({ entry, query }) {
  const { documentEntries } = await query({
    id: findDocuments,
    parameters: {
      $XDSDocumentEntryPatientId: `'${entry.patientId}'`,
      $XDSDocumentEntryStatus: "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')",
    },
  })
  const others = documentEntries.filter(({ typeCode }) => typeCode.code !== entry.typeCode.code)
  return { mimeType: 'text/plain', content: `${others.length} documents\n` }
}
