// Documents for another community: to its Responding Gateway, for the patient as it knows them. ITI TF-2 §3.80.4.1.2, 3.80.4.1.3 (XCDR).
import { instanceIdentifierOf } from '../../metadata/hl7.js'
import type { Finding, Submission } from '../../metadata/model.js'
import { quoted } from '../../metadata/words.js'
import { crossGatewayDocumentProvide } from '../../transactions/communities/xcdr.js'
import type { ProvideAndRegisterRequest, RegistryResponse } from '../../transactions/xds-messages.js'
import type { Community } from '../communities/communities.js'
import { openAllowance } from '../communities/in-time.js'
import type { GatewayContext } from '../context.js'
import { lied, notAnAnswer } from '../truth/lies.js'
import { FalseAnswer, falseReceipt } from '../truth/truthful.js'
import { failure, type ProvideExchange, refused, timeFor, whyNot } from './provided.js'

/**
 * Never rejects: what cannot be sent, or was not answered well, is XDSUnavailableCommunity with the community's id as location; what was sent and
 * not answered may have been taken.
 */
export async function providedTo(
  community: Community,
  { submission, documents }: ProvideAndRegisterRequest,
  context: GatewayContext,
  exchange: ProvideExchange,
): Promise<RegistryResponse> {
  const { homeCommunityId: home, provide: url, form, provideTimeoutMs } = community
  const { traceId } = exchange.trace
  const unavailable = (why: string) =>
    failure('XDSUnavailableCommunity', `the community ${home} did not take the documents: ${why}`, traceId, home)
  if (url === undefined) return unavailable('it has no address for ITI-80')
  const [patientId, another] = patientsOf(submission)
  if (another !== undefined) return refused([ofSeveral(patientId, another)], exchange)
  let isSent = false
  try {
    community.assertOpen()
    const there = patientId === undefined ? undefined : await idThere(community, patientId, context, exchange)
    if (patientId !== undefined && there === undefined) return refused([unknownThere(patientId, home)], exchange)
    const request = { submission: forPatient(submission, there), documents, homes: [home] }
    const to = { url, timeoutMs: timeFor(provideTimeoutMs, request), form }
    return await community.run(async () => {
      isSent = true
      const response = await context.onward.ask(crossGatewayDocumentProvide, request, to, exchange)
      const falsehood = falseReceipt(response)
      if (falsehood !== undefined) throw new FalseAnswer(falsehood)
      const isUnknown = response.errors.some(({ errorCode }) => errorCode === 'XDSUnknownPatientId')
      if (isUnknown && patientId !== undefined) context.correlations.forget(community, patientId)
      return located(response, home)
    })
  } catch (problem) {
    if (!(problem instanceof FalseAnswer)) return unavailable(isSent ? whyNot(problem) : (problem as Error).message)
    await lied(community, problem.message, context, exchange)
    return unavailable(isSent ? `${notAnAnswer}; it may have taken them all the same` : notAnAnswer)
  }
}

function located({ status, errors }: RegistryResponse, home: string): RegistryResponse {
  return { status, errors: errors.map(error => (error.location === undefined ? { ...error, location: home } : error)) }
}

/** Distinct ones of SubmissionSet, entries and folders. */
function patientsOf({ submissionSets, documentEntries, folders }: Submission): string[] {
  const all = [...submissionSets, ...documentEntries, ...folders].map(({ patientId }) => patientId)
  return [...new Set(all.filter(id => id !== undefined && id !== ''))] as string[]
}

/** What is said in the ids of the community already stays as it is; for any other patient the community is asked. [ITI TF-2:3.55] */
async function idThere(
  community: Community,
  patientId: string,
  { correlations, ports }: GatewayContext,
  exchange: ProvideExchange,
): Promise<string | undefined> {
  const { patientDomain } = community
  if (patientDomain !== undefined && instanceIdentifierOf(patientId)?.root === patientDomain) return patientId
  return openAllowance(ports.clock, community).within(correlations.idAt(community, patientId, exchange))
}

/** Who it is at the source stays as it is: sourcePatientId and sourcePatientInfo. */
function forPatient(submission: Submission, patientId: string | undefined): Submission {
  if (patientId === undefined) return submission
  const named = <Of extends { patientId?: string }>(object: Of): Of => Object.assign({}, object, { patientId })
  const { submissionSets, documentEntries, folders, associations, findings } = submission
  return {
    ...{ associations, findings, submissionSets: submissionSets.map(named) },
    ...{ documentEntries: documentEntries.map(named), folders: folders.map(named) },
  }
}

const ofPatient = { object: 'SubmissionSet', attribute: 'patientId' }

function ofSeveral(one: string | undefined, other: string): Finding {
  const expected = `the patient of all else, ${one}`
  return {
    ...ofPatient,
    ...{ code: 'XDSPatientIdDoesNotMatch', rule: 'ITI TF-2:3.42.4.1.3.3.2', expected, found: quoted(other) },
  }
}

function unknownThere(patientId: string, home: string): Finding {
  const expected = `a patient whom the community ${home} knows`
  return {
    ...ofPatient,
    ...{ code: 'XDSUnknownPatientId', rule: 'ITI TF-2:3.80.4.1.3', expected, found: quoted(patientId), location: home },
  }
}
