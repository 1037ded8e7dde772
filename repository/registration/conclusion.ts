// The verdict on a submission becomes what the repository holds, in one commit with the audit of it.
import type { AuditRecord } from '../../atna-audit/message.js'
import type { RegistryError } from '../../metadata/model.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import { refusal, relayedRefusal } from '../answers.js'
import type { RepositoryContext } from '../context.js'
import type { Verdict } from './registration.js'

export interface Concluding {
  submissionId: string
  verdict: Verdict
  traceId: string
  /** What the repository itself has to remark. */
  warnings: RegistryError[]
  /** What else is audited with this outcome. */
  audit(response: RegistryResponse): AuditRecord[]
}

/** The answer to the source; undefined while nobody can tell: the submission then stays as it is, registering. */
export async function conclude(
  concluding: Concluding,
  context: RepositoryContext,
): Promise<RegistryResponse | undefined> {
  const { submissionId, verdict } = concluding
  const { documents, settlements, outbox } = context
  const response = answerTo(concluding)
  if (response === undefined || !(await isCommitted(response))) {
    await outbox.append(verdict.auditRecords)
    return undefined
  }
  settlements.announce(submissionId, response)
  return response

  /** Not where another process looks after it now: that one knows better than we do what the registry holds. */
  async function isCommitted(answer: RegistryResponse): Promise<boolean> {
    const alongside = () => outbox.insert([...concluding.audit(answer), ...verdict.auditRecords])
    if (answer.status !== 'Success') return documents.drop(submissionId, alongside)
    await documents.registered(submissionId, answer, alongside)
    return true
  }
}

function answerTo({ verdict, traceId, warnings }: Concluding): RegistryResponse | undefined {
  switch (verdict.kind) {
    case 'registered':
      return { status: 'Success', errors: [...warnings, ...verdict.response.errors] }
    case 'refused':
      return relayedRefusal(verdict.response, traceId)
    case 'open':
      if (verdict.sent === 'maybe') return undefined
      return refusal(
        'XDSRegistryNotAvailable',
        `the registry did not take it, and nothing was kept: ${verdict.reason}`,
        traceId,
      )
  }
}
