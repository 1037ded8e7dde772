// Whose record is it? Ids decide first, then what is known of the person; where neither is sure, somebody is asked.
// All of this runs inside one `store.write`: either everything that a message means is kept, or nothing. docs/decisions/0310
import { cxOf } from '../metadata/hl7.js'
import { isTold, type Person } from '../transactions/person.js'
import type { PatientIndexContext } from './context.js'
import type { Identities } from './identities.js'
import type { PatientRecord } from './kept/records.js'
import { candidatesOf } from './matching/candidates.js'
import { isDoubtful, isSure, type Score, scoreOf } from './matching/score.js'
import { traitsOf } from './matching/traits.js'
import { tellAll } from './telling.js'

/** A record as a message tells it. */
export interface ToldRecord extends Pick<Identities, 'records' | 'national'> {
  person: Person
  /** Who sent it, for the history. */
  by: string
}

/** Why a message cannot be followed; nothing of it was. */
export interface LinkProblem {
  text: string
  clause: string
  /** Unless it is an id that is not known, or not any more. */
  fault?: 'missing' | 'wrong' | undefined
  /** Unless it is one of those that stay. */
  at?: 'subsumedIds' | undefined
}

type Context = Pick<PatientIndexContext, 'persons' | 'config' | 'nationalAuthority'> &
  Pick<PatientIndexContext, 'ports'>

/** [ITI TF-2:3.44.4.1.3] */
export function take(told: ToldRecord, context: Context): LinkProblem[] {
  const { persons, ports } = context
  const nowMs = ports.clock.now()
  const problems = problemsOf(told, context)
  if (problems.length > 0) return problems
  const matches = matchesOf(told, context)
  const known = told.records.map(id => persons.recordBy(id)).find(record => record !== undefined)
  const { person, why } =
    known === undefined ? chosen(told, matches, context) : { person: known.person, why: 'revised' }
  const isNew = person === undefined
  const owner = person ?? newPerson(context)
  const others = new Set<number>()
  for (const id of told.records) {
    const before = persons.recordBy(id)
    // An id alone says nothing else of whoever has it, and takes nothing away.
    const body = isTold(told.person) ? told.person : (before?.body ?? told.person)
    const record = persons.keep(id, owner, body, nowMs)
    const of = before?.person ?? owner
    if (of !== owner) others.add(of)
    const what = before === undefined ? 'added' : 'revised'
    persons.note({ person: of, record, what, why, by: told.by, atMs: nowMs })
  }
  nameNationally(owner, told, context)
  askAbout(owner, told, matches, context)
  tellAll(isNew ? 'add' : 'revise', owner, context)
  for (const other of others) if (persons.survivorOf(other) === other) tellAll('revise', other, context)
  return []
}

function problemsOf({ records, national }: ToldRecord, { persons, config, nationalAuthority }: Context): LinkProblem[] {
  const clause = 'ITI TF-2:3.44.4.1.3'
  if (records.length === 0) {
    const wanted = config.sources.length === 0 ? 'a source of patients' : config.sources.join(' or ')
    return [{ fault: 'missing', text: `none of the patient ids is of ${wanted}`, clause }]
  }
  if (national.length > 1)
    return [{ fault: 'wrong', text: `expected one id of ${nationalAuthority}, found ${national.length}`, clause }]
  return records.flatMap(id => {
    const record = persons.recordBy(id)
    // No message undoes a merge. [ITI TF-2:3.44.4.2.4]
    if (record?.hasEnded) {
      return [{ text: `${id} was merged into another id; no message undoes that`, clause: 'ITI TF-2:3.44.4.2.4' }]
    }
    if (record === undefined) return []
    const other = toldApart(record, national[0], persons)
    const text = `${national[0]} is the number of ${other}, and ${id} was told apart from it by an administrator`
    return other === undefined ? ofTwoNumbers(record, national[0], { persons, nationalAuthority }) : [{ text, clause }]
  })
}

/**
 * Two numbers are two people: where others tell of the person by another number, nobody knows which of them is wrong. Of the only record
 * it was the source's own, which it has corrected.
 */
function ofTwoNumbers(
  { person, patientId }: PatientRecord,
  national: string | undefined,
  { persons, nationalAuthority }: Pick<Context, 'persons' | 'nationalAuthority'>,
): LinkProblem[] {
  const had = nationalAuthority === undefined ? undefined : persons.ownIdOf(person, nationalAuthority)
  const owner = national === undefined ? undefined : persons.personBy(national)
  if (had === undefined || had === national || owner === undefined || owner === person) return []
  if (persons.recordsOf(person).length < 2) return []
  const text =
    `${national} is the number of another person, and ${patientId} is of one whose number is ${had}, with records of others; ` +
    'an administrator has to make it a person of its own first'
  return [{ fault: 'wrong', text, clause: 'ITI TF-2:3.44.4.1.3' }]
}

