// Characters that would show a text as another one than it is: turned round, hidden, or moving the cursor.

/** Controls but tab and line ends, and formats: directions, joiners, marks of width nought. */
const unseen = /[\p{Cc}\p{Cf}]/gu
const harmless: ReadonlySet<string> = new Set(['\t', '\n', '\r'])

/** The same text with each such character as its number. */
export function visible(text: string): string {
  return text.search(unseen) < 0
    ? text
    : text.replace(unseen, sign => (harmless.has(sign) ? sign : `[U+${numberOf(sign)}]`))
}

function numberOf(sign: string): string {
  return (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
}
