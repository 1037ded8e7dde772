// How each community stands, in numbers: for /metrics, and for the auditor's pages that read them there.
import type { Clock } from '../../ports/clock.js'
import type { Metrics } from '../../server/metrics.js'
import { type Communities, type Community, type NoteRequest, restsMs } from './communities.js'

type Counting = Pick<Metrics, 'gauges' | 'counts' | 'durations'>

/** `xca_community_seconds`, by the name of the community in carnet.json and how it ended. */
export function durationsOfCommunities({ durations }: Counting): NoteRequest {
  const help = 'How long requests to other communities took, by outcome'
  const note = durations('xca_community_seconds', help, ['community', 'outcome'])
  return (community, seconds, outcome) => note(community, outcome, seconds)
}

/** Values are worked out when somebody asks for /metrics, for the communities that there are then. */
export function countCommunities(
  metrics: Counting,
  communities: Pick<Communities, 'all'>,
  clock: Pick<Clock, 'monotonicMs'>,
): void {
  for (const { name, help, value } of valuesOf(clock)) {
    // What only grows is another thing to Prometheus: increase() is of that alone.
    const told = name.endsWith('_total') ? metrics.counts : metrics.gauges
    told(name, help, 'community', async () =>
      communities.all.flatMap((community): [string, number][] => {
        const found = value(community)
        return found === undefined ? [] : [[community.name, found]]
      }),
    )
  }
}

interface CommunityValue {
  name: string
  help: string
  /** Undefined where there is nothing to tell yet. */
  value(community: Community): number | undefined
}

const valuesOf = (clock: Pick<Clock, 'monotonicMs'>): CommunityValue[] => [
  {
    name: 'xca_community_left_alone_seconds',
    help: 'For how long it is still not asked, after failures in a row; 0 while it is asked',
    value: ({ state }) => restsMs(state, clock) / 1000,
  },
  {
    name: 'xca_community_failures_in_a_row',
    help: 'Requests to it that failed since its last answer',
    value: ({ state }) => state.failures,
  },
  {
    name: 'xca_community_failures_total',
    help: 'Requests to it that failed since the gateway has started',
    value: ({ state }) => state.failuresEver,
  },
  {
    name: 'xca_community_refused_answers_total',
    help: 'Answers of it that were false and of which nothing was handed on, since the gateway has started',
    value: ({ state }) => state.refused,
  },
  {
    name: 'xca_community_untold_documents_total',
    help: 'Documents taken of it of which it had told no hash in an answer through this gateway, since the gateway has started',
    value: ({ state }) => state.untold,
  },
  {
    name: 'xca_community_under_way',
    help: 'Requests to it under way',
    value: ({ state }) => state.underWay,
  },
  {
    name: 'xca_community_last_answer_timestamp_seconds',
    help: 'When it has answered last',
    value: ({ state }) => (state.lastAnswerMs === undefined ? undefined : state.lastAnswerMs / 1000),
  },
  {
    name: 'xca_community_last_answer_seconds',
    help: 'How long that answer took',
    value: ({ state }) => (state.lastAnswerMs === undefined ? undefined : state.lastTookMs / 1000),
  },
]
