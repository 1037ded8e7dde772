// Answers as the `soap` package hands them to its user: it drops namespaces, and an element in place of a list of one.

/** The package makes an array where there are several, or where the schema repeats an element that it does not refer to. */
export type OneOrMore<Item> = Item | Item[]

export interface RegistryResponse {
  attributes: { status: string }
  RegistryErrorList?: { RegistryError: OneOrMore<{ attributes: { errorCode: string; codeContext: string } }> }
}

interface Slot {
  attributes: { name: string }
  ValueList: { Value: OneOrMore<string> }
}

export interface ExtrinsicObject {
  attributes: { id: string; lid: string; mimeType: string; status: string }
  Slot: OneOrMore<Slot>
  Name: { LocalizedString: OneOrMore<{ attributes: { value: string } }> }
}

export interface QueryResponse extends RegistryResponse {
  /** An empty element is null to the package. */
  RegistryObjectList: {
    ExtrinsicObject?: OneOrMore<ExtrinsicObject>
    ObjectRef?: OneOrMore<{ attributes: { id: string } }>
  } | null
}

interface Include {
  attributes: { href: string }
}

export interface RetrieveResponse {
  RegistryResponse: RegistryResponse
  DocumentResponse?: OneOrMore<{
    DocumentUniqueId: string
    NewRepositoryUniqueId?: string
    NewDocumentUniqueId?: string
    mimeType: string
    /** Base64; in an MTOM package what stands in its place. */
    Document: string | { Include: Include }
  }>
}

export function listed<Item>(items: OneOrMore<Item> | undefined): Item[] {
  if (items === undefined) return []
  return Array.isArray(items) ? items : [items]
}

export function entriesIn({ RegistryObjectList: list }: QueryResponse): ExtrinsicObject[] {
  return listed(list?.ExtrinsicObject)
}

export function valuesIn({ Slot }: ExtrinsicObject, name: string): string[] {
  return listed(listed(Slot).find(({ attributes }) => attributes.name === name)?.ValueList.Value)
}

/** @throws Error when the document came with the message, as base64. */
export function includeIn(document: string | { Include: Include } | undefined): Include {
  if (typeof document === 'object') return document.Include
  throw new Error(`there is no xop:Include in ${document}`)
}

/** Text of an element, which comes as an object when it has attributes. */
export function textOf(element: unknown): unknown {
  return typeof element === 'object' && element !== null && '$value' in element ? element.$value : element
}
