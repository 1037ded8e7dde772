// Whether what the pages show can be relied on: the chain, the sources, the queues, the clocks.
import { type Answer, page } from '../../pages/answers.js'
import { type Html, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import { findAddress } from './filters.js'
import { whole } from './layout.js'
import { type NeighbourState, stateOf } from './neighbours.js'
import type { Source } from './sources.js'
import type { Times } from './times.js'
import type { Reading } from './visit.js'

export async function trustPage(visit: Reading): Promise<Answer> {
  const { texts, times, house } = visit
  const { ports, neighbours, store } = house
  const [sources, states] = await Promise.all([
    house.sources.all(),
    Promise.all(neighbours.map(neighbour => stateOf(neighbour, ports.network))),
  ])
  const count = (sql: string) => store.prepare(sql).get<{ count: number }>()?.count ?? 0
  const records = count('SELECT count(*) AS count FROM (SELECT 1 FROM audit_record LIMIT 1000001)')
  const unreadable = count(
    'SELECT count(*) AS count FROM (SELECT 1 FROM audit_record WHERE problem IS NOT NULL LIMIT 1001)',
  )
  const body = html`<h1>${texts['trust.title']}</h1><p>${texts['trust.intro']}</p>
<p class="soft">${filled(texts['trust.now'], { time: times.text(ports.clock.now()) })} (${times.timeZone})</p>
<section class="paper" aria-labelledby="records"><h2 id="records">${texts['trust.records']}</h2>
<dl class="facts"><dt>${texts['trust.records']}</dt><dd>${records > 1_000_000 ? '> ' : ''}${times.number(Math.min(records, 1_000_000))}</dd>
<dt>${texts['trust.unreadable']}</dt><dd>${times.number(unreadable)}</dd></dl></section>
${sourcesPart(visit, sources)}
${queuesPart(visit, states)}`
  return page(whole(visit, { title: texts['trust.title'], section: 'trust' }, body))
}

/** Of a source that writes all day. */
const silentMs = 24 * 3_600_000
const clockToleranceMs = 5_000
/** Records may wait in a queue: only a whole minute counts for a clock that is behind. */
const delayToleranceMs = 60_000

function sourcesPart({ texts, times, house }: Reading, sources: readonly Source[]): Html {
  const now = house.ports.clock.now()
  return html`<section aria-labelledby="sources"><h2 id="sources">${texts['trust.sources']}</h2><p class="soft">${texts['trust.sourcesIntro']}</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="sources"><table><thead><tr><th scope="col">${texts['trust.source']}</th><th scope="col">${texts['trust.lastHeard']}</th><th scope="col">${texts['trust.records']}</th><th scope="col">${texts['trust.clock']}</th></tr></thead><tbody>
${sources.map(({ source, host, lastMs, records, aheadMs, delayMs }) => {
  const silence = now - lastMs
  const state =
    silence > silentMs
      ? html`<span class="chip bad">${filled(texts['trust.silent'], { time: times.duration(silence) })}</span>`
      : html`<span class="chip ok">${texts['trust.heard']}</span>`
  return html`<tr><th scope="row"><a href="${findAddress({ organisation: source || host })}"><bdi>${source || '–'}</bdi></a> <span class="soft">${host}</span></th><td>${times.element(lastMs)} ${state}</td><td>${times.number(records)}</td><td>${clockState(texts, times, aheadMs, delayMs)}</td></tr>
`
})}</tbody></table></div></section>`
}

function clockState(texts: Reading['texts'], times: Times, aheadMs: number, delayMs: number): Html {
  const seconds = (ms: number) => ({ time: times.duration(ms) })
  if (aheadMs > clockToleranceMs)
    return html`<span class="chip bad">${filled(texts['trust.clockAhead'], seconds(aheadMs))}</span>`
  if (delayMs > delayToleranceMs)
    return html`<span class="chip warn">${filled(texts['trust.clockBehind'], seconds(delayMs))}</span>`
  return html`<span class="chip ok">${filled(texts['trust.clockFine'], seconds(Math.max(aheadMs, Math.min(delayMs, delayToleranceMs), 1_000)))}</span>`
}

function queuesPart({ texts, times }: Reading, states: readonly NeighbourState[]): Html {
  return html`<section aria-labelledby="queues"><h2 id="queues">${texts['trust.queues']}</h2><p class="soft">${texts['trust.queuesIntro']}</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="queues"><table><thead><tr><th scope="col">${texts['trust.service']}</th><th scope="col">${texts['trust.waiting']}</th><th scope="col">${texts['trust.state']}</th></tr></thead><tbody>
${states.map(
  ({ name, ready, why, waiting }) =>
    html`<tr><th scope="row">${name}</th><td>${waiting === undefined ? '–' : times.number(waiting)}</td><td>${
      ready === undefined
        ? html`<span class="chip warn">${texts['trust.notReached']}</span>`
        : ready
          ? html`<span class="chip ok">${texts['trust.ready']}</span>`
          : html`<span class="chip bad">${filled(texts['trust.notReady'], { why: why.slice(0, 300) })}</span>`
    }</td></tr>\n`,
)}</tbody></table></div></section>`
}
