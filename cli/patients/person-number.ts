// `carnet person add`, `epr-spid`, `cancel-epr-spid` and `inactivate-epr-spid`: persons and their national numbers, which the UPI gives and
// the index keeps.
import { patientRecordAdded } from '../../transactions/hl7v3/patient-feed.js'
import type { Context } from '../context.js'
import { Failure } from '../failure.js'
import { assertCx, feed } from './patient.js'
import { ask, personShow, print, type ReasonedOptions } from './person.js'

export interface NumberOptions extends ReasonedOptions {
  ahv?: string
}

interface ToldNumber {
  number: string | null
  what: string
  notices: string[]
}

export interface AddedPerson extends NumberOptions {
  family: string
  given: string
  /** YYYY-MM-DD. */
  born: string
  sex?: string
  birthName?: string
}

/** Registered as a source would (ITI-44), with the number that the UPI gives where an AHV number is said. */
export async function personAdd(ids: string[], options: AddedPerson, context: Context): Promise<void> {
  for (const id of ids) assertCx(id)
  const { family, given, born, sex, birthName, ahv } = options
  if (!/^\d{4}-\d{2}-\d{2}$/.test(born)) throw new Failure('usage', `--born is to be YYYY-MM-DD, not "${born}".`)
  if (sex !== undefined && sex !== 'M' && sex !== 'F')
    throw new Failure('usage', `--sex is to be M or F, not "${sex}".`)
  const asked = { family, given, born, sex, birthName, ahvNumber: ahv }
  const number = ahv === undefined ? undefined : await ask<ToldNumber>('persons/epr-spid', options, context, asked)
  const patientIds = [...ids, ...(number?.number == null ? [] : [number.number])]
  const names = [
    { kind: 'current' as const, family, given: given.split(/\s+/) },
    ...(birthName === undefined ? [] : [{ kind: 'birth' as const, family: birthName, given: given.split(/\s+/) }]),
  ]
  const person = { names, birthTime: born.replaceAll('-', ''), addresses: [], telecoms: [] }
  const record = { patientIds, person: sex === undefined ? person : { ...person, gender: sex as 'M' | 'F' } }
  const failed = `The patient index did not take ${patientIds.join(', ')}`
  await feed(patientRecordAdded, record, failed, options, context, 'patientIndex')
  for (const text of number?.notices ?? []) context.terminal.complain(`the UPI says: ${text}`)
  await personShow(ids[0] ?? '', options, context)
}

export async function personNumber(patientId: string, options: NumberOptions, context: Context): Promise<void> {
  assertCx(patientId)
  await told(`persons/epr-spid/${encodeURIComponent(patientId)}`, options, context, {
    ahvNumber: options.ahv,
    why: options.why,
  })
}

export async function personCancelNumber(patientId: string, options: NumberOptions, context: Context): Promise<void> {
  assertCx(patientId)
  await told(`persons/epr-spid/cancel/${encodeURIComponent(patientId)}`, options, context, {
    ahvNumber: options.ahv,
    why: options.why,
  })
}

export async function personInactivateNumber(
  patientId: string,
  activeId: string,
  options: ReasonedOptions,
  context: Context,
): Promise<void> {
  for (const id of [patientId, activeId]) assertCx(id)
  const path = `persons/epr-spid/inactivate/${encodeURIComponent(patientId)}`
  await told(path, options, context, { activeId, why: options.why })
}

async function told(path: string, options: ReasonedOptions, context: Context, json: object): Promise<void> {
  const answer = await ask<ToldNumber>(path, options, context, json)
  const { number, what, notices } = answer
  print(
    answer,
    [`${number ?? 'no EPR-SPID'}  ${what}`, ...notices.map(text => `the UPI says: ${text}`)],
    options,
    context,
  )
}
