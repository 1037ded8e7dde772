// One spelling for names and places however they were typed: Müller, Mueller and MULLER are one, so are Genève and Geneve.

/** Lower case without marks; what German writes for an umlaut where there is none is the umlaut. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/œ/g, 'oe')
    .replace(/æ/g, 'ae')
    .replace(/ø/g, 'o')
    .replace(/ł/g, 'l')
    .replace(/đ/g, 'd')
    .replace(/['’`´.]/g, '')
    .replace(/([aou])e/g, '$1')
}

/** Words that many names have and that tell nobody apart; left out where a name has others. */
const particles = new Set([
  'von',
  'vom',
  'van',
  'der',
  'den',
  'dem',
  'zu',
  'zum',
  'zur',
  'de',
  'du',
  'des',
  'd',
  'da',
  'di',
  'del',
  'della',
  'dos',
  'la',
  'le',
  'les',
  'l',
  'el',
  'al',
  'und',
  'et',
  'e',
  'y',
])

/** The parts of a name: Meier-Müller has two, each of which may stand alone elsewhere. */
export function partsOf(name: string): string[] {
  const words = wordsOf(name)
  const telling = words.filter(word => !particles.has(word))
  return telling.length > 0 ? telling : words
}

/** Its parts, and all of it in one word: Von Arx is Vonarx elsewhere, Jean-Pierre is Jeanpierre. */
export function formsOf(name: string): string[] {
  const parts = partsOf(name)
  const words = wordsOf(name)
  const whole = folded(words.join(''))
  return words.length < 2 || parts.includes(whole) ? parts : [...parts, whole]
}

function wordsOf(name: string): string[] {
  return folded(name)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
}

/** How a part sounds, roughly and in German and French alike: `Schmitt` as `Schmidt`, `Favre` as `Faivre`. */
export function soundOf(part: string): string {
  const letters = part
    .replace(/sch|sh|ch/g, 'x')
    .replace(/ph|pf|v|w/g, 'f')
    .replace(/th|dt/g, 't')
    .replace(/ck|qu|q/g, 'k')
    .replace(/c(?=[ei])/g, 's')
    .replace(/c/g, 'k')
    .replace(/g(?=[ei])/g, 'j')
    .replace(/z|ts/g, 's')
    .replace(/y/g, 'i')
    .replace(/d/g, 't')
    .replace(/b/g, 'p')
    .replace(/g/g, 'k')
    .replace(/n(?=[pf])/g, 'm')
    .replace(/h/g, '')
    .replace(/(.)\1+/g, '$1')
  const [first = '', ...rest] = letters
  const start = /[aeiou]/.test(first) ? 'a' : first
  return (
    start +
    rest
      .join('')
      .replace(/[aeiou]/g, '')
      .replace(/(.)\1+/g, '$1')
  )
}
