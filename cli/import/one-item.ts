// One item of an import, sent until there is a word that can be relied on.
import { instanceIdentifierOf } from '../../metadata/hl7.js'
import type { RegistryError } from '../../metadata/model.js'
import { PartnerUnavailable } from '../../soap/call.js'
import { SoapFault } from '../../soap/fault.js'
import { provideAndRegisterDocumentSet, registryStoredQuery } from '../../transactions/xds.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import type { AuditedCaller } from '../audited-caller.js'
import { openCommandCaller } from '../command-caller.js'
import type { Context } from '../context.js'
import type { Deployment, DeploymentOptions } from '../deployment.js'
import { provided } from '../documents/provided.js'
import { getDocuments } from '../documents/stored-queries.js'
import { Failure } from '../failure.js'
import { lineOf } from '../in-words.js'
import { addPatient } from '../patients/patient.js'
import type { ImportedSubmission, ImportItem } from './items.js'

export type ImportOutcome =
  | { kind: 'imported' }
  /** All its documents were there, with the same bytes. */
  | { kind: 'there' }
  | { kind: 'refused'; errors: string[] }

export interface Importer {
  /** @throws Failure, when the services stay away. */
  take(item: ImportItem): Promise<ImportOutcome>
  close(): Promise<void>
}

export async function openImporter(
  deployment: Deployment,
  options: DeploymentOptions & { announce?: boolean },
  context: Context,
): Promise<Importer> {
  const caller = await openCommandCaller(deployment, options, context)
  const announced = new Map<string, Promise<unknown>>()

  async function announce({ submission }: ImportedSubmission): Promise<void> {
    const patientIds = submission.submissionSets.flatMap(({ patientId }) => patientId ?? [])
    for (const patientId of patientIds) {
      const known = announced.get(patientId) ?? addPatient([patientId], options, context)
      announced.set(patientId, known)
      await known
    }
  }

  return {
    async take(item) {
      try {
        const read = await item.read()
        if (options.announce === true) await announce(read)
        return await sent(read, { caller, deployment, context })
      } catch (problem) {
        if (problem instanceof Failure && problem.reason !== 'unreachable')
          return { kind: 'refused', errors: [problem.message] }
        if (problem instanceof SoapFault) return { kind: 'refused', errors: [problem.message] }
        throw problem
      }
    },
    close: () => caller.close(),
  }
}

interface Sending {
  caller: AuditedCaller
  deployment: Deployment
  context: Context
}

const pausesMs = [500, 1_000, 2_000, 4_000, 8_000, 16_000]

/** Whoever is busy, full or away is asked again a little later. */
async function sent(read: ImportedSubmission, sending: Sending): Promise<ImportOutcome> {
  const { caller, deployment, context } = sending
  for (const pauseMs of [...pausesMs, undefined]) {
    const answer = await caller
      .call(provideAndRegisterDocumentSet, provided(read.submission, read.files, context), {
        url: deployment.urls.repository,
      })
      .catch((problem: unknown) => {
        if (problem instanceof PartnerUnavailable) return problem
        throw problem
      })
    if (!(answer instanceof PartnerUnavailable)) {
      const { response } = answer
      if (response.status === 'Success') return { kind: 'imported' }
      if (!isPassing(response)) return refused(response, read, sending)
    }
    if (pauseMs === undefined) throw awayFor(answer)
    await context.ports.clock.sleep(pauseMs)
  }
  throw new Error('the last pause is none')
}

const passing = /^XDS(Registry|Repository)(Busy|OutOfResources)$|^XDSRegistryNotAvailable$/

function isPassing({ errors }: RegistryResponse): boolean {
  const told = errors.filter(({ severity }) => severity !== 'Warning')
  return told.length > 0 && told.every(({ errorCode }) => passing.test(errorCode))
}

function awayFor(answer: PartnerUnavailable | { response: RegistryResponse }): Failure {
  const why =
    answer instanceof PartnerUnavailable ? answer.message : lineOf(answer.response.errors[0] as RegistryError).trim()
  return new Failure(
    'unreachable',
    `The services do not take documents now (${why}); run the same import again to go on.`,
  )
}

/** A registry that has had it before calls it a duplicate: so it is asked whether it has these very documents. */
async function refused(response: RegistryResponse, read: ImportedSubmission, sending: Sending): Promise<ImportOutcome> {
  const errors = response.errors.filter(({ severity }) => severity !== 'Warning').map(each => lineOf(each).trim())
  const isThere = await Promise.all(read.submission.documentEntries.map(entry => isRegistered(entry, sending)))
  return isThere.every(Boolean) ? { kind: 'there' } : { kind: 'refused', errors }
}

async function isRegistered(
  { uniqueId, hash, patientId }: { uniqueId?: string; hash?: string; patientId?: string },
  { caller, deployment }: Sending,
): Promise<boolean> {
  if (uniqueId === undefined || hash === undefined) return false
  const { response } = await caller.call(registryStoredQuery, getDocuments(uniqueId), { url: deployment.urls.registry })
  const entries = response.result?.documentEntries ?? []
  return entries.some(
    entry =>
      entry.hash?.toLowerCase() === hash.toLowerCase() &&
      isSamePatient(entry.patientId, patientId) &&
      entry.repositoryUniqueId === deployment.config.repository.repositoryUniqueId,
  )
}

function isSamePatient(one = '', other = ''): boolean {
  const [ours, theirs] = [one, other].map(instanceIdentifierOf)
  return ours !== undefined && ours.root === theirs?.root && ours.extension === theirs.extension
}