/** A record of whoever has the number, where somebody has said that this record is of another person. */
export function toldApart(
  { record, person }: PatientRecord,
  national: string | undefined,
  persons: Context['persons'],
): string | undefined {
  const owner = national === undefined ? undefined : persons.personBy(national)
  if (owner === undefined || owner === person) return undefined
  return persons.recordsOf(owner).find(other => persons.areApart(record, other.record))?.patientId
}

function chosen(
  told: ToldRecord,
  matches: readonly Match[],
  context: Context,
): { person: number | undefined; why: string } {
  const { persons } = context
  const [national] = told.national
  const named = national === undefined ? undefined : persons.personBy(national)
  if (named !== undefined) return { person: named, why: `the same ${national}` }
  const sure = matches.filter(({ isSure }) => isSure)
  const [best, next] = sure
  // Two that fit are one too many to choose from without anybody asked, unless the one fits far better.
  if (best !== undefined && best.score.weight - (next?.score.weight ?? 0) >= farBetter) {
    return { person: best.person, why: `weight ${best.score.weight}: ${inWords(best.score)}` }
  }
  return { person: undefined, why: sure.length === 0 ? 'nobody fits' : `${sure.length} persons fit` }
}

/** An address or a telephone in common, which of two strangers of one name and birthday one alone has. */
const farBetter = 10

export interface Match {
  person: number
  record: number
  score: Score
  isSure: boolean
}

/** The best record of each person that may be the same one, the surest first. */
function matchesOf(told: ToldRecord, context: Context): Match[] {
  const { persons, nationalAuthority } = context
  const traits = traitsOf(told.person)
  const best = new Map<number, Match>()
  const known = told.records.flatMap(id => persons.recordBy(id)?.record ?? [])
  for (const candidate of candidatesOf(traits, new Set(known), persons)) {
    const score = scoreOf(traits, candidate.traits)
    if (!isDoubtful(score)) continue
    const match = { person: candidate.person, record: candidate.record, score, isSure: isSure(score) }
    const so = best.get(candidate.person)
    if (so === undefined || bySurety(match, so) < 0) best.set(candidate.person, match)
  }
  const matches = [...best.values()].sort(bySurety)
  if (nationalAuthority === undefined || told.national.length === 0) return matches
  // Two national numbers are two people, however alike they are.
  return matches.filter(({ person }) => persons.ownIdOf(person, nationalAuthority) === undefined)
}

/** What leaves no doubt stands before what weighs more and leaves one. */
function bySurety(one: Match, other: Match): number {
  return Number(other.isSure) - Number(one.isSure) || other.score.weight - one.score.weight
}

function inWords({ parts }: Score): string {
  return parts.map(({ trait, finding, weight }) => `${trait} ${finding} (${weight > 0 ? '+' : ''}${weight})`).join(', ')
}

function newPerson({ persons, config, ports }: Context): number {
  const person = persons.addPerson()
  persons.giveId(person, cxOf(config.assigningAuthority, ports.randomness.uuid()))
  return person
}

function nameNationally(person: number, { national: [id], by }: ToldRecord, context: Context): void {
  const { persons, nationalAuthority, ports } = context
  if (id === undefined || nationalAuthority === undefined) return
  const had = persons.ownIdOf(person, nationalAuthority)
  if (had === id) return
  const atMs = ports.clock.now()
  const owner = persons.personBy(id)
  if (owner !== undefined && owner !== person) {
    // It was wrong, and names whoever it is given to next.
    if (had !== undefined) persons.takeIdAway(had)
    joinPersons({ subsumed: owner, survivor: person, why: `the same ${id}`, by }, context)
    return
  }
  if (had !== undefined) persons.takeIdAway(had)
  persons.giveId(person, id)
  persons.note({ person, record: undefined, what: had === undefined ? 'named' : 'named anew', why: id, by, atMs })
}

/** Whoever is asked sees each pair once; what was decided before stays decided. */
function askAbout(person: number, told: ToldRecord, matches: readonly Match[], context: Context): void {
  const { persons, ports } = context
  const [own] = told.records.map(id => persons.recordBy(id)).filter(record => record !== undefined)
  if (own === undefined) return
  for (const { record, score } of matches.slice(0, 10)) {
    // Its person may have been joined with this one meanwhile.
    if (persons.record(record)?.person === person || persons.areApart(own.record, record)) continue
    persons.ask(own.record, record, score, ports.clock.now())
  }
}

