// Get X-User Assertion of a development deployment: the registry signs what it is asked for, for clients that expect an X-Assertion
// Provider. A production deployment has none: that is another product's work. [EPR annex 5.1:1.6.4.2.4.1]
import { join } from 'node:path'
import { developmentIssuer, issuerFiles } from '../certs/development-issuer.js'
import type { CarnetConfig } from '../config/carnet-config.js'
import { readIfThere } from '../ports/files.js'
import type { Ports } from '../ports/ports.js'
import { type Actor, actor, type Served, serve } from '../server/actor.js'
import { getXUserAssertion, invalid } from '../transactions/get-x-user-assertion.js'
import { issueAssertion } from '../xua/issue.js'
import { contentOf } from '../xua/token-request.js'

export interface DevelopmentIssuing {
  /** PEM. */
  key: string
  homeCommunityId: string
  ports: Pick<Ports, 'clock' | 'randomness'>
}

/** The actor, with this line where a development deployment has a key for it. */
export async function withTokens<Context>(
  served: Actor<Context>,
  { mode, registry, xua }: CarnetConfig,
  ports: Ports,
): Promise<Actor<Context>> {
  const pinned = xua.issuers.find(({ issuer }) => issuer === developmentIssuer)?.certificates[0]
  if (mode !== 'development' || pinned === undefined) return served
  const key = await readIfThere(ports.files, join(pinned, '..', issuerFiles.key))
  if (key === undefined) return served
  const homeCommunityId = registry.homeCommunityId ?? 'urn:oid:2.999.8'
  const line = issuing({ key: String(key), homeCommunityId, ports }) as Served<Context>
  return actor(served.name, [...served.served.values(), line])
}

function issuing({ key, homeCommunityId, ports }: DevelopmentIssuing): Served<unknown> {
  return serve(getXUserAssertion, async asked => {
    const { clock, randomness } = ports
    const { role, purpose, resourceId: patient, id, name, principalId, principalName, organisations } = asked
    const request = { role, purpose, patient, principalId, principalName, organisations, homeCommunityId, id, name }
    const content = contentAsked(request, {
      issuer: developmentIssuer,
      id: `_${randomness.uuid()}`,
      nowMs: clock.now(),
    })
    const { notBeforeMs, notOnOrAfterMs } = content
    return { assertion: issueAssertion(content, { key }), notBeforeMs, notOnOrAfterMs }
  })
}

function contentAsked(...asked: Parameters<typeof contentOf>) {
  try {
    return contentOf(...asked)
  } catch (problem) {
    throw invalid((problem as Error).message)
  }
}
