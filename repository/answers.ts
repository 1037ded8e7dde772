// Answers of the repository's own to an ITI-41. [ITI TF-2:3.41.4.2]
import { mostErrors, registryErrorsOf } from '../metadata/errors.js'
import type { ErrorCode, Finding, RegistryError } from '../metadata/model.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'

/** Failure, with at most `mostErrors` of them and a line that counts the rest; every finding is the sender's to mend. */
export function refusedFor(findings: Finding[], traceId: string): RegistryResponse {
  const errors = registryErrorsOf(findings, traceId)
  const more = findings.length - mostErrors
  return more > 0
    ? refusedWith([...errors, errorOf('XDSRepositoryError', `${more} more errors are not listed`, traceId)])
    : refusedWith(errors)
}

/** Failure for one reason; `words` are for the sender and name nothing of ours. */
export function refusal(errorCode: ErrorCode, words: string, traceId: string): RegistryResponse {
  return refusedWith([errorOf(errorCode, words, traceId)])
}

/** What was taken in with a remark. */
export function warningsFor(findings: Finding[], traceId: string): RegistryError[] {
  return registryErrorsOf(
    findings.filter(({ severity }) => severity === 'Warning'),
    traceId,
  )
}

/** The registry's no in the repository's answer: all its errors and warnings. [ITI TF-2:3.41.4.1.3.2] */
export function relayedRefusal({ errors }: RegistryResponse, traceId: string): RegistryResponse {
  const says = errors.some(({ severity }) => severity === 'Error')
  return refusedWith(
    says
      ? errors
      : [...errors, errorOf('XDSRegistryError', 'the registry refused the submission and did not say why', traceId)],
  )
}

function errorOf(errorCode: ErrorCode, words: string, traceId: string): RegistryError {
  return { errorCode, codeContext: `${words} (trace ${traceId})`, severity: 'Error' }
}

function refusedWith(errors: RegistryError[]): RegistryResponse {
  return { status: 'Failure', errors }
}
