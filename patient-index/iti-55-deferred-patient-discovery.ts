// ITI-55 in deferred mode, as the Responding Gateway takes it: acknowledged at once, answered later at an address that this partner is
// listed with. ITI TF-2 §3.55.6.2; docs/decisions/0326
import { dtmOf } from '../ports/clock.js'
import { serve } from '../server/actor.js'
import { listedAs } from '../server/replies/address.js'
import type { DemographicsQuery } from '../transactions/hl7v3/demographics-query-codec.js'
import { deferredPatientDiscovery } from '../transactions/hl7v3/patient-discovery.js'
import { acknowledged } from '../transactions/hl7v3/patient-feed.js'
import type { FeedAcknowledgement } from '../transactions/xds-messages.js'
import type { PatientIndexContext } from './context.js'

export const serveDeferredPatientDiscovery = serve(
  deferredPatientDiscovery,
  async (query, context: PatientIndexContext, exchange): Promise<FeedAcknowledgement> => {
    const { store, deferred, outbox, ports } = context
    const { partner, messageID, trace } = exchange
    const nowMs = ports.clock.now()
    const answer = (typeCode: FeedAcknowledgement['typeCode'], detail?: string): FeedAcknowledgement => ({
      ...acknowledged({ ...query, patientIds: [] }, typeCode, detail && `${detail}\n(trace ${trace.traceId})`),
      creationTime: dtmOf(nowMs),
    })
    const url = listedAs(query.respondTo ?? '', partner.replyTo ?? [])
    const problem = problemOf(query, { url, messageID, partner: partner.name })
    if (problem !== undefined) return answer('CE', problem)
    return store.write(() => {
      if (deferred.waitingFor(partner.name) >= context.config.replies.waiting) {
        return answer('CR', `${context.config.replies.waiting} answers wait for ${partner.name} already; ask later`)
      }
      deferred.keep({ partner: partner.name, url: url ?? '', messageID: messageID ?? '', query, atMs: nowMs })
      const taken = answer('CA')
      outbox.insert(exchange.auditRecords(taken))
      return taken
    })
  },
)

/** Of a question that is kept, with all that it says. */
const mostCharacters = 65_536

function problemOf(
  query: DemographicsQuery,
  { url, messageID, partner }: { url: string | undefined; messageID: string | undefined; partner: string },
): string | undefined {
  const clause = '[ITI TF-2:3.55.6.2]'
  const { priority, respondTo } = query
  const { length } = JSON.stringify(query)
  if (length > mostCharacters)
    return `a question that waits for its answer may have ${mostCharacters} characters, this one has ${length}`
  if (priority !== 'D') return `responsePriorityCode: expected D with this action ${clause}`
  if (respondTo === undefined)
    return `respondTo: expected a telecom with the address of the answer, found none ${clause}`
  if (messageID === undefined) return `wsa:MessageID is missing, to which the answer would relate ${clause}`
  // Whoever may choose where a server posts has it speak to others in its name. docs/decisions/0150
  if (url === undefined)
    return `respondTo: ${respondTo} is not among the addresses of ${partner} (peers[].replyTo) ${clause}`
  return undefined
}
