// The outcomes for others to read: JSON for programs, JUnit for build servers, HTML for people.
import { escapeXml } from '../soap/xml.js'
import type { Outcome } from './case.js'
import { htmlReport } from './report-html.js'

export interface Report {
  version: string
  /** xsd:dateTime */
  began: string
  tookMs: number
  /** Addresses that were called. */
  targets: string[]
  cleaned: string
  outcomes: Outcome[]
}

/** By the end of the file's name. */
export const reportForms: Readonly<Record<string, (report: Report) => string>> = {
  '.html': htmlReport,
  '.junit.xml': junitReport,
  '.json': report => `${JSON.stringify({ ...report, ...countsOf(report.outcomes) }, undefined, 2)}\n`,
}

export function countsOf(outcomes: readonly Outcome[]): Record<Outcome['verdict'], number> {
  const count = (verdict: Outcome['verdict']) => outcomes.filter(outcome => outcome.verdict === verdict).length
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }
}

/** In words: what the rule asks for, and what came instead. */
export function explanationOf({ disagreements, traceIds }: Outcome): string[] {
  const told = disagreements.flatMap(({ expected, found }) => [`expected: ${expected}`, `found:    ${found}`])
  return traceIds.length === 0 ? told : [...told, `traces:   ${traceIds.slice(-4).join(' ')}`]
}

function junitReport({ outcomes, tookMs, began }: Report): string {
  const { failed, skipped } = countsOf(outcomes)
  const tests = outcomes.map(outcome => {
    const { id, title, clause } = outcome.case
    const start = `<testcase classname="${escapeXml(id)}" name="${escapeXml(`${title} [${clause}]`)}" time="${outcome.tookMs / 1000}"`
    if (outcome.verdict === 'passed') return `${start}/>`
    if (outcome.verdict === 'skipped')
      return `${start}><skipped message="${escapeXml(outcome.remark ?? '')}"/></testcase>`
    const [first] = outcome.disagreements
    const message = escapeXml(`expected ${first?.expected}, found ${first?.found}`)
    return `${start}><failure message="${message}">${escapeXml(explanationOf(outcome).join('\n'))}</failure></testcase>`
  })
  const attributes = `tests="${outcomes.length}" failures="${failed}" skipped="${skipped}" time="${tookMs / 1000}" timestamp="${began}"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="carnet conformance" ${attributes}>\n${tests.join('\n')}\n</testsuite>\n`
}
