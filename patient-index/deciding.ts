// What people decide of persons: whether two records are of one, and what of that is to be undone. Each within one `store.write`; what
// cannot be done is an AdminProblem, whoever asked.
import { patientMergeUndone } from '../atna-audit/patient-record-events.js'
import { eventFacts } from '../server/actor-service.js'
import { AdminProblem } from '../server/administration/resources.js'
import { patientIndex } from './actor.js'
import type { PatientIndexContext } from './context.js'
import type { PatientRecord } from './kept/records.js'
import type { Verdict } from './kept/reviews.js'
import { joinPersons, separate } from './linking.js'
import { scoreOf } from './matching/score.js'
import { traitsOf } from './matching/traits.js'
import { mergeOf, type StandingMerge, unmerge } from './unmerging.js'

interface Reasoned {
  by: string
  why: string
}

type Pair = [PatientRecord, PatientRecord]

/** Of a pair that waits for somebody. The two records, as they are filed afterwards. */
export function decide(
  { review, verdict, by, why }: Reasoned & { review: number; verdict: Exclude<Verdict, 'open'> },
  context: PatientIndexContext,
): Pair {
  const { persons, ports } = context
  const pair = persons.review(review)
  if (pair === undefined) throw new AdminProblem(404, `there is no review ${review}`)
  if (pair.verdict !== 'open') throw new AdminProblem(409, `review ${review} was decided: ${pair.verdict}`)
  const [one, other] = [persons.record(pair.one), persons.record(pair.other)]
  if (one === undefined || other === undefined || one.hasEnded || other.hasEnded) {
    throw new AdminProblem(409, 'one of the records has been merged since by its source')
  }
  if (verdict === 'same' && one.person !== other.person) join(one, other, { by, why }, context)
  else persons.decide(pair.one, pair.other, verdict, by, ports.clock.now())
  if (verdict === 'different') note([one, other], 'told apart', { by, why }, context)
  return [persons.record(pair.one) ?? one, persons.record(pair.other) ?? other]
}

/** Within `store.write`. @throws AdminProblem 409 where they are one already. */
export function join(
  stays: PatientRecord,
  ends: PatientRecord,
  { by, why }: Reasoned,
  context: PatientIndexContext,
): void {
  if (stays.person === ends.person) throw new AdminProblem(409, 'both are records of one person already')
  const { persons, ports } = context
  persons.decide(stays.record, ends.record, 'same', by, ports.clock.now())
  joinPersons({ survivor: stays.person, subsumed: ends.person, why, by }, context)
}

/** Two that were told apart: somebody is asked again. */
export function askAgain({ review, by, why }: Reasoned & { review: number }, context: PatientIndexContext): Pair {
  const { persons, ports } = context
  const pair = persons.review(review)
  const [one, other] = [pair && persons.record(pair.one), pair && persons.record(pair.other)]
  if (pair === undefined || one === undefined || other === undefined)
    throw new AdminProblem(404, `there is no review ${review}`)
  if (pair.verdict !== 'different') throw new AdminProblem(409, `review ${review} is ${pair.verdict}`)
  if (one.hasEnded || other.hasEnded || one.person === other.person)
    throw new AdminProblem(409, 'there is nothing left to ask about these two')
  persons.reopen(review, scoreOf(traitsOf(one.body), traitsOf(other.body)), ports.clock.now())
  note([one, other], 'asked again', { by, why }, context)
  return [one, other]
}

/** A record becomes a person of its own. */
export function separateRecord(
  { record, by, why }: Reasoned & { record: PatientRecord },
  context: PatientIndexContext,
): void {
  const { persons } = context
  if (persons.recordsOf(record.person).length < 2) throw new AdminProblem(409, `${record.patientId} is alone already`)
  separate({ record, by, why }, context)
}

/** @throws AdminProblem 404 for an id that nobody has, 409 for one that is not merged now. */
export function standingMerge(patientId: string, context: PatientIndexContext): StandingMerge {
  const merge = mergeOf(patientId, context)
  if (merge !== undefined) return merge
  if (context.persons.personBy(patientId) === undefined) throw new AdminProblem(404, `${patientId} is not known here`)
  throw new AdminProblem(
    409,
    `${patientId} was not merged into another id; what was taken for one person when it came is separated instead`,
  )
}

/** The id that registries know, of the person that undoing the merge would bring back; none where one record changes hands. */
export function givenBack(patientId: string, context: PatientIndexContext): string | undefined {
  const { joined } = standingMerge(patientId, context)
  return joined === undefined ? undefined : context.persons.ownIdOf(joined, context.config.assigningAuthority)
}

/** Within `store.write`: undone, told to those who follow, and audited in one commit. @throws as standingMerge. */
export function undoMerge(
  { patientId, by, why }: { patientId: string; by: { name: string; address: string }; why: string },
  context: PatientIndexContext,
): void {
  const { persons, outbox, config, ports } = context
  const merge = standingMerge(patientId, context)
  const survivor = persons.ownIdOf(merge.survivor, config.assigningAuthority) ?? ''
  unmerge(merge, { patientId, by: by.name, why }, context)
  outbox.insert(patientMergeUndone({ patientId, survivor, by }, eventFacts(patientIndex.name, ports)))
}

function note(records: Pair, what: string, { by, why }: Reasoned, { persons, ports }: PatientIndexContext): void {
  const [one, other] = records.map(({ patientId }) => patientId)
  const reason = `${one}, ${other}: ${why}`
  for (const { person, record } of records)
    persons.note({ person, record, what, why: reason, by, atMs: ports.clock.now() })
}
