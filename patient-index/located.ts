// Where else a person is known: other communities have said by what id, when they asked for the person here. What a health data locator tells. ITI TF-2 §3.55.4.1.2.4,
// §3.56 (XCPD Health Data Locator); docs/decisions/0352.
import type { PatientIndexConfig } from '../config/patient-index-config.js'
import { instanceIdentifierOf } from '../metadata/hl7.js'
import type { Ports } from '../ports/ports.js'
import type { Store } from '../store/store.js'
import type { DemographicsAnswer } from '../transactions/hl7v3/demographics-answer-codec.js'
import type { DemographicsQuery } from '../transactions/hl7v3/demographics-query-codec.js'

export interface Located {
  /** OID. */
  community: string
  /** As CX. */
  patientId: string
}

export type LocatedStore = ReturnType<typeof openLocatedStore>

/** Of one person. */
const mostCommunities = 64
const dayMs = 86_400_000

/** Changes are made inside `store.write`. */
export function openLocatedStore(store: Store) {
  const sql = (text: string) => store.prepare(text)
  return {
    /** `own` is the extension of the person's id here, which outlives merges. */
    keep(own: string, { community, patientId }: Located, heardMs: number): void {
      sql(
        `INSERT INTO located (own, community, patient_id, heard_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (own, community) DO UPDATE SET patient_id = excluded.patient_id, heard_ms = excluded.heard_ms`,
      ).run(own, community, patientId, heardMs)
      // The longest unheard of make room.
      sql(
        `DELETE FROM located WHERE own = ? AND community NOT IN
           (SELECT community FROM located WHERE own = ? ORDER BY heard_ms DESC, community LIMIT ?)`,
      ).run(own, own, mostCommunities)
    },

    forgetBefore: (ms: number) => void sql('DELETE FROM located WHERE heard_ms < ?').run(ms),

    /** By all ids of that authority that name the person, the latest heard first; each community once. */
    of(person: number, authority: string, sinceMs: number): Located[] {
      const rows = sql(
        `SELECT l.community, l.patient_id FROM located l
           JOIN person_ids i ON i.extension = l.own
           JOIN domains d ON d.domain = i.domain AND d.oid = ?
           JOIN persons p ON p.person = i.person AND p.survivor = ?
         WHERE l.heard_ms >= ? ORDER BY l.heard_ms DESC, l.community`,
      ).all<{ community: string; patient_id: string }>(authority, person, sinceMs)
      const found = new Map<string, Located>()
      for (const { community, patient_id } of rows) {
        if (!found.has(community)) found.set(community, { community, patientId: patient_id })
      }
      return [...found.values()]
    },
  }
}

interface Context {
  config: Pick<PatientIndexConfig, 'healthDataLocator' | 'homeCommunityId'>
  located: LocatedStore
  store: Store
  ports: Pick<Ports, 'clock'>
}

/** Whoever asks by an id of its own community has said that the person is known there by it. [ITI TF-2:3.55.4.1.2.4] */
export async function locate(query: DemographicsQuery, answer: DemographicsAnswer, context: Context): Promise<void> {
  const { config, located, store, ports } = context
  const { senderCommunity: community } = query
  const told = idOfAsker(query)
  const own = instanceIdentifierOf(answer.patients[0]?.patientIds[0] ?? '')?.extension
  const isFromElsewhere = community !== undefined && `urn:oid:${community}` !== config.homeCommunityId
  if (config.healthDataLocator === undefined || told === undefined || own === undefined || !isFromElsewhere) return
  const nowMs = ports.clock.now()
  const { days } = config.healthDataLocator
  await store.write(() => {
    located.keep(own, { community, patientId: told }, nowMs)
    located.forgetBefore(nowMs - days * dayMs)
  })
}

/** What is asked for, without what only says by what id the asker knows the person; where that is all there is, it is what is asked for. */
export function withoutIdOfAsker(query: DemographicsQuery): DemographicsQuery['wanted'] {
  const told = idOfAsker(query)
  const { patientIds, names } = query.wanted
  const others = patientIds.filter(id => id !== told)
  const isAll = others.length === 0 && names.length === 0
  return told === undefined || isAll ? query.wanted : Object.assign({}, query.wanted, { patientIds: others })
}

/** That of the authority which the message names as the asker's. [ITI TF-2:3.55.4.1.2.4] */
function idOfAsker({ authority, wanted }: DemographicsQuery): string | undefined {
  if (authority === undefined) return undefined
  return wanted.patientIds.find(id => instanceIdentifierOf(id)?.root === authority)
}

/** What is remembered of nobody for longer. */
export function heardSince({ config, ports }: Pick<Context, 'config' | 'ports'>): number {
  return ports.clock.now() - (config.healthDataLocator?.days ?? 0) * dayMs
}
