// ITI-42 Register Document Set-b, as the Document Registry answers it. ITI TF-2 §3.42.4.1.3.
import { checkAttributes } from '../metadata/check.js'
import { submissionDigest } from '../metadata/digest.js'
import { registryErrorOf } from '../metadata/errors.js'
import { fragmentOf } from '../metadata/fragment.js'
import type { Finding, Submission } from '../metadata/model.js'
import { mostFindings } from '../metadata/sent-object.js'
import { dtmOf } from '../ports/clock.js'
import { uuidUrn } from '../ports/randomness.js'
import { serve } from '../server/actor.js'
import { registerDocumentSet } from '../transactions/xds.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import { withAcceptedPatients } from './accepted-patients.js'
import type { RegistryContext } from './context.js'
import { namingDifferences } from './differences.js'
import { effectsOf } from './effects.js'
import { registrable } from './registrable.js'
import { earlierAnswer, isSentAgain, type Sent } from './resubmission.js'
import { findingsOf } from './rules/rule.js'
import { resubmissionRules, submissionRules } from './rules/submission-rules.js'
import { objectsOf } from './store.js'

export const serveRegisterDocumentSet = serve(
  registerDocumentSet,
  async (submission, { store, outbox, config, ports }: RegistryContext, exchange) => {
    const nowMs = ports.clock.now()
    const newUuid = () => uuidUrn(ports.randomness)
    const sent: Sent = {
      partner: exchange.partner.name,
      digest: registeredDigest(submission),
      messageID: exchange.messageID,
    }
    const attributeFindings = [...submission.findings, ...checkAttributes(submission, 'ITI-42')]

    // Facts, judgement and commit are one step, in which nothing else can happen.
    return store.register(submission, found => {
      const answered = earlierAnswer(sent, found.earlier, config, nowMs)
      if (answered !== undefined) {
        exchange.replayed?.()
        return { answer: answered }
      }

      const { facts, newPatients } = withAcceptedPatients(submission, found, config)
      const findings = isSentAgain(sent, facts.earlier)
        ? findingsOf(resubmissionRules, submission, facts, [])
        : findingsOf(submissionRules, submission, facts, attributeFindings)
      const told =
        config.resubmission === 'replay' ? namingDifferences(findings, submission, facts.earlier, sent) : findings
      const answer = answerTo(told, exchange.trace.traceId)
      if (answer.status === 'Failure') return { answer }

      const kept = registrable(submission, { newUuid, homeCommunityId: config.homeCommunityId })
      return {
        answer,
        commit: {
          submission: kept,
          fragments: objectsOf(kept).map(object => fragmentOf(object, newUuid)),
          effects: effectsOf(kept, facts, newUuid),
          newPatients,
          record: { ...sent, committedMs: nowMs },
          now: dtmOf(nowMs),
          alongside: () => outbox.insert(exchange.auditRecords(answer)),
        },
      }
    })
  },
)

/** A repository has said what the bytes are by hash and size: another document under the same metadata is another submission. */
function registeredDigest(submission: Submission): string {
  return submissionDigest(submission, ({ hash, size }) => `${hash?.toLowerCase()} ${size}`)
}

/** Warnings are told and stop nothing. [ITI TF-3:4.2.4.2] */
function answerTo(findings: readonly Finding[], traceId: string): RegistryResponse {
  const failed = findings.some(finding => finding.severity !== 'Warning')
  return {
    status: failed ? 'Failure' : 'Success',
    errors: findings.slice(0, mostFindings).map(finding => registryErrorOf(finding, traceId)),
  }
}
