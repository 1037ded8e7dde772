// Segments of a message of ours: fields by their numbers, components, identifiers. HL7 v2.5.1 §2.5.
import type { Delimiters } from './delimiters.js'
import { escaped, type Hl7Identifier } from './fields.js'

/** Fields as they are to stand, separators included; empty ones at the end are left out. */
export function segmentOf(name: string, fields: Readonly<Record<number, string>>, { field }: Delimiters): string {
  const said = Object.entries(fields).filter(([, text]) => text !== '')
  const last = Math.max(0, ...said.map(([number]) => Number(number)))
  return [name, ...Array.from({ length: last }, (_, index) => fields[index + 1] ?? '')].join(field)
}

/** Texts as components of one field; those that nobody fills, at its end, are left out. */
export function componentsOf(texts: readonly (string | undefined)[], delimiters: Delimiters): string {
  return joined(texts, delimiters.component, delimiters)
}

/** CX with a namespace beside the OID where there is one. [HL7 v2.5.1: 2.A.14, 2.A.36] */
export function identifierField(identifier: Hl7Identifier, delimiters: Delimiters): string {
  const { id, namespaceId, universalId, universalIdType } = identifier
  const authority = joined([namespaceId, universalId, universalIdType], delimiters.subcomponent, delimiters)
  return [escaped(id, delimiters), '', '', authority].join(delimiters.component)
}

function joined(texts: readonly (string | undefined)[], separator: string, delimiters: Delimiters): string {
  const parts = texts.map(text => escaped(text ?? '', delimiters))
  while (parts.at(-1) === '') parts.pop()
  return parts.join(separator)
}
