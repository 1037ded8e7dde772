// Questions that are answered later, kept until they are, so that an answer finds its question when the gateway has been started anew.
// docs/decisions/0370
import type { Store } from '../../store/store.js'
import type { DemographicsQuery, Wanted } from '../../transactions/hl7v3/demographics-query-codec.js'
import type { Community } from '../communities/communities.js'

export interface DeferredQuestion {
  /** wsa:MessageID of the question. */
  messageID: string
  queryId: DemographicsQuery['queryId']
  community: Community
  /** By our id, whose id there is asked for. */
  patientId: string
  wanted: HeldAgainst
}

/** Of who was asked for: what an answer has to agree with. */
export type HeldAgainst = Pick<Wanted, 'patientIds' | 'born'>

export interface KeptQuestion extends Omit<DeferredQuestion, 'community'> {
  homeCommunityId: string
  /** By the clock of this machine. */
  untilMs: number
}

export interface DeferredQuestions {
  /** It is on the disk when this resolves. */
  keep(question: KeptQuestion): Promise<void>
  forget(messageID: string): Promise<void>
  /** Those that were asked before; what nobody waits for any more is forgotten. */
  left(nowMs: number): Promise<KeptQuestion[]>
}

type Body = Pick<KeptQuestion, 'queryId' | 'wanted'>

/** `untilMs` is the time of day, for it outlives this process. */
export function openDeferredQuestions(store: Store): DeferredQuestions {
  const sql = (text: string) => store.prepare(text)
  return {
    async keep({ messageID, homeCommunityId, patientId, queryId, wanted, untilMs }) {
      const body: Body = { queryId, wanted }
      await store.write(() =>
        sql(
          'INSERT INTO deferred_questions (message_id, community, patient_id, body, until_ms) VALUES (?, ?, ?, ?, ?)',
        ).run(messageID, homeCommunityId, patientId, JSON.stringify(body), Math.round(untilMs)),
      )
    },

    async forget(messageID) {
      await store.write(() => sql('DELETE FROM deferred_questions WHERE message_id = ?').run(messageID))
    },

    async left(nowMs) {
      await store.write(() => sql('DELETE FROM deferred_questions WHERE until_ms <= ?').run(Math.round(nowMs)))
      const rows = sql('SELECT * FROM deferred_questions ORDER BY until_ms').all<{
        message_id: string
        community: string
        patient_id: string
        body: string
        until_ms: number
      }>()
      return rows.map(({ message_id, community, patient_id, body, until_ms }) => ({
        ...{ messageID: message_id, homeCommunityId: community, patientId: patient_id, untilMs: until_ms },
        ...(JSON.parse(body) as Body),
      }))
    },
  }
}
