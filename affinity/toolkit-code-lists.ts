// codes.xml of the IHE toolkit: a CodeType for each attribute, told by its classScheme.
import { objectTables } from '../metadata/object-tables.js'
import { attributeOf, parseXml, type XmlElement } from '../soap/xml.js'
import { attributeAt } from './attribute-names.js'
import { type CodeList, CodeListProblem, type ListedCode } from './code-list.js'

/** Names of CodeType that are not told by their classScheme. */
const toolkitNames: Readonly<Record<string, string>> = {
  mimeType: 'DocumentEntry.mimeType',
  languageCode: 'DocumentEntry.languageCode',
  folderCodeList: 'Folder.codeList',
  associationDocumentation: 'Association.associationDocumentation',
}

/** @throws CodeListProblem */
export function codeListsOfToolkit(text: string): CodeList[] {
  const root = parsed(text)
  const types = root.children.filter(({ name }) => name === 'CodeType')
  if (root.name !== 'Codes' || types.length === 0)
    throw new CodeListProblem('is no codes.xml: it has no Codes with CodeType')
  return types.map(type => {
    const called = attributeOf(type, 'name') ?? 'a CodeType without a name'
    const attribute = attributeOfScheme(attributeOf(type, 'classScheme')?.trim()) ?? toolkitNames[called]
    const hasScheme =
      attribute === undefined || !['DocumentEntry.mimeType', 'DocumentEntry.languageCode'].includes(attribute)
    const codes = new Map<string, ListedCode>()
    const leftOut: string[] = []
    for (const element of type.children.filter(({ name }) => name === 'Code')) {
      const code = attributeOf(element, 'code') ?? ''
      const codingScheme = attributeOf(element, 'codingScheme') ?? ''
      if (code === '') continue
      if (hasScheme && codingScheme === '') {
        leftOut.push(`the code "${code}", which has no codingScheme`)
        continue
      }
      const names = { en: attributeOf(element, 'display') || code }
      codes.set(`${codingScheme}\n${code}`, {
        code,
        ...(hasScheme ? { codingScheme } : {}),
        names,
      })
    }
    return { attribute, called, codes: [...codes.values()], leftOut }
  })
}

function parsed(text: string): XmlElement {
  try {
    return parseXml(text)
  } catch (problem) {
    throw new CodeListProblem(`cannot be read as XML: ${(problem as Error).message}`)
  }
}

function attributeOfScheme(scheme: string | undefined): string | undefined {
  for (const { kind, attributes } of Object.values(objectTables)) {
    const attribute = attributes.find(({ place, key }) => place === 'Classification' && key === scheme)
    if (attribute !== undefined && attributeAt(`${kind}.${attribute.name}`) !== undefined)
      return `${kind}.${attribute.name}`
  }
  return undefined
}
