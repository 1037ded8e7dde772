// What stands in a field: repetitions, components, subcomponents, escapes. HL7 v2.5.1 §2.5.3, §2.7.
import { characterSetNamed } from './character-set.js'
import type { Delimiters } from './delimiters.js'

/** An identifier with who gave it, as CX has them. [HL7 v2.5.1: 2.A.14, 2.A.36] */
export interface Hl7Identifier {
  id: string
  namespaceId: string
  universalId: string
  universalIdType: string
}

/** Empty ones and `""`, which says that there is none, are left out. */
export function repetitionsOf(field: string, { repetition }: Delimiters): string[] {
  return field.split(repetition).filter(isSaid)
}

/** The n-th from 1; empty when there is none. */
export function componentOf(text: string, number: number, { component }: Delimiters): string {
  return text.split(component, number)[number - 1] ?? ''
}

/**
 * The CX of one repetition, unescaped and trimmed; what is not said is an empty string. Further subcomponents and components are passed over. [HL7
 * v2.5.1: 2.A.14]
 */
export function identifierIn(cx: string, delimiters: Delimiters, characterSet = 'ASCII'): Hl7Identifier {
  const plain = (text: string) => unescaped(text, delimiters, characterSet).trim()
  const authority = componentOf(cx, 4, delimiters).split(delimiters.subcomponent, 3)
  const [namespaceId = '', universalId = '', universalIdType = ''] = authority.map(plain)
  const [id = ''] = componentOf(cx, 1, delimiters).split(delimiters.subcomponent, 1)
  return { id: plain(id), namespaceId, universalId, universalIdType }
}

/** Neither left out nor emptied by `""`. [HL7 v2.5.1: 2.5.3] */
export function isSaid(text: string): boolean {
  return text !== '' && text !== '""'
}

/**
 * Escapes of characters; those of fonts and formats mean nothing in an identifier and stay, as do hexadecimal ones that are
 * no text in the character set of the message. [HL7 v2.5.1: 2.7]
 */
export function unescaped(text: string, delimiters: Delimiters, characterSet = 'ASCII'): string {
  const { escaping } = delimiters
  if (!text.includes(escaping)) return text
  const characters: Readonly<Record<string, string>> = {
    F: delimiters.field,
    S: delimiters.component,
    T: delimiters.subcomponent,
    R: delimiters.repetition,
    E: escaping,
  }
  const parts = text.split(escaping)
  let plain = parts[0] ?? ''
  for (let at = 1; at < parts.length; at += 2) {
    const code = parts[at] ?? ''
    const isClosed = at + 1 < parts.length
    const character = isClosed ? (characters[code] ?? hexadecimal(code, characterSet)) : undefined
    plain += character ?? `${escaping}${code}${isClosed ? escaping : ''}`
    plain += parts[at + 1] ?? ''
  }
  return plain
}

/** Delimiters become escapes, control characters blanks: what comes out can stand in any component. [HL7 v2.5.1: 2.7] */
export function escaped(text: string, delimiters: Delimiters): string {
  const { escaping } = delimiters
  const codes = new Map([
    [delimiters.field, 'F'],
    [delimiters.component, 'S'],
    [delimiters.subcomponent, 'T'],
    [delimiters.repetition, 'R'],
    [escaping, 'E'],
  ])
  return [...text]
    .map(character => {
      const code = codes.get(character)
      return code === undefined ? (character < ' ' ? ' ' : character) : `${escaping}${code}${escaping}`
    })
    .join('')
}

function hexadecimal(code: string, characterSet: string): string | undefined {
  if (!/^X(?:[0-9A-F]{2})+$/i.test(code)) return undefined
  return characterSetNamed(characterSet)?.decode(Buffer.from(code.slice(1), 'hex'))
}
