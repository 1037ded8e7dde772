// A whole domain whose repository makes documents on demand, and plug-ins written for a test.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type RepositoryConfig, repositoryConfig } from '../../../config/repository-config.js'
import type { DocumentEntry } from '../../../metadata/model.js'
import {
  provideAndRegisterDocumentSet,
  registerOnDemandDocumentEntry,
  registryStoredQuery,
  retrieveDocumentSet,
} from '../../../transactions/xds.js'
import type { QueryResult, RegistryResponse, RetrieveDocumentSetResponse } from '../../../transactions/xds-messages.js'
import { aDomain, type Domain, repositoryUniqueId } from '../../domain/a-domain.js'
import { read, written } from '../../domain/messages.js'
import { aDocumentEntry, anOid, anOnDemandEntry, aSubmission } from '../../samples/submission.js'

export type OnDemand = RepositoryConfig['onDemand']

export interface Source {
  domain: Domain
  /** Registers an on-demand entry of a type. */
  announce(type: string, changes?: Partial<DocumentEntry>): Promise<DocumentEntry>
  submit(changes?: Partial<DocumentEntry>): Promise<RegistryResponse>
  retrieve(...uniqueIds: string[]): Promise<RetrieveDocumentSetResponse>
  query(name: string, parameters: Record<string, string>): Promise<QueryResult>
  close(): Promise<void>
}

/** `plugIns`: the text of a module by the name of its type. */
export async function aSource(
  plugIns: Record<string, string> = {},
  changes: Partial<OnDemand> & { persist?: boolean } = {},
): Promise<Source> {
  const { persist = true, ...bounds } = changes
  const defaults = repositoryConfig.shape.onDemand.parse({})
  const types: OnDemand['types'] = [{ name: 'summary', persist }]
  const domain = await aDomain({ repository: { onDemand: { ...defaults, ...bounds, types } } })
  for (const [name, text] of Object.entries(plugIns)) {
    const module = join(domain.folder, `${name}.mjs`)
    await writeFile(module, text)
    types.push({ name, module, persist })
  }
  return {
    domain,
    async announce(type, changes) {
      const entry = anOnDemandEntry({ repositoryUniqueId, uniqueId: `${anOid()}^${type}`, ...changes })
      const submission = aSubmission({ documentEntries: [entry] })
      const answer = await read(
        registerOnDemandDocumentEntry,
        await domain.send('registry', await written(registerOnDemandDocumentEntry, submission)),
      )
      if (answer.status !== 'Success') throw new Error(JSON.stringify(answer.errors))
      return entry
    },
    async submit(changes) {
      const { hash, size, ...entry } = aDocumentEntry(changes)
      const request = {
        submission: aSubmission({ documentEntries: [entry] }),
        documents: [{ id: entry.entryUUID, content: { inline: Buffer.from(entry.uniqueId ?? '') } }],
      }
      const message = await written(provideAndRegisterDocumentSet, request)
      return read(provideAndRegisterDocumentSet, await domain.send('repository', message))
    },
    async retrieve(...uniqueIds) {
      const documents = uniqueIds.map(documentUniqueId => ({ repositoryUniqueId, documentUniqueId }))
      return read(
        retrieveDocumentSet,
        await domain.send('repository', await written(retrieveDocumentSet, { documents })),
      )
    },
    async query(id, parameters) {
      const slots = Object.entries(parameters).map(([name, value]) => ({ name, values: [value] }))
      const message = await written(registryStoredQuery, { id, returnType: 'LeafClass', slots })
      const { result } = await read(registryStoredQuery, await domain.send('registry', message))
      if (result === undefined) throw new Error('the query has no result')
      return result
    },
    close: () => domain.close(),
  }
}

export async function textOf(response: RetrieveDocumentSetResponse, index = 0): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of response.documents[index]?.open() ?? []) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
