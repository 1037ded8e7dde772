// The separators that a message declares in its first nine characters. HL7 v2.5.1 §2.5.4.

export interface Delimiters {
  field: string
  component: string
  repetition: string
  escaping: string
  subcomponent: string
}

export const usualDelimiters: Delimiters = {
  field: '|',
  component: '^',
  repetition: '~',
  escaping: '\\',
  subcomponent: '&',
}

/** Undefined when the text does not begin with MSH and separators that can be told apart, from one another and from text. */
export function delimitersOf(text: string): Delimiters | undefined {
  const [, field = '', encoding = ''] = /^MSH([!-~])([!-~]{4,5})/.exec(text) ?? []
  // Version 2.7 has a fifth, for truncation.
  const [component = '', repetition = '', escaping = '', subcomponent = '', fifth = field] = encoding
  if (fifth !== field && text[9] !== field) return undefined
  const all = [field, component, repetition, escaping, subcomponent, ...(fifth === field ? [] : [fifth])]
  if (all.some(each => /^[A-Za-z0-9]?$/.test(each)) || new Set(all).size < all.length) return undefined
  return { field, component, repetition, escaping, subcomponent }
}
