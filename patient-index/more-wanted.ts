// What else an asker should say of somebody whom too many fit, in the codes of the framework and of the nation. ITI TF-2 §3.55.4.2.2.6.
import type { Wanted } from '../transactions/hl7v3/demographics-query-codec.js'
import { swissCodes } from '../xua/swiss-rules.js'
import type { PatientIndexContext } from './context.js'
import { mostTellingWanted } from './searching.js'

/**
 * Codes of the demographics that would tell most and were not given; in the Swiss EPR only those that it knows, and the birth name. [ITI
 * TF-2:3.55.4.2.2.6]
 */
export function moreWanted(
  wanted: Wanted,
  { nationalAuthority }: Pick<PatientIndexContext, 'nationalAuthority'>,
): string[] {
  const codes = mostTellingWanted(wanted)
  if (nationalAuthority !== swissCodes.eprSpid) return codes
  const saysBirthName = wanted.names.some(({ kind }) => kind === 'birth')
  return [...codes.filter(code => swissly.has(code)), ...(saysBirthName ? [] : ['BirthNameRequested'])]
}

/** Of the framework's codes those that the Swiss EPR has; it adds one for the name of birth. [CH-EPR ITI-119] */
const swissly: ReadonlySet<string> = new Set(['LivingSubjectAdministrativeGenderRequested', 'PatientAddressRequested'])
