import { registryErrorsOf } from '../metadata/errors.js'
import { fragmentOf } from '../metadata/fragment.js'
import type { Finding, Submission } from '../metadata/model.js'
import { labelOf } from '../metadata/registry-object-list.js'
import { dtmOf } from '../ports/clock.js'
import { orderedUuid } from '../ports/randomness.js'
import { inTurns } from '../ports/turns.js'
import type { Exchange } from '../server/actor.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import { withAcceptedPatients } from './accepted-patients.js'
import { looksAt, makesReady } from './beforehand.js'
import type { RegistryContext } from './context.js'
import { namingDifferences } from './differences.js'
import { checkObjects, checkPatients, heldTo, patientsIn } from './held-to-patient.js'
import { earlierAnswer, isSentAgain, removedEarlier, type Sent } from './resubmission.js'
import { findingsOf } from './rules/rule.js'
import { resubmissionRules } from './rules/submission-rules.js'
import { savedOf } from './saved-metadata.js'
import { objectsOf } from './store/commit.js'
import type { SubmissionKind } from './submission-kind.js'

/** [ITI TF-2:3.42.4.1.3] */
export async function registered(
  submission: Submission,
  kind: SubmissionKind,
  context: RegistryContext,
  exchange: Exchange<RegistryResponse>,
): Promise<RegistryResponse> {
  const { transaction, rules, rulesWhenSentAgain = resubmissionRules, updates, tooMuch, codeOf } = kind
  const { kept: keptOf = asItIs, changes } = kind
  const { store, outbox, config, domain, domainRules, ports } = context
  const excess = tooMuch?.(submission) ?? []
  if (excess.length > 0) return answerTo(excess, exchange.trace.traceId)
  const held = await heldTo(exchange, context)
  await checkPatients(patientsIn(submission), held, context)
  const nowMs = ports.clock.now()
  const newUuid = () => `urn:uuid:${orderedUuid(nowMs, ports.randomness)}`
  const looked = inTurns(looksAt(submission, kind, context), ports.clock)
  const { digest, found } = looked instanceof Promise ? await looked : looked
  const sent: Sent = {
    partner: exchange.partner.name,
    digest: updates ? `${transaction} ${digest}` : digest,
    messageID: exchange.messageID,
  }
  const attributeFindings = codeOf === undefined ? found : found.map(each => ({ ...each, code: codeOf(each) }))
  const registering = { newUuid, homeCommunityId: config.homeCommunityId }
  const making = inTurns(makesReady(submission, kind, { found, registering, domain }), ports.clock)
  const ready = making instanceof Promise ? await making : making
  const allRules = domainRules.length === 0 ? rules : [...rules, ...domainRules]

  // Facts, judgement and commit are one step, in which nothing else can happen.
  return store.register(submission, { latestVersions: updates === true }, known => {
    exchange.uncommitted?.()
    checkObjects(known.objects.values(), held)
    for (const { object } of known.latestVersions.values()) checkObjects([object], held)
    const answered = earlierAnswer(sent, known.earlier, config, nowMs)
    if (answered !== undefined) {
      exchange.replayed?.()
      return { answer: answered }
    }
    const gone = removedEarlier(sent, known, config, nowMs)
    if (gone !== undefined)
      return { answer: answerTo([{ ...gone, object: setLabel(submission) }], exchange.trace.traceId) }

    const { facts, newPatients } = withAcceptedPatients(submission, known, config, domain)
    const findings = isSentAgain(sent, facts.earlier)
      ? findingsOf(rulesWhenSentAgain, submission, facts, [])
      : findingsOf(allRules, submission, facts, attributeFindings)
    const told =
      config.resubmission === 'replay' ? namingDifferences(findings, submission, facts.earlier, sent) : findings
    const answer = answerTo(told, exchange.trace.traceId)
    if (answer.status === 'Failure') return { answer }

    const toBeKept = ready?.kept ?? keptOf(savedOf(submission, domain), registering)
    const { kept, effects, patientIds } = changes(toBeKept, facts, registering)
    return {
      answer,
      commit: {
        submission: kept,
        fragments: ready?.fragments ?? objectsOf(kept).map(object => fragmentOf(object, newUuid)),
        effects,
        newPatients,
        record: { committedMs: nowMs, ...sent },
        now: dtmOf(nowMs),
        alongside: () =>
          outbox.insert(exchange.auditRecords(patientIds === undefined ? answer : { ...answer, patientIds })),
      },
    }
  })
}

const asItIs = (submission: Submission) => submission

function setLabel({ submissionSets: [set] }: Submission): string {
  return labelOf('SubmissionSet', set?.entryUUID ?? '', 1)
}

/** Warnings are told and stop nothing. [ITI TF-3:4.2.4.2] */
function answerTo(findings: readonly Finding[], traceId: string): RegistryResponse {
  const failed = findings.some(finding => finding.severity !== 'Warning')
  return {
    status: failed ? 'Failure' : 'Success',
    errors: registryErrorsOf(findings, traceId),
  }
}
