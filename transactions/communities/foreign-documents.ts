// What an entry of another community says of its document: its name, its hash and its size. ITI TF-3 §4.2.3.2.12, §4.2.3.2.24.
import { identificationSchemes } from '../../metadata/uuids.js'
import { copied } from '../../soap/copied.js'
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, type XmlElement } from '../../soap/xml.js'
import type { DocumentRequest } from '../xds-messages.js'

/** Either may not have been told. */
export interface ToldDocument {
  sha1: string | undefined
  sizeBytes: number | undefined
}

export type ForeignDocument = DocumentRequest & ToldDocument

/** Undefined where there is no document yet: what is made on demand has neither hash nor size before it is made. */
export function documentIn(element: XmlElement): ForeignDocument | undefined {
  const [hash, size] = [slotValue(element, 'hash')?.toLowerCase(), slotValue(element, 'size')]
  const names = (hash ?? size) === undefined ? undefined : documentNamed(element)
  if (names === undefined) return undefined
  return {
    ...names,
    sha1: hash !== undefined && /^[0-9a-f]{40}$/.test(hash) ? copied(hash) : undefined,
    sizeBytes: size !== undefined && /^\d{1,15}$/.test(size) ? Number(size) : undefined,
  }
}

/** Of a value in ebRIM. [ITI TF-3:4.2.3.1.1] */
const mostCharacters = 256

/** By what it is asked for. */
export function documentNamed(element: XmlElement): DocumentRequest | undefined {
  if (element.name !== 'ExtrinsicObject') return undefined
  const ids = childrenOf(element, namespaces.rim, 'ExternalIdentifier')
  const own = ids.find(id => attributeOf(id, 'identificationScheme') === identificationSchemes.DocumentEntry.uniqueId)
  const documentUniqueId = own && attributeOf(own, 'value')?.trim()
  const repositoryUniqueId = slotValue(element, 'repositoryUniqueId')
  if (!documentUniqueId || !repositoryUniqueId) return undefined
  // Whoever is named by more has no document that anybody could ask for, and nothing of it is remembered.
  if (documentUniqueId.length + repositoryUniqueId.length > 2 * mostCharacters) return undefined
  return { repositoryUniqueId: copied(repositoryUniqueId), documentUniqueId: copied(documentUniqueId) }
}

function slotValue(element: XmlElement, name: string): string | undefined {
  const slot = childrenOf(element, namespaces.rim, 'Slot').find(each => attributeOf(each, 'name') === name)
  const list = slot && childOf(slot, namespaces.rim, 'ValueList')
  return (list && childOf(list, namespaces.rim, 'Value')?.text.trim()) || undefined
}
