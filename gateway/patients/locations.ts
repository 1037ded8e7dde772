// Which communities hold data of a patient, as health data locators tell: asked by ITI-56, and remembered as long as correlations. ITI TF-2 §3.56.4.1 (XCPD Health
// Data Locator); docs/decisions/0352.
import type { GatewayConfig } from '../../config/gateway-config.js'
import { oidUrn } from '../../metadata/data-types.js'
import { instanceIdentifierOf } from '../../metadata/hl7.js'
import type { Clock } from '../../ports/clock.js'
import type { Exchange } from '../../server/actor.js'
import { copied } from '../../soap/copied.js'
import { type LocationAnswer, patientLocationQuery } from '../../transactions/hl7v3/patient-location.js'
import type { Communities, Community } from '../communities/communities.js'
import { openAllowance } from '../communities/in-time.js'
import type { Onward } from '../onward.js'
import { FalseAnswer } from '../truth/truthful.js'
import type { Correlations } from './correlations.js'
import { openRemembered } from './remembered.js'

type Because = Pick<Exchange, 'trace' | 'claims' | 'security'>

export interface Locations {
  /** Whether a community may have something of the patient. A locator that answers falsely is told to `lied`. */
  areWorthAsking(community: Community, patientId: string, because: Because, lied: Lied): Promise<boolean>
}

export type Lied = (community: Community, why: string) => Promise<unknown>

export interface OpenLocations {
  communities: Pick<Communities, 'all'>
  correlations: Correlations
  onward: Onward
  clock: Clock
  config: Pick<GatewayConfig, 'correlationMinutes'>
}

type Homes = ReadonlySet<string>

const mostRemembered = 20_000
/** Of one answer. */
const mostLocations = 1_000

/** What a locator does not say, or lies about, is not remembered: then everybody is asked. [ITI TF-2:3.56.4.2.2] */
export function openLocations({ communities, correlations, onward, clock, config }: OpenLocations): Locations {
  const told = openRemembered<Homes | undefined>({
    ...{ clock, most: mostRemembered },
    holdsMs: homes => (homes === undefined ? 0 : config.correlationMinutes * 60_000),
  })

  /** Undefined where it does not say. */
  function toldBy(locator: Community, patientId: string, because: Because, lied: Lied): Promise<Homes | undefined> {
    return told.of(copied(`${locator.homeCommunityId}\n${patientId}`), () =>
      answered(locator, patientId, because, lied),
    )
  }

  async function answered(
    locator: Community,
    patientId: string,
    because: Because,
    lied: Lied,
  ): Promise<Homes | undefined> {
    try {
      return await asked(locator, patientId, because)
    } catch (problem) {
      if (problem instanceof FalseAnswer) await lied(locator, problem.message)
      return undefined
    }
  }

  async function asked(locator: Community, patientId: string, because: Because): Promise<Homes> {
    const { location: url } = locator
    if (url === undefined) throw new Error('it is no health data locator')
    locator.assertOpen()
    const allowed = openAllowance(clock, { timeoutMs: timeoutFor(locator) })
    const there = await allowed.within(correlations.idAt(locator, patientId, because))
    if (there === undefined) return new Set()
    const to = { url, timeoutMs: allowed.leftMs() }
    const answer = await locator.run(async () => {
      const said = await onward.ask(patientLocationQuery, { patientId: there }, to, because)
      const falsehood = falseLocation(said, there)
      if (falsehood !== undefined) throw new FalseAnswer(falsehood)
      return said
    })
    return new Set(answer.locations.map(({ homeCommunityId }) => copied(homeCommunityId)))
  }

  /** Those who wait for it are to have half of their time when it is silent. */
  function timeoutFor({ timeoutMs }: Community): number {
    const waiting = communities.all.filter(each => each.asked === 'located').map(each => each.timeoutMs)
    return Math.round(Math.min(timeoutMs, ...waiting) / 2)
  }

  return {
    async areWorthAsking(community, patientId, because, lied) {
      const locators = communities.all.filter(({ location }) => location !== undefined)
      if (community.asked === 'always' || locators.length === 0) return true
      const said = await Promise.all(locators.map(locator => toldBy(locator, patientId, because, lied)))
      // Where one does not say, nobody is left out because of that.
      return said.some(homes => homes === undefined || homes.has(community.homeCommunityId))
    },
  }
}

/** Why an answer is none to the question; undefined when it is one. [ITI TF-2:3.56.4.2.2] */
function falseLocation({ locations }: LocationAnswer, patientId: string): string | undefined {
  if (locations.length > mostLocations) return `it answered ${locations.length} locations of one patient`
  const one = instanceIdentifierOf(patientId)
  for (const { requestedPatientId, homeCommunityId } of locations) {
    const again = instanceIdentifierOf(requestedPatientId)
    if (again?.root !== one?.root || again?.extension !== one?.extension) {
      return 'it was asked where one patient is known and answered where another is'
    }
    if (oidUrn.check(homeCommunityId) !== undefined) {
      return `it answered a community that is none: ${homeCommunityId.slice(0, 128)}`
    }
  }
  return undefined
}
