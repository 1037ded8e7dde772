// What stands around each page: where one is, in which language, as whom.
import { createHash } from 'node:crypto'
import { at, type Html, html } from '../../pages/html.js'
import { filled, languageNames, languages } from '../../pages/languages.js'
import { may } from './roles.js'
import { style } from './style.js'
import type { TextName } from './texts/texts.js'
import type { Visit } from './visit.js'

const styleVersion = createHash('sha256').update(style).digest('hex').slice(0, 12)

export interface Around {
  title: string
  /** Which of the sections it belongs to. */
  section?: Section
}

type Section = 'find' | 'watch' | 'trust'

const sections: readonly { section: Section; path: string; text: TextName; leave: 'records' | 'patients' | 'trust' }[] =
  [
    { section: 'find', path: '/find', text: 'nav.find', leave: 'records' },
    { section: 'watch', path: '/watch', text: 'nav.watch', leave: 'patients' },
    { section: 'trust', path: '/trust', text: 'nav.trust', leave: 'trust' },
  ]

export function whole(visit: Visit, around: Around, body: Html): Html {
  return html`${opening(visit, around)}${body}${closing()}`
}

/** The beginning of a page that grows; `closing` ends it. */
export function opening(visit: Visit, { title, section }: Around): Html {
  const { language, texts, person } = visit
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – ${texts['page.title']}</title>
<link rel="stylesheet" href="${at('/style.css', { v: styleVersion })}">
<link rel="icon" href="${at('/icon.svg')}">
</head>
<body>
<a class="skip" href="#content">${texts['nav.skip']}</a>
<header class="bar"><div>
<a class="brand" href="${at('/')}">${texts['page.title']}</a>
${
  person !== undefined &&
  html`<nav aria-label="${texts['nav.main']}"><ul>
${sections.filter(({ leave }) => may(person, leave)).map(one => sectionLink(one, section, texts))}
</ul></nav>`
}
<nav class="languages" aria-label="${texts['nav.language']}"><ul>
${languages.map(one => languageLink(visit, one))}
</ul></nav>
${person !== undefined && whoIsHere(visit, person.name)}
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

function sectionLink(
  { section, path, text }: (typeof sections)[number],
  current: Section | undefined,
  texts: Visit['texts'],
): Html {
  return section === current
    ? html`<li><a href="${at(path)}" aria-current="page">${texts[text]}</a></li>\n`
    : html`<li><a href="${at(path)}">${texts[text]}</a></li>\n`
}

function languageLink({ language, path, query }: Visit, one: (typeof languages)[number]): Html {
  const to = at(path, { ...Object.fromEntries(query), language: one })
  return one === language
    ? html`<li><a href="${to}" lang="${one}" hreflang="${one}" aria-current="true">${languageNames[one]}</a></li>\n`
    : html`<li><a href="${to}" lang="${one}" hreflang="${one}">${languageNames[one]}</a></li>\n`
}

function whoIsHere({ texts, formToken }: Visit, name: string): Html {
  return html`<div class="who"><span>${filled(texts['nav.signedInAs'], { name })}</span>
<form method="post" action="${at('/sign-out')}">${tokenField(formToken)}<button class="quiet small">${texts['nav.signOut']}</button></form></div>`
}

export function tokenField(formToken: string): Html {
  return html`<input type="hidden" name="token" value="${formToken}">`
}

export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="11" height="11" rx="2.5" fill="#14508c"/><rect x="6" y="6" width="9" height="9" rx="2.2" fill="#7fa6cf"/></svg>`
