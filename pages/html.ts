// HTML that cannot be anything but what its template says: every value is text, wherever it comes from.
// There is no way to hand in a string of HTML; what may stand where is checked once for each template.
import { visible } from './visible.js'

let make: (markup: string) => Html

/** A piece of a page, escaped. Made by `html` alone. */
export class Html {
  private constructor(readonly markup: string) {}

  static {
    make = markup => new Html(markup)
  }
}

/** Of our own making: only such a value may stand in an attribute that leads somewhere. */
export class Address {
  constructor(readonly href: string) {
    if (!/^\/(?![/\\])/.test(href)) throw new Error(`not an address below our own: ${href.slice(0, 100)}`)
  }
}

export type Value = Html | Address | string | number | undefined | false | readonly Value[]

/** Names are looked up, values encoded: `at('/find', { patient: id })`. Empty ones are left out. */
export function at(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Address {
  const asked = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') asked.append(name, String(value))
  }
  const search = asked.toString()
  return new Address(search === '' ? path : `${path}?${search}`)
}

/**
 * Values are escaped for the place in which they stand; `undefined` and `false` are nothing, lists their elements. @throws Error where a value
 * stands where it could become markup, whatever it is: the template is wrong then.
 */
export function html(template: TemplateStringsArray, ...values: Value[]): Html {
  const places = placesIn(template)
  let markup = template[0]!
  for (const [index, value] of values.entries()) markup += written(value, places[index]!) + template[index + 1]!
  return make(markup)
}

type Place = 'text' | 'attribute' | 'address'

const known = new WeakMap<TemplateStringsArray, Place[]>()

function placesIn(template: TemplateStringsArray): Place[] {
  const found = known.get(template)
  if (found !== undefined) return found
  const places = template.slice(0, -1).map((_, index) => placeAfter(template.slice(0, index + 1).join('\u0000')))
  known.set(template, places)
  return places
}

const leading = new Set(['href', 'src', 'action', 'formaction', 'poster', 'cite', 'data', 'ping', 'srcset'])

/** @throws Error where a value could become markup: outside of quotes, as a name, in a script or a style. */
function placeAfter(before: string): Place {
  const raw = /<(script|style|textarea|title|template|noscript|iframe|xmp|plaintext)\b(?:(?!<\/\1)[\s\S])*$/i.exec(
    before,
  )
  if (raw !== null && !/^(?:title|textarea)$/i.test(raw[1]!)) throw new Error(`a value inside <${raw[1]}>`)
  if (/<!--(?:(?!-->)[\s\S])*$/.test(before)) throw new Error('a value inside a comment')
  const tag = /<[^<>]*$/.exec(before)?.[0]
  if (tag === undefined) return 'text'
  const attribute = /\s([a-z-]+)="[^"]*$/.exec(tag)?.[1]
  const isOpen = (tag.split('"').length - 1) % 2 === 1
  if (attribute === undefined || !isOpen) throw new Error(`a value in a tag, outside of double quotes: ${tag}`)
  if (attribute.startsWith('on') || attribute === 'style' || attribute === 'srcdoc')
    throw new Error(`a value in ${attribute}="…"`)
  return leading.has(attribute) ? 'address' : 'attribute'
}

function written(value: Value, place: Place): string {
  if (value === undefined || value === false) return ''
  if (place === 'address') {
    if (!(value instanceof Address)) throw new Error('only an Address may stand in an attribute that leads somewhere')
    return escaped(value.href)
  }
  if (value instanceof Address) return escaped(value.href)
  if (value instanceof Html) {
    if (place === 'attribute') throw new Error('a piece of a page inside an attribute')
    return value.markup
  }
  if (Array.isArray(value)) return value.map(one => written(one, place)).join('')
  return escaped(visible(String(value)))
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

function escaped(text: string): string {
  return /[&<>"'`]/.test(text) ? text.replace(/[&<>"'`]/g, sign => references[sign]!) : text
}
