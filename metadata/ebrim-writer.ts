// ebRIM 3.0 as text, prefix rim, with what the schema and strict readers ask for: an id, an objectType and a name where they belong.
// ITI TF-3 §4.2.3.1.
import { escapeXml } from '../soap/xml.js'
import type { Owner } from './attribute.js'
import type { InternationalString } from './model.js'
import { objectTypes } from './uuids.js'

export function xmlAttributeXml(name: string, value: string): string {
  return ` ${name}="${escapeXml(value)}"`
}

/** A Slot of ours; there is none without values. [ITI TF-3:4.2.3.1.6] */
export function valuesXml(name: string, values: readonly string[]): string {
  return values.length === 0 ? '' : slotXml({ name, values })
}

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
  const list = values.map(value => `<rim:Value>${escapeXml(value)}</rim:Value>`).join('')
  const type = slotType === undefined ? '' : xmlAttributeXml('slotType', slotType)
  return `<rim:Slot name="${escapeXml(name)}"${type}><rim:ValueList>${list}</rim:ValueList></rim:Slot>`
}

/** [ITI TF-3:4.2.3.1.8] */
export function localizedXml(element: 'Name' | 'Description', texts: InternationalString): string {
  if (texts.length === 0) return ''
  const strings = texts.map(({ value, lang, charset }) => {
    const language = lang === undefined ? '' : xmlAttributeXml('xml:lang', lang)
    const encoding = charset === undefined ? '' : xmlAttributeXml('charset', charset)
    return `<rim:LocalizedString${language}${encoding}${xmlAttributeXml('value', value)}/>`
  })
  return `<rim:${element}>${strings.join('')}</rim:${element}>`
}

/** [ITI TF-3:4.2.3.1.2] */
export function classificationXml(
  written: { scheme: string; nodeRepresentation: string; content: string; given: string | undefined },
  owner: Owner,
): string {
  return (
    `<rim:Classification id="${owner.idFor(written.given)}" objectType="${objectTypes.Classification}"` +
    ` classificationScheme="${written.scheme}" classifiedObject="${owner.idXml}"` +
    ` nodeRepresentation="${escapeXml(written.nodeRepresentation)}">${written.content}</rim:Classification>`
  )
}

/** [ITI TF-3:4.2.1.2.1, 4.2.3.1.10] */
export function classificationNodeXml(node: string, owner: Owner): string {
  return (
    `<rim:Classification id="${owner.idFor(undefined)}" objectType="${objectTypes.Classification}"` +
    ` classificationNode="${node}" classifiedObject="${owner.idXml}"/>`
  )
}

/** [ITI TF-3:4.2.3.1.3] */
export function externalIdentifierXml(
  written: { scheme: string; value: string; fixedName: string; given: string | undefined },
  owner: Owner,
): string {
  return (
    `<rim:ExternalIdentifier id="${owner.idFor(written.given)}" objectType="${objectTypes.ExternalIdentifier}"` +
    ` registryObject="${owner.idXml}" identificationScheme="${written.scheme}" value="${escapeXml(written.value)}">` +
    `<rim:Name><rim:LocalizedString value="${written.fixedName}"/></rim:Name></rim:ExternalIdentifier>`
  )
}
