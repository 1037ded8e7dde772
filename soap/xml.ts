// The XML door: saxes into our own bounded tree, and text on its way out. Nothing else in Carnet parses XML.

/** Namespace and local name; prefixes carry no meaning. */
export interface QName {
  namespace: string
  name: string
}

export interface XmlAttribute extends QName {
  value: string
}

/** An element as it was sent: names expanded, text and CDATA of its own joined. */
export interface XmlElement extends QName {
  attributes: readonly XmlAttribute[]
  children: readonly XmlElement[]
  text: string
}

/** XML on its way out, already escaped: text, or UTF-8 bytes that were made before. */
export type XmlPiece = string | Buffer
