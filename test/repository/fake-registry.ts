// A registry that keeps the rules which matter to a repository, and can be told to go wrong in every way a network can.

import type { AuditRecord } from '../../atna-audit/message.js'
import type { DocumentEntry, RegistryError, SubmissionSet } from '../../metadata/model.js'
import { decodeSubmission } from '../../metadata/submission.js'
import type { ForwardedMessage, RegistryAnswer, RegistryPort } from '../../repository/registration/registry-port.js'
import { parseXml } from '../../soap/xml.js'
import type { AdhocQueryResponse, RegistryResponse } from '../../transactions/xds-messages.js'
import { anAuditRecord } from './audit-record.js'

/**
 * What happens to one ITI-42. `lost`: done, but its answer does not arrive. `swallowed`: neither done nor answered, and
 * nobody can tell. `unreachable`: it was never sent. `hang`: done, then silent until the call's time is over.
 */
export type Mishap = 'none' | 'lost' | 'swallowed' | 'unreachable' | 'hang'

export interface FakeRegistry extends RegistryPort {
  /** What is to happen to the next messages, in order; after that all goes well. */
  mishaps: Mishap[]
  /** From now on nothing gets through. */
  away: boolean
  /** Says no with these, whatever is sent. */
  refusal: RegistryError[] | undefined
  /** Said with a yes. */
  warnings: RegistryError[]
  /** Gives the first answer again to the same message, as ours does. */
  remembers: boolean
  /** Called with each message that arrives, before it is worked on. */
  onArrival: (messageID: string) => Promise<void> | void
  /** In the order in which they were sent, also those that never arrived. */
  sent: ForwardedMessage[]
  queries: number
  entries: DocumentEntry[]
  submissionSets: SubmissionSet[]
  /** All that it holds, as removed by somebody. */
  forget(): void
}

export function aRegistry(): FakeRegistry {
  const answers = new Map<string, RegistryResponse>()
  const members = new Map<string, DocumentEntry[]>()

  const registry: FakeRegistry = {
    mishaps: [],
    away: false,
    refusal: undefined,
    warnings: [],
    remembers: true,
    onArrival: () => {},
    sent: [],
    queries: 0,
    entries: [],
    submissionSets: [],
    forget() {
      for (const map of [answers, members]) map.clear()
      registry.entries = []
      registry.submissionSets = []
    },

    async register({ messageID, body, security }, { timeoutMs, signal }) {
      registry.sent.push({ messageID, body, security })
      const mishap = registry.away ? 'unreachable' : (registry.mishaps.shift() ?? 'none')
      if (mishap === 'unreachable') return unavailable('no', 'ITI-42')
      await registry.onArrival(messageID)
      if (mishap === 'swallowed') return unavailable('maybe', 'ITI-42')
      const response = answer(messageID, body)
      if (mishap === 'hang') {
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, timeoutMs)
          signal.addEventListener('abort', () => resolve(clearTimeout(timer)))
        })
      }
      return mishap === 'none' ? answered(response, 'ITI-42') : unavailable('maybe', 'ITI-42')
    },

    async query(query) {
      registry.queries += 1
      if (registry.away) return unavailable('no', 'ITI-18')
      const uniqueId = query.slots[0]?.values[0]?.slice(1, -1).replaceAll("''", "'") ?? ''
      const response: AdhocQueryResponse = {
        status: 'Success',
        errors: [],
        registryObjects: [],
        result: {
          submissionSets: registry.submissionSets.filter(set => set.uniqueId === uniqueId),
          documentEntries: members.get(uniqueId) ?? [],
          folders: [],
          associations: [],
          objectRefs: query.returnType === 'ObjectRef' ? refsTo(uniqueId) : [],
        },
      }
      return answered(response, 'ITI-18')
    },
  }
  return registry

  /** GetDocuments by uniqueId, a list of one. */
  function refsTo(list: string): { id: string }[] {
    const wanted = list.slice(1, -1)
    return registry.entries.filter(({ uniqueId }) => uniqueId === wanted).map(({ entryUUID: id }) => ({ id }))
  }

  function answer(messageID: string, body: Buffer): RegistryResponse {
    const before = registry.remembers ? answers.get(messageID) : undefined
    if (before !== undefined) return before
    const response = judge(body)
    if (response.status === 'Success') answers.set(messageID, response)
    return response
  }

  function judge(body: Buffer): RegistryResponse {
    const { submissionSets, documentEntries } = decodeSubmission(parseXml(body))
    const uniqueId = submissionSets[0]?.uniqueId ?? ''
    const errors: RegistryError[] = [...(registry.refusal ?? [])]
    if (members.has(uniqueId)) errors.push(error('XDSDuplicateUniqueIdInRegistry', uniqueId))
    for (const entry of documentEntries) {
      const other = registry.entries.find(known => known.uniqueId === entry.uniqueId && known.hash !== entry.hash)
      if (other !== undefined) errors.push(error('XDSNonIdenticalHash', entry.uniqueId ?? ''))
    }
    if (errors.some(({ severity }) => severity === 'Error')) return { status: 'Failure', errors }
    members.set(uniqueId, documentEntries)
    registry.entries.push(...documentEntries)
    registry.submissionSets.push(...submissionSets)
    return { status: 'Success', errors: [...registry.warnings] }
  }
}

export function error(errorCode: string, codeContext: string, severity: 'Error' | 'Warning' = 'Error'): RegistryError {
  return { errorCode, codeContext, severity }
}

function answered<Response extends RegistryResponse>(
  response: Response,
  transaction: string,
): RegistryAnswer<Response> {
  return { kind: 'answered', response, auditRecords: [audited(transaction, response.status === 'Success')] }
}

function unavailable(sent: 'no' | 'maybe', transaction: string): RegistryAnswer<never> {
  const reason = sent === 'no' ? 'connection refused' : 'the connection was lost'
  return { kind: 'unavailable', sent, reason, auditRecords: [audited(transaction, false)] }
}

function audited(transaction: string, succeeded: boolean): AuditRecord {
  return anAuditRecord(transaction, succeeded ? 0 : 8)
}
