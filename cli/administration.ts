// What a Document Administrator's commands ask of registry and repository. An answer counts only when it says Success and names no error:
// nothing is ever taken to be gone because a question failed.
import type { Association, DocumentEntry, Folder, SubmissionSet } from '../metadata/model.js'
import { documentEntryTypes, statusTypes } from '../metadata/uuids.js'
import { entriesInPages } from '../transactions/entries-in-pages.js'
import { showingHidden } from '../transactions/hidden-entries.js'
import { listValue, textValue } from '../transactions/query-values.js'
import { removeDocuments, removeMetadata } from '../transactions/remove.js'
import { registryStoredQuery } from '../transactions/xds.js'
import type { AdhocQueryRequest, DocumentRequest, QueryResult, RegistryResponse } from '../transactions/xds-messages.js'
import type { Context } from './context.js'
import type { Deployment, DeploymentOptions } from './deployment.js'
import { Failure } from './failure.js'
import { getText } from './get-text.js'
import { assertSuccess, lineOf } from './in-words.js'
import { ourIdentity } from './our-identity.js'
import { openUserCaller } from './token-file.js'

/** Questions to the registry; deprecated objects, older versions and what the domain hides are told too. */
export interface Looks {
  documentEntries(by: { entryUUIDs: string[] } | { uniqueId: string } | { patientId: string }): Promise<DocumentEntry[]>
  folders(entryUUIDs: string[]): Promise<Folder[]>
  submissionSet(by: { entryUUID: string } | { uniqueId: string }): Promise<SubmissionSet | undefined>
  /** All that begin or end at one of the objects. */
  associations(entryUUIDs: string[]): Promise<Association[]>
}

export type AdministeredService = 'registry' | 'repository' | 'audit' | 'patientIndex' | 'gateway'

export interface Administration extends Looks {
  removeMetadata(entryUUIDs: string[]): Promise<{ response: RegistryResponse; traceId: string }>
  removeDocuments(documents: DocumentRequest[]): Promise<{ response: RegistryResponse; traceId: string }>
  /** Which of these documents have entries, those included that the domain hides from queries. */
  described(uniqueIds: string[]): Promise<string[]>
  /** What an administrator may ask of a service beside its transactions. */
  resource<Answer>(of: AdministeredService, path: string, json?: unknown): Promise<Answer>
  close(): void
}

const queries = {
  FindDocuments: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
  GetDocuments: 'urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4',
  GetFolders: 'urn:uuid:5737b14c-8a1a-4539-b659-e03a34a5e1e4',
  GetAssociations: 'urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155',
  GetSubmissionSetAndContents: 'urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83',
} as const

const anyStatus = listValue(Object.values(statusTypes).filter(type => /:(Approved|Deprecated)$/.test(type)))
const anyType = listValue(Object.values(documentEntryTypes))

/** Ids in one question: their answer stays small, and so does what is not told when it fails. */
const mostAsked = 100

/** HTTP statuses of servers that do not know the path, or take no JSON there. */
const noSuchResource: ReadonlySet<number> = new Set([404, 405, 415, 501])

export class Refused extends Failure {
  constructor(
    readonly status: number,
    message: string,
    /** In the words of the service. */
    readonly problem: string,
  ) {
    super('refused', message)
  }
}

