// How other communities stand, for administrators.
import type { AdminResource } from '../server/admin-resources.js'
import type { GatewayContext } from './context.js'

export function communityResources({ communities, correlations, ports }: GatewayContext): AdminResource[] {
  return [
    {
      path: '/admin/communities',
      method: 'GET',
      does: 'list other communities',
      answer: async () => ({
        correlations: correlations.size,
        communities: communities.all.map(({ name, homeCommunityId, state }) => ({
          ...{ name, homeCommunityId, underWay: state.underWay, answers: state.answers, failures: state.failures },
          why: state.why,
          restsMs: Math.max(0, Math.round(state.restUntilMs - ports.clock.monotonicMs())),
        })),
      }),
    },
  ]
}
