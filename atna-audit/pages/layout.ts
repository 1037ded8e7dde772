// What stands around each of these pages: its section, and whoever is signed in.
import * as frame from '../../pages/frame.js'
import { at, type Html, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import { may } from './roles.js'
import type { TextName } from './texts/texts.js'
import type { Visit } from './visit.js'

export { closing, tokenField } from '../../pages/frame.js'

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
  return html`${opening(visit, around)}${body}${frame.closing()}`
}

/** The beginning of a page that grows; `closing` ends it. */
export function opening(visit: Visit, { title, section }: Around): Html {
  const { language, path, query, texts, person } = visit
  const open = person === undefined ? [] : sections.filter(({ leave }) => may(person, leave))
  return frame.opening(
    {
      ...{ language, path, query, texts, name: texts['page.title'], base: '' },
      sections: open.map(one => ({ to: at(one.path), text: texts[one.text], isCurrent: one.section === section })),
      who: person && whoIsHere(visit, person.name),
    },
    title,
  )
}

function whoIsHere({ texts, formToken }: Visit, name: string): Html {
  return html`<div class="who"><span>${filled(texts['nav.signedInAs'], { name })}</span>
<form method="post" action="${at('/sign-out')}">${frame.tokenField(formToken)}<button class="quiet small">${texts['nav.signOut']}</button></form></div>`
}
