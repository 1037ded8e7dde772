// ebRIM 3.0 in phrases (phrases.ts), prefix rim, with what the schema and strict readers ask for: an id, an objectType and a name
// where they belong. ITI TF-3 §4.2.3.1.
import { escapeXml } from '../soap/xml.js'
import type { Owner } from './attribute.js'
import type { InternationalString } from './model.js'
import {
  byNode,
  byScheme,
  endOfSlot,
  identifiedBy,
  identifierNamed,
  ownId,
  phrase,
  phraseFor,
  startOfSlot,
  startOfText,
} from './phrases.js'

const ownAttributes = new Map(['id', 'lid'].map(name => [name, phrase(` ${name}="${ownId}"`)]))

const urnPrefixes = ['urn:uuid:', 'urn:oid:']

/** `owner` is the object in whose start tag it stands. */
export function xmlAttributeXml(name: string, value: string, owner?: Owner): string {
  const own = owner?.entryUUID === value ? ownAttributes.get(name) : undefined
  if (own !== undefined) return own
  const prefix = urnPrefixes.find(start => value.startsWith(start)) ?? ''
  return `${phrase(` ${name}="${prefix}`)}${escapeXml(value.slice(prefix.length))}"`
}

/** A Slot of ours; there is none without values. [ITI TF-3:4.2.3.1.6] */
export function valuesXml(name: string, values: readonly string[]): string {
  return values.length === 0 ? '' : slotXml({ name, values })
}

const slotStart = phraseFor(startOfSlot)
const slotEnd = phrase(endOfSlot)
const nextValue = phrase('</rim:Value><rim:Value>')

/** A Slot as it came. [ITI TF-3:4.2.3.1.6] */
export function slotXml({
  name,
  values,
  slotType,
}: {
  name: string
  values: readonly string[]
  slotType?: string
}): string {
  const [value] = values
  if (slotType === undefined && value !== undefined) {
    const list = values.length === 1 ? escapeXml(value) : values.map(escapeXml).join(nextValue)
    return `${slotStart(name)}${list}${slotEnd}`
  }
  const list = values.map(value => `<rim:Value>${escapeXml(value)}</rim:Value>`).join('')
  const type = slotType === undefined ? '' : xmlAttributeXml('slotType', slotType)
  return `<rim:Slot name="${escapeXml(name)}"${type}><rim:ValueList>${list}</rim:ValueList></rim:Slot>`
}

/** [ITI TF-3:4.2.3.1.8] */
export function localizedXml(element: 'Name' | 'Description', texts: InternationalString): string {
  const { start, end } = localizedIn[element]
  return textsXml(texts, start, end)
}

const localizedIn = {
  Name: { start: beginning(startOfText('Name')), end: phrase('"/></rim:Name>') },
  Description: { start: beginning(startOfText('Description')), end: phrase('"/></rim:Description>') },
} as const

type Beginning = Record<'bare' | 'value' | 'language', string>

/** What comes before the attributes of a text, together with the first of them. */
function beginning(bare: string): Beginning {
  return { bare, value: phrase(`${bare} value="`), language: phrase(`${bare} xml:lang="`) }
}

const nextText = beginning('"/><rim:LocalizedString')
const valueOfLanguage = phrase('" value="')
const valueInUtf8 = phrase('" charset="UTF-8" value="')

function textsXml(texts: InternationalString, start: Beginning, end: string): string {
  if (texts.length === 0) return ''
  let xml = ''
  for (const { value, lang, charset } of texts) {
    const from = xml === '' ? start : nextText
    if (lang !== undefined) {
      const then = charset === undefined ? valueOfLanguage : charset === 'UTF-8' ? valueInUtf8 : ''
      xml += `${from.language}${escapeXml(lang)}${then || `" charset="${escapeXml(charset ?? '')}" value="`}`
    } else {
      xml += charset === undefined ? from.value : `${from.bare} charset="${escapeXml(charset)}" value="`
    }
    xml += escapeXml(value)
  }
  return xml + end
}

const schemeOf = phraseFor(byScheme)

/** `content` begins behind the value of nodeRepresentation. [ITI TF-3:4.2.3.1.2] */
export function classificationXml(
  written: { scheme: string; nodeRepresentation: string; content: string; given: string | undefined },
  owner: Owner,
): string {
  const { scheme, nodeRepresentation, content, given } = written
  return `${begunWith(classificationStart, owner.idFor(given))}${schemeOf(scheme)}${escapeXml(nodeRepresentation)}${content}`
}

const codingSchemeStart = phrase(`">${startOfSlot('codingScheme')}`)
const afterCodingScheme = beginning(`${endOfSlot}${startOfText('Name')}`)
const endOfCode = phrase('"/></rim:Name></rim:Classification>')
const endOfClassification = phrase('</rim:Classification>')

/** The rest of the Classification of a code. [ITI TF-3:4.2.3.1.2] */
export function codeXml(codingScheme: string, displayName: InternationalString): string {
  const named = textsXml(displayName, afterCodingScheme, endOfCode)
  return `${codingSchemeStart}${escapeXml(codingScheme)}${named === '' ? `${slotEnd}${endOfClassification}` : named}`
}

/** The rest of the Classification of an author. [ITI TF-3:4.2.3.1.4] */
export function slotsXml(slots: string): string {
  return `">${slots}${endOfClassification}`
}

const nodeOf = phraseFor(byNode)

/** [ITI TF-3:4.2.1.2.1, 4.2.3.1.10] */
export function classificationNodeXml(node: string, owner: Owner): string {
  return `${begunWith(classificationStart, owner.idFor(undefined))}${nodeOf(node)}`
}

const schemeOfIdentifier = phraseFor(identifiedBy)
const nameOfIdentifier = phraseFor(identifierNamed)

/** [ITI TF-3:4.2.3.1.3] */
export function externalIdentifierXml(
  written: { scheme: string; value: string; fixedName: string; given: string | undefined },
  owner: Owner,
): string {
  const { scheme, value, fixedName, given } = written
  const start = begunWith(identifierStart, owner.idFor(given))
  return `${start}${schemeOfIdentifier(scheme)}${escapeXml(value)}${nameOfIdentifier(fixedName)}`
}

const uuid = 'urn:uuid:'
const classificationStart = startWithId('Classification')
const identifierStart = startWithId('ExternalIdentifier')

function startWithId(element: string): Record<'symbol' | 'uuid', string> {
  return { symbol: phrase(`<rim:${element} id="`), uuid: phrase(`<rim:${element} id="${uuid}`) }
}

function begunWith(start: Record<'symbol' | 'uuid', string>, id: string): string {
  return id.startsWith(uuid) ? `${start.uuid}${id.slice(uuid.length)}` : `${start.symbol}${id}`
}
