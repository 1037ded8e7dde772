// The road that every submission to the registry takes, whichever transaction carries it: sent before? facts, judgement,
// commit, all in one step. A transaction adds its rules and what it makes of a submission that breaks none of them.
import type { SubmittedBy } from '../metadata/attribute.js'
import { checkAttributes } from '../metadata/check.js'
import { submissionDigest } from '../metadata/digest.js'
import { registryErrorsOf } from '../metadata/errors.js'
import { fragmentOf } from '../metadata/fragment.js'
import type { ErrorCode, Finding, Submission } from '../metadata/model.js'
import { labelOf } from '../metadata/registry-object-list.js'
import { dtmOf } from '../ports/clock.js'
import { orderedUuid } from '../ports/randomness.js'
import type { Exchange } from '../server/actor.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import { withAcceptedPatients } from './accepted-patients.js'
import type { RegistryContext } from './context.js'
import { namingDifferences } from './differences.js'
import { checkObjects, checkPatients, heldTo, patientsIn } from './held-to-patient.js'
import type { Registering } from './registrable.js'
import { earlierAnswer, isSentAgain, removedEarlier, type Sent } from './resubmission.js'
import { findingsOf, type Rule } from './rules/rule.js'
import { resubmissionRules } from './rules/submission-rules.js'
import { notSavedWarnings, savedOf } from './saved-metadata.js'
import { type Effects, objectsOf } from './store/commit.js'
import type { Facts } from './store/facts.js'

/** What tells one transaction that submits from another. */
export interface SubmissionKind {
  /** Whose table of required and forbidden attributes holds. [ITI TF-3: Table 4.3.1-3] */
  transaction: SubmittedBy
  /** In the order in which their findings are told. */
  rules: readonly Rule[]
  /** For a submission that is there already. */
  rulesWhenSentAgain?: readonly Rule[]
  /** Whether its objects are new versions of registered ones. */
  updates?: true
  /** What is refused before anything is looked up for it. */
  tooMuch?(submission: Submission): Finding[]
  /** Where it calls what is wrong with single attributes otherwise. */
  codeOf?(finding: Finding): ErrorCode
  /** What is kept of a submission that breaks no rule, and what it changes of what was kept before. */
  changes(submission: Submission, facts: Facts, registering: Registering): Changes
}

export interface Changes {
  /** Every id a UUID, every attribute as it is to be returned. */
  kept: Submission
  effects: Effects
  /** Whose objects are changed, beside those of the submission itself. */
  patientIds?: string[]
}

/** [ITI TF-2:3.42.4.1.3] */
export async function registered(
  submission: Submission,
  { transaction, rules, rulesWhenSentAgain = resubmissionRules, updates, tooMuch, codeOf, changes }: SubmissionKind,
  context: RegistryContext,
  exchange: Exchange<RegistryResponse>,
): Promise<RegistryResponse> {
  const { store, outbox, config, domain, domainRules, ports } = context
  const excess = tooMuch?.(submission) ?? []
  if (excess.length > 0) return answerTo(excess, exchange.trace.traceId)
  const held = await heldTo(exchange, context)
  await checkPatients(patientsIn(submission), held, context)
  const nowMs = ports.clock.now()
  const newUuid = () => `urn:uuid:${orderedUuid(nowMs, ports.randomness)}`
  const sent: Sent = {
    partner: exchange.partner.name,
    digest: updates ? `${transaction} ${registeredDigest(submission)}` : registeredDigest(submission),
    messageID: exchange.messageID,
  }
  const found = [
    ...submission.findings,
    ...checkAttributes(submission, transaction, domain.tables),
    ...notSavedWarnings(submission, domain),
  ]
  const attributeFindings = codeOf === undefined ? found : found.map(each => ({ ...each, code: codeOf(each) }))
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

    const { kept, effects, patientIds } = changes(savedOf(submission, domain), facts, {
      newUuid,
      homeCommunityId: config.homeCommunityId,
    })
    return {
      answer,
      commit: {
        submission: kept,
        fragments: objectsOf(kept).map(object => fragmentOf(object, newUuid)),
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

/** A repository has said what the bytes are by hash and size: another document under the same metadata is another submission. */
function registeredDigest(submission: Submission): string {
  return submissionDigest(submission, ({ hash, size }) => `${hash?.toLowerCase()} ${size}`)
}

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
