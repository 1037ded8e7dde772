// ITI-8 Patient Identity Feed, as the Document Registry takes it. ITI TF-2 §3.8.4.1.4, §3.8.4.2.4.
import type { MllpConfig, RegistryConfig } from '../config/carnet-config.js'
import type { Hl7Error } from '../hl7v2/errors.js'
import type { Hl7Identifier } from '../hl7v2/fields.js'
import { cxOf } from '../metadata/hl7.js'
import { serveHl7 } from '../server/hl7-exchange.js'
import { patientIdentityFeed } from '../transactions/patient-identity-feed.js'
import type { RegistryContext } from './context.js'
import { type FeedProblem, followFeed } from './patient-feed.js'

export const servePatientIdentityFeed = serveHl7(
  patientIdentityFeed,
  async ({ event, sensitive, ...ids }, context: RegistryContext, exchange) => {
    // Demographics are nothing to a registry. [ITI TF-2:3.8.4.1.4]
    if (event === 'update') return { errors: [] }
    const patientIds = ids.patientIds.flatMap(id => inOurWords(id, context.config))
    const subsumedIds = ids.subsumedIds.flatMap(id => inOurWords(id, context.config))
    const problems = await followFeed({ event, patientIds, subsumedIds, sensitive }, context, () =>
      context.outbox.insert(exchange.auditRecords({ errors: [] })),
    )
    return { errors: problems.map(errorOf) }
  },
)

/**
 * As CX with the OID of the authority. Where a message gives a namespace alone, or nothing, the deployment knows the
 * domain that is meant; an id of no domain that is known here is nothing to a registry. [ITI TF-2:3.8.4.1.4]
 */
function inOurWords({ id, ...authority }: Hl7Identifier, config: RegistryConfig): string[] {
  const oid = oidOf(authority, config)
  return oid === undefined ? [] : [cxOf(oid, id)]
}

function oidOf(
  { namespaceId, universalId, universalIdType }: Omit<Hl7Identifier, 'id'>,
  { assigningAuthorities, mllp }: { assigningAuthorities: readonly string[]; mllp: MllpConfig },
): string | undefined {
  if (universalId !== '') return universalIdType === 'ISO' ? universalId : undefined
  if (namespaceId !== '') return Object.hasOwn(mllp.namespaces, namespaceId) ? mllp.namespaces[namespaceId] : undefined
  return assigningAuthorities.length === 1 ? assigningAuthorities[0] : undefined
}

function errorOf({ kind, at, text, clause }: FeedProblem): Hl7Error {
  return { condition: at in fields ? conditions[kind] : '102', at: places[at], text: `${text} [${clause}]` }
}

const conditions = { missing: '101', unknown: '204', ended: '204', wrong: '205' } as const

const fields = { patientIds: 'PID-3', subsumedIds: 'MRG-1' } as const

const places: Readonly<Record<FeedProblem['at'], string>> = {
  ...fields,
  raceCode: 'PID-10',
  religiousAffiliationCode: 'PID-17',
  ethnicGroupCode: 'PID-22',
  personalRelationship: 'NK1',
}
