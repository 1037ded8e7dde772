// Two records side by side: what each tells, what of it agrees and how much that weighs, why somebody is asked, and the two answers.
import { page } from '../../pages/answers.js'
import { tokenField } from '../../pages/frame.js'
import { at, type Html, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import { AdminProblem } from '../../server/administration/resources.js'
import type { PatientRecord } from '../kept/records.js'
import type { ReviewPair } from '../kept/reviews.js'
import { areNamed, sureAtHome, sureWeight, weightAtHome } from '../matching/score.js'
import type { Trait } from '../matching/weights.js'
import { whole } from './layout.js'
import type { TextName } from './texts/texts.js'
import { linesOf, nameOf } from './told.js'
import { base, type Page, type Visit } from './visit.js'

const traits: readonly Trait[] = ['family', 'given', 'born', 'gender', 'address', 'reached']

export function pairPage(visit: Visit, missing?: 'reason'): Page {
  const { context, rest, texts } = visit
  const pair = /^\d{1,15}$/.test(rest) ? context.persons.review(Number(rest)) : undefined
  const [one, other] = [pair && context.persons.record(pair.one), pair && context.persons.record(pair.other)]
  if (pair === undefined || one === undefined || other === undefined)
    throw new AdminProblem(404, `there is no review ${rest}`)
  const title = filled(texts['pair.title'], { one: nameOf(one), other: nameOf(other) })
  const isOpen = pair.verdict === 'open' && one.person !== other.person && !one.hasEnded && !other.hasEnded
  const body = html`<h1>${title}</h1>
${missing && html`<p class="mark wrong" role="alert">${texts['decide.reasonMissing']}</p>`}
${isOpen ? html`<p>${texts[whyAsked(pair)]}</p>` : html`<p class="mark" role="status">${settled(pair, visit)}</p>`}
<div class="scroll"><table class="records compared"><caption>${texts['pair.caption']}</caption>
<thead><tr><th scope="col">${texts['pair.trait']}</th><th scope="col">${texts['pair.one']}</th><th scope="col">${texts['pair.other']}</th><th scope="col">${texts['pair.finding']}</th><th scope="col">${texts['pair.weight']}</th></tr></thead>
<tbody>
${traits.map(trait => traitRow(trait, { pair, one, other }, visit))}${idRow(one, other, visit)}</tbody>
<tfoot><tr><th scope="row" colspan="4">${texts['pair.sum']}</th><td><strong>${pair.weight}</strong></td></tr></tfoot></table></div>
<p class="hint">${filled(texts['pair.weightHint'], { sure: sureWeight })}</p>
${isOpen && decisionForm(pair, visit)}`
  const answer = page(whole(visit, { title, section: 'list' }, body), missing === undefined ? 200 : 400)
  return { answer, shows: [one.patientId, other.patientId] }
}

/** In words what score.ts has found wanting. */
function whyAsked(pair: ReviewPair): TextName {
  if (pair.weight < sureWeight) return 'why.weight'
  if (!areNamed(pair)) return 'why.unnamed'
  return weightAtHome(pair) < sureAtHome ? 'why.home' : 'why.several'
}

function settled({ verdict, decidedBy = '', changedMs }: ReviewPair, { texts, times }: Visit): string {
  if (verdict === 'open') return texts['settled.open']
  return filled(texts[`settled.${verdict}`], { name: decidedBy, time: times.text(changedMs) })
}

interface Compared {
  pair: ReviewPair
  one: PatientRecord
  other: PatientRecord
}

function traitRow(trait: Trait, { pair, one, other }: Compared, visit: Visit): Html {
  const { texts } = visit
  const part = pair.parts.find(each => each.trait === trait)
  const [left, right] = [linesOf[trait](one, visit), linesOf[trait](other, visit)]
  const told = Math.min(left.length, 1) + Math.min(right.length, 1)
  const unsaid = (['finding.untold', 'finding.unsaid', 'finding.unusable'] as const)[told] ?? 'finding.untold'
  const finding = texts[part === undefined ? unsaid : (`${trait}: ${part.finding}` as TextName)]
  const isSame = part === undefined || part.finding.startsWith('same')
  return html`<tr><th scope="row">${texts[`trait.${trait}`]}</th><td>${toldOf(left, isSame, visit)}</td><td>${toldOf(right, isSame, visit)}</td>
<td>${isSame ? finding : html`<span class="differs">${finding}</span>`}</td><td class="weighs">${part === undefined ? '' : signed(part.weight)}</td></tr>
`
}

function toldOf(lines: readonly string[], isSame: boolean, { texts }: Visit): Html {
  if (lines.length === 0) return html`<span class="soft">${texts['pair.unsaid']}</span>`
  return isSame
    ? html`${lines.map(line => html`<div>${line}</div>`)}`
    : html`${lines.map(line => html`<div><mark>${line}</mark></div>`)}`
}

function idRow(one: PatientRecord, other: PatientRecord, { texts, times }: Visit): Html {
  const told = ({ patientId, changedMs }: PatientRecord) =>
    html`<a href="${at(`${base}/person`, { id: patientId })}"><code>${patientId}</code></a><br><span class="soft">${filled(texts['pair.changed'], { time: times.text(changedMs) })}</span>`
  return html`<tr><th scope="row">${texts['pair.id']}</th><td>${told(one)}</td><td>${told(other)}</td><td></td><td></td></tr>
`
}

const signed = (weight: number): string => (weight > 0 ? `+${weight}` : `${weight}`.replace('-', '−'))

function decisionForm({ review }: ReviewPair, { texts, formToken, form }: Visit): Html {
  return html`<h2>${texts['decide.title']}</h2>
<form class="paper" method="post" action="${at(`${base}/pair/${review}`)}">${tokenField(formToken)}
<label for="why">${texts['decide.why']}</label><input id="why" name="why" maxlength="400" required value="${form.get('why') ?? ''}" aria-describedby="why-hint">
<p class="hint" id="why-hint">${texts['decide.whyHint']}</p>
<p class="row"><button name="verdict" value="same">${texts['decide.same']}</button><button class="quiet" name="verdict" value="different">${texts['decide.different']}</button></p>
<p class="hint">${texts['decide.hint']}</p></form>`
}
