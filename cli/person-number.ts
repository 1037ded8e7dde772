// `carnet person epr-spid`, `cancel-epr-spid` and `inactivate-epr-spid`: national numbers, which the UPI gives and the index keeps.
import type { Context } from './context.js'
import { assertCx } from './patient.js'
import { ask, print, type ReasonedOptions } from './person.js'

export interface NumberOptions extends ReasonedOptions {
  ahv?: string
}

interface ToldNumber {
  number: string | null
  what: string
  notices: string[]
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
