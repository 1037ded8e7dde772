// What stands around each page: where one is, in which language, as whom.
import { createHash } from 'node:crypto'
import { type Address, at, type Html, html } from './html.js'
import { type Language, languageNames, languages } from './languages.js'
import { style } from './style.js'

export interface Frame {
  language: Language
  /** Of the pages as a whole. */
  name: string
  /** Below which they all are, without a slash at the end: empty for a door of their own. */
  base: string
  /** Of this page, and what it was asked, for the links to it in other languages. */
  path: string
  query: URLSearchParams
  texts: Readonly<Record<'nav.skip' | 'nav.main' | 'nav.language', string>>
  sections: readonly { to: Address; text: string; isCurrent: boolean }[]
  /** Whoever is here; undefined before sign-in. */
  who: Html | undefined
}

const styleVersion = createHash('sha256').update(style).digest('hex').slice(0, 12)

/** The beginning of a page that grows; `closing` ends it. */
export function opening(frame: Frame, title: string): Html {
  const { language, name, base, texts, sections, who } = frame
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – ${name}</title>
<link rel="stylesheet" href="${at(`${base}/style.css`, { v: styleVersion })}">
<link rel="icon" href="${at(`${base}/icon.svg`)}">
</head>
<body>
<a class="skip" href="#content">${texts['nav.skip']}</a>
<header class="bar"><div>
<a class="brand" href="${at(base === '' ? '/' : base)}">${name}</a>
${
  sections.length > 0 &&
  html`<nav aria-label="${texts['nav.main']}"><ul>
${sections.map(sectionLink)}
</ul></nav>`
}
<nav class="languages" aria-label="${texts['nav.language']}"><ul>
${languages.map(one => languageLink(frame, one))}
</ul></nav>
${who}
</div></header>
<main id="content" tabindex="-1">
`
}

export function closing(): Html {
  return html`
</main>
</body>
</html>
`
}

function sectionLink({ to, text, isCurrent }: Frame['sections'][number]): Html {
  return isCurrent
    ? html`<li><a href="${to}" aria-current="page">${text}</a></li>\n`
    : html`<li><a href="${to}">${text}</a></li>\n`
}

function languageLink({ language, path, query }: Frame, one: Language): Html {
  const to = at(path, { ...Object.fromEntries(query), language: one })
  return one === language
    ? html`<li><a href="${to}" lang="${one}" hreflang="${one}" aria-current="true">${languageNames[one]}</a></li>\n`
    : html`<li><a href="${to}" lang="${one}" hreflang="${one}">${languageNames[one]}</a></li>\n`
}

/** Every form that changes something has it; what comes without it, or with another session's, is refused (isSameToken). */
export function tokenField(formToken: string): Html {
  return html`<input type="hidden" name="token" value="${formToken}">`
}

export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="11" height="11" rx="2.5" fill="#14508c"/><rect x="6" y="6" width="9" height="9" rx="2.2" fill="#7fa6cf"/></svg>`
