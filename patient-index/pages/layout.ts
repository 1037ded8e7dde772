// What stands around each of these pages.
import { closing, opening } from '../../pages/frame.js'
import { at, type Html, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import type { TextName } from './texts/texts.js'
import { base, type Visit } from './visit.js'

type Section = 'list' | 'person'

const sections: readonly { section: Section; path: string; text: TextName }[] = [
  { section: 'list', path: base, text: 'nav.list' },
  { section: 'person', path: `${base}/person`, text: 'nav.person' },
]

export function whole(visit: Visit, { title, section }: { title: string; section?: Section }, body: Html): Html {
  const { language, path, query, texts, partner } = visit
  const frame = {
    ...{ language, path, query, texts, base, name: texts['page.title'] },
    sections: sections.map(one => ({ to: at(one.path), text: texts[one.text], isCurrent: one.section === section })),
    who: html`<div class="who"><span>${filled(texts['nav.knownAs'], { name: partner.name })}</span></div>`,
  }
  return html`${opening(frame, title)}${body}${closing()}`
}
