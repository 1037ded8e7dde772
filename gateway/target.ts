// The one community that documents are for. ITI TF-2 §3.80.4.1.2 (XCDR).
import type { ErrorCode, Finding } from '../metadata/model.js'
import { quoted } from '../metadata/words.js'
import type { ProvideToCommunityRequest } from '../transactions/xds-messages.js'
import { homeMeant } from './homes.js'

/** `unknown` is what is said where there is no such community. */
export type Target = { home: string; unknown: Finding } | { finding: Finding }

export function targetOf({ homes }: Pick<ProvideToCommunityRequest, 'homes'>, expected: string): Target {
  const [home, ...others] = [...new Set(homes.map(homeMeant))]
  const finding = (code: ErrorCode, found: string): Finding => ({
    ...{ code, object: 'ProvideAndRegisterDocumentSetRequest', attribute: 'homeCommunityBlock' },
    ...{ rule: 'ITI TF-2:3.80.4.1.2', expected, found },
  })
  if (home === undefined) return { finding: finding('XDSMissingHomeCommunityId', 'nothing') }
  // Whoever reads the one and whoever reads the other would send them to different places.
  if (others.length > 0) return { finding: finding('XDSUnknownCommunity', [home, ...others].map(quoted).join(' and ')) }
  return { home, unknown: finding('XDSUnknownCommunity', quoted(home)) }
}
