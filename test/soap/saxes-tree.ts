// The same tree by saxes, an XML parser that is not ours: what our own is measured against.
import { SaxesParser } from 'saxes'
import { namespaces } from '../../soap/namespaces.js'
import type { XmlAttribute, XmlElement } from '../../soap/xml.js'

type OpenElement = { -readonly [Key in keyof XmlElement]: XmlElement[Key] } & { children: XmlElement[] }

/** @throws Error when saxes refuses the document, or it has a document type, or another version than 1.0. */
export function treeBySaxes(source: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: false })
  const open: OpenElement[] = []
  let root: XmlElement | undefined
  parser.on('opentag', ({ uri, local, attributes }) => {
    const element: OpenElement = {
      namespace: uri,
      name: local,
      attributes: Object.values(attributes).flatMap(attributeOf),
      children: [],
      text: '',
    }
    const parent = open.at(-1)
    if (parent === undefined) root = element
    else parent.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => {
    open.pop()
  })
  const addText = (text: string): void => {
    const element = open.at(-1)
    if (element !== undefined) element.text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('doctype', () => {
    throw new Error('a document type')
  })
  parser.on('xmldecl', ({ version }) => {
    if (version !== '1.0') throw new Error(`version ${version}`)
  })
  parser.write(source).close()
  if (root === undefined) throw new Error('no element')
  return root
}

function attributeOf({ uri, local, value }: { uri: string; local: string; value: string }): XmlAttribute[] {
  return uri === namespaces.xmlns ? [] : [{ namespace: uri, name: local, value }]
}
