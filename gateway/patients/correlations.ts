// By what id another community knows a patient of ours: asked by ITI-55, and remembered for a while. ITI TF-2 §3.55.4.1.3.
import type { GatewayConfig } from '../../config/gateway-config.js'
import { instanceIdentifierOf } from '../../metadata/hl7.js'
import { dtmOf } from '../../ports/clock.js'
import type { Ports } from '../../ports/ports.js'
import type { Exchange } from '../../server/actor.js'
import { copied } from '../../soap/copied.js'
import type { DemographicsAnswer } from '../../transactions/hl7v3/demographics-answer-codec.js'
import type { DemographicsQuery, Wanted } from '../../transactions/hl7v3/demographics-query-codec.js'
import { patientDemographicsQuery } from '../../transactions/hl7v3/patient-demographics.js'
import { crossGatewayPatientDiscovery, deferredPatientDiscovery } from '../../transactions/hl7v3/patient-discovery.js'
import { type Community, Refused } from '../communities/communities.js'
import type { DeferredDiscoveries, ExpectedAnswer } from '../later/deferred-discoveries.js'
import type { DeferredQuestion, HeldAgainst } from '../later/deferred-questions.js'
import type { Onward, OnwardTo } from '../onward.js'
import { FalseAnswer, falsePerson } from '../truth/truthful.js'
import { openRemembered } from './remembered.js'

type Because = Pick<Exchange, 'trace' | 'claims' | 'security'>

export interface Correlations {
  /** As CX; undefined where the community does not know the patient. @throws Error where it does not say. */
  idAt(community: Community, patientId: string, because: Because): Promise<string | undefined>
  /** Whether it is remembered that the community does not know the patient: it need not be asked anything. */
  isUnknownAt(community: Community, patientId: string): boolean
  /** A community has called the id unknown: the next request asks it anew. */
  forget(community: Community, patientId: string): void
  /** What was asked in deferred mode before this process: whoever asks the same now waits for the same answer. */
  resume(questions: readonly (DeferredQuestion & ExpectedAnswer)[]): void
  readonly size: number
}

export interface OpenCorrelations {
  config: Pick<GatewayConfig, 'homeCommunityId' | 'patientIndex' | 'nationalIdsOnly' | 'correlationMinutes'>
  nationalAuthority: string | undefined
  onward: Onward
  /** Answers that come later. */
  deferred: DeferredDiscoveries
  /** Where they come to. */
  respondTo: string
  ports: Ports
}

const mostRemembered = 100_000
/** Who is not known may be soon. */
const unknownMs = 60_000

/**
 * Where there is a patient index it is asked first who the patient is. That a community does not know somebody is remembered for less long than an
 * id. [ITI TF-2:3.55.4.1.3]
 */
