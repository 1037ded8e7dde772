// The report as one page that a person reads: failures first and explained, the rest by its parts. No script in it.
import { escapeXml } from '../soap/xml.js'
import type { Outcome } from './case.js'
import { countsOf, explanationOf, type Report } from './report.js'

const style = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1d1d1f }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem }
td, th { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid #ddd }
.passed { color: #14692b } .failed { color: #a4161a; font-weight: 600 } .skipped { color: #6b5b00 }
code, pre { font: 13px/1.5 ui-monospace, monospace } pre { background: #f6f6f6; padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere }
summary { cursor: pointer; font-weight: 600 }`

export function htmlReport(report: Report): string {
  const { passed, failed, skipped } = countsOf(report.outcomes)
  const failures = report.outcomes.filter(({ verdict }) => verdict === 'failed')
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Conformance: ${passed} passed, ${failed} failed, ${skipped} skipped</title>
<style>${style}</style></head><body>
<h1>Conformance of an XDS.b registry and repository</h1>
<p>${report.targets.map(url => `<code>${escapeXml(url)}</code>`).join(', ')}, ${escapeXml(report.began)}, in ${(report.tookMs / 1000).toFixed(1)} s, by Carnet ${escapeXml(report.version)}.</p>
<p><span class="passed">${passed} passed</span>, <span class="failed">${failed} failed</span>, <span class="skipped">${skipped} skipped</span>. ${escapeXml(report.cleaned)}</p>
${failures.length === 0 ? '' : `<h2>What failed</h2>\n${failures.map(failureHtml).join('\n')}`}
<h2>All cases</h2>
${[...grouped(report.outcomes)].map(([name, outcomes]) => groupHtml(name, outcomes)).join('\n')}
</body></html>
`
}

function failureHtml(outcome: Outcome): string {
  const { id, title, clause } = outcome.case
  return `<h3>${escapeXml(title)}</h3>\n<p>${escapeXml(clause)}, <code>${escapeXml(id)}</code></p>\n<pre>${escapeXml(explanationOf(outcome).join('\n'))}</pre>`
}

function groupHtml(name: string, outcomes: Outcome[]): string {
  const { passed, failed, skipped } = countsOf(outcomes)
  const rows = outcomes.map(({ case: { title, clause }, verdict, remark = '' }) => {
    const cells = [escapeXml(title), escapeXml(clause), escapeXml(remark)].map(cell => `<td>${cell}</td>`)
    return `<tr><td class="${verdict}">${verdict}</td>${cells.join('')}</tr>`
  })
  return `<details${failed > 0 ? ' open' : ''}><summary>${escapeXml(name)}: ${passed} passed, ${failed} failed, ${skipped} skipped</summary>
<table><tr><th></th><th>case</th><th>clause</th><th>remark</th></tr>
${rows.join('\n')}
</table></details>`
}

/** By the first part of their ids; of queries by the first two. */
function grouped(outcomes: Outcome[]): Map<string, Outcome[]> {
  const groups = new Map<string, Outcome[]>()
  for (const outcome of outcomes) {
    const [part = '', second = ''] = outcome.case.id.split('/')
    const name = part === 'query' ? `${part} ${second}` : part
    groups.set(name, [...(groups.get(name) ?? []), outcome])
  }
  return groups
}
