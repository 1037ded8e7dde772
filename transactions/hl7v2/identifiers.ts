// Identifiers of HL7 v2 messages in the words of the rest: CX with the OID of the authority, whatever a sender calls it. ITI TF-2 Appendix E.
import type { Hl7Identifier } from '../../hl7v2/fields.js'
import { cxOf, escapeHl7, instanceIdentifierOf } from '../../metadata/hl7.js'

/** OIDs of the authorities that are named by a namespace. */
export type Namespaces = Readonly<Record<string, string>>

/** For whoever writes down what was sent, whatever it is. */
export function cxAsSent({ id, ...authority }: Hl7Identifier): string {
  return `${escapeHl7(id)}^^^${authorityAsSent(authority)}`
}

/** HD for people who read an error or a log: `NAMESPACE&2.999.1&ISO`, whichever of its parts there are. */
export function authorityAsSent({ namespaceId, universalId, universalIdType }: Omit<Hl7Identifier, 'id'>): string {
  return [namespaceId, universalId, universalIdType].map(escapeHl7).join('&').replace(/&+$/, '')
}

/**
 * OID of the authority; undefined where it is none that is known. `usual` is meant where nothing is said. [ITI TF-2:3.8.4.1.4]
 */
export function authorityOf(
  { namespaceId, universalId, universalIdType }: Omit<Hl7Identifier, 'id'>,
  namespaces: Namespaces,
  usual?: string,
): string | undefined {
  if (universalId !== '') return universalIdType === 'ISO' ? universalId : undefined
  return namespaceId === '' ? usual : oidNamed(namespaceId, namespaces)
}

/** Namespace and OID of an authority mean the same one; an id read wrongly is another patient. [HL7 v2.5.1: 2.A.36] */
export function contradictionIn(
  { namespaceId, universalId, universalIdType }: Omit<Hl7Identifier, 'id'>,
  namespaces: Namespaces,
): string | undefined {
  const known = oidNamed(namespaceId, namespaces)
  if (known === undefined || universalIdType !== 'ISO' || universalId === known) return undefined
  return `namespace ${namespaceId} is ${known} here, expected that OID or none, found ${universalId}`
}

/** Likewise; none where its names contradict one another, or where it only looks like an OID: it would be read as other parts of a CX. */
export function domainOf(
  authority: Omit<Hl7Identifier, 'id'>,
  namespaces: Namespaces,
  usual?: string,
): string | undefined {
  if (contradictionIn(authority, namespaces) !== undefined) return undefined
  const oid = authorityOf(authority, namespaces, usual)
  return oid !== undefined && isOid.test(oid) ? oid : undefined
}

const isOid = /^(?=.{3,64}$)[0-2](?:\.(?:0|[1-9][0-9]*))+$/

/** As CX; undefined where the authority is none that is known. */
export function cxIn(identifier: Hl7Identifier, namespaces: Namespaces, usual?: string): string | undefined {
  const oid = domainOf(identifier, namespaces, usual)
  return oid === undefined ? undefined : cxOf(oid, identifier.id)
}

/** For answers, with the namespace beside the OID where there is one. [ITI TF-2:3.9.4.2.2.5] */
export function qualified(cx: string, namespaces: Namespaces): Hl7Identifier {
  const { root, extension } = instanceIdentifierOf(cx) ?? { root: '', extension: '' }
  const namespaceId = Object.keys(namespaces).find(name => namespaces[name] === root) ?? ''
  return { id: extension, namespaceId, universalId: root, universalIdType: 'ISO' }
}

function oidNamed(namespaceId: string, namespaces: Namespaces): string | undefined {
  return Object.hasOwn(namespaces, namespaceId) ? namespaces[namespaceId] : undefined
}
