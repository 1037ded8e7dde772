// `carnet person show`, `reviews`, `decide`, `join`, `separate` and `unmerge`: what whoever looks after the patient index asks of it.
import { type Administration, openAdministration, Refused } from '../administration.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { assertCx } from './patient.js'

export interface PersonOptions extends DeploymentOptions {
  json?: boolean
}

interface ShownRecord {
  patientId: string
  person: { names: { family: string; given: string[] }[]; gender?: string; birthTime?: string }
  changed: string
}

interface ShownPerson {
  patientIds: string[]
  records: ShownRecord[]
  history: { what: string; why: string; by: string; atMs: number }[]
}

interface ShownReview {
  review: number
  weight: number
  parts: { trait: string; finding: string; weight: number }[]
  records: ShownRecord[]
}

export async function personShow(patientId: string, options: PersonOptions, context: Context): Promise<void> {
  assertCx(patientId)
  const person = await ask<ShownPerson>(`persons/${encodeURIComponent(patientId)}`, options, context)
  print(person, inWords(person), options, context)
}

export async function personReviews(options: PersonOptions, context: Context): Promise<void> {
  const answer = await ask<{ reviews: ShownReview[] }>('reviews', options, context)
  const lines = answer.reviews.flatMap(({ review, weight, parts, records }) => [
    `review ${review}, weight ${weight}: ${parts.map(each => `${each.trait} ${each.finding}`).join(', ')}`,
    ...records.map(record => `  ${recordInWords(record)}`),
  ])
  print(answer, lines.length > 0 ? lines : ['nothing waits to be looked at'], options, context)
}

export async function personDecide(
  review: string,
  verdict: string,
  options: PersonOptions,
  context: Context,
): Promise<void> {
  if (!/^\d{1,15}$/.test(review) || (verdict !== 'same' && verdict !== 'different')) {
    throw new Failure(
      'usage',
      'say the number of the review and "same" or "different"; "carnet person reviews" lists them.',
    )
  }
  const answer = await ask<{ patientIds: string[] }>('reviews/decide', options, context, {
    review: Number(review),
    verdict,
  })
  print(answer, [`review ${review}: ${verdict}`, ...answer.patientIds], options, context)
}

export interface ReasonedOptions extends PersonOptions {
  why?: string
}

export async function personJoin(
  subsumedId: string,
  patientId: string,
  options: ReasonedOptions,
  context: Context,
): Promise<void> {
  for (const id of [subsumedId, patientId]) assertCx(id)
  const person = await ask<ShownPerson>('persons/join', options, context, { patientId, subsumedId, why: options.why })
  print(person, inWords(person), options, context)
}

export async function personSeparate(patientId: string, options: ReasonedOptions, context: Context): Promise<void> {
  assertCx(patientId)
  const person = await ask<ShownPerson>('persons/separate', options, context, { patientId, why: options.why })
  print(person, inWords(person), options, context)
}

interface ComingBack {
  survivor: string
  revived?: string
  records: string[]
  registries: { name: string; url: string }[]
}

/**
 * No message undoes a merge, so that our own registry is asked beside, and first: what the index announces afterwards, it takes. A
 * registry that was never told of the merge has nothing to undo. docs/decisions/0324
 */
export async function personUnmerge(patientId: string, options: ReasonedOptions, context: Context): Promise<void> {
  assertCx(patientId)
  const path = `persons/unmerge/${encodeURIComponent(patientId)}`
  const { revived, registries } = await ask<ComingBack>(path, options, context)
  if (revived !== undefined) await undoneInRegistries(revived, registries, options, context)
  const person = await ask<ShownPerson>(path, options, context, { why: options.why })
  print(person, inWords(person), options, context)
}

async function undoneInRegistries(
  revived: string,
  registries: ComingBack['registries'],
  options: PersonOptions,
  context: Context,
): Promise<void> {
  const deployment = await openDeployment(options, context)
  const isOurs = (url: string) => new URL(url).href === new URL(deployment.urls.registry).href
  const administration = await openAdministration(deployment, options, context)
  try {
    if (registries.some(({ url }) => isOurs(url))) await undoneInOurs(revived, administration)
  } finally {
    administration.close()
  }
  for (const { name } of registries.filter(({ url }) => !isOurs(url))) {
    context.terminal.complain(
      `The registry ${name} is not of this deployment, and no message undoes a merge: its administrator has to, for ${revived}.`,
    )
  }
}

async function undoneInOurs(patientId: string, administration: Administration): Promise<void> {
  try {
    await administration.resource('registry', 'patients/unmerge', { patientId })
  } catch (problem) {
    if (!(problem instanceof Refused) || !neverTold.has(problem.status)) throw problem
  }
}

/** Not known there, or not merged. */
const neverTold: ReadonlySet<number> = new Set([404, 409])

function inWords({ patientIds, records, history }: ShownPerson): string[] {
  return [
    ...patientIds,
    ...records.map(recordInWords),
    ...history.map(({ what, why, by, atMs }) => `${new Date(atMs).toISOString()}  ${what} by ${by}: ${why}`),
  ]
}

function recordInWords({ patientId, person: { names, gender, birthTime }, changed }: ShownRecord): string {
  const [name] = names
  const called = name === undefined ? 'without a name' : [name.family, name.given.join(' ')].join(', ')
  return [patientId, called, gender ?? '', birthTime ?? '', `of ${changed}`].filter(Boolean).join('  ')
}

export function print(answer: object, lines: string[], { json }: PersonOptions, { terminal }: Context): void {
  if (json === true) terminal.print(JSON.stringify(answer, undefined, 2))
  else for (const line of lines) terminal.print(line)
}

/** A GET without `json`, else a POST. @throws Failure where the deployment has no patient index, or it refuses. */
export async function ask<Answer>(
  path: string,
  options: DeploymentOptions,
  context: Context,
  json?: object,
): Promise<Answer> {
  const deployment = await openDeployment(options, context)
  if (deployment.config.patientIndex === undefined) {
    throw new Failure(
      'configuration',
      'This deployment has no patient index: carnet.json has no section "patientIndex".',
    )
  }
  const administration = await openAdministration(deployment, options, context)
  try {
    return await administration.resource<Answer>('patientIndex', path, json)
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem
    throw new Failure('refused', `The patient index refused: ${problem.problem}.`)
  } finally {
    administration.close()
  }
}
