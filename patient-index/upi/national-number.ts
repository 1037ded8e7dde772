// The EPR-SPID of a person, from the UPI: asked for once, looked after when it is replaced or cancelled. What an administrator asks is
// answered in words; nothing is changed here unless the UPI has said so. The AHV number is passed on and kept nowhere. docs/decisions/0325
import { AdminProblem } from '../../server/administration/resources.js'
import { PartnerUnavailable } from '../../soap/call.js'
import { hasCheckDigit } from '../../xua/check-digit.js'
import { eprSpidAsCx, eprSpidIn } from '../../xua/swiss-rules.js'
import type { PatientIndexContext } from '../context.js'
import { joinPersons, toldApart } from '../linking.js'
import { tellAll } from '../telling.js'
import { differences, mostDifferences, registeredPersonOf } from './registered.js'
import type { RegisteredPerson, Upi, UpiAnswer } from './upi.js'

/** Who asks for something, for the history. */
export interface Asking {
  patientId: string
  by: string
  why: string
}

type Context = Pick<PatientIndexContext, 'store' | 'persons' | 'config' | 'nationalAuthority' | 'ports' | 'upi'>

/** What became of the number. */
export interface NationalNumber {
  /** As CX; undefined where the person has none any more. */
  number: string | undefined
  what: 'assigned' | 'in use' | 'replaced' | 'cancelled'
  notices: string[]
}

/** The number that the person has at the UPI, or a new one. Asked again it is the same. [eCH-0213: generate] */
export async function assignNumber(
  { patientId, by, why }: Asking,
  vn: string | undefined,
  context: Context,
): Promise<NationalNumber> {
  const { upi, nationalAuthority } = configured(context)
  const person = personOf(patientId, context)
  const had = context.persons.ownIdOf(person, nationalAuthority)
  if (had !== undefined) return refreshNumber(had, { patientId, by, why }, context)
  if (vn === undefined) throw ahvNumberMissing()
  assertAhvNumber(vn)
  const registered = registeredFor(person, patientId, context)
  const { spid, notices } = await reached(() => spidFor(vn, registered, upi))
  const number = checked(spid)
  await context.store.write(() => {
    const now = personOf(patientId, context)
    assertNobodyElseHas(number, now, context)
    assertHasNone(now, { patientId, number }, context)
    context.persons.giveId(now, number)
    note(now, 'named', `${number}, assigned by the UPI: ${why}`, by, context)
    tellAll('revise', now, context)
  })
  return { number, what: 'assigned', notices }
}

/** For somebody who is about to be registered: nothing is kept of it here, and asked again it is the same. [eCH-0213: generate] */
export async function numberFor(
  person: RegisteredPerson,
  vn: string | undefined,
  context: Context,
): Promise<NationalNumber> {
  const { upi } = configured(context)
  if (vn === undefined) throw ahvNumberMissing()
  assertAhvNumber(vn)
  const { spid, notices } = await reached(() => spidFor(vn, person, upi))
  return { number: checked(spid), what: 'assigned', notices }
}

/** One that is there is taken, so that a request whose answer was lost is not answered twice. */
async function spidFor(vn: string, person: RegisteredPerson, upi: Upi): Promise<{ spid: string; notices: string[] }> {
  const known = await upi.info({ vn })
  const answer =
    known.is === 'positive' && known.pids.spids.length > 0
      ? fitting(known, person)
      : await upi.manage({ action: 'generate', vn, person })
  if (answer.is === 'negative') throw refusal(answer)
  const { spids } = answer.pids
  const [spid] = spids
  if (spid === undefined) throw new AdminProblem(409, 'the UPI has assigned nothing, and does not say why')
  if (spids.length > 1) {
    const many = spids.map(each => eprSpidAsCx(each)).join(' and ')
    throw new AdminProblem(409, `the person has ${spids.length} numbers at the UPI, ${many}; one has to be inactivated`)
  }
  return { spid, notices: answer.notices.map(({ text }) => text) }
}

/** As the UPI itself compares before it gives a number. [eCH-0213: 2.4.1] */
function fitting(known: Extract<UpiAnswer, { is: 'positive' }>, person: RegisteredPerson): UpiAnswer {
  const different = known.person === undefined ? [] : differences(known.person, person)
  if (different.length > mostDifferences) {
    const text = `the AHV number is of a person who differs from this one: ${different.join(' and ')} are others`
    throw new AdminProblem(409, text)
  }
  if (different.length === 0) return known
  return { ...known, notices: [...known.notices, { code: 0, text: `${different.join()} is another at the UPI` }] }
}

