// Undoing a merge, whoever made it: a source by a message, the index by a number that two had in common, or somebody by hand. An
// administrator's act; no message undoes a merge. [ITI TF-2:3.44.4.2.4] docs/decisions/0324
import type { PatientIndexContext } from './context.js'
import type { PatientRecord } from './kept/records.js'
import { tellAll } from './telling.js'

/** A merge that stands. */
export interface StandingMerge {
  /** Records that their source has ended, to be in use again. */
  ended: PatientRecord[]
  /** A person that was joined with another, to be one of its own again. */
  joined: number | undefined
  /** Where the records go back to. */
  home: number
  /** Who has all of it now. */
  survivor: number
}

type Context = Pick<PatientIndexContext, 'persons' | 'config' | 'nationalAuthority' | 'ports'>

/** Undefined where the id was merged into no other. */
export function mergeOf(patientId: string, { persons }: Pick<Context, 'persons'>): StandingMerge | undefined {
  const filed = persons.filedPerson(patientId)
  if (filed === undefined) return undefined
  const { survivor } = filed
  const record = persons.recordBy(patientId)
  if (record?.hasEnded) {
    const left = persons.leftBy(record.record)
    if (left.with !== undefined) return joinOf(left.with, survivor, persons)
    return { ended: [record], joined: undefined, home: persons.survivorOf(left.from ?? filed.person), survivor }
  }
  return filed.mergedInto === undefined ? undefined : joinOf(filed.person, survivor, persons)
}

function joinOf(joined: number, survivor: number, persons: Context['persons']): StandingMerge {
  return { ended: persons.endedWith(joined), joined, home: joined, survivor }
}

/** What was attached to the id that had ended is attached to it again. */
export function unmerge(
  merge: StandingMerge,
  { patientId, by, why }: { patientId: string; by: string; why: string },
  context: Context,
): void {
  const { persons, ports } = context
  const { ended, joined, home, survivor } = merge
  const atMs = ports.clock.now()
  for (const record of ended) {
    persons.revive(record)
    persons.move(record.record, home)
  }
  if (joined !== undefined) part(joined, survivor, context)
  const reason = `${patientId}: ${why}`
  for (const person of new Set([home, survivor])) {
    persons.note({ person, record: ended[0]?.record, what: 'unmerged', why: reason, by, atMs })
  }
  if (home !== survivor) tellApart(home, survivor, by, context)
  tellAll('revise', survivor, context)
  if (home !== survivor) tellAll(joined === undefined ? 'revise' : 'add', home, context)
}

function part(joined: number, survivor: number, { persons, config }: Context): void {
  const revived = persons.ownIdOf(joined, config.assigningAuthority)
  persons.giveBack(joined, survivor)
  persons.part(joined)
  if (revived !== undefined) persons.forgetMergeOf(revived)
}

/** Likeness, and a number in common, do not make one of them again. */
function tellApart(home: number, survivor: number, by: string, { persons, ports }: Context): void {
  const atMs = ports.clock.now()
  const [ones, others] = [home, survivor].map(person => persons.recordsOf(person).slice(0, mostToldApart))
  for (const one of ones ?? []) {
    for (const other of others ?? []) persons.decide(one.record, other.record, 'different', by, atMs)
  }
}

/** Records of a person, each of another source. */
const mostToldApart = 50
