// An envelope with other values in it: tags, prefixes, their order and the spaces between them stay as the peer has written them.
import { escapeXml } from '../../soap/xml.js'
import type { Pseudonyms } from './pseudonyms.js'

/** What says how a message is built, and nothing of anybody. */
const keptAttributes = new Set(
  (
    'classificationScheme identificationScheme objectType associationType status nodeRepresentation mimeType returnType ' +
    'returnComposedObjects classificationNode mustUnderstand severity errorCode classCode moodCode determinerCode typeCode contextControlCode code codeSystem ' +
    'ITSVersion use nullFlavor unit type representation mediaType lang charset'
  ).split(' '),
)
const keptTexts = new Set(['Action', 'mimeType', 'semanticsText'])
/** Of Slots: codes, or checked by the value of something else. */
const keptSlots = new Set([
  'codingScheme',
  'languageCode',
  'size',
  '$XDSDocumentEntryStatus',
  '$XDSDocumentEntryType',
  '$XDSSubmissionSetStatus',
  '$XDSFolderStatus',
  '$XDSAssociationStatus',
  '$MetadataLevel',
])
/** Nothing of an assertion stays but that there was one: its signature holds for what it said alone. */
const emptied = new Set(['Security'])
const faultCodes = new Set(['Code', 'Subcode'])
/** Elements of which every attribute is a word of the standard. */
const keptElements = new Set(['interactionId', 'AdhocQuery'])
const shortNumber = /^[0-9]{1,3}$/
/** Of a person's life; a time in them is one that the person may be known by. */
const ofLives = new Set(['birthTime', 'deceasedTime', 'livingSubjectBirthTime', 'livingSubjectDeceasedTime'])
const bornInPid = /^(\s*PID-7\|)(\d+)/

const token = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<\/[^>]*>|<(?:[^<>"']|"[^"]*"|'[^']*')+>|[^<]+/g
const attribute = /(\s)([^\s=/>]+)(\s*=\s*)(?:"([^"]*)"|'([^']*)')/g

export interface AnonymousXml {
  pseudonyms: Pseudonyms
  /** Base64 that stands in the place of a document. */
  document(base64: string): string
}

export function anonymousXml(xml: string, { pseudonyms, document }: AnonymousXml): string {
  const open: { name: string; slot: string }[] = []
  let emptyingAt: number | undefined
  let written = ''

  for (const [piece] of xml.matchAll(token)) {
    if (piece.startsWith('<!--')) continue
    const isHidden = emptyingAt !== undefined
    if (piece.startsWith('</')) {
      open.pop()
      if (emptyingAt !== undefined && open.length < emptyingAt) emptyingAt = undefined
      if (emptyingAt === undefined) written += piece
    } else if (piece.startsWith('<?')) {
      // Of the document itself; what others want done with it may say anything.
      if (!isHidden && /^<\?xml\s/.test(piece)) written += piece
    } else if (piece.startsWith('<![CDATA[')) {
      written += isHidden ? '' : escapeXml(textFor(piece.slice(9, -3)))
    } else if (piece.startsWith('<!')) {
      // Entities say what they stand for.
    } else if (piece.startsWith('<')) {
      const name = localName(/^<([^\s/>]+)/.exec(piece)?.[1] ?? '')
      const slot = name === 'Slot' ? (/\sname\s*=\s*["']([^"']*)/.exec(piece)?.[1] ?? '') : (open.at(-1)?.slot ?? '')
      if (!isHidden) written += tagFor(piece, name)
      if (!piece.endsWith('/>')) {
        open.push({ name, slot })
        if (emptied.has(name) && !isHidden) emptyingAt = open.length
      }
    } else written += isHidden ? '' : escapeXml(textFor(unescaped(piece)))
  }
  return written

  function textFor(text: string): string {
    const at = open.at(-1)
    if (text.trim() === '') return text
    // An answer that is no XML at all, as of a proxy.
    if (at === undefined) return pseudonyms.of(text)
    if (at.name === 'Document') return document(text)
    if (keptTexts.has(at.name) || (at.name === 'Value' && keptSlots.has(at.slot))) return text
    // A code of SOAP, as env:Sender.
    if (at.name === 'Value' && faultCodes.has(open.at(-2)?.name ?? '')) return text
    if (at.slot === 'sourcePatientInfo' && bornInPid.test(text)) {
      return text.replace(bornInPid, (_, field, day) => field + pseudonyms.lifeDay(day))
    }
    return pseudonyms.of(text)
  }

  function tagFor(tag: string, element: string): string {
    const isOfLife = ofLives.has(element) || open.some(({ name }) => ofLives.has(name))
    return tag.replace(attribute, (_, space, name, equals, double, single) => {
      const value = unescaped(double ?? single ?? '')
      return `${space}${name}${equals}"${escapeXml(standInFor(name, value))}"`
    })

    function standInFor(name: string, value: string): string {
      if (isOfLife && name === 'value') return pseudonyms.lifeDay(value)
      return isKept(name, element, value) ? value : pseudonyms.of(value)
    }
  }
}

function isKept(name: string, element: string, value: string): boolean {
  if (keptElements.has(element) && name !== 'home') return true
  if (name === 'xmlns' || name.startsWith('xmlns:') || keptAttributes.has(localName(name))) return true
  // A count, or how well somebody fits; and the name of a Slot, which says what its values are.
  return (name === 'value' && shortNumber.test(value)) || (name === 'name' && element === 'Slot')
}

const localName = (name: string) => name.slice(name.indexOf(':') + 1)

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal))
  })
}