export interface Joining {
  subsumed: number
  survivor: number
  why: string
  by: string
}

/** Two persons that are one: the id of the one ends, and whoever follows us is told so. */
export function joinPersons({ subsumed, survivor, why, by }: Joining, context: Context): void {
  const { persons, config, nationalAuthority, ports } = context
  const atMs = ports.clock.now()
  const ended = persons.ownIdOf(subsumed, config.assigningAuthority)
  const national = nationalAuthority === undefined ? undefined : persons.ownIdOf(subsumed, nationalAuthority)
  persons.note({ person: subsumed, record: undefined, what: 'joined', why, by, atMs })
  persons.merge(subsumed, survivor)
  if (
    national !== undefined &&
    nationalAuthority !== undefined &&
    persons.ownIdOf(survivor, nationalAuthority) === undefined
  ) {
    persons.handOver(national, subsumed, survivor)
  }
  tellAll('merge', survivor, context, ended)
}

const ofEnded = { at: 'subsumedIds' } as const

/** A source has found that two of its records are one. [ITI TF-2:3.44.4.2.3] */
export function mergeRecords(
  {
    survivors,
    subsumed,
    person,
    by,
  }: { survivors: string[]; subsumed: string[]; person: Person | undefined; by: string },
  context: Context,
): LinkProblem[] {
  const { persons, ports } = context
  const clause = 'ITI TF-2:3.44.4.2.3'
  const [survivorId] = survivors
  const [subsumedId] = subsumed
  if (survivorId === undefined || subsumedId === undefined) {
    const text = 'a merge names the id that stays and the one that ends, both of a source of patients'
    return [{ fault: 'missing', ...(survivorId === undefined ? {} : ofEnded), text, clause }]
  }
  const ending = persons.recordBy(subsumedId)
  if (ending === undefined) {
    return [{ ...ofEnded, text: `${subsumedId} is not known here`, clause: 'ITI TF-2:3.44.4.2.4' }]
  }
  const before = persons.recordBy(survivorId)
  if (before?.hasEnded)
    return [{ text: `${survivorId} was itself merged into another id`, clause: 'ITI TF-2:3.44.4.2.4' }]
  if (survivorId === subsumedId)
    return [
      { ...ofEnded, fault: 'wrong', text: `${survivorId} cannot be merged into itself`, clause: 'ITI TF-2:3.44.4.2.4' },
    ]
  // The same message again is acknowledged again.
  if (ending.hasEnded)
    return before?.person === ending.person
      ? []
      : [{ ...ofEnded, text: `${subsumedId} was merged into another id before`, clause }]
  const nowMs = ports.clock.now()
  if (before === undefined) {
    persons.keep(survivorId, ending.person, person ?? ending.body, nowMs)
  }
  const staying = persons.recordBy(survivorId)
  if (staying === undefined) throw new Error(`${survivorId} was not kept`)
  const isAlone = persons.recordsOf(ending.person).every(({ record }) => record === ending.record)
  const isJoined = ending.person !== staying.person && isAlone
  const isMoved = ending.person !== staying.person && !isAlone
  const left = { ...(isJoined ? { with: ending.person } : {}), ...(isMoved ? { from: ending.person } : {}) }
  persons.end(ending.record, staying.record, left)
  const why = `${subsumedId} merged into ${survivorId} by its source`
  persons.note({ person: staying.person, record: ending.record, what: 'merged', why, by, atMs: nowMs })
  if (isJoined) {
    joinPersons({ subsumed: ending.person, survivor: staying.person, why, by }, context)
  } else {
    // Other sources have records of whoever it was; whether these are one is for them, or for somebody, to say.
    if (isMoved) persons.move(ending.record, staying.person)
    tellAll('revise', staying.person, context)
  }
  return []
}

/** A record that is not this person's, says somebody: it becomes a person of its own. */
export function separate(
  { record, by, why }: { record: PatientRecord; by: string; why: string },
  context: Context,
): number {
  const { persons, ports } = context
  const atMs = ports.clock.now()
  const others = persons.recordsOf(record.person).filter(each => each.record !== record.record)
  const person = newPerson(context)
  persons.move(record.record, person)
  for (const other of others) persons.decide(record.record, other.record, 'different', by, atMs)
  persons.note({ person: record.person, record: record.record, what: 'separated', why, by, atMs })
  persons.note({ person, record: record.record, what: 'separated', why, by, atMs })
  tellAll('revise', record.person, context)
  tellAll('add', person, context)
  return person
}
