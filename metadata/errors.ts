// A finding as the rs:RegistryError that its sender gets: one sentence, bounded, and a trace id to quote. ITI TF-3 §4.2.4.1.
import type { Finding, RegistryError } from './model.js'
import { shortened } from './words.js'

/** RegistryErrors in an answer: a message can hold any number of faults, and a sender who is told this often has understood it. */
export const mostErrors = 500
/** Of these: no error is lost behind warnings. */
export const mostWarnings = 250

/** Whether one more finding of that severity is kept. */
export function hasRoom(findings: readonly Finding[], severity: Finding['severity']): boolean {
  return findings.length < (severity === 'Warning' ? mostWarnings : mostErrors)
}

/** Whether there may be faults that were not kept for want of room. */
export function mayHoldMore(findings: readonly Finding[]): boolean {
  return findings.filter(({ severity }) => severity !== 'Warning').length >= mostErrors - mostWarnings
}

const longestContext = 1000
const longestLocation = 256

/** Object, attribute, what was expected and what was found, the clause, the trace. [ITI TF-3: Table 4.2.4.1-1] */
export function registryErrorOf(finding: Finding, traceId: string): RegistryError {
  const { object, attribute, expected, found, rule } = finding
  const where =
    attribute === undefined ? shortened(object, 160) : `${shortened(object, 160)}, ${shortened(attribute, 120)}`
  const sentence = `${where}: expected ${shortened(expected, 340)}, found ${shortened(found, 270)}`
  return {
    errorCode: finding.code,
    codeContext: shortened(`${sentence} [${rule}] (trace ${traceId})`, longestContext),
    severity: finding.severity ?? 'Error',
    ...(finding.location === undefined ? {} : { location: shortened(finding.location, longestLocation) }),
  }
}

/** As many as an answer tells; where there are more, warnings are left out first. */
export function registryErrorsOf(findings: readonly Finding[], traceId: string): RegistryError[] {
  const told = findings.length > mostErrors ? findings.toSorted(errorsFirst) : findings
  return told.slice(0, mostErrors).map(finding => registryErrorOf(finding, traceId))
}

function errorsFirst(one: Finding, other: Finding): number {
  return Number(one.severity === 'Warning') - Number(other.severity === 'Warning')
}

/** The same findings, where it is the repository that made them. [ITI TF-3: Table 4.2.4.1-2] */
export function foundByRepository(findings: readonly Finding[]): Finding[] {
  return findings.map(finding =>
    finding.code === 'XDSRegistryMetadataError' ? { ...finding, code: 'XDSRepositoryMetadataError' } : finding,
  )
}
