// ITI-62 Remove Metadata, as the Document Registry answers it: all that is named goes, or nothing. ITI TF-2 §3.62.4.1.3.
import { registryErrorsOf } from '../metadata/errors.js'
import type { Finding } from '../metadata/model.js'
import { serve } from '../server/actor.js'
import { removeMetadata } from '../transactions/remove.js'
import type { RemoveMetadataResponse } from '../transactions/xds-messages.js'
import type { RegistryContext } from './context.js'
import { checkObjects, heldTo } from './held-to-patient.js'
import { dayMs } from './resubmission.js'
import { removalFindings } from './rules/removal-rules.js'
import type { RemovalFacts } from './store/removal.js'

export const serveRemoveMetadata = serve(removeMetadata, async (request, context: RegistryContext, exchange) => {
  const { store, outbox, config, ports } = context
  const { traceId } = exchange.trace
  if (request.entryUUIDs.length > mostRemoved) return answerTo([tooMany(request.entryUUIDs.length)], traceId)
  const held = await heldTo(exchange, context)
  const answer = await store.remove(request.entryUUIDs, facts => {
    exchange.uncommitted?.()
    checkObjects(facts.objects.values(), held)
    const answer = answerTo(removalFindings(request, facts), traceId, facts)
    if (answer.status === 'Failure') return { answer }
    return {
      answer,
      removal: {
        nowMs: ports.clock.now(),
        windowMs: config.resubmissionWindowDays * dayMs,
        alongside: () => outbox.insert(exchange.auditRecords(answer)),
      },
    }
  })
  if (answer.status === 'Success') await store.erased()
  return answer
})

/** As much as a database takes in one step without holding up others for long. */
const mostRemoved = 5_000

function tooMany(count: number): Finding {
  return {
    code: 'XDSRegistryError',
    object: 'RemoveObjectsRequest',
    attribute: 'ObjectRefList',
    rule: 'ITI TF-2:3.62.4.1.2',
    expected: `at most ${mostRemoved} ObjectRefs in one request`,
    found: String(count),
  }
}

function answerTo(findings: readonly Finding[], traceId: string, facts?: RemovalFacts): RemoveMetadataResponse {
  const found = [...(facts?.objects.values() ?? [])].map(({ entryUUID, patientId }) => ({ entryUUID, patientId }))
  return {
    status: findings.length > 0 ? 'Failure' : 'Success',
    errors: registryErrorsOf(findings, traceId),
    found,
  }
}
