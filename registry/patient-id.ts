// Patient ids as the registry compares them: id and assigning authority, whatever else a CX carries. ITI TF-3 Table 4.2.3.1.7-2.
import { cxOf, instanceIdentifierOf } from '../metadata/hl7.js'
import { comparable } from './comparable.js'

/** The one spelling of a patient id; undefined when the text is no CX with an assigning authority. */
export function canonicalPatientId(cx: string): string | undefined {
  const id = instanceIdentifierOf(cx.trim())
  return id === undefined ? undefined : comparable(cxOf(id.root, id.extension))
}

/** OID of the authority that gave the id. */
export function assigningAuthorityOf(cx: string): string | undefined {
  return instanceIdentifierOf(cx.trim())?.root
}
