// ITI-8 Patient Identity Feed, as the Document Registry takes it. ITI TF-2 §3.8.4.1.4, §3.8.4.2.4.
import type { RegistryConfig } from '../config/registry-config.js'
import type { Hl7Error } from '../hl7v2/errors.js'
import type { Hl7Identifier } from '../hl7v2/fields.js'
import { cxOf, escapeHl7 } from '../metadata/hl7.js'
import { serveHl7 } from '../server/hl7v2/exchange.js'
import { authorityAsSent, authorityOf, contradictionIn, cxAsSent } from '../transactions/hl7v2/identifiers.js'
import {
  type AdtMessage,
  isOfIds,
  patientIdentityFeed,
  placesInAdt,
} from '../transactions/hl7v2/patient-identity-feed.js'
import { type IdProblem, idFormProblems } from '../transactions/patient-id-form.js'
import type { RegistryContext } from './context.js'
import type { FeedProblem } from './feed-message.js'
import type { FeedProfile } from './feed-profiles.js'
import { followFeed, problemsOfMessage } from './patient-feed.js'

export const servePatientIdentityFeed = serveHl7(
  patientIdentityFeed,
  async ({ event, sensitive, ...ids }, context: RegistryContext, exchange) => {
    const broken = [...idFormProblems(asSent(ids)), ...contradictions(ids, context.config)].map(errorOf)
    if (broken.length > 0) return { errors: broken }
    // Demographics are nothing to a registry. [ITI TF-2:3.8.4.1.4]
    if (event === 'update') return { errors: [] }
    const patientIds = ids.patientIds.map(id => inOurWords(id, context.config))
    const subsumedIds = ids.subsumedIds.map(id => inOurWords(id, context.config))
    const problems = await followFeed({ event, patientIds, subsumedIds, sensitive }, context, () =>
      context.outbox.insert(exchange.auditRecords({ errors: [] })),
    )
    if (problems.length > 0) exchange.uncommitted?.()
    return { errors: problems.map(errorOf) }
  },
)

/** What is wrong with a message whatever is registered. */
export function errorsOfMessage({ event, sensitive, ...ids }: AdtMessage, profile: FeedProfile): Hl7Error[] {
  const message = { ...asSent(ids), sensitive }
  const problems = event === 'update' ? idFormProblems(message) : problemsOfMessage({ ...message, event }, profile)
  return problems.map(errorOf)
}

type Ids = Record<'patientIds' | 'subsumedIds', Hl7Identifier[]>

function asSent({ patientIds, subsumedIds }: Ids): Record<keyof Ids, string[]> {
  return { patientIds: patientIds.map(cxAsSent), subsumedIds: subsumedIds.map(cxAsSent) }
}

function contradictions(ids: Ids, { mllp }: RegistryConfig): FeedProblem[] {
  return (['patientIds', 'subsumedIds'] as const).flatMap(at =>
    ids[at].flatMap((id): FeedProblem[] => {
      const text = contradictionIn(id, mllp.namespaces)
      return text === undefined ? [] : [{ kind: 'malformed', at, clause: 'HL7 v2.5.1: 2.A.36', text }]
    }),
  )
}

/**
 * As CX with the OID of the authority. Where a message gives a namespace alone, or nothing, the deployment knows the
 * domain that is meant; an id of no domain that is known here is nothing to a registry. [ITI TF-2:3.8.4.1.4]
 */
function inOurWords(identifier: Hl7Identifier, { assigningAuthorities, mllp }: RegistryConfig): string {
  const usual = assigningAuthorities.length === 1 ? assigningAuthorities[0] : undefined
  const oid = authorityOf(identifier, mllp.namespaces, usual)
  // One text, so that nobody takes a part of it for the OID that it is not.
  return oid === undefined
    ? `${escapeHl7(identifier.id)}^^^${escapeHl7(authorityAsSent(identifier))}`
    : cxOf(oid, identifier.id)
}

function errorOf({ kind, at, text, clause }: FeedProblem | IdProblem): Hl7Error {
  return { condition: isOfIds(at) ? conditions[kind] : '102', at: placesInAdt[at], text, clause }
}

const conditions = {
  missing: '101',
  malformed: '102',
  tooLong: '104',
  unknown: '204',
  ended: '204',
  wrong: '205',
} as const