export function openCorrelations(options: OpenCorrelations): Correlations {
  const { config, nationalAuthority, onward, deferred, respondTo, ports } = options
  const { clock, randomness } = ports
  const ids = openRemembered<string | undefined>({
    ...{ clock, most: mostRemembered },
    holdsMs: id => (id === undefined ? unknownMs : config.correlationMinutes * 60_000),
  })
  const persons = openRemembered<Wanted | undefined>({ clock, most: 0, holdsMs: () => 0 })
  const oid = config.homeCommunityId.replace(/^urn:oid:/, '')
  const keyOf = ({ homeCommunityId }: Community, patientId: string) => copied(`${homeCommunityId}\n${patientId}`)

  /** What is known of the patient here: by the index where there is one, else the id alone. */
  async function wantedFor(patientId: string, because: Because): Promise<Wanted | undefined> {
    const nothing = { names: [], addresses: [], telecoms: [] }
    if (config.patientIndex === undefined) return { ...nothing, patientIds: [patientId] }
    const query = { ...messageOf({ ...nothing, patientIds: [patientId] }), receiver: oid }
    const to = { url: config.patientIndex.url, timeoutMs: config.patientIndex.timeoutMs }
    const { patients } = await onward.ask(patientDemographicsQuery, query, to, because)
    const [patient] = patients
    if (patient === undefined) return undefined
    const national = patient.patientIds.find(id => instanceIdentifierOf(id)?.root === nationalAuthority)
    if (config.nationalIdsOnly) return national === undefined ? undefined : { ...nothing, patientIds: [national] }
    const { names, gender, birthTime, addresses, telecoms } = patient.person
    return {
      ...{ names, addresses, telecoms, patientIds: national === undefined ? [] : [national] },
      ...(gender === undefined ? {} : { gender }),
      ...(birthTime === undefined ? {} : { born: { from: birthTime, to: birthTime } }),
    }
  }

  function messageOf(wanted: Wanted): DemographicsQuery {
    const id = () => ({ root: oid, extension: randomness.uuid() })
    return {
      ...{ messageId: id(), queryId: id(), queryXml: '', sender: oid, creationTime: dtmOf(clock.now()) },
      ...{ wanted, domains: [] },
    }
  }

  /** For all communities that are asked because of one question, our index is asked once. */
  function personFor(patientId: string, because: Because): Promise<Wanted | undefined> {
    return persons.of(`${because.trace.traceId}\n${patientId}`, () =>
      wantedFor(patientId, because).catch(problem => {
        throw new Error(
          `it was not asked, for our patient index has not said who is meant: ${(problem as Error).message}`,
        )
      }),
    )
  }

  async function asked(
    community: Community,
    url: string,
    patientId: string,
    because: Because,
  ): Promise<string | undefined> {
    const wanted = await personFor(patientId, because)
    if (wanted === undefined) return undefined
    const there = community.homeCommunityId.replace(/^urn:oid:/, '')
    const isAnnounced = community.location !== undefined && !config.nationalIdsOnly
    const query = {
      ...messageOf(isAnnounced ? announced(wanted, patientId) : wanted),
      ...(isAnnounced ? { authority: instanceIdentifierOf(patientId)?.root ?? '' } : {}),
      ...{ receiver: there, senderCommunity: oid, receiverCommunity: there },
    }
    const { timeoutMs } = community
    const to = { url, timeoutMs }
    // What our own index says or does not is nothing that the community has answered, or failed at.
    const answer = community.deferredDiscovery
      ? judged(await answeredLater({ community, patientId }, query, to, because), wanted, community)
      : await community.run(async () =>
          judged(await onward.ask(crossGatewayPatientDiscovery, query, to, because), wanted, community),
        )
    return idIn(answer, community)
  }

  function idIn({ patients }: DemographicsAnswer, { patientDomain }: Community): string | undefined {
    // Several are as good as none: to choose is to show another's documents.
    const [patient, another] = patients
    if (patient === undefined || another !== undefined) return undefined
    const isTheirs = (root: string | undefined) =>
      patientDomain === undefined ? root !== nationalAuthority : root === patientDomain
    const found = patient.patientIds.find(id => isTheirs(instanceIdentifierOf(id)?.root))
    return found && copied(found)
  }

  /** The question is acknowledged; its answer comes when it comes, within a bound of time. [ITI TF-2:3.55.6.2] */
  async function answeredLater(
    { community, patientId }: Pick<DeferredQuestion, 'community' | 'patientId'>,
    query: DemographicsQuery,
    to: OnwardTo,
    because: Because,
  ): Promise<DemographicsAnswer> {
    const messageID = `urn:uuid:${randomness.uuid()}`
    const { queryId, wanted } = query
    const { answer } = await deferred.expect({ messageID, queryId, community, patientId, wanted })
    try {
      const question: DemographicsQuery = { ...query, respondTo, priority: 'D' }
      await community.run(async () => {
        const { typeCode, detail } = await onward.ask(deferredPatientDiscovery, question, { ...to, messageID }, because)
        if (typeCode === 'CA') return
        const Why = typeCode === 'CE' ? Refused : Error
        throw new Why(`it did not take the question (${typeCode}): ${detail ?? 'no reason given'}`)
      })
    } catch (problem) {
      deferred.forget(messageID)
      throw problem
    }
    return answer
  }

  /** @throws Error where it is no answer, FalseAnswer where it is none to this */
  function judged(said: DemographicsAnswer, wanted: HeldAgainst, { homeCommunityId }: Community): DemographicsAnswer {
    if (said.acknowledgement !== 'AA') {
      const words = [said.unavailable ?? '', ...said.problems.map(({ text }) => text)].filter(Boolean).join('; ')
      const Why = said.unavailable === undefined || said.unavailable === 'AnswerNotAvailable' ? Refused : Error
      throw new Why(words || 'it refused to say whom it knows')
    }
    const falsehood = falsePerson(said, wanted, homeCommunityId)
    if (falsehood !== undefined) throw new FalseAnswer(falsehood)
    return said
  }

  /** A health data locator learns besides by what id the patient is known here. [ITI TF-2:3.55.4.1.2.4] */
  function announced(wanted: Wanted, patientId: string): Wanted {
    return { ...wanted, patientIds: [...new Set([...wanted.patientIds, patientId])] }
  }

  return {
    async idAt(community, patientId, because) {
      // Whoever answers no ITI-55 shares our ids, for as long as that is so.
      const { discovery } = community
      if (discovery === undefined) return patientId
      return ids.of(keyOf(community, patientId), () => asked(community, discovery, patientId, because))
    },
    isUnknownAt(community, patientId) {
      const known = ids.known(keyOf(community, patientId))
      return known !== undefined && known.answer === undefined
    },
    forget: (community, patientId) => ids.forget(keyOf(community, patientId)),
    resume(questions) {
      for (const { community, patientId, wanted, answer } of questions) {
        const known = async () => idIn(judged(await answer, wanted, community), community)
        // Who asks meanwhile is told what is wrong with it.
        ids.of(keyOf(community, patientId), known).catch(() => {})
      }
    },
    get size() {
      return ids.size
    },
  }
}
