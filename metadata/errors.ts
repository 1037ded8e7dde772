// A finding as the rs:RegistryError that its sender gets: one sentence, bounded, and a trace id to quote. ITI TF-3 §4.2.4.1.
import type { Finding, RegistryError } from './model.js'
import { shortened } from './words.js'

/** RegistryErrors in an answer: a message can hold any number of faults, and a sender who is told this often has understood it. */
export const mostErrors = 500

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

/** As many as an answer tells. */
export function registryErrorsOf(findings: readonly Finding[], traceId: string): RegistryError[] {
  return findings.slice(0, mostErrors).map(finding => registryErrorOf(finding, traceId))
}

/** The same findings, where it is the repository that made them. [ITI TF-3: Table 4.2.4.1-2] */
export function foundByRepository(findings: readonly Finding[]): Finding[] {
  return findings.map(finding =>
    finding.code === 'XDSRegistryMetadataError' ? { ...finding, code: 'XDSRepositoryMetadataError' } : finding,
  )
}
