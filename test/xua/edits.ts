// One or two random edits of a message: of its characters, of its tags, of whole elements.
type Chance = () => number

/** @param chance in [0, 1) */
export function edited(message: string, chance: Chance): string {
  const times = 1 + Math.floor(chance() * 2)
  let result = message
  for (let count = 0; count < times; count += 1) result = pick(edits, chance)(result, chance)
  return result
}

const edits: ((message: string, chance: Chance) => string)[] = [
  (message, chance) => at(message, chance, 1, () => pick([...'0159aZ <>&"\'/='], chance)),
  (message, chance) => at(message, chance, 1 + Math.floor(chance() * 8), () => ''),
  (message, chance) =>
    at(message, chance, 0, () => pick(['<!---->', '<?p ?>', '<![CDATA[]]>', '&#65;', '&amp;', ' ', '\n'], chance)),
  (message, chance) => onElement(message, chance, element => element + element),
  (message, chance) => onElement(message, chance, () => ''),
  (message, chance) => onElement(message, chance, element => `<x>${element}</x>`),
  (message, chance) => onElement(message, chance, element => `<!--${element}-->`),
  (message, chance) => {
    const one = anElement(message, chance)
    const other = anElement(message, chance)
    if (one.includes(other) || other.includes(one) || one === '' || other === '') return message
    return message
      .replace(one, () => '\u0000')
      .replace(other, () => one)
      .replace('\u0000', () => other)
  },
  (message, chance) => {
    const moved = anElement(message, chance)
    const target = anElement(message, chance)
    if (moved === '' || moved.includes(target)) return message
    return message.replace(moved, () => '').replace(target, () => target + moved)
  },
  (message, chance) => {
    const values = [...message.matchAll(/"([^"]*)"/g)].map(([, value = '']) => value)
    const [one, other] = [pick(values, chance), pick(values, chance)]
    return message.replace(`"${one}"`, () => `"${other}"`)
  },
  (message, chance) => {
    const texts = [...message.matchAll(/>([^<]+)</g)].map(([, text = '']) => text)
    const [one, other] = [pick(texts, chance), pick(texts, chance)]
    return message.replace(`>${one}<`, () => `>${other}<`)
  },
  (message, chance) => {
    const prefix = pick(['saml2', 'ds', 'hl7', 'wsse', 's'], chance)
    return message.replace(new RegExp(`xmlns:${prefix}="[^"]*"`), () => `xmlns:${prefix}="urn:x"`)
  },
]

function at(message: string, chance: Chance, length: number, by: () => string): string {
  const place = Math.floor(chance() * message.length)
  return message.slice(0, place) + by() + message.slice(place + length)
}

function onElement(message: string, chance: Chance, change: (element: string) => string): string {
  const element = anElement(message, chance)
  return element === '' ? message : message.replace(element, () => change(element))
}

/** Any of those that begin in the message, with all that is in it. */
function anElement(message: string, chance: Chance): string {
  const starts = [...message.matchAll(/<([\w:]+)[^>]*>/g)]
  if (starts.length === 0) return ''
  const start = pick(starts, chance)
  const [tag = '', name = ''] = start
  if (tag.endsWith('/>')) return tag
  const end = message.indexOf(`</${name}>`, start.index)
  return end < 0 ? '' : message.slice(start.index, end + name.length + 3)
}

function pick<Value>(all: readonly Value[], chance: Chance): Value {
  return all[Math.floor(chance() * all.length)] as Value
}
