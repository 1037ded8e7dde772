// Whether what the pages show can be relied on: the chain, the sources, the queues, the clocks, the other communities.
import { type Answer, page, redirected } from '../../pages/answers.js'
import { at, type Html, html } from '../../pages/html.js'
import { filled } from '../../pages/languages.js'
import type { Times } from '../../pages/times.js'
import type { PastVerification } from '../repository/chain/verification.js'
import { findAddress } from './filters.js'
import { tokenField, whole } from './layout.js'
import { type NeighbourState, stateOf } from './neighbours.js'
import { type OtherCommunity, otherCommunities } from './other-communities.js'
import { may } from './roles.js'
import type { Source } from './sources.js'
import type { Reading } from './visit.js'

export async function trustPage(visit: Reading): Promise<Answer> {
  const { texts, times, house } = visit
  const { ports, neighbours, store } = house
  const [sources, states, communities] = await Promise.all([
    house.sources.all(),
    Promise.all(neighbours.map(neighbour => stateOf(neighbour, ports.network))),
    house.gatewayMetrics === undefined ? undefined : otherCommunities(house.gatewayMetrics, ports.network),
  ])
  const count = (sql: string) => store.prepare(sql).get<{ count: number }>()?.count ?? 0
  const records = count('SELECT count(*) AS count FROM (SELECT 1 FROM audit_record LIMIT 1000001)')
  const unreadable = count(
    'SELECT count(*) AS count FROM (SELECT 1 FROM audit_record WHERE problem IS NOT NULL LIMIT 1001)',
  )
  const body = html`<h1>${texts['trust.title']}</h1><p>${texts['trust.intro']}</p>
<p class="soft">${filled(texts['trust.now'], { time: times.text(ports.clock.now()) })} (${times.timeZone})</p>
${chainPart(visit)}
<section class="paper" aria-labelledby="records"><h2 id="records">${texts['trust.records']}</h2>
<dl class="facts"><dt>${texts['trust.records']}</dt><dd>${records > 1_000_000 ? '> ' : ''}${times.number(Math.min(records, 1_000_000))}</dd>
<dt>${texts['trust.unreadable']}</dt><dd>${times.number(unreadable)}</dd></dl></section>
${sourcesPart(visit, sources)}
${queuesPart(visit, states)}
${house.gatewayMetrics !== undefined && communitiesPart(visit, communities)}`
  return page(whole(visit, { title: texts['trust.title'], section: 'trust' }, body))
}

function chainPart(visit: Reading): Html {
  const { texts, times, house, person, formToken } = visit
  const { size, signedSize, signedAt, key, alarms } = house.chain.state()
  const [latest] = house.verification.history(1)
  const { running } = house.verification.state()
  const isWrong = alarms.length > 0 || (latest?.findings ?? 0) > 0
  return html`<section class="paper" aria-labelledby="chain"><h2 id="chain">${texts['trust.chain']}</h2><p class="soft">${texts['trust.chainIntro']}</p>
${alarms.map(alarm => html`<p class="mark wrong">${alarm}</p>`)}
<p class="${isWrong ? 'mark wrong' : latest === undefined ? 'mark' : 'mark fine'}">${texts['trust.verified']}: ${verdict(visit, latest)}</p>
<dl class="facts"><dt>${texts['trust.sealed']}</dt><dd>${times.number(size)}</dd>
<dt>${texts['trust.root']}</dt><dd>${signedAt === undefined ? texts['trust.never'] : filled(texts['trust.rootOf'], { count: times.number(signedSize), time: times.text(Date.parse(signedAt)) })}</dd>
<dt>${texts['trust.key']}</dt><dd><code>${key}</code></dd></dl>
${
  running
    ? html`<p role="status">${texts['trust.verifying']}</p>`
    : may(person, 'export') &&
      html`<form method="post" action="${at('/trust/verify')}">${tokenField(formToken)}<p><button>${texts['trust.verify']}</button></p></form>`
}</section>
`
}

function verdict({ texts, times }: Reading, latest: PastVerification | undefined): string {
  if (latest === undefined) return texts['trust.never']
  const time = times.text(latest.endedMs)
  const { findings, report } = latest
  if (findings === 0) return filled(texts['trust.verifiedFine'], { time, count: times.number(report.records) })
  return filled(texts['trust.verifiedWrong'], {
    time,
    what: report.findings
      .slice(0, 3)
      .map(finding => finding.what)
      .join('; '),
  })
}

/** Longer than most take; whoever waits longer sees that it is under way. */
const verifyPatienceMs = 3_000

/** Waits a little for the verification, which goes on without whoever has asked. */
export async function verifyNow({ house }: Reading): Promise<Answer> {
  const { verification, chain, ports } = house
  await chain.seal()
  verification.start({})
  const untilMs = ports.clock.monotonicMs() + verifyPatienceMs
  while (verification.state().running && ports.clock.monotonicMs() < untilMs) await ports.clock.sleep(50)
  return redirected(at('/trust'))
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

function communitiesPart({ texts, times }: Reading, communities: readonly OtherCommunity[] | undefined): Html {
  const heading = html`<h2 id="communities">${texts['trust.communities']}</h2><p class="soft">${texts['trust.communitiesIntro']}</p>`
  if (communities === undefined || communities.length === 0) {
    const why = texts[communities === undefined ? 'trust.gatewayNotReached' : 'trust.noCommunities']
    return html`<section class="paper" aria-labelledby="communities">${heading}<p>${why}</p></section>`
  }
  return html`<section aria-labelledby="communities">${heading}
<div class="scroll" tabindex="0" role="region" aria-labelledby="communities"><table><thead><tr><th scope="col">${texts['trust.community']}</th><th scope="col">${texts['trust.state']}</th><th scope="col">${texts['trust.lastAnswer']}</th><th scope="col">${texts['trust.failures']}</th><th scope="col">${texts['trust.falseAnswers']}</th></tr></thead><tbody>
${communities.map(
  community =>
    html`<tr><th scope="row"><bdi>${community.name}</bdi></th><td>${standing(texts, times, community)}</td><td>${lastAnswer(texts, times, community)}</td><td>${times.number(community.failures)}</td><td>${
      community.refused === 0 ? times.number(0) : html`<span class="chip bad">${times.number(community.refused)}</span>`
    }</td></tr>\n`,
)}</tbody></table></div></section>`
}

function standing(
  texts: Reading['texts'],
  times: Times,
  { leftAloneMs, failuresInARow, lastAnswerMs }: OtherCommunity,
): Html {
  if (leftAloneMs > 0)
    return html`<span class="chip bad">${filled(texts['trust.leftAlone'], { time: times.duration(leftAloneMs) })}</span>`
  if (failuresInARow > 0)
    return html`<span class="chip warn">${filled(texts['trust.failing'], { count: times.number(failuresInARow) })}</span>`
  return lastAnswerMs === undefined
    ? html`<span class="chip">${texts['trust.notAsked']}</span>`
    : html`<span class="chip ok">${texts['trust.answers']}</span>`
}

function lastAnswer(texts: Reading['texts'], times: Times, { lastAnswerMs, lastTookMs }: OtherCommunity): Html {
  if (lastAnswerMs === undefined) return html`${texts['trust.never']}`
  return html`${times.element(lastAnswerMs)}${
    lastTookMs !== undefined && html` <span class="soft">${times.number(Math.round(lastTookMs))} ms</span>`
  }`
}
