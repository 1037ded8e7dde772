// Texts in the notation of HL7 v2.5: components, subcomponents and the escapes of their separators. ITI TF-3 §4.2.3.1.7.

/** The components of a value; empty ones at its end are as good as absent. */
export function components(value: string): string[] {
  return split(value, '^')
}

/** A value without the empty components at its end. */
export function withoutEmptyEnd(value: string): string {
  return components(value).join('^')
}

/** Like `components`, of one of them; the escapes in it are left as they are. */
export function subcomponents(component: string): string[] {
  return split(component, '&')
}

/** Whether a text holds no separator of fields and repetitions, no control character, and escapes that HL7 knows. */
export function isHl7Text(text: string): boolean {
  return hl7Text.test(text)
}

/** Whether a component has no subcomponents either: a plain text. */
export function isPlainText(text: string): boolean {
  return text !== '' && isHl7Text(text) && !/[&^]/.test(text)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
const hl7Text = /^(?:[^|~\\\u0000-\u001f\u007f]|\\[FSRTE]\\)*$/

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\E\\',
  '|': '\\F\\',
  '^': '\\S\\',
  '&': '\\T\\',
  '~': '\\R\\',
}
const plain = new Map(Object.entries(escapes).map(([character, escaped]) => [escaped, character]))

/** [ITI TF-3: Table 4.2.3.1.7-1] */
export function escapeHl7(text: string): string {
  return text.replace(/[\\|^&~]/g, character => escapes[character] ?? character)
}

/** The reverse of `escapeHl7`; escapes that stand for anything else (`\H\`, `\X0D\`) are left as they are. */
export function unescapeHl7(text: string): string {
  return text.replace(/\\[FSRTE]\\/g, escaped => plain.get(escaped) ?? escaped)
}

/** An HL7 v3 instance identifier as CX. [ITI TF-3: Table 4.2.3.1.7-2] */
export function cxOf(root: string, extension: string): string {
  return `${escapeHl7(extension)}^^^&${root}&ISO`
}

/** Root (assigning authority) and extension of a CX; undefined when it is none. */
export function instanceIdentifierOf(cx: string): { root: string; extension: string } | undefined {
  const [id, , , authority = ''] = components(cx)
  const [, root] = subcomponents(authority)
  return id && root ? { root, extension: unescapeHl7(id) } : undefined
}

function split(value: string, separator: string): string[] {
  const parts = value.split(separator)
  while (parts.length > 1 && parts[parts.length - 1] === '') parts.pop()
  return parts
}
