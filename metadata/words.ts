// What was found, in words that fit into an answer: short, and without characters that XML or a log could stumble over.

/** As long as a Slot value may be, so that ids are told whole. [ITI TF-3:4.2.3.1.1] */
const longest = 256

/** A value in quotes, shortened. */
export function quoted(value: string): string {
  return `"${shortened(value, longest)}"`
}

/** The first `length` characters; what is left out is said. */
export function shortened(text: string, length: number): string {
  if (text.length <= length && plain.test(text)) return text
  const clean = printable(text.length > 4 * length ? text.slice(0, 4 * length) : text)
  const characters = [...clean]
  if (characters.length <= length && clean.length === text.length) return clean
  return `${characters.slice(0, length - 1).join('')}…`
}

/** Nothing to take out, and as many characters as units. */
const plain = /^[ -~]*$/

/** Control characters and what XML 1.0 cannot carry become blanks. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it takes out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]|\p{Surrogate}/gu, ' ')
}

/** `1 value`, `3 values`, `nothing`. */
export function counted(count: number, noun: string): string {
  if (count === 0) return 'nothing'
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}
