// A record within a page: a row of a list, its sentence, its outcome.
import { at, type Html, html } from '../../pages/html.js'
import { may } from './roles.js'
import { type Piece, sentenceOf } from './sentence.js'
import type { Texts } from './texts/texts.js'
import type { Told } from './told.js'
import type { Reading } from './visit.js'

export function rowOf(visit: Reading, told: Told, why?: string): Html {
  const { texts, times } = visit
  return html`<tr>
<td class="time"><a href="${at(`/record/${told.id}`)}">${times.element(told.eventMs)}</a></td>
<td class="says">${sentence(visit, told)} ${kindChip(told)}${why !== undefined && html`<div class="why">${why}</div>`}${reason(told)}</td>
<td class="outcome">${outcomeChip(told.outcome, texts)}${purposeChips(told, texts)}</td>
<td class="writer">${told.source || told.origin}</td>
</tr>
`
}

export function headOf({ texts }: Reading): Html {
  return html`<thead><tr><th scope="col">${texts['column.time']}</th><th scope="col">${texts['column.what']}</th><th scope="col">${texts['column.outcome']}</th><th scope="col">${texts['column.writer']}</th></tr></thead>`
}

export function sentence(visit: Reading, told: Told): Html {
  return html`${sentenceOf(told, visit.language).map(piece => pieceOf(visit, piece))}`
}

function pieceOf({ person }: Reading, { text, of, id = text }: Piece): Html {
  if (of === undefined) return html`${text}`
  if (of === 'system') return html`<bdi>${text}</bdi>`
  if (of === 'person') return html`<a href="${at('/find', { person: text })}"><bdi>${text}</bdi></a>`
  if (!may(person, 'patients')) return html`<bdi>${text}</bdi>`
  return html`<a href="${at(`/${of}`, { id })}" title="${id}"><bdi>${text}</bdi></a>`
}

export function outcomeText(outcome: number | undefined, texts: Texts): string {
  return (texts as Record<string, string>)[`outcome.${outcome}`] ?? texts['outcome.unknown']
}

export function outcomeChip(outcome: number | undefined, texts: Texts): Html {
  if (outcome === 0) return html`<span class="chip ok">${outcomeText(outcome, texts)}</span>`
  return html`<span class="chip bad">${outcomeText(outcome, texts)}</span>`
}

export function purposeText(code: string, texts: Texts, given?: string): string {
  return (texts as Record<string, string>)[`purpose.${code}`] ?? given ?? code
}

/** Purposes under which somebody passes by the patient's rules. [Swiss EPR: 2.16.756.5.30.1.127.3.10.5; HL7 PurposeOfUse] */
export const emergencyPurposes: ReadonlySet<string> = new Set(['EMER', 'ETREAT', 'BTG'])

function purposeChips({ purposes }: Told, texts: Texts): Html[] {
  return purposes
    .filter(({ code }) => code !== 'NORM')
    .slice(0, 3)
    .map(({ code, text }) =>
      emergencyPurposes.has(code)
        ? html` <span class="chip warn">${purposeText(code, texts, text)}</span>`
        : html` <span class="chip kind">${purposeText(code, texts, text)}</span>`,
    )
}

function kindChip({ kind, kindText }: Told): Html {
  return kind === ''
    ? html``
    : html`<span class="chip kind" title="${kindText}">${/^\d+$/.test(kind) ? kindText || kind : kind}</span>`
}

function reason({ outcome, description, problem }: Told): Html {
  const why = problem ?? (outcome === 0 ? undefined : description)
  return why === undefined ? html`` : html`<div class="reason"><bdi>${why.slice(0, 400)}</bdi></div>`
}
