// What generators of clients can follow in the WSDL documents and schemas; each rule is one that a stack in use fails without.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../ports/processes.js'
import { parseXml, type XmlElement } from '../../soap/xml.js'

describe('the WSDL documents and schemas for generators', () => {
  const files = readdirSync(join(packageRoot, 'wsdl')).filter(name => /\.(wsdl|xsd)$/.test(name))
  const read = (name: string) => readFileSync(join(packageRoot, 'wsdl', name))

  it('require nothing beside SOAP that PHP would not know, and no substitution groups', () => {
    const asking = files.filter(name => /wsdl:required="(true|1)"|substitutionGroup=/.test(read(name).toString()))
    expect(asking).to.deep.equal([])
  })

  it('have no type that holds itself and extends another, of which zeep would forget what it extends', () => {
    const types = globalTypes(files.filter(name => name.endsWith('.xsd')).map(name => parseXml(read(name).toString())))
    const extending = [...types].filter(([, { base }]) => types.has(base ?? ''))
    expect(extending.map(([name]) => name)).to.include('ClassificationType')
    for (const [name] of extending) expect([...heldBy(name, types)], name).to.not.include(name)
  })
})

interface Held {
  base: string | undefined
  types: string[]
}

/** By local names, which are of one type only here. */
function globalTypes(schemas: XmlElement[]): Map<string, Held> {
  const children = schemas.flatMap(({ children }) => children)
  const named = (kind: string) => children.filter(({ name }) => name === kind)
  const elements = new Map(named('element').map(element => [localValueOf(element, 'name'), element]))
  const typesIn = (parent: XmlElement): string[] =>
    parent.children.flatMap(child => {
      const element = child.name === 'element' ? (elements.get(localValueOf(child, 'ref')) ?? child) : child
      const type = element.name === 'element' ? localValueOf(element, 'type') : ''
      return type === '' ? typesIn(element) : [type]
    })
  return new Map(
    named('complexType').map(type => {
      const extension = type.children.flatMap(({ children }) => children).find(({ name }) => name === 'extension')
      const base = extension === undefined ? undefined : localValueOf(extension, 'base')
      return [localValueOf(type, 'name'), { base, types: typesIn(type) }]
    }),
  )
}

/** The types of all that an object of a type can hold, at any depth. */
function heldBy(name: string, types: Map<string, Held>, found = new Set<string>()): Set<string> {
  const { base, types: held = [] } = types.get(name) ?? {}
  if (base !== undefined) heldBy(base, types, found)
  for (const type of held) {
    if (found.has(type)) continue
    found.add(type)
    heldBy(type, types, found)
  }
  return found
}

/** An attribute, without its prefix. */
function localValueOf({ attributes }: XmlElement, name: string): string {
  return attributes.find(attribute => attribute.name === name)?.value.replace(/^.*:/, '') ?? ''
}
