// The outcomes for others to read: JSON for programs, JUnit for build servers, HTML for people.
import { escapeXml } from '../soap/xml.js'
import { countsOf, explanationOf, type Report } from './report.js'
import { htmlReport } from './report-html.js'

/** By the end of the file's name. */
export const reportForms: Readonly<Record<string, (report: Report) => string>> = {
  '.html': htmlReport,
  '.junit.xml': junitReport,
  '.json': report => `${JSON.stringify({ ...report, ...countsOf(report.outcomes) }, undefined, 2)}\n`,
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
