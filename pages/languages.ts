// Which language a reader is told things in, and how the texts of a table are filled in.

export const languages = ['de', 'fr', 'it', 'en'] as const
export type Language = (typeof languages)[number]

/** Each in its own words, for whoever cannot read the others. */
export const languageNames: Readonly<Record<Language, string>> = {
  de: 'Deutsch',
  fr: 'Français',
  it: 'Italiano',
  en: 'English',
}

export function isLanguage(text: string | undefined | null): text is Language {
  return languages.includes(text as Language)
}

/** The first of ours in the order of preference of RFC 9110 §12.5.4; English where there is none. */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? '')
    .slice(0, 1_000)
    .split(',')
    .map(range => {
      const [tag = '', ...parameters] = range
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/)
      const quality = Number(parameters.find(one => one.startsWith('q='))?.slice(2) ?? 1)
      return { language: tag.split('-')[0], quality: Number.isNaN(quality) ? 0 : quality }
    })
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality)
  return wanted.map(({ language }) => language).find(isLanguage) ?? 'en'
}

/** Names in braces stand for what is filled in: `{count} records`. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  )
}

/** The pieces of a text, and between them the names of what is filled in. */
export function piecesOf(text: string): { text: string; name?: string }[] {
  return text
    .split(/(\{\w+\})/)
    .map(piece => (/^\{\w+\}$/.test(piece) ? { text: '', name: piece.slice(1, -1) } : { text: piece }))
}
