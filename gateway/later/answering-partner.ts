// Who may bring the answers of a community that come by requests of their own. docs/decisions/0369
import type { CommunityConfig } from '../../config/gateway-config.js'
import type { Partner } from '../../server/actor.js'

export type Answering = Pick<CommunityConfig, 'name' | 'homeCommunityId' | 'answeredBy'>

/** Why a partner does not; undefined where it does. Whoever else could would answer in the name of another. */
export function mayNotAnswerFor({ name, homeCommunityId, answeredBy = [name] }: Answering, partner: Partner) {
  if (answeredBy.includes(partner.name) && partner.roles.has('gateway')) return undefined
  const expected = answeredBy.map(each => `"${each}"`).join(' or ')
  return `an answer of ${homeCommunityId} comes from the partner ${expected} with the role gateway (communities[].answeredBy), and this one comes from "${partner.name.slice(0, 128)}"`
}
