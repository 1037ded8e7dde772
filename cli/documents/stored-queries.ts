// The stored queries that commands ask as a Document Consumer. ITI-18, ITI TF-2 §3.18.
import type { AvailabilityStatus, DocumentEntry, DocumentEntryType, RegistryError } from '../../metadata/model.js'
import { documentEntryTypes, statusTypes } from '../../metadata/uuids.js'
import { entriesInPages } from '../../transactions/entries-in-pages.js'
import { listValue, textValue } from '../../transactions/query-values.js'
import { registryStoredQuery } from '../../transactions/xds.js'
import type { AdhocQueryRequest, QueryResult } from '../../transactions/xds-messages.js'
import { openCommandCaller } from '../command-caller.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, gatewaySection } from '../deployment.js'
import { Failure } from '../failure.js'
import { assertSuccess } from '../in-words.js'
import type { ElsewhereOptions } from './elsewhere.js'

/** [ITI TF-2:3.18.4.1.2.3.7.1] */
export function findDocuments(
  patientId: string,
  statuses: AvailabilityStatus[],
  types: DocumentEntryType[] = ['stable'],
): AdhocQueryRequest {
  return leafClass('urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', {
    $XDSDocumentEntryPatientId: [textValue(patientId)],
    $XDSDocumentEntryStatus: [listValue(statuses.map(status => statusTypes[status]))],
    $XDSDocumentEntryType: [listValue(types.map(type => documentEntryTypes[type]))],
  })
}

/** [ITI TF-2:3.18.4.1.2.3.7.5] */
export function getDocuments(uniqueId: string): AdhocQueryRequest {
  return leafClass('urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4', {
    $XDSDocumentEntryUniqueId: [listValue([uniqueId])],
  })
}

export interface Answered {
  entries: DocumentEntry[]
  /** Of the last request. */
  traceId: string
}

/** All that the query finds, however much that is. */
export function askForAll(
  request: AdhocQueryRequest,
  deployment: Deployment,
  options: DeploymentOptions & { role?: 'client' | 'admin' },
  context: Context,
): Promise<Answered> {
  return asked(ask => entriesInPages(request, ask), deployment, options, context)
}

function ask(
  request: AdhocQueryRequest,
  deployment: Deployment,
  options: DeploymentOptions,
  context: Context,
): Promise<Answered> {
  return asked(async ask => (await ask(request)).documentEntries, deployment, options, context)
}

async function asked(
  find: (ask: (request: AdhocQueryRequest) => Promise<QueryResult>) => Promise<DocumentEntry[]>,
  deployment: Deployment,
  { role = 'client', ...options }: DeploymentOptions & { role?: 'client' | 'admin' },
  context: Context,
): Promise<Answered> {
  const caller = await openCommandCaller(deployment, options, context, { role })
  let trace = ''
  try {
    const entries = await find(async request => {
      const { response, traceId } = await caller.call(registryStoredQuery, request, { url: deployment.urls.registry })
      trace = traceId
      assertSuccess(response, 'The query', traceId, options)
      if (response.result !== undefined) return response.result
      throw new Failure('refused', `The answer of the registry holds no list (trace ${traceId}).`)
    })
    return { entries, traceId: trace }
  } finally {
    await caller.close()
  }
}

export interface AnsweredByAll extends Answered {
  /** Of communities that did not answer, or not to everything; the others' entries are here. */
  errors: RegistryError[]
}

/** By this community and all others, through the gateway. What some of them refused does not take away what others have told. */
export async function askEverywhere(
  request: AdhocQueryRequest,
  deployment: Deployment,
  options: DeploymentOptions,
  context: Context,
): Promise<AnsweredByAll> {
  const caller = await openCommandCaller(deployment, options, context)
  try {
    const { response, traceId } = await caller.call(registryStoredQuery, request, { url: gatewayUrl(deployment) })
    if (response.status !== 'PartialSuccess') assertSuccess(response, 'The query', traceId, options)
    const errors = response.errors.filter(({ severity }) => severity === 'Error')
    return { entries: response.result?.documentEntries ?? [], errors, traceId }
  } finally {
    await caller.close()
  }
}

function gatewayUrl({ config, urls }: Deployment): string {
  gatewaySection(config)
  return urls.gateway
}

/** The entry of a document by its uniqueId; of several the one that is not deprecated. */
export async function entryOf(
  uniqueId: string,
  deployment: Deployment,
  options: DeploymentOptions & ElsewhereOptions,
  context: Context,
): Promise<DocumentEntry> {
  const { home } = options
  const query = { ...getDocuments(uniqueId), ...(home === undefined ? {} : { home }) }
  const { entries } = await ask(query, deployment, options, context)
  const entry = entries.find(({ availabilityStatus }) => availabilityStatus === 'Approved') ?? entries[0]
  if (entry !== undefined) return entry
  throw new Failure(
    'refused',
    `The registry knows no document with the uniqueId ${uniqueId}; "carnet query --patient CX" lists those of a patient.`,
  )
}

function leafClass(id: string, parameters: Record<string, string[]>): AdhocQueryRequest {
  const slots = Object.entries(parameters).map(([name, values]) => ({ name, values }))
  return { id, returnType: 'LeafClass', slots }
}