/** What the UPI says of a number that a person has here. [eCH-0214: getInfoPerson] */
async function refreshNumber(had: string, asking: Asking, context: Context): Promise<NationalNumber> {
  const { upi } = configured(context)
  const spid = spidOf(had)
  const answer = await reached(() => upi.info({ spid }))
  if (answer.is === 'negative') throw refusal(answer)
  const notices = answer.notices.map(({ text }) => text)
  const { spids } = answer.pids
  if (spids.includes(spid)) return { number: had, what: 'in use', notices }
  const [replacement] = spids
  await context.store.write(() => {
    if (replacement === undefined) return cancelled(had, asking, context)
    return replaced(had, checked(replacement), asking, context)
  })
  if (replacement === undefined) return { number: undefined, what: 'cancelled', notices }
  return { number: eprSpidAsCx(replacement), what: 'replaced', notices }
}

/** [eCH-0213: cancel] */
export async function cancelNumber(asking: Asking, vn: string | undefined, context: Context): Promise<NationalNumber> {
  const { upi, nationalAuthority } = configured(context)
  if (vn !== undefined) assertAhvNumber(vn)
  const had = numberOf(asking.patientId, nationalAuthority, context)
  const ofPerson = vn === undefined ? {} : { vn }
  const answer = await reached(() => upi.manage({ action: 'cancel', spid: spidOf(had), ...ofPerson }))
  if (answer.is === 'negative') throw refusal(answer)
  await context.store.write(() => cancelled(had, asking, context))
  return { number: undefined, what: 'cancelled', notices: answer.notices.map(({ text }) => text) }
}

/** Two numbers of one person: that of `patientId` ends in that of `activeId`, and the two become one here too. [eCH-0213: inactivate] */
export async function inactivateNumber(asking: Asking, activeId: string, context: Context): Promise<NationalNumber> {
  const { upi, nationalAuthority } = configured(context)
  const [ends, stays] = [asking.patientId, activeId].map(id => numberOf(id, nationalAuthority, context)) as [
    string,
    string,
  ]
  if (ends === stays) throw new AdminProblem(409, 'both have the same number')
  const answer = await reached(() =>
    upi.manage({ action: 'inactivate', inactive: spidOf(ends), active: spidOf(stays) }),
  )
  if (answer.is === 'negative') throw refusal(answer)
  await context.store.write(() => replaced(ends, stays, asking, context))
  return { number: stays, what: 'replaced', notices: answer.notices.map(({ text }) => text) }
}

/** Inside a write. Whoever has it has none from now on; false where nobody has it. */
export function cancelled(number: string, { by, why }: Omit<Asking, 'patientId'>, context: Context): boolean {
  const { persons } = context
  const person = persons.personBy(number)
  if (person === undefined) return false
  persons.takeIdAway(number)
  note(person, 'number cancelled', `${number}: ${why}`, by, context)
  tellAll('revise', person, context)
  return true
}

/** Inside a write. Whoever has the one has the other; where somebody has that, the two are one person. False where nobody has it. */
export function replaced(from: string, to: string, { by, why }: Omit<Asking, 'patientId'>, context: Context): boolean {
  const { persons, nationalAuthority = '' } = context
  const filed = persons.filedPerson(from)
  if (filed === undefined || from === to) return false
  const { survivor: person } = filed
  const owner = persons.personBy(to)
  persons.takeIdAway(from)
  note(person, 'number replaced', `${from} by ${to}: ${why}`, by, context)
  // Of one that was merged into a person with another number: it stays with what was merged, to come back with it.
  if (owner === undefined) persons.giveId(filed.person, to)
  const another = persons.ownIdOf(person, nationalAuthority)
  const isNamedOtherwise = owner !== undefined && owner !== person && another !== undefined
  const areApart = persons.recordsOf(person).some(record => toldApart(record, to, persons) !== undefined)
  if (areApart) note(person, 'not joined', `${to} is of a person that was told apart by an administrator`, by, context)
  else if (isNamedOtherwise) note(person, 'not joined', `${to} is of another person than ${another}`, by, context)
  if (owner === undefined || owner === person || areApart || isNamedOtherwise) tellAll('revise', person, context)
  else joinPersons({ subsumed: person, survivor: owner, why: `${from} was replaced by ${to}: ${why}`, by }, context)
  return true
}

