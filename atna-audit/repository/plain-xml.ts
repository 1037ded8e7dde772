// Audit messages in the plain form that nearly all senders write, read in a fifth of the time that the XML parser takes:
// the audit repository reads several for each transaction. What is not surely plain is left to the parser, whose word counts.
import type { XmlAttribute, XmlElement } from '../../soap/xml.js'

interface Growing {
  namespace: ''
  name: string
  attributes: XmlAttribute[]
  children: Growing[]
  text: string
}

const mostDepth = 16
/** Hardly any message is longer; of millions of pieces this would make as many strings. */
const mostBytes = 262_144
const nothing: XmlAttribute[] = []

// No prefixes, comments, CDATA, instructions or DTD; double quotes only; white space in values is a blank.
const token = /<\/([A-Za-z]+)>|<([A-Za-z]+)((?: [A-Za-z][A-Za-z-]*="[^"<]*"){0,32}) ?(\/?)>|([^<]+)/y
const attribute = / ([A-Za-z][A-Za-z-]*)="([^"]*)"/y
const declaration = /^<\?xml version=(?:"1\.0" encoding="(?:UTF|utf)-8"|'1\.0' encoding='(?:UTF|utf)-8')\s*\?>\s*/
// biome-ignore lint/suspicious/noControlCharactersInRegex: nothing of this may stand in a plain message
const unusual = /[\u0000-\u0008\u000b-\u001f\ufffd-\uffff]|\]\]>/

/** The same tree that `parseXml` gives, or undefined when these bytes are not plain (they may be good XML all the same). */
export function plainXml(bytes: Buffer): XmlElement | undefined {
  if (bytes.length > mostBytes) return undefined
  const text = bytes.toString()
  if (unusual.test(text)) return undefined
  const open: Growing[] = []
  let root: Growing | undefined
  token.lastIndex = declaration.exec(text)?.[0].length ?? 0
  while (token.lastIndex < text.length) {
    const found = token.exec(text)
    if (found === null) return undefined
    const [, end, start, attributes = '', empty, characters] = found
    const parent = open.at(-1)
    if (start !== undefined) {
      const element = elementOf(start, attributes)
      if (element === undefined || (parent === undefined && root !== undefined) || open.length >= mostDepth)
        return undefined
      if (parent === undefined) root = element
      else parent.children.push(element)
      if (empty === '') open.push(element)
    } else if (end !== undefined) {
      if (open.pop()?.name !== end) return undefined
    } else {
      const said = unescaped(characters ?? '')
      if (said === undefined) return undefined
      if (parent !== undefined) parent.text += said
      else if (said.trim() !== '') return undefined
    }
  }
  return open.length === 0 ? root : undefined
}

function elementOf(name: string, written: string): Growing | undefined {
  const attributes = written === '' ? nothing : attributesOf(written)
  return attributes && { namespace: '', name, attributes, children: [], text: '' }
}

function attributesOf(written: string): XmlAttribute[] | undefined {
  const attributes: XmlAttribute[] = []
  attribute.lastIndex = 0
  while (attribute.lastIndex < written.length) {
    const [, name = '', raw = ''] = attribute.exec(written) ?? []
    const value = unescaped(raw)
    // A line feed or tab as such would become a blank; a namespace would change every name.
    if (value === undefined || raw.includes('\n') || raw.includes('\t')) return undefined
    if (name === '' || name === 'xmlns' || attributes.some(other => other.name === name)) return undefined
    attributes.push({ namespace: '', name, value })
  }
  return attributes
}

const named = new Map([
  ['lt;', '<'],
  ['gt;', '>'],
  ['amp;', '&'],
  ['quot;', '"'],
  ['apos;', "'"],
])

function unescaped(text: string): string | undefined {
  if (!text.includes('&')) return text
  let plain = true
  const value = text.replace(/&(\w*;?)/g, (_, reference: string) => {
    const character = named.get(reference)
    plain &&= character !== undefined
    return character ?? ''
  })
  return plain ? value : undefined
}
