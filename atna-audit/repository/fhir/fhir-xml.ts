// Resources as XML, by the same table: an element for each property, values as attributes. FHIR R4, "XML Representation of Resources".
import { attributeOf, escapeXml, isElement, parseXml, serialiseXml, type XmlElement } from '../../../soap/xml.js'
import { elements, primitives } from './fhir-elements.js'
import { type FhirObject, isObject } from './fhir-json.js'

const fhir = 'http://hl7.org/fhir'
const xhtml = 'http://www.w3.org/1999/xhtml'

export function resourceXml(resource: FhirObject): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${resourceElement(resource, ` xmlns="${fhir}"`)}`
}

function resourceElement(resource: FhirObject, namespace: string): string {
  const type = String(resource.resourceType)
  return `<${type}${namespace}>${children(resource, type)}</${type}>`
}

function children(value: FhirObject, type: string): string {
  return (elements[type] ?? [])
    .flatMap(([name, of]) => {
      const held = value[name]
      if (held === undefined) return []
      return (Array.isArray(held) ? held : [held]).map(one => element(name, of, one))
    })
    .join('')
}

function element(name: string, type: string, held: unknown): string {
  if (type === 'xhtml') return division(String(held))
  if (primitives[type] !== undefined) return `<${name} value="${escapeXml(String(held))}"/>`
  const value = isObject(held) ? held : {}
  if (type === 'Resource') return `<${name}>${resourceElement(value, '')}</${name}>`
  const url = type === 'Extension' ? ` url="${escapeXml(String(value.url))}"` : ''
  return `<${name}${url}>${children(value, type)}</${name}>`
}

/** As it is said in JSON, if it is XML at all: nothing gets out of its element. */
function division(held: string): string {
  try {
    const root = parseXml(held, limits)
    return isElement(root, xhtml, 'div') ? serialiseXml(root, fhir) : noDivision
  } catch {
    return noDivision
  }
}

const noDivision = `<div xmlns="${xhtml}"/>`

const limits = { depth: 32, elements: 200_000 }

/** @throws Error, in words, for what is no XML or has elements that the table does not know. */
export function resourceOfXml(bytes: Uint8Array): FhirObject {
  const root = parseXml(bytes, limits)
  return resourceIn(root)
}

function resourceIn(root: XmlElement): FhirObject {
  if (root.namespace !== fhir) throw new Error(`<${root.name.slice(0, 60)}> is not of the namespace ${fhir}`)
  return { resourceType: root.name, ...objectIn(root, root.name) }
}

function objectIn(parent: XmlElement, type: string): FhirObject {
  const rows = elements[type]
  if (rows === undefined) throw new Error(`<${parent.name.slice(0, 60)}> is not taken here`)
  const value: FhirObject = {}
  const url = attributeOf(parent, 'url')
  if (type === 'Extension' && url !== undefined) value.url = url
  for (const child of parent.children) {
    const row = rows.find(([name]) => name === child.name)
    if (row === undefined) throw new Error(`<${child.name.slice(0, 60)}> is not known within <${parent.name}>`)
    const [name, of, count] = row
    const held = valueIn(child, of)
    if (count === '?' || count === '1') {
      if (value[name] !== undefined) throw new Error(`<${name}> stands twice within <${parent.name}>`)
      value[name] = held
    } else if (value[name] === undefined) value[name] = [held]
    else (value[name] as unknown[]).push(held)
  }
  return value
}

function valueIn(child: XmlElement, type: string): unknown {
  if (type === 'xhtml') return serialiseXml(child)
  if (type === 'Resource') {
    const [only, ...more] = child.children
    if (only === undefined || more.length > 0) throw new Error(`<${child.name}> must hold one resource`)
    return resourceIn(only)
  }
  const primitive = primitives[type]
  if (primitive === undefined) return objectIn(child, type)
  const text = attributeOf(child, 'value') ?? ''
  if (primitive.json === 'boolean' && primitive.is(text)) return text === 'true'
  return primitive.json === 'number' && primitive.is(text) ? Number(text) : text
}

/** A narrative of one sentence. */
export function narrative(sentence: string): { status: string; div: string } {
  return { status: 'generated', div: `<div xmlns="${xhtml}">${escapeXml(sentence)}</div>` }
}
