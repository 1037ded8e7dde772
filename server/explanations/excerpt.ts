// What is remembered of a request: its envelope as far as it may be kept. Never the bytes of a document, never an assertion,
// and no more than so many characters.
import { namespaces } from '../../soap/namespaces.js'
import { serialiseXml, type XmlElement } from '../../soap/xml.js'

export interface Excerpt {
  /** The element of the SOAP Body, with prefixes of our own. */
  xml: string
  /** Documents whose base64 is not in it. */
  documentsLeftOut: number
  /** It was too long: what came behind is not in it. */
  cut: boolean
}

/** In characters, without most of the markup. */
const mostCharacters = 131_072
const mostElements = 5_000

/** In bounds of characters and elements, `cut` where these were reached; how many documents were left out is told. */
export function excerptOf(body: XmlElement): Excerpt {
  const taking: Taking = { characters: mostCharacters, elements: mostElements, documentsLeftOut: 0, cut: false }
  const taken = take(body, taking)
  const { documentsLeftOut, cut } = taking
  return { xml: taken === undefined ? '' : serialiseXml(taken), documentsLeftOut, cut }
}

interface Taking {
  characters: number
  elements: number
  documentsLeftOut: number
  cut: boolean
}

function take(element: XmlElement, taking: Taking): XmlElement | undefined {
  if (taking.cut) return undefined
  const isDocument = element.namespace === namespaces.xdsb && element.name === 'Document' && element.text.trim() !== ''
  const text = isDocument ? '' : element.text
  const { name, namespace, attributes } = element
  taking.elements -= 1
  taking.characters -= text.length + name.length + namespace.length
  for (const attribute of attributes) taking.characters -= attribute.name.length + attribute.value.length
  taking.cut = taking.elements < 0 || taking.characters < 0
  if (taking.cut) return undefined
  if (isDocument) taking.documentsLeftOut += 1
  const children: XmlElement[] = []
  for (const child of element.children) {
    const taken = take(child, taking)
    if (taken === undefined) break
    children.push(taken)
  }
  return { ...element, text, children }
}