/** Looks see all versions of an object and what the domain hides. To be closed by whoever opened it. */
export async function openAdministration(
  deployment: Deployment,
  options: DeploymentOptions,
  context: Context,
): Promise<Administration> {
  const tls = await ourIdentity(deployment.folder, 'admin', options, context)
  const caller = await openUserCaller({ tls, ports: context.ports }, options, context)
  const { urls } = deployment
  // Everything that is there: all versions, and what the domain hides. A registry may not know one of these and refuse it.
  const wishes = new Map([
    ['$MetadataLevel', ['2']],
    [showingHidden.name, showingHidden.values],
  ])

  function look(id: string, parameters: Record<string, string>): Promise<QueryResult> {
    return asked(question(id, parameters))
  }

  function question(id: string, parameters: Record<string, string>): AdhocQueryRequest {
    const slots = Object.entries(parameters).map(([name, value]) => ({ name, values: [value] }))
    return { id, returnType: 'LeafClass', slots }
  }

  async function asked(question: AdhocQueryRequest): Promise<QueryResult> {
    const slots = [...question.slots, ...[...wishes].map(([name, values]) => ({ name, values }))]
    const { response, traceId } = await caller.call(registryStoredQuery, { ...question, slots }, { url: urls.registry })
    const refused = [...wishes.keys()].find(name => response.errors.some(error => error.codeContext.includes(name)))
    if (refused !== undefined) {
      wishes.delete(refused)
      return asked(question)
    }
    assertSuccess(response, 'A question to the registry', traceId, options)
    const [warning] = response.errors
    if (response.result !== undefined && warning === undefined) return response.result
    const why = warning === undefined ? 'it holds no list' : lineOf(warning).trim()
    throw new Failure('refused', `The registry's answer cannot be relied on (${why}; trace ${traceId}).`)
  }

  async function inParts<Found>(ids: string[], ask: (part: string[]) => Promise<Found[]>): Promise<Found[]> {
    const found: Found[] = []
    for (let at = 0; at < ids.length; at += mostAsked) found.push(...(await ask(ids.slice(at, at + mostAsked))))
    return found
  }

  async function resource<Answer>(of: AdministeredService, path: string, json?: unknown): Promise<Answer> {
    const { status, text } = await getText(`${urls[of]}/admin/${path}`, tls, context.ports.network, json)
    if (status === 200) return JSON.parse(text) as Answer
    const problem = problemIn(text)
    throw new Refused(status, `The ${of} refused to answer ${path} (HTTP ${status}): ${problem}`, problem)
  }

  async function documentsWith(uniqueId: string): Promise<DocumentEntry[]> {
    return (await look(queries.GetDocuments, { $XDSDocumentEntryUniqueId: listValue([uniqueId]) })).documentEntries
  }

  /** Of documents that no query tells. A registry of another make has no such question, and what it tells is all there is. */
  async function hiddenAmong(uniqueIds: string[]): Promise<string[]> {
    if (uniqueIds.length === 0) return []
    try {
      return (await resource<{ described: string[] }>('registry', 'entries/described', { uniqueIds })).described
    } catch (problem) {
      if (problem instanceof Refused && noSuchResource.has(problem.status)) return []
      throw problem
    }
  }

  return {
    async documentEntries(by) {
      if ('patientId' in by) {
        const parameters = { $XDSDocumentEntryStatus: anyStatus, $XDSDocumentEntryType: anyType }
        const patient = { $XDSDocumentEntryPatientId: textValue(by.patientId), ...parameters }
        return entriesInPages(question(queries.FindDocuments, patient), asked)
      }
      if ('uniqueId' in by) return documentsWith(by.uniqueId)
      return inParts(
        by.entryUUIDs,
        async part =>
          (await look(queries.GetDocuments, { $XDSDocumentEntryEntryUUID: listValue(part) })).documentEntries,
      )
    },
    folders: ids =>
      inParts(ids, async part => (await look(queries.GetFolders, { $XDSFolderEntryUUID: listValue(part) })).folders),
    async submissionSet(by) {
      const parameters: Record<string, string> =
        'entryUUID' in by
          ? { $XDSSubmissionSetEntryUUID: textValue(by.entryUUID) }
          : { $XDSSubmissionSetUniqueId: textValue(by.uniqueId) }
      return (await look(queries.GetSubmissionSetAndContents, parameters)).submissionSets[0]
    },
    associations: ids =>
      inParts(ids, async part => {
        const parameters = { $uuid: listValue(part), $XDSAssociationStatus: anyStatus }
        return (await look(queries.GetAssociations, parameters)).associations
      }),
    removeMetadata: entryUUIDs => caller.call(removeMetadata, { entryUUIDs }, { url: urls.registry }),
    removeDocuments: documents => caller.call(removeDocuments, { documents }, { url: urls.repository }),
    async described(uniqueIds) {
      const told: string[] = []
      for (const uniqueId of uniqueIds) if ((await documentsWith(uniqueId)).length > 0) told.push(uniqueId)
      return [...told, ...(await hiddenAmong(uniqueIds.filter(uniqueId => !told.includes(uniqueId))))]
    },
    resource,
    close: () => caller.close(),
  }
}

/** Services say it as JSON; what stands between us and them says it as it likes. */
export function problemIn(text: string): string {
  try {
    return (JSON.parse(text) as { problem?: string }).problem ?? text.slice(0, 300)
  } catch {
    return text.slice(0, 300).trim()
  }
}
