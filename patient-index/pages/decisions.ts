// What somebody decides on these pages. The decision, its reason and its audit record are one commit.
import { patientRecordsUsed } from '../../atna-audit/patient-record-events.js'
import { redirected } from '../../pages/answers.js'
import { at } from '../../pages/html.js'
import { eventFacts } from '../../server/actor-service.js'
import { AdminProblem } from '../../server/administration/resources.js'
import { patientIndex } from '../actor.js'
import { askAgain, decide, givenBack, separateRecord, undoMerge } from '../deciding.js'
import { pairPage } from './pair-page.js'
import { problemPage } from './problems.js'
import { base, type Page, type Visit } from './visit.js'

const done = { same: 'taken for one person', different: 'told apart' } as const

/** A decision needs a reason: without one the pair is shown again. @throws AdminProblem where somebody has decided meanwhile. */
export async function decideThis(visit: Visit): Promise<Page> {
  const { form, rest, partner, context } = visit
  const verdict = (['same', 'different'] as const).find(one => one === form.get('verdict'))
  const why = reasonIn(form)
  if (verdict === undefined) return { answer: problemPage(visit, 400, 'form'), shows: [] }
  if (why === undefined) return pairPage(visit, 'reason')
  const review = /^\d{1,15}$/.test(rest) ? Number(rest) : 0
  await context.store.write(() => {
    const pair = decide({ review, verdict, by: partner.name, why }, context)
    writeDown(
      visit,
      pair.map(({ patientId }) => patientId),
      `${done[verdict]}: ${why}`,
    )
  })
  return to(base, { done: verdict })
}

export function askThemAgain(visit: Visit): Promise<Page> {
  const review = Number(visit.form.get('review') ?? 0)
  return undoing(visit, 'asked again', (by, why) =>
    askAgain({ review: Number.isSafeInteger(review) ? review : 0, by, why }, visit.context).map(
      ({ patientId }) => patientId,
    ),
  )
}

export function separateThis(visit: Visit): Promise<Page> {
  const { context, form } = visit
  return undoing(visit, 'made a person of its own', (by, why) => {
    const record = context.persons.recordBy(form.get('record') ?? '')
    if (record === undefined || record.hasEnded) throw new AdminProblem(404, 'there is no such record')
    separateRecord({ record, by, why }, context)
    return [record.patientId]
  })
}

/** Registries that were told of it are asked first: what the index announces afterwards, they take. docs/decisions/0379 */
export async function undoThis(visit: Visit): Promise<Page> {
  const { context, form, partner } = visit
  const patientId = form.get('merged') ?? ''
  const revived = givenBack(patientId, context)
  if (reasonIn(form) !== undefined && revived !== undefined) await context.undoElsewhere(revived)
  return undoing(visit, 'merge undone', (_, why) => {
    undoMerge({ patientId, by: partner, why }, context)
    return [patientId]
  })
}

async function undoing(visit: Visit, what: string, work: (by: string, why: string) => string[]): Promise<Page> {
  const { context, form, partner } = visit
  const why = reasonIn(form)
  if (why === undefined) return { answer: problemPage(visit, 400, 'reason'), shows: [] }
  await context.store.write(() => writeDown(visit, work(partner.name, why), `${what}: ${why}`))
  return to(`${base}/person`, { id: form.get('id') ?? '', done: 'undone' })
}

/** Inside `store.write`. */
function writeDown({ context, partner }: Visit, patientIds: readonly string[], what: string): void {
  const { outbox, ports } = context
  const facts = eventFacts(patientIndex.name, ports)
  outbox.insert([patientRecordsUsed({ patientIds, action: 'U', what, by: partner }, facts)])
}

function reasonIn(form: URLSearchParams): string | undefined {
  const why = (form.get('why') ?? '').trim()
  return why === '' ? undefined : why.slice(0, 400)
}

function to(path: string, query: Record<string, string>): Page {
  return { answer: redirected(at(path, query)), shows: [] }
}