/** Something that the UPI tells of whoever has the number; false where nobody has it. */
export function noted(number: string, what: string, why: string, by: string, context: Context): boolean {
  const person = context.persons.personBy(number)
  if (person === undefined) return false
  note(person, what, why, by, context)
  return true
}

function note(person: number, what: string, why: string, by: string, { persons, ports }: Context): void {
  persons.note({ person, record: undefined, what, why, by, atMs: ports.clock.now() })
}

// ---- what has to hold ------------------------------------------------------------------------------------------------

function configured({ upi, nationalAuthority }: Context): { upi: Upi; nationalAuthority: string } {
  if (nationalAuthority === undefined)
    throw new AdminProblem(409, 'the affinity domain of this deployment has no national number; "ch-epr" has')
  if (upi === undefined) throw new AdminProblem(409, 'carnet.json does not say where the UPI is ("patientIndex.upi")')
  return { upi, nationalAuthority }
}

function personOf(patientId: string, { persons }: Context): number {
  const person = persons.personBy(patientId)
  if (person === undefined) throw new AdminProblem(404, `${patientId} is not known here`)
  return person
}

function numberOf(patientId: string, nationalAuthority: string, context: Context): string {
  const number = context.persons.ownIdOf(personOf(patientId, context), nationalAuthority)
  if (number === undefined) throw new AdminProblem(409, `${patientId} has no EPR-SPID`)
  return number
}

function ahvNumberMissing(): AdminProblem {
  return new AdminProblem(400, 'the UPI gives numbers by the AHV number: say it')
}

/** [eCH-0044: vnType] */
function assertAhvNumber(vn: string): void {
  if (!/^756\d{10}$/.test(vn)) throw new AdminProblem(400, 'an AHV number has 13 digits and begins with 756')
  if (!hasCheckDigit(vn))
    throw new AdminProblem(400, 'the last digit of the AHV number does not follow from the others')
}

function registeredFor(person: number, patientId: string, { persons }: Context): RegisteredPerson {
  const [newest] = persons.recordsOf(person)
  const registered = newest === undefined ? { missing: ['everything'] } : registeredPersonOf(newest.body)
  if (!('missing' in registered)) return registered
  throw new AdminProblem(
    409,
    `the UPI compares name and birthday, and ${patientId} lacks ${registered.missing.join(', ')}`,
  )
}

function assertNobodyElseHas(number: string, person: number, { persons }: Context): void {
  const owner = persons.personBy(number)
  if (owner === undefined) return
  const [record] = persons.recordsOf(owner)
  if (owner === person) throw new AdminProblem(409, `${number} came in the meantime`)
  throw new AdminProblem(
    409,
    `the UPI says ${number}, which ${record?.patientId ?? 'another person'} has here: if the two are one person, join them`,
  )
}

/** A source, or somebody else who asked the UPI, may have named the person while it was asked. */
function assertHasNone(
  person: number,
  { patientId, number }: { patientId: string; number: string },
  context: Context,
): void {
  const had = context.persons.ownIdOf(person, configured(context).nationalAuthority)
  if (had === undefined) return
  throw new AdminProblem(
    409,
    `the UPI says ${number}, and ${patientId} was given ${had} in the meantime: one of the two is of somebody else`,
  )
}

function checked(spid: string): string {
  const number = eprSpidAsCx(spid)
  if (eprSpidIn(number) !== undefined) return number
  throw new AdminProblem(409, `the UPI says "${spid.slice(0, 40)}", which is no EPR-SPID; nothing was changed`)
}

function spidOf(number: string): string {
  return number.split('^')[0] ?? ''
}

function refusal({ notice }: Extract<UpiAnswer, { is: 'negative' }>): AdminProblem {
  return new AdminProblem(409, `the UPI refused (${notice.code}): ${notice.text}`)
}

async function reached<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (problem) {
    if (!(problem instanceof PartnerUnavailable)) throw problem
    const outcome =
      problem.sent === 'no' ? 'nothing was changed' : 'ask again: what it may have done meanwhile is found then'
    throw new AdminProblem(503, `the UPI did not answer: ${problem.message}; ${outcome}`)
  }
}
